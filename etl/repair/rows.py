"""A repair as a table: the rows that were answered, with their corrected values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract
from etl.database import sql_file
from etl.decode import Reading, Table
from etl.errors import InputProblem
from etl.ledger import Delivery
from etl.reasons import Reason
from etl.repair.answers import MESSAGES, Answer, Answers, read_answers
from etl.repair.identity import entry_mark
from etl.repair.original import original_rows, patched


def open_repair(
    ctx: Context, connection: sa.Connection, delivery: Delivery, contract: Contract
) -> tuple[Reading, Iterator[Any]]:
    """A reading of the answered rows, and its one batch: as `etl.decode.batches` gives them.

    Enters in `ledger.repair` which row answers which entry. Answers that cannot be taken are warnings,
    each with its place. Raises InputProblem if none is left.
    """
    given = read_answers(
        ctx.archived(delivery.sha256), ctx.settings.token_key(), delivery.file_name
    )
    if given is None or delivery.repairs is None:
        raise RuntimeError(f"delivery {delivery.delivery_id} is no repair")
    if numbered := [
        field.title_zh
        for field in contract.fields
        if field.is_of_typed and field.value_from and field.value_from.source == "rowNumber"
    ]:
        header = "、".join(numbered)
        raise InputProblem(
            MESSAGES.reason("running_number", file=delivery.file_name, header=header)
        )
    of_known(connection, given, delivery.file_name)
    of = ledger.get(connection, delivery.repairs)
    # What is no answer at all is told by the first delivery of the file.
    warnings = list(given.problems) if delivery.repairs == given.deliveries[0] else []
    answers = _living(ctx, connection, delivery, of, given, contract, warnings)
    if not answers:
        reason = MESSAGES.reason("nothing_left", file=delivery.file_name)
        raise InputProblem(warnings[0] if len(warnings) == 1 else reason)
    kept = [each for each in answers if each.action != "withdraw"]
    original = original_rows(ctx, connection, of, contract, {each.row_no for each in kept})
    known = {name for row in original.rows.values() for name in row}
    fields = [
        f.name for f in contract.fields if f.name in known or any(f.name in a.cells for a in kept)
    ]
    copies = {
        field.name: field.value_from.of[0]
        for field in contract.fields
        if field.value_from and field.value_from.source == "field"
    }
    table = _table(original.table, contract, delivery, fields, warnings)
    reading = Reading(table)
    _places(reading, answers)
    columns: dict[str, list[str | None]] = {name: [] for name in fields}
    for number, answer in enumerate(kept, 1):
        cells = {name: text for name, text in answer.cells.items() if name in columns}
        values, faults = patched(original, answer.row_no, cells)
        for name, copied in copies.items():
            if copied in cells and name not in cells:
                values[name] = cells[copied]
        for name, column in columns.items():
            column.append(values.get(name))
        for fault in faults:
            reading.faults.add(number, fault)
    batch = pa.record_batch(
        [
            pa.array(range(1, len(kept) + 1), pa.int32()),
            *(pa.array(column, pa.string()) for column in columns.values()),
        ],
        names=["row_no", *columns],
    )
    _enter(connection, delivery, of, kept, [a for a in answers if a.action == "withdraw"])
    return reading, iter((batch,))


def of_known(connection: sa.Connection, given: Answers, file: str) -> None:
    """Set aside answers on deliveries that this warehouse has not loaded, or believes no longer."""
    states: dict[int, str] = dict(
        connection.execute(
            sa.text(sql_file("repair/states.sql")), {"delivery_ids": given.deliveries}
        ).all()
    )
    for answer in given.answers:
        state = states.get(answer.delivery_id)
        if state != "loaded":
            code = "delivery_gone" if state == "withdrawn" else "forged_row"
            place = {"file": file, "sheet": answer.sheet, "row": answer.row}
            given.problems.append(MESSAGES.reason(code, found=answer.mark, **place))
    given.answers = [each for each in given.answers if states.get(each.delivery_id) == "loaded"]


def _living(
    ctx: Context,
    connection: sa.Connection,
    delivery: Delivery,
    of: Delivery,
    given: Answers,
    contract: Contract,
    warnings: list[Reason],
) -> list[Answer]:
    """The answers on entries that are open and of this contract; the others are told of."""
    key = ctx.settings.token_key()
    entries: dict[int, int | None] = dict(
        connection.execute(
            sa.text(sql_file("repair/entries.sql")), {"delivery_id": of.delivery_id}
        ).all()
    )
    living = []
    for answer in given.of(of.delivery_id):
        place = {"file": delivery.file_name, "sheet": answer.sheet, "row": answer.row}
        true_mark = entry_mark(key, of.delivery_id, answer.row_no, of.sha256)
        if answer.mark != true_mark or answer.row_no not in entries:
            warnings.append(MESSAGES.reason("forged_row", **place))
            continue
        closed_by = entries[answer.row_no]
        if closed_by is not None and closed_by != delivery.delivery_id:
            warnings.append(MESSAGES.reason("stale_row", other=closed_by, **place))
            continue
        gone = [name for name in answer.cells if name not in contract.by_name]
        warnings += [MESSAGES.reason("unknown_field", header=name, **place) for name in gone]
        living.append(answer)
    return living


def _table(
    original: Table,
    contract: Contract,
    delivery: Delivery,
    fields: list[str],
    warnings: list[Reason],
) -> Table:
    """The original's table, read from the answers: the same headers, so the same units."""
    titles = {f.name: f.title_zh for f in contract.fields}
    headers = {name: original.headers.get(name, titles[name]) for name in fields}
    return replace(original, file=delivery.file_name, headers=headers, warnings=tuple(warnings))


def _places(reading: Reading, answers: list[Answer]) -> None:
    """Rows of the repair are found in its workbook: a segment for each stretch of rows that lie together."""
    number = 0
    last: Answer | None = None
    for answer in answers:
        if answer.action == "withdraw":
            continue
        number += 1
        if last is None or (answer.sheet, answer.row) != (last.sheet, last.row + 1):
            reading.begin(answer.sheet, number, answer.row - number)
        reading.end(number)
        last = answer


def _enter(
    connection: sa.Connection,
    delivery: Delivery,
    of: Delivery,
    kept: list[Answer],
    withdrawn: list[Answer],
) -> None:
    number = {"d": delivery.delivery_id}
    connection.execute(sa.text("DELETE FROM ledger.repair WHERE delivery_id = :d"), number)
    rows = [
        {
            "d": delivery.delivery_id, "n": n, "o": of.delivery_id, "r": answer.row_no, "a": answer.action,
            "rules": list(answer.rules), "by": answer.by, "why": answer.reason,
        }
        for n, answer in [*enumerate(kept, 1), *((None, each) for each in withdrawn)]
    ]  # fmt: skip
    connection.execute(sa.text(sql_file("repair/enter.sql")), rows)
