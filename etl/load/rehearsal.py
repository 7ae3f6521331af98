"""A file tried under a contract: staged, judged and loaded as on the day of its delivery, and all of it undone.

The ledger and the star are written in one transaction that is rolled back. Only the staging
tables are seen by others meanwhile, since Great Expectations judges them by a connection of
its own; they are dropped at the end, and by the next trial if this one was killed.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract, mode_of
from etl.database import identifier
from etl.database.locks import Lock
from etl.errors import InputProblem, MinshengError
from etl.ledger import Delivery
from etl.load.loader import run_load
from etl.load.targets import Target, read_targets
from etl.load.work import Held, Work
from etl.reasons import Reason
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

    Nothing is kept, whatever happens.
    """
    started = time.perf_counter()
    autocommit = ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with (
        autocommit as outside,
        ctx.engine.connect() as connection,
        connection.begin() as transaction,
    ):
        _drop_left_over(outside)
        delivery = _enter(connection, path, contract, member)
        lock = {"a": Lock.TRIAL, "b": delivery.delivery_id}
        outside.execute(sa.text("SELECT pg_advisory_lock(:a, :b)"), lock)
        try:
            result = _rehearse(ctx, connection, outside, delivery, contract, path)
        finally:
            transaction.rollback()
            drop_tables(outside, delivery.delivery_id)
            outside.execute(sa.text("SELECT pg_advisory_unlock(:a, :b)"), lock)
    head = {"feed": contract.feed, "file": path.name + (f"/{member}" if member else "")}
    return head | result | {"seconds": round(time.perf_counter() - started, 3)}


def _enter(
    connection: sa.Connection, path: Path, contract: Contract, member: str | None
) -> Delivery:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    entered = ledger.register(
        connection, sha256=sha256, size=path.stat().st_size, file_name=path.name, member=member,
        contract=contract, mode=mode_of(contract, member or path.name),
    )  # fmt: skip
    return replace(entered, released_by=TRIED_BY)


def _rehearse(
    ctx: Context,
    connection: sa.Connection,
    outside: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    path: Path,
) -> dict[str, Any]:
    result: dict[str, Any] = {"period": None, "mode": delivery.mode, "state": "rejected"}
    try:
        filled = fill(ctx, connection, delivery, contract, file=path, tables_by=outside)
    except InputProblem as problem:
        return result | {"reasons": [problem.reason.as_dict()]}
    delivery = replace(
        delivery,
        period_start=filled.period.start,
        period_end=filled.period.end,
        content_hash=filled.content_hash,
        staged_rows=filled.rows,
        totals_dropped=filled.reading.totals_dropped,
        judged_seq=2**62,
    )
    ledger.record(
        connection, delivery.delivery_id, period_start=delivery.period_start,
        period_end=delivery.period_end, content_hash=delivery.content_hash,
    )  # fmt: skip
    doubts = suspicions(connection, delivery, contract, filled.rows)
    rules, unknown = with_registers(connection, contract)
    url = ctx.engine.url.render_as_string(hide_password=False)
    outcomes = expect.judge(url, table_name(delivery.delivery_id).split(".")[1], rules)
    judged = conclude(connection, delivery, contract, outcomes)
    reasons: list[Reason | dict[str, Any]] = [
        *filled.reading.warnings,
        *doubts,
        *judged["reasons"],
        *unknown,
    ]
    result |= {"period": delivery.period, "state": "held" if holding(doubts) else "loaded"}
    try:
        loaded = run_load(
            Work(
                connection,
                replace(delivery, reasons=[_plain(reason) for reason in reasons]),
                contract,
            )
        )
    except Held as held:
        return result | {"state": "held", "reasons": [_plain(r) for r in (*reasons, *held.reasons)]}
    except (sa.exc.DBAPIError, MinshengError) as error:
        reasons.append(_failure(error))
        return result | {"state": "failed", "reasons": [_plain(reason) for reason in reasons]}
    counts = {
        name: n for name, n in loaded.changes().items() if isinstance(n, int) and name != "seq"
    }
    return result | {
        "counts": counts,
        "reasons": [_plain(reason) for reason in loaded.reasons],
        "quarantine": _quarantine(connection, delivery),
        "star": _star(connection, delivery, contract),
    }


def _plain(reason: Reason | dict[str, Any]) -> dict[str, Any]:
    return reason.as_dict() if isinstance(reason, Reason) else reason


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
