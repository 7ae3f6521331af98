"""The entries of the quarantine, as the ledger has them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from etl.database import sql_file


@dataclass(frozen=True)
class Entry:
    """A row that was kept out, where it stands in its file, why, and what became of it."""

    delivery: int
    feed: str
    department: str
    period_start: date | None
    period_end: date | None
    file: str
    sheet: str | None
    row_no: int
    row: int
    business_key: str | None
    reasons: list[dict[str, Any]]
    state: str
    """open, repaired, accepted, withdrawn, superseded or expired."""
    resolved_by: int | None
    said_by: str | None
    said_why: str | None
    received_at: datetime
    age_days: int
    owner: str | None
    due_on: date | None
    """Until when the contract waits for an answer."""
    synthetic: bool

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(self).items()}


def entries(
    connection: sa.Connection,
    *,
    feed: str | None = None,
    department: str | None = None,
    delivery_id: int | None = None,
    everything: bool = False,
    most: int | None = None,
) -> list[Entry]:
    """The open entries, or all, in the order of deliveries and rows; the first `most` of them."""
    values = {
        "feed": feed,
        "department": department,
        "delivery_id": delivery_id,
        "everything": everything,
        "most": most,
    }
    rows = connection.execute(sa.text(sql_file("ledger/quarantine.sql")), values).mappings()
    names = [each.name for each in fields(Entry)]
    return [Entry(**{name: row[name] for name in names}) for row in rows]


def count_entries(
    connection: sa.Connection,
    *,
    feed: str | None = None,
    department: str | None = None,
    delivery_id: int | None = None,
) -> tuple[int, int]:
    """How many entries there are, and how many of them are open."""
    values = {"feed": feed, "department": department, "delivery_id": delivery_id}
    counts = connection.execute(sa.text(sql_file("ledger/quarantine_counts.sql")), values).one()
    return int(counts.entries), int(counts.open)


def ages(of: Iterable[Entry]) -> list[dict[str, Any]]:
    """Open entries by department: how many, how many days the oldest and the median have waited."""
    waits: dict[str, list[int]] = {}
    for entry in of:
        if entry.state == "open":
            waits.setdefault(entry.department, []).append(entry.age_days)
    return [
        {
            "department": department,
            "open": len(days),
            "oldest_days": max(days),
            "median_days": sorted(days)[len(days) // 2],
        }
        for department, days in sorted(waits.items())
    ]
