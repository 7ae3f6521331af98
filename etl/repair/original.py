"""Quarantined rows as they were sent, read again from the archive."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract, Period
from etl.decode import Reading, RowPeriods, Table, base_name, open_rows, rows_of, with_numbers
from etl.ledger import Delivery
from etl.repair.answers import read_answers
from etl.values.faults import Fault


@dataclass
class Original:
    """Some rows of a delivery as text, with the table they come from."""

    table: Table
    rows: dict[int, dict[str, str | None]] = field(default_factory=dict)
    """row_no -> field -> text as sent."""
    faults: dict[int, list[Fault]] = field(default_factory=dict)
    """row_no -> what the decoder saw in cells that it could not give."""


def original_rows(
    ctx: Context,
    connection: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    wanted: Collection[int],
) -> Original:
    """Rows of a delivery by row_no; of a repair, the rows it made. Raises InputProblem if the file is no more."""
    if delivery.repairs is not None:
        return _of_repair(ctx, connection, delivery, contract, wanted)
    name = delivery.member or delivery.file_name
    path = ctx.archived(delivery.sha256)
    reading, rows = open_rows(path, contract, member=delivery.member, name=name)
    rows = _of_delivery(contract, delivery, reading, rows)
    found = Original(reading.table)
    numbers = pa.array(sorted(wanted), pa.int32())
    for batch in rows:
        some = batch.filter(pc.is_in(batch["row_no"], numbers))
        for values in some.to_pylist():
            found.rows[values.pop("row_no")] = values
        if len(found.rows) == len(wanted):
            break
    found.faults = {row: reading.faults[row] for row in wanted if row in reading.faults}
    return found


def _of_delivery(
    contract: Contract, delivery: Delivery, reading: Reading, rows: Iterator[Any]
) -> Iterator[Any]:
    """The rows of its period, with their numbers within it."""
    if delivery.period_start is None or delivery.period_end is None:
        return rows
    if contract.split:
        name = base_name(delivery.member or delivery.file_name)
        row_periods = RowPeriods(contract, contract.split, reading, name)
        period = Period(delivery.period_start, delivery.period_end)
        rows = rows_of(rows, row_periods, reading, period)
    return with_numbers(rows, contract, delivery.period_end)


def _of_repair(
    ctx: Context,
    connection: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    wanted: Collection[int],
) -> Original:
    of = ledger.get(connection, delivery.repairs or 0)
    answers = read_answers(
        ctx.archived(delivery.sha256), ctx.settings.token_key(), delivery.file_name
    )
    by_place = {each.row_no: each for each in answers.of(of.delivery_id)} if answers else {}
    places = {
        row_no: of_row
        for row_no, of_row in connection.execute(
            sa.text("SELECT row_no, of_row FROM ledger.repair WHERE delivery_id = :d"),
            {"d": delivery.delivery_id},
        )
        if row_no in wanted
    }
    before = original_rows(ctx, connection, of, contract, set(places.values()))
    found = Original(before.table)
    for row_no, of_row in places.items():
        cells = by_place[of_row].cells if of_row in by_place else {}
        found.rows[row_no], found.faults[row_no] = patched(before, of_row, cells)
    return found


def patched(
    original: Original, row_no: int, cells: Mapping[str, str]
) -> tuple[dict[str, str | None], list[Fault]]:
    """A row with corrected values, and the faults of the cells that were left as they are.

    A fault of the row as a whole (too many cells) has no column; who fills it in says what it is.
    """
    left = {"", *cells} if cells else set()
    faults = [each for each in original.faults.get(row_no, []) if each.get("column") not in left]
    return {**original.rows[row_no], **cells}, faults
