"""A file tried under a contract: staged, judged and loaded as on the day of its delivery, and all of it undone.

The ledger and the star are written in one transaction that is rolled back. Only the staging
tables are seen by others meanwhile, since Great Expectations judges them by a connection of
its own; they are dropped at the end, and by the next trial if this one was killed.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract, Period, mode_of
from etl.database.locks import Lock
from etl.errors import InputProblem, MinshengError
from etl.ledger import Delivery
from etl.load.loader import run_load
from etl.load.targets import Target, read_targets
from etl.load.work import MESSAGES, Held, Work
from etl.quoting import identifier
from etl.reasons import Reason
from etl.receive.parts import periods_of
from etl.stage import fill
from etl.stage.suspicions import holding, suspicions
from etl.stage.table import drop_tables, table_name
from etl.validate import conclude, expect, with_registers

ROWS = 10
"""Rows of each table of the star that are shown."""

TRIED_BY = "feeds try"


def rehearse(
    path: Path, contract: Contract, ctx: Context, member: str | None = None
) -> dict[str, Any]:
    """What would become of the file: `state`, counts, `reasons`, `quarantine` by reason, up to ten rows a target.

    Nothing is kept, whatever happens. Of a file with several periods the last is tried.
    """
    started = time.perf_counter()
    head = {"feed": contract.feed, "file": path.name + (f"/{member}" if member else "")}
    mode = mode_of(contract, member or path.name)
    try:
        periods = periods_of(path, contract, member, path.name, whole=mode == "full")
    except InputProblem as problem:
        refused = {"period": None, "mode": mode, "state": "rejected"}
        return head | refused | {"reasons": [problem.reason.as_dict()]} | _since(started)
    autocommit = ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with (
        autocommit as outside,
        ctx.engine.connect() as connection,
        connection.begin() as transaction,
    ):
        _drop_left_over(outside)
        delivery = _enter(connection, path, contract, member, periods[-1])
        lock = {"a": Lock.TRIAL, "b": delivery.delivery_id}
        outside.execute(sa.text("SELECT pg_advisory_lock(:a, :b)"), lock)
        try:
            result = _rehearse(ctx, connection, outside, delivery, contract, path)
        finally:
            transaction.rollback()
            drop_tables(outside, delivery.delivery_id)
            outside.execute(sa.text("SELECT pg_advisory_unlock(:a, :b)"), lock)
    if len(periods) > 1:
        tried = MESSAGES.reason("last_period", periods=len(periods), found=result["period"])
        result["reasons"].insert(0, tried.as_dict())
    return head | result | _since(started)


def _since(started: float) -> dict[str, Any]:
    return {"seconds": round(time.perf_counter() - started, 3)}


def _enter(
    connection: sa.Connection,
    path: Path,
    contract: Contract,
    member: str | None,
    period: Period | None,
) -> Delivery:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    entered = ledger.register(
        connection, sha256=sha256, size=path.stat().st_size, file_name=path.name, member=member,
        contract=contract, mode=mode_of(contract, member or path.name),
    )  # fmt: skip
    start, end = period or (None, None)
    return ledger.record(
        connection, entered.delivery_id, released_by=TRIED_BY, period_start=start, period_end=end
    )


@dataclass(frozen=True)
class Passed:
    """How far a delivery came: `state` loaded, held, rejected or failed."""

    state: str
    reasons: tuple[Reason, ...]
    counts: dict[str, int] = field(default_factory=dict)
    period: str | None = None
    doubts: bool = False
    """Whether it would have waited for a person first."""


def go_through(
    ctx: Context,
    connection: sa.Connection,
    outside: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    file: Path | None = None,
) -> Passed:
    """Stage, judge and load a received delivery by the real steps, in the connection's transaction.

    `outside` makes the staging tables. The ledger is as after the real load; the caller undoes it.
    """
    number = delivery.delivery_id
    try:
        filled = fill(ctx, connection, delivery, contract, file=file, tables_by=outside)
    except InputProblem as problem:
        return Passed("rejected", (problem.reason,))
    ledger.record(
        connection, number, period_start=filled.period.start, period_end=filled.period.end,
        content_hash=filled.content_hash, contract_hash=contract.hash,
    )  # fmt: skip
    doubts = suspicions(connection, ledger.get(connection, number), contract, filled.rows)
    staged = ledger.advance(
        connection, number, verb="stage", state="staged", staged_rows=filled.rows,
        totals_dropped=filled.reading.totals_dropped, reasons=[*filled.reading.warnings, *doubts],
    )  # fmt: skip
    rules, unknown = with_registers(connection, contract)
    url = ctx.engine.url.render_as_string(hide_password=False)
    outcomes = expect.judge(url, table_name(number).split(".")[1], rules)
    judged = conclude(connection, staged, contract, outcomes)
    reasons = [*judged["reasons"], *unknown]
    validated = ledger.advance(
        connection, number, verb="validate", state="validated", reasons=reasons, judged_seq=2**62
    )
    try:
        loaded = run_load(Work(connection, validated, contract))
    except Held as held:
        return Passed("held", _as_reasons((*reasons, *held.reasons)), period=validated.period)
    except (sa.exc.DBAPIError, MinshengError) as error:
        return Passed("failed", _as_reasons((*reasons, _failure(error))), period=validated.period)
    changes = loaded.changes()
    ledger.advance(connection, number, verb="load", **changes)
    counts = {name: n for name, n in changes.items() if isinstance(n, int) and name != "seq"}
    doubtful = bool(holding(doubts)) or any(outcome.verdict == "error" for outcome in outcomes)
    return Passed(
        "loaded", _as_reasons(loaded.reasons), counts, validated.period, doubtful
    )  # fmt: skip


def _as_reasons(reasons: Iterable[Reason | dict[str, Any]]) -> tuple[Reason, ...]:
    return tuple(each if isinstance(each, Reason) else Reason.of(each) for each in reasons)


def _rehearse(
    ctx: Context,
    connection: sa.Connection,
    outside: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    path: Path,
) -> dict[str, Any]:
    passed = go_through(ctx, connection, outside, delivery, contract, path)
    result: dict[str, Any] = {
        "period": passed.period,
        "mode": delivery.mode,
        "state": passed.state,
        "reasons": [reason.as_dict() for reason in passed.reasons],
    }
    if passed.state != "loaded":
        return result
    return result | {
        "state": "held" if passed.doubts else "loaded",
        "counts": passed.counts,
        "quarantine": _quarantine(connection, delivery),
        "star": _star(connection, delivery, contract),
    }


def _failure(error: Exception) -> dict[str, Any]:
    text = (
        str(error.orig if isinstance(error, sa.exc.DBAPIError) else error).strip().splitlines()[0]
    )
    words = {"message_zh": "装载查询无法执行", "message_en": "the load query does not run"}
    return {"rule": "load", "severity": "error", **words, "found": text}


def _quarantine(connection: sa.Connection, delivery: Delivery) -> list[dict[str, Any]]:
    """The reasons of rows that are kept out, each with how many and a first example."""
    rows = connection.execute(
        sa.text(
            "SELECT r ->> 'rule' AS rule, count(*) AS rows, min(r ->> 'message_zh') AS message_zh,"
            " min(r ->> 'message_en') AS message_en, min(q.row_no) AS first_row_no,"
            " (array_agg(r ->> 'found' ORDER BY q.row_no))[1] AS found"
            " FROM ledger.quarantine AS q CROSS JOIN LATERAL jsonb_array_elements(q.reasons) AS r"
            " WHERE q.delivery_id = :d GROUP BY 1 ORDER BY 2 DESC, 1"
        ),
        {"d": delivery.delivery_id},
    )
    return [dict(row) for row in rows.mappings()]


def _star(
    connection: sa.Connection, delivery: Delivery, contract: Contract
) -> dict[str, list[dict[str, Any]]]:
    targets = read_targets(connection)
    return {
        name: [
            _filled(row)
            for row in connection.execute(
                sa.text(_sample(targets[name])), {"d": delivery.delivery_id}
            ).mappings()
        ]
        for name in contract.targets
    }


def _filled(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _sample(target: Target) -> str:
    columns, joins = [], []
    for column in target.columns:
        registry = target.refs.get(column)
        if registry is None:
            columns.append(f"t.{identifier(column)}")
            continue
        alias = f"r_{column}"
        joins.append(
            f"LEFT JOIN registry.{registry} AS {alias} ON {alias}.{registry}_key = t.{identifier(column)}"
        )
        columns.append(f"{alias}.{registry}_id AS {column.removesuffix('_key')}_id")
    dated = ", t.valid_from, t.valid_to" if target.kind == "dimension" else ""
    return (
        f"SELECT t.row_no, {', '.join(columns)}{dated} FROM star.{target.name} AS t {' '.join(joins)}"
        f" WHERE t.delivery_id = :d ORDER BY t.row_no LIMIT {ROWS}"
    )


def _drop_left_over(connection: sa.Connection) -> None:
    """Staging tables of trials that were killed: of numbers that the ledger does not have and nobody holds."""
    rows = (
        connection.execute(
            sa.text(
                "SELECT DISTINCT CAST(substring(c.relname FROM '^d(\\d+)') AS int) AS n FROM pg_class AS c"
                " WHERE c.relnamespace IN ('stage'::regnamespace, 'restricted'::regnamespace) AND c.relname ~ '^d\\d+(_bad)?$'"
                " AND NOT EXISTS (SELECT FROM ledger.delivery WHERE delivery_id = CAST(substring(c.relname FROM '^d(\\d+)') AS int))"
            )
        )
        .scalars()
        .all()
    )
    for number in rows:
        lock = {"a": Lock.TRIAL, "b": number}
        if connection.execute(sa.text("SELECT pg_try_advisory_lock(:a, :b)"), lock).scalar_one():
            drop_tables(connection, number)
            connection.execute(sa.text("SELECT pg_advisory_unlock(:a, :b)"), lock)
