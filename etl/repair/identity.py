"""Marks that a workbook carries: of the warehouse it came from, and of each quarantine entry in it."""

from __future__ import annotations

import hmac
from hashlib import sha256

_DIGITS = 20


def warehouse_mark(key: bytes) -> str:
    """The mark of a warehouse; `key` is the installation's secret, so no other one has the same."""
    return _digest(key, "warehouse")


def entry_mark(key: bytes, delivery_id: int, row_no: int, archived: str) -> str:
    """The mark of an entry, `delivery/row/digest`; `archived` is the sha256 of the file the row came in."""
    return f"{delivery_id}/{row_no}/{_digest(key, f'{delivery_id}/{row_no}/{archived}')}"


def read_mark(mark: str) -> tuple[int, int] | None:
    """Delivery and row_no that a mark speaks of; None for what is no mark. Whether it is true: `entry_mark`."""
    parts = mark.strip().split("/")
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal()):
        return None
    return int(parts[0]), int(parts[1])


def _digest(key: bytes, text: str) -> str:
    return hmac.new(key, b"repair/" + text.encode(), sha256).hexdigest()[:_DIGITS]
