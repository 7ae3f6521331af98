"""What a broken rule found, as the cell was sent: a clerk looks for 21.3.5 in the sheet, not for 2021-03-05."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sqlalchemy as sa

from etl.context import Context
from etl.contract import Contract
from etl.contract.key import is_key_rule
from etl.contract.model import Rule
from etl.database import run_file
from etl.errors import InputProblem
from etl.ledger import Delivery
from etl.repair.original import original_rows
from etl.stage.table import bad_table_name
from etl.values.faults import shown

MOST = 10_000
"""Rows; those after them show the value as it was read."""

_LARGE_WORKBOOK = 20_000
"""Rows; reading a larger one again would take as long as loading it: it shows values as they were read."""
_WORKBOOKS = (".xlsx", ".xls", ".ods")


def show(
    ctx: Context,
    connection: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    rules: Iterable[Rule],
) -> None:
    """Put the cells of the file in the place of the typed values in the table of bad rows.

    The file is read a second time, only when a rule was broken and up to the last such row.
    """
    name = (delivery.member or delivery.file_name).lower()
    if name.endswith(_WORKBOOKS) and (delivery.staged_rows or 0) > _LARGE_WORKBOOK:
        return
    columns = {rule.id: fields for rule in rules if (fields := _fields(rule, contract))}
    bad = bad_table_name(delivery.delivery_id)
    broken = run_file(
        connection, "validate/shown.sql", {"bad": bad}, rules=list(columns), most=MOST
    )
    rows = [(int(row.row_no), str(row.rule)) for row in broken]
    if not rows:
        return
    try:
        wanted = {row_no for row_no, _ in rows}
        original = original_rows(ctx, connection, delivery, contract, wanted).rows
    except InputProblem:  # the file has changed or gone; the values still say something
        return
    cells = [
        {"row_no": row_no, "rule": rule, "found": _cells(original[row_no], columns[rule])}
        for row_no, rule in rows
        if row_no in original
    ]
    names = ("row_no", "rule", "found")
    arrays = {f"{name}s": [cell[name] for cell in cells] for name in names}
    run_file(connection, "validate/as_sent.sql", {"bad": bad}, **arrays)


def _fields(rule: Rule, contract: Contract) -> tuple[str, ...]:
    """The fields whose cells a rule shows; none where one must not leave the archive, or for the key."""
    by_column = {field.column: field for field in contract.staged}
    fields = [by_column[column] for column in rule.columns if column in by_column]
    hidden = any(f.handling != "keep" or f.classification == "personal" for f in fields)
    return () if hidden or is_key_rule(rule, contract) else tuple(f.name for f in fields)


def _cells(row: Mapping[str, str | None], fields: tuple[str, ...]) -> str:
    return " | ".join(shown(text.strip()) for name in fields if (text := row.get(name)))
