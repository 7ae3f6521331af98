"""A delivery as the ledger has it, and the questions which ones there are."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.database.locks import Lock
from etl.errors import MinshengError
from etl.ledger.states import MESSAGES, OPEN_STATES

COUNTS = (
    "loaded",
    "unchanged",
    "superseded",
    "duplicate",
    "retracted",
    "quarantined",
    "totals_dropped",
)
"""What becomes of a delivery's rows: they add up to `rows`."""

LEFT_BEHIND = timedelta(minutes=5)
"""A delivery on which nothing happened for so long, while nobody worked in its department, was left behind."""


@dataclass(frozen=True)
class Delivery:
    """One arrival of an extract, as the ledger has it."""

    delivery_id: int
    feed: str | None
    department: str | None
    mode: str | None
    period_start: date | None
    period_end: date | None
    sha256: str
    file_name: str
    member: str | None
    received_at: datetime
    state: str
    contract_hash: str | None
    content_hash: str | None
    supersedes: int | None
    released_by: str | None
    staged_rows: int | None
    rows: int | None
    loaded: int | None
    unchanged: int | None
    duplicate: int | None
    retracted: int | None
    quarantined: int | None
    totals_dropped: int | None
    closed: int | None
    seconds: float
    reasons: list[dict[str, Any]]
    seq: int | None
    updated_at: datetime
    superseded: int
    judged_seq: int | None
    """The newest commit whose registers judged the rows."""
    failures: int
    """Tries of the step that is due which have failed."""
    repairs: int | None
    """The delivery whose quarantined rows this one answers."""
    withdrawn_seq: int | None
    """The commit that took it back."""

    @property
    def is_open(self) -> bool:
        """Whether it is on its way: received, staged or validated."""
        return self.state in OPEN_STATES

    @property
    def period(self) -> str | None:
        """The report period as text, `2020-01-01..2020-12-31`."""
        if self.period_start is None or self.period_end is None:
            return None
        return f"{self.period_start}..{self.period_end}"

    @property
    def label(self) -> str:
        """A readable name for logs and the Airflow UI."""
        when = str(self.period_end)[:7] if self.period_end else "-"
        return f"{self.feed or '?'} {when} {self.member or self.file_name} #{self.delivery_id}"

    def receipt(self) -> dict[str, Any]:
        """The stable JSON form of `minsheng ingest --json`."""
        counts = {name: getattr(self, name) or 0 for name in ("rows", *COUNTS)}
        return {
            "delivery": self.delivery_id,
            "feed": self.feed,
            "period": self.period,
            "file": self.file_name + (f"/{self.member}" if self.member else ""),
            "sha256": self.sha256,
            "state": self.state,
            **counts,
            "seconds": round(self.seconds, 3),
            "reasons": self.reasons,
        }

    def as_dict(self) -> dict[str, Any]:
        """The ledger's row, ready for JSON."""
        return {k: v.isoformat() if isinstance(v, date) else v for k, v in asdict(self).items()}


COLUMNS = ", ".join(f.name for f in fields(Delivery))


def delivery_where(connection: sa.Connection, where: str, **values: Any) -> Delivery | None:
    """The delivery of which this condition holds, if there is one."""
    row = connection.execute(
        sa.text(f"SELECT {COLUMNS} FROM ledger.delivery {where}"), values
    ).one_or_none()
    return Delivery(*row) if row else None


def get(connection: sa.Connection, delivery_id: int) -> Delivery:
    """One delivery; MinshengError if the ledger has none of this number."""
    delivery = delivery_where(connection, "WHERE delivery_id = :d", d=delivery_id)
    if delivery is None:
        raise MinshengError(MESSAGES.reason("no_such_delivery", delivery_id=delivery_id))
    return delivery


def deliveries(
    ctx: Context, *, feed: str | None = None, state: str | None = None
) -> list[Delivery]:
    """The ledger's rows in order of arrival."""
    query = sa.text(
        f"SELECT {COLUMNS} FROM ledger.delivery"
        " WHERE (CAST(:feed AS text) IS NULL OR feed = :feed) AND (CAST(:state AS text) IS NULL OR state = :state) ORDER BY delivery_id"
    )
    with ctx.engine.connect() as connection:
        return [Delivery(*row) for row in connection.execute(query, {"feed": feed, "state": state})]


def is_any_moving(ctx: Context | None = None) -> bool:
    """Whether some delivery is on its way and gets on: no try has failed, and it has not been left behind."""
    query = sa.text(
        "SELECT EXISTS (SELECT FROM ledger.delivery WHERE state = ANY(:open) AND failures = 0 AND updated_at > now() - :behind)"
    )
    with (ctx or Context.of()).engine.connect() as connection:
        values = {"open": list(OPEN_STATES), "behind": LEFT_BEHIND}
        return bool(connection.execute(query, values).scalar_one())


def waiting(department: str | None = None, ctx: Context | None = None) -> list[Delivery]:
    """Deliveries on their way (received, staged or validated), oldest first."""
    query = sa.text(
        f"SELECT {COLUMNS} FROM ledger.delivery WHERE state = ANY(:open)"
        " AND (CAST(:department AS text) IS NULL OR department = :department) ORDER BY delivery_id"
    )
    with (ctx or Context.of()).engine.connect() as connection:
        rows = connection.execute(query, {"open": list(OPEN_STATES), "department": department})
        return [Delivery(*row) for row in rows]


def left_behind(ctx: Context) -> list[Delivery]:
    """Deliveries on their way on which nobody works at this moment, oldest first.

    Whoever works on one holds its lock (`etl.ledger.claimed`), so that one of a process that is
    alive is not among them, unless that is just between two steps.
    """
    query = sa.text(
        f"SELECT {COLUMNS} FROM ledger.delivery WHERE state = ANY(:open) AND NOT EXISTS ("
        "SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND classid = :lock AND objid = delivery_id) ORDER BY delivery_id"
    )
    with ctx.engine.connect() as connection:
        values = {"open": list(OPEN_STATES), "lock": Lock.DELIVERY}
        return [Delivery(*row) for row in connection.execute(query, values)]
