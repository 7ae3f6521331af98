"""The ledger: the only place that says what arrived and what became of it.

A state changes here and nowhere else; events only wake somebody who then looks here.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.contract import Contract
from etl.errors import MinshengError
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

CLAIM, LOAD, KEYS = 8103, 8104, 8105
"""First halves of the advisory locks: one worker a delivery, one load a feed, one merger of keys."""

AT_ONCE = threading.BoundedSemaphore(8)
"""Deliveries that one process works on at once; further threads wait for their turn, not for a connection."""

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

OPEN_STATES = ("received", "staged", "validated")
REFUSED_STATES = ("held", "rejected")


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


_COLUMNS = ", ".join(f.name for f in fields(Delivery))


def _one(connection: sa.Connection, where: str, **values: Any) -> Delivery | None:
    row = connection.execute(
        sa.text(f"SELECT {_COLUMNS} FROM ledger.delivery {where}"), values
    ).one_or_none()
    return Delivery(*row) if row else None


def get(connection: sa.Connection, delivery_id: int) -> Delivery:
    """One delivery; MinshengError if the ledger has none of this number."""
    found = _one(connection, "WHERE delivery_id = :d", d=delivery_id)
    if found is None:
        raise MinshengError(MESSAGES.reason("no_such_delivery", delivery_id=delivery_id))
    return found


def deliveries(
    ctx: Context, *, feed: str | None = None, state: str | None = None
) -> list[Delivery]:
    """The ledger's rows in order of arrival."""
    query = sa.text(
        f"SELECT {_COLUMNS} FROM ledger.delivery"
        " WHERE (CAST(:feed AS text) IS NULL OR feed = :feed) AND (CAST(:state AS text) IS NULL OR state = :state) ORDER BY delivery_id"
    )
    with ctx.engine.connect() as connection:
        return [Delivery(*row) for row in connection.execute(query, {"feed": feed, "state": state})]


def waiting(department: str | None = None, ctx: Context | None = None) -> list[Delivery]:
    """Deliveries on their way (received, staged or validated), oldest first."""
    query = sa.text(
        f"SELECT {_COLUMNS} FROM ledger.delivery WHERE state = ANY(:open)"
        " AND (CAST(:department AS text) IS NULL OR department = :department) ORDER BY delivery_id"
    )
    with (ctx or Context.of()).engine.connect() as connection:
        rows = connection.execute(query, {"open": list(OPEN_STATES), "department": department})
        return [Delivery(*row) for row in rows]


def register(
    connection: sa.Connection,
    *,
    sha256: str,
    size: int,
    file_name: str,
    member: str | None,
    contract: Contract | None,
    mode: str | None = None,
    reasons: Sequence[Reason] = (),
) -> Delivery:
    """Enter an arrival. Without a contract, or with reasons, it enters as rejected: nothing is lost."""
    connection.execute(
        sa.text(
            "INSERT INTO ledger.archive (sha256, bytes) VALUES (:s, :b) ON CONFLICT DO NOTHING"
        ),
        {"s": sha256, "b": size},
    )
    if contract:
        keep_contract(connection, contract)
    delivery_id = connection.execute(
        sa.text(
            "INSERT INTO ledger.delivery (feed, department, mode, sha256, file_name, member, state, contract_hash, reasons)"
            " VALUES (:feed, :department, :mode, :sha256, :file_name, :member, :state, :hash, CAST(:reasons AS jsonb))"
            " RETURNING delivery_id"
        ),
        {
            "feed": contract.feed if contract else None,
            "department": contract.department if contract else None,
            "mode": mode,
            "sha256": sha256,
            "file_name": file_name,
            "member": member,
            "state": "rejected" if reasons or contract is None else "received",
            "hash": contract.hash if contract else None,
            "reasons": _as_json(reasons),
        },
    ).scalar_one()
    return get(connection, delivery_id)


def _as_json(reasons: Iterable[Reason | dict[str, Any]]) -> str:
    """New reasons, and those that the ledger has already."""
    told = [one.as_dict() if isinstance(one, Reason) else one for one in reasons]
    return json.dumps(told, ensure_ascii=False, default=str)


def keep_contract(connection: sa.Connection, contract: Contract) -> None:
    """Keep the text of a contract that judges a delivery."""
    connection.execute(
        sa.text(
            "INSERT INTO ledger.contract (contract_hash, feed, version, contract, load_sql, by_source_time, mode)"
            " VALUES (:h, :f, :v, :c, :l, :t, :m) ON CONFLICT DO NOTHING"
        ),
        {
            "h": contract.hash,
            "f": contract.feed,
            "v": contract.version,
            "c": contract.yaml_text,
            "l": contract.load_text,
            "t": contract.source_time is not None,
            "m": contract.mode,
        },
    )


def record(
    connection: sa.Connection, delivery_id: int, *, add_seconds: float = 0.0, **values: Any
) -> Delivery:
    """Change a delivery's row: its state, its counts, what was found."""
    if "reasons" in values:
        values["reasons"] = _as_json(values["reasons"])
    casts = {"reasons": "CAST(:reasons AS jsonb)"}
    changes = ", ".join(f"{name} = {casts.get(name, ':' + name)}" for name in values)
    connection.execute(
        sa.text(
            f"UPDATE ledger.delivery SET {changes}{', ' if changes else ''}"
            "seconds = seconds + :add_seconds, updated_at = clock_timestamp() WHERE delivery_id = :delivery_id"
        ),
        {**values, "add_seconds": add_seconds, "delivery_id": delivery_id},
    )
    return get(connection, delivery_id)


@contextmanager
def claimed(ctx: Context, delivery_id: int) -> Iterator[tuple[sa.Connection, Delivery]]:
    """Hold a delivery for one step. A second worker waits, then finds the step done.

    Yields a connection in autocommit, whose session owns the claim: a process that
    dies gives it back.
    """
    with (
        AT_ONCE,
        ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        lock = {"a": CLAIM, "b": delivery_id}
        connection.execute(sa.text("SELECT pg_advisory_lock(:a, :b)"), lock)
        try:
            yield connection, get(connection, delivery_id)
        finally:
            if not connection.invalidated:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:a, :b)"), lock)


def lock_feed(transaction: sa.Connection, delivery: Delivery) -> None:
    """One load a feed at a time, until the transaction ends."""
    transaction.execute(
        sa.text("SELECT pg_advisory_xact_lock(:a, hashtext(:feed))"),
        {"a": LOAD, "feed": delivery.feed},
    )


def latest_accepted(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """The delivery of the same feed, period and mode that was received last of those accepted."""
    return _one(
        connection,
        "WHERE feed = :feed AND period_end = :end AND period_start = :start AND mode = :mode AND state = 'loaded'"
        " ORDER BY delivery_id DESC LIMIT 1",
        feed=delivery.feed, end=delivery.period_end, start=delivery.period_start, mode=delivery.mode,
    )  # fmt: skip


_STANDS = (
    " AND state = 'loaded' AND contract_hash = :contract AND NOT EXISTS (SELECT FROM ledger.delivery n"
    " WHERE n.feed = d.feed AND n.mode = d.mode AND n.period_end = d.period_end AND n.period_start = d.period_start"
    " AND n.state = 'loaded' AND (n.delivery_id > d.delivery_id OR n.seq > d.seq))"
    # What was kept out because a register did not know it yet is judged anew.
    " AND NOT EXISTS (SELECT FROM ledger.quarantine q WHERE q.delivery_id = d.delivery_id AND q.resolved_by IS NULL"
    " AND jsonb_path_exists(q.reasons, '$[*].rule ? (@ starts with \"register.\")'))"
)
"""Of a delivery `d`: that it is accepted, judged by this contract, and nothing came after it in its period."""


def repeated(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """The accepted delivery that this one repeats exactly: same content and faults, same contract, and still the last word."""
    return _one(
        connection,
        "d WHERE feed = :feed AND period_end = :end AND period_start = :start AND mode = :mode"
        f" AND content_hash = :content AND delivery_id <> :own{_STANDS}",
        feed=delivery.feed, end=delivery.period_end, start=delivery.period_start, mode=delivery.mode,
        content=delivery.content_hash, contract=delivery.contract_hash, own=delivery.delivery_id,
    )  # fmt: skip


def same_bytes_accepted(
    connection: sa.Connection, delivery: Delivery, contract: Contract
) -> Delivery | None:
    """An accepted delivery of the same file (name, member, bytes) under this contract that is still the last word."""
    return _one(
        connection,
        "d WHERE feed = :feed AND sha256 = :sha AND file_name = :name AND member IS NOT DISTINCT FROM :member"
        f" AND mode = :mode{_STANDS} ORDER BY delivery_id DESC LIMIT 1",
        feed=delivery.feed, sha=delivery.sha256, name=delivery.file_name, member=delivery.member, mode=delivery.mode,
        contract=contract.hash,
    )  # fmt: skip


def same_content_elsewhere(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """An accepted delivery of the same feed, mode and content under another period."""
    return _one(
        connection,
        "WHERE feed = :feed AND mode = :mode AND content_hash = :hash AND period_end <> :end AND state = 'loaded'"
        " ORDER BY period_end DESC LIMIT 1",
        feed=delivery.feed, mode=delivery.mode, hash=delivery.content_hash, end=delivery.period_end,
    )  # fmt: skip


def previous_snapshot(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """The accepted full snapshot of the period before."""
    return _one(
        connection,
        "WHERE feed = :feed AND mode = 'full' AND period_end < :end AND state = 'loaded'"
        " ORDER BY period_end DESC, delivery_id DESC LIMIT 1",
        feed=delivery.feed, end=delivery.period_end,
    )  # fmt: skip


def resumed_by(delivery: Delivery, ctx: Context) -> list[Delivery]:
    """Corrections and retractions that waited for a thing which this load has told of."""
    if delivery.state != "loaded":
        return []
    query = sa.text(
        f"SELECT {_COLUMNS} FROM ledger.delivery WHERE state = 'received'"
        " AND jsonb_path_exists(reasons, '$[*] ? (@.rule == \"unknown_key\")') ORDER BY delivery_id"
    )
    with ctx.engine.connect() as connection:
        return [Delivery(*row) for row in connection.execute(query)]


def newest_commit(ctx: Context | None = None) -> int:
    """Sequence number of the newest load; 0 in an empty warehouse."""
    with (ctx or Context.of()).engine.connect() as connection:
        return int(
            connection.execute(
                sa.text("SELECT coalesce(max(seq), 0) FROM ledger.commit")
            ).scalar_one()
        )


def last_evaluated(ctx: Context | None = None) -> int:
    """The newest commit that an evaluation has seen; 0 before the first."""
    with (ctx or Context.of()).engine.connect() as connection:
        return int(
            connection.execute(
                sa.text("SELECT coalesce(max(seq), 0) FROM ledger.evaluation")
            ).scalar_one()
        )


def release(delivery_id: int, who: str, ctx: Context | None = None) -> Delivery:
    """Let a held delivery pass: it is received again, and what held it is not asked again."""
    return _decide(delivery_id, who, ctx or Context.of(), "received")


def reject(delivery_id: int, who: str, ctx: Context | None = None) -> Delivery:
    """Refuse a held delivery for good; its bytes stay in the archive."""
    return _decide(delivery_id, who, ctx or Context.of(), "rejected")


def _decide(delivery_id: int, who: str, ctx: Context, state: str) -> Delivery:
    with claimed(ctx, delivery_id) as (connection, delivery):
        if delivery.state != "held":
            raise MinshengError(
                MESSAGES.reason("not_held", delivery_id=delivery_id, state=delivery.state)
            )
        return record(connection, delivery_id, state=state, released_by=who)
