"""Warnings as the ledger keeps them."""

from __future__ import annotations

from typing import Any


def told(holder: Any) -> list[dict[str, Any]]:
    """Those of a decoded table, or of a typer."""
    warnings = holder.warnings() if callable(holder.warnings) else holder.warnings
    return [warning.as_dict() for warning in warnings]
