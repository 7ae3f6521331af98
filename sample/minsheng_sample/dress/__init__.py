"""How departments write things down: cells, headers, sheets, files."""
