"""The entries of the quarantine, as the ledger has them."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from etl.database import sql_file

_PIECE = 1_000


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


def entries(connection: sa.Connection, **chosen: Any) -> list[Entry]:
    """The same as `stream`, all at once."""
    return list(stream(connection, **chosen))


def stream(
    connection: sa.Connection,
    *,
    feed: str | None = None,
    department: str | None = None,
    delivery_id: int | None = None,
    row: int | None = None,
    everything: bool = False,
    most: int | None = None,
    skip: int = 0,
    by_thing: bool = False,
) -> Iterator[Entry]:
    """The open entries, or all, in the order of deliveries and rows; the first `most` of them after `skip`.

    `row` is the row of the file that was sent. With `by_thing` the rows of a delivery that are about one
    thing lie side by side. Read in pieces, so a million need no memory.
    """
    values = {
        "feed": feed,
        "department": department,
        "delivery_id": delivery_id,
        "row": row,
        "everything": everything,
        "most": most,
        "skip": skip,
        "by_thing": by_thing,
    }
    text = sa.text(sql_file("ledger/quarantine.sql"))
    found = connection.execute(text, values, execution_options={"yield_per": _PIECE})
    names = [each.name for each in fields(Entry)]
    for each in found.mappings():
        yield Entry(**{name: each[name] for name in names})


@dataclass(frozen=True)
class Count:
    """The entries of one delivery, counted."""

    delivery_id: int
    department: str
    entries: int
    open: int
    age_days: int | None
    """How long the open ones have waited: since the delivery came."""


def count_entries(
    connection: sa.Connection,
    *,
    feed: str | None = None,
    department: str | None = None,
    delivery_id: int | None = None,
) -> list[Count]:
    """How many entries each delivery has, and how many of them are open."""
    values = {"feed": feed, "department": department, "delivery_id": delivery_id}
    rows = connection.execute(sa.text(sql_file("ledger/quarantine_counts.sql")), values)
    return [Count(*row) for row in rows]


def ages(counts: Iterable[Count]) -> list[dict[str, Any]]:
    """Open entries by department: how many, how many days the oldest and the median have waited."""
    waits: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for each in counts:
        if each.open:
            waits[each.department].append((each.age_days or 0, each.open))
    return [
        {
            "department": department,
            "open": sum(number for _, number in days),
            "oldest_days": max(days)[0],
            "median_days": _median(sorted(days)),
        }
        for department, days in sorted(waits.items())
    ]


def _median(days: list[tuple[int, int]]) -> int:
    """Of values that occur so many times each, the one in the middle."""
    upto = list(accumulate(number for _, number in days))
    return days[bisect_right(upto, upto[-1] // 2)][0]
