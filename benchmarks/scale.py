"""The arithmetic of docs/scale.md: from what was measured to volumes that were not."""

from __future__ import annotations

from typing import Any

from benchmarks import result

_SIZES = (("district 区", 300_000), ("large district 大区", 1_000_000), ("city 全市", 20_000_000))
_YEARS = 10


def table() -> str:
    """Deliveries, time and storage of a district, a large one and the city, as Markdown."""
    latest, further = result.read(result.LATEST), result.read(result.FURTHER)
    if not latest or "storage" not in further or "memory" not in further:
        return ""
    ours = latest["ways"]["ours"]
    rate = ours["rows"] / ours["median"]
    large_rows, large_seconds = further["memory"]["rows"][1], further["memory"]["seconds"][1]
    slow_rate = large_rows / large_seconds
    fixed = further["small"]["ingest_1000_beyond_gx_seconds"] if "small" in further else 0.0
    size = further["storage"]["bytes_an_order"]
    database = size["star"] + size["indexes"] + size["restricted_text"]
    lines = [
        f"Measured: {rate:,.0f} rows/s at {ours['rows']:,} rows, {slow_rate:,.0f} rows/s at {large_rows:,} rows; "
        f"a delivery of 1,000 rows takes {fixed:.1f} s; an order takes {database:,} bytes in the database "
        f"(star {size['star']}, indexes {size['indexes']}, restricted text {size['restricted_text']}) "
        f"and {size['archive']} in the archive.",
        "",
        f"| | orders a year | a day | load a day's, s | load a month's, s | {_YEARS} years, rows | database, GB | archive, GB | load it all once, h |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, year in _SIZES:
        cells: list[Any] = [
            name,
            f"{year:,}",
            f"{year / 365:,.0f}",
            _seconds(fixed + year / 365 / rate, year / 365 <= large_rows),
            _seconds(fixed + year / 12 / rate, year / 12 <= large_rows),
            f"{year * _YEARS:,}",
            f"{year * _YEARS * database / 1e9:,.1f}",
            f"{year * _YEARS * size['archive'] / 1e9:,.1f}",
            f"{year * _YEARS / slow_rate / 3600:,.2f}"
            + ("" if year * _YEARS <= large_rows else " †"),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"† extrapolated: no star of ours larger than {large_rows:,} rows was loaded."]
    return "\n".join(lines)


def _seconds(value: float, measured: bool) -> str:
    return f"{value:,.1f}" + ("" if measured else " †")
