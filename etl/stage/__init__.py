"""Stage: decode, match headers, normalise, type, and COPY into a staging table of the delivery's own.

May be repeated at will: it starts by dropping what an earlier try left.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from etl import database, ledger
from etl.context import Context
from etl.contract import Contract, Period, read_period
from etl.decode import (
    UNPLACED,
    Reading,
    RowPeriods,
    base_name,
    derived_headers,
    only_of,
    open_rows,
    rows_of,
    with_numbers,
)
from etl.errors import InputProblem
from etl.ledger import Delivery
from etl.profile import step
from etl.progress import report
from etl.quoting import identifiers
from etl.reasons import Catalogue
from etl.repair import open_repair
from etl.stage.columns import Columns, keep_columns
from etl.stage.copying import ahead, copy_streams
from etl.stage.corrections import apply_corrections
from etl.stage.filled import FilledIfSent
from etl.stage.history import ValueCounts
from etl.stage.made import Made
from etl.stage.suspicions import holding, suspicions
from etl.stage.table import create_tables, drop_tables, is_whole, table_name, text_table_name
from etl.values import ContentHash, Typer, copy_header, copy_statement, copy_trailer, to_copy

MESSAGES = Catalogue(__file__)

MENDABLE = frozenset({"columns_missing"})
"""What a change of the contract may put right: the delivery waits for it instead of being refused."""

if TYPE_CHECKING:
    import pyarrow as pa


def stage(delivery_id: int, ctx: Context | None = None) -> Delivery:
    """Bring a received delivery to `staged`, or to `duplicate`, `held` or `rejected` with the reason.

    Does nothing for a delivery in any other state. Raises on a technical failure
    (database away, disk full); the delivery then is still `received`.
    """
    ctx = ctx or Context.of()
    with ledger.claimed(ctx, delivery_id) as (connection, delivery):
        if delivery.state != "received":
            return delivery
        started = time.perf_counter()
        try:
            changes = _stage(ctx, connection, delivery)
        except InputProblem as problem:
            drop_tables(connection, delivery_id)
            state = "held" if problem.reason.code in MENDABLE else "rejected"
            changes = {"state": state, "reasons": [problem.reason]}
        seconds = time.perf_counter() - started
        return ledger.advance(connection, delivery_id, verb="stage", add_seconds=seconds, **changes)


def restage(ctx: Context, connection: sa.Connection, delivery: Delivery) -> None:
    """Fill the staging table again if it lost its rows: unlogged tables are empty after a crash."""
    if not is_whole(connection, delivery.delivery_id, delivery.staged_rows or 0):
        fill(ctx, connection, delivery, ledger.contract_of(ctx, connection, delivery))


def _stage(ctx: Context, connection: sa.Connection, delivery: Delivery) -> dict[str, Any]:
    contract = ledger.contract_of(ctx, connection, delivery, anew=True)
    if not delivery.released_by:
        same = ledger.same_bytes_accepted(connection, delivery, contract)
        if same:
            return duplicate_of(same)
    filled = fill(ctx, connection, delivery, contract)
    recorded = ledger.record(
        connection, delivery.delivery_id,
        period_start=filled.period.start, period_end=filled.period.end,
        contract_hash=contract.hash, content_hash=filled.content_hash,
    )  # fmt: skip
    repeated = (
        None if delivery.released_by or delivery.repairs else ledger.repeated(connection, recorded)
    )
    if repeated:
        drop_tables(connection, delivery.delivery_id)
        return duplicate_of(repeated)
    latest = ledger.latest_accepted(connection, recorded)
    result: dict[str, Any] = {
        "state": "staged",
        "staged_rows": filled.rows,
        "totals_dropped": filled.reading.totals_dropped,
        "supersedes": latest.delivery_id if latest else None,
    }
    doubts = [] if delivery.released_by else suspicions(connection, recorded, contract, filled.rows)
    result["reasons"] = [*filled.reading.warnings, *doubts]
    unplaced = [each for each in filled.reading.warnings if each.code in UNPLACED]
    if holding(doubts) or (unplaced and not delivery.released_by):
        drop_tables(connection, delivery.delivery_id)
        result["state"] = "held"
    return result


class Filled:
    """What filling the staging tables found out."""

    def __init__(
        self, reading: Reading, contract: Contract, period: Period, headers: Mapping[str, str]
    ) -> None:
        self.names = {str(item.column): item.name for item in contract.fields if item.column}
        self.reading = reading
        self.period = period
        self.rows = 0
        self.content_hash = ""
        self.columns = Columns(list(headers), unknown=reading.table.unknown)
        self.values = ValueCounts(contract)

    def look(self, *parts: pa.RecordBatch | None) -> None:
        """Note which columns hold values."""
        for part in parts:
            if part is not None:
                filled = (n for n in part.schema.names if part[n].null_count < part.num_rows)
                self.columns.filled |= {self.names.get(name, name) for name in filled}


def fill(
    ctx: Context,
    connection: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    *,
    file: Path | None = None,
    tables_by: sa.Connection | None = None,
) -> Filled:
    """Decode, type and COPY a delivery into its staging tables; raises InputProblem for a file that cannot be read.

    For a trial: `file` instead of the archived one, and a connection of its own that makes the
    tables, so that they can be seen while what `connection` enters is still to be undone. Free
    text, which has its own expiry, is then not written.
    """
    keeps_text = bool(contract.restricted) and tables_by is None
    tables_by = tables_by or connection
    name = delivery.member or delivery.file_name
    report(f"{name} · 暂存 / staging")
    ledger.keep_contract(connection, contract)
    if delivery.repairs:
        reading, rows = open_repair(ctx, connection, delivery, contract)
    else:
        path = file or ctx.archived(delivery.sha256)
        reading, rows = open_rows(path, contract, member=delivery.member, name=name)
    table = reading.table
    rows = _of_its_period(connection, contract, delivery, reading, rows)
    first = _first(rows, delivery, contract, reading)
    period = _period_of(connection, contract, delivery, reading, first)
    # A repair brings what its original took from elsewhere; what is made of a row's values is made anew.
    derived = {
        name: title
        for name, title in derived_headers(contract).items()
        if not delivery.repairs or contract.by_name[name].is_of_typed
    }
    headers = {**table.headers, **derived}
    filled = Filled(reading, contract, period, headers)
    typer = Typer(
        contract,
        ctx.settings.token_key(),
        headers,
        serials=table.serials,
        received=delivery.received_at.astimezone(ZoneInfo(contract.file.time_zone)).date(),
    )
    made, judged = Made(contract), FilledIfSent(contract, reading)
    content, zone = ContentHash(), contract.file.time_zone
    sent = typer.sent
    tables = {table_name(delivery.delivery_id): sent}
    if keeps_text:
        tables[text_table_name(delivery.delivery_id)] = [
            "row_no",
            *(f.name for f in contract.restricted),
        ]

    def produce() -> Iterator[tuple[Any, ...]]:
        yield (copy_header(),) * len(tables)
        read: Iterator[Any] = chain((first,), rows)
        if not delivery.repairs:
            read = with_numbers(read, contract, period.end)
        for batch in ahead(read):
            typed = typer(batch, reading.faults)
            narrow = judged(made(typed.narrow, typed.text))
            content.update(narrow, typed.text, typed.earlier)
            filled.rows += narrow.num_rows
            filled.look(narrow, typed.text)
            filled.values.look(narrow)
            report(f"{name} · 暂存 / staging", filled.rows)
            parts = (narrow.select(sent), typed.text)[: len(tables)]
            yield tuple(to_copy(part, zone=zone, earlier=typed.earlier) for part in parts)
        yield (copy_trailer(),) * len(tables)

    create_tables(tables_by, contract, delivery.delivery_id, text=keeps_text)
    with ExitStack() as stack, step("decode, type and COPY"):
        sinks = []
        for target, columns in tables.items():
            raw = stack.enter_context(database.raw(ctx.engine))
            with raw.cursor() as cursor:
                # Truncated in the transaction that fills it: PostgreSQL may then skip the WAL.
                cursor.execute(f"TRUNCATE {target}")
            sinks.append((raw, copy_statement(target, columns, fresh=True)))
        copy_streams(sinks, produce)
    reading.warnings += typer.warnings()
    if contract.corrections:
        span = f"{period.start}..{period.end}"
        reading.warnings += apply_corrections(
            connection, delivery, contract, span, tables_by=tables_by
        )
    # Enough for the loader's joins: how many rows there are, and how the key is spread.
    keys = identifiers(contract.by_name[name].column or name for name in contract.key)
    tables_by.execute(sa.text(f"ANALYZE {table_name(delivery.delivery_id)} ({keys})"))
    filled.content_hash = content.hexdigest()
    keep_columns(connection, delivery.delivery_id, filled.columns)
    filled.values.keep(connection, delivery.delivery_id)
    _keep_segments(connection, delivery.delivery_id, reading)
    return filled


def _first(
    rows: Iterator[pa.RecordBatch], delivery: Delivery, contract: Contract, reading: Reading
) -> pa.RecordBatch:
    """The first rows; none of them where a feed of events reports that there was nothing (空报), which is no missing period."""
    try:
        return next(rows)
    except InputProblem as problem:
        nothing = problem.reason.code == "no_rows" and delivery.mode in ("delta", "window")
        if not nothing or delivery.repairs or contract.split:
            raise
    import pyarrow as pa

    reading.warnings.append(MESSAGES.reason("nothing_to_report"))
    names = ["row_no", *reading.table.headers]
    return pa.record_batch(
        [pa.array([], pa.int32() if name == "row_no" else pa.string()) for name in names],
        names=names,
    )


def _keep_segments(connection: sa.Connection, delivery_id: int, reading: Reading) -> None:
    connection.execute(
        sa.text("DELETE FROM ledger.segment WHERE delivery_id = :d"), {"d": delivery_id}
    )
    rows = [
        {
            "d": delivery_id,
            "n": number,
            "s": s.sheet,
            "f": s.first_row_no,
            "o": s.row_offset,
            "r": s.rows,
        }
        for number, s in enumerate(reading.segments, 1)
    ]
    if rows:
        connection.execute(
            sa.text("INSERT INTO ledger.segment VALUES (:d, :n, :s, :f, :o, :r)"), rows
        )


def _period_of(
    connection: sa.Connection,
    contract: Contract,
    delivery: Delivery,
    reading: Reading,
    first: pa.RecordBatch,
) -> Period:
    """A repair speaks of the period of what it repairs, a part of a file of that for which it was entered."""
    if delivery.repairs or contract.split:
        of = ledger.get(connection, delivery.repairs) if delivery.repairs else delivery
        if of.period_start and of.period_end:
            return Period(of.period_start, of.period_end)
    return _period(contract, delivery, reading, first)


def _of_its_period(
    connection: sa.Connection,
    contract: Contract,
    delivery: Delivery,
    reading: Reading,
    rows: Iterator[pa.RecordBatch],
) -> Iterator[pa.RecordBatch]:
    """Of a file with several periods the rows of the one for which the delivery was entered."""
    source, name = contract.split, delivery.member or delivery.file_name
    if source is None or (delivery.repairs and source.source != "column"):
        return rows
    of = ledger.get(connection, delivery.repairs) if delivery.repairs else delivery
    if of.period_start is None or of.period_end is None:
        raise InputProblem(MESSAGES.reason("not_split", file=name))
    row_periods = RowPeriods(contract, source, reading, base_name(name))
    some = only_of if delivery.repairs else rows_of
    return some(rows, row_periods, reading, Period(of.period_start, of.period_end))


def _period(
    contract: Contract, delivery: Delivery, reading: Reading, first: pa.RecordBatch
) -> Period:
    table = reading.table
    values = {
        name: next((str(v) for v in first.column(i).slice(0, 100).to_pylist() if v), "")
        for i, name in enumerate(first.schema.names)
        if name != "row_no"
    }
    name = delivery.member or delivery.file_name
    period = read_period(
        contract,
        file_name=name,
        sheet_name=reading.segments[0].sheet or "",
        title=table.title,
        first_values=values,
        received=delivery.received_at.date(),
    )
    if period is None:
        wanted = ", ".join(
            f"{s.source}: {s.pattern or s.field or s.value or ''}" for s in contract.period
        )
        raise InputProblem(
            MESSAGES.reason(
                "period_unreadable", file=name, found=table.title or name, expected=wanted
            )
        )
    return period


def duplicate_of(of: Delivery) -> dict[str, Any]:
    """The ledger's changes for a delivery that repeats another one exactly."""
    return {
        "state": "duplicate",
        "period_start": of.period_start,
        "period_end": of.period_end,
        "supersedes": of.delivery_id,
        "reasons": [MESSAGES.reason("duplicate_delivery", other=of.delivery_id, name=of.file_name)],
    }
