"""Known faults of a source, put right in the staging table: applied, counted, kept, told.

A correction is applied while the source has what it expects; where it has something else by now, the
correction says so instead. What was changed is kept cell by cell (`ledger.correction`), so that a receipt can show it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from etl.contract import Contract
from etl.contract.model import Correction, Field
from etl.ledger import Delivery
from etl.quoting import identifier, string
from etl.reasons import Catalogue, Reason
from etl.stage.table import table_name

MESSAGES = Catalogue(__file__)

_READ: Mapping[str, Callable[[str], Any]] = {
    "integer": int,
    "number": float,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}


def apply_corrections(
    connection: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    period: str,
    *,
    tables_by: sa.Connection,
) -> list[Reason]:
    """Change the staged rows that confirmed corrections are about; returns what is to be told of them.

    `tables_by` is the connection that made the staging table: rules are judged by another one.
    Of a repair nothing: its rows were looked at by a person.
    """
    table = table_name(delivery.delivery_id)
    number = delivery.delivery_id
    connection.execute(
        sa.text("DELETE FROM ledger.correction WHERE delivery_id = :d"), {"d": number}
    )
    if delivery.repairs:
        return []
    reasons: list[Reason] = []
    applied: dict[str, int] = {}
    for correction in contract.corrections:
        if correction.status != "confirmed" or correction.period not in (None, period):
            continue
        there = _rows(tables_by, contract, correction, table)
        if not there:
            continue
        if correction.expires and delivery.received_at.date() > correction.expires:
            reasons.append(_told("correction_expired", correction, expires=correction.expires))
            continue
        fitting = [row for row in there if row["fits"]]
        for row in fitting:
            cells = _apply(tables_by, contract, correction, table, row)
            _keep(connection, delivery, correction, row["row_no"], cells)
        if fitting:
            applied[correction.id] = len(fitting)
        elif not all(_is_mended(row, correction) for row in there):
            found = "；".join(
                f"{name} {row['now'].get(name)}" for row in there for name in correction.expected
            )
            reasons.append(_told("correction_stale", correction, found=found))
        else:
            reasons.append(_told("correction_mended", correction))
    if applied:
        ids = "、".join(applied)
        told = MESSAGES.reason(
            "corrections_applied", rows=sum(applied.values()), ids=ids, details={"corrections": applied}
        )  # fmt: skip
        reasons.append(told)
    return reasons


def _told(code: str, correction: Correction, **facts: Any) -> Reason:
    return MESSAGES.reason(code, id=correction.id, why=correction.reason, by=correction.by, **facts)


def _rows(
    connection: sa.Connection, contract: Contract, correction: Correction, table: str
) -> list[Mapping[str, Any]]:
    """The staged rows with the correction's key: number, whether they are as it expects, and what they have."""
    values: dict[str, Any] = {}
    fields = contract.by_name
    keyed = " AND ".join(
        _same(fields[n], v, values, fault=False) for n, v in correction.key.items()
    )
    fits = " AND ".join(_same(fields[n], v, values) for n, v in correction.expected.items())
    names = {*correction.expected, *correction.values}
    now = ", ".join(f"{string(name)}, {_text(fields[name])}" for name in sorted(names))
    query = (
        f"SELECT s.row_no, {fits} AS fits, jsonb_build_object({now}) AS now, s.fault"
        f" FROM {table} AS s WHERE {keyed} ORDER BY s.row_no"
    )
    return [dict(row) for row in connection.execute(sa.text(query), values).mappings()]


def _same(field: Field, value: str | None, values: dict[str, Any], *, fault: bool = True) -> str:
    """SQL on `s`: that the cell holds this value, or, where it could not be read, that this is what was sent."""
    column = f"s.{identifier(field.column or field.name)}"
    if value is None:
        return f"({column} IS NULL)"
    name = f"v{len(values)}"
    values[name] = value
    sent = "EXISTS (SELECT FROM jsonb_array_elements(CAST(s.fault AS jsonb)) AS f"
    sent += f" WHERE f ->> 'column' = {string(field.name)} AND f ->> 'found' = :{name})"
    if not _is_readable(field, value):
        return sent if fault else "false"
    same = f"coalesce({column} = CAST(:{name} AS {field.pg_type}), false)"
    return f"({same} OR {sent})" if fault else same


def _text(field: Field) -> str:
    return f"s.{identifier(field.column or field.name)}::text"


def _is_readable(field: Field, value: str) -> bool:
    read = _READ.get(field.type)
    if read is None:
        return field.type != "boolean" or value.lower() in ("true", "false")
    try:
        return (
            math.isfinite(read(value)) if field.type in ("integer", "number") else bool(read(value))
        )
    except ValueError:
        return False


def _is_mended(row: Mapping[str, Any], correction: Correction) -> bool:
    return bool(correction.values) and all(
        row["now"].get(name) == value for name, value in correction.values.items()
    )


def _apply(
    tables_by: sa.Connection,
    contract: Contract,
    correction: Correction,
    table: str,
    row: Mapping[str, Any],
) -> dict[str, str | None]:
    """Change one row; returns what the source had in the cells that the correction is about."""
    faults = json.loads(row["fault"] or "[]")
    left = [f for f in faults if f.get("column") not in correction.values]
    if correction.action == "leaveOut":
        left.append(_told("left_out", correction).as_dict())
    values: dict[str, Any] = {
        "row": row["row_no"],
        "fault": json.dumps(left, ensure_ascii=False) if left else None,
    }
    setting = ""
    for name, value in correction.values.items():
        field, parameter = contract.by_name[name], f"c{len(values)}"
        setting += f", {identifier(field.column or name)} = CAST(:{parameter} AS {field.pg_type})"
        values[parameter] = value
    tables_by.execute(
        sa.text(f"UPDATE {table} SET fault = :fault{setting} WHERE row_no = :row"), values
    )
    sent = {f["column"]: f.get("found") for f in faults if f.get("column")}
    cells = correction.values or correction.expected
    return {name: sent.get(name, row["now"].get(name)) for name in cells}


def _keep(
    connection: sa.Connection,
    delivery: Delivery,
    correction: Correction,
    row_no: int,
    cells: Mapping[str, str | None],
) -> None:
    connection.execute(
        sa.text(
            "INSERT INTO ledger.correction"
            " (delivery_id, row_no, correction_id, field, action, found, value, said_by, reason)"
            " VALUES (:d, :r, :id, :field, :action, :found, :value, :by, :why)"
        ),
        [
            {
                "d": delivery.delivery_id,
                "r": row_no,
                "id": correction.id,
                "field": name,
                "action": correction.action,
                "found": found,
                "value": correction.values.get(name),
                "by": correction.by,
                "why": correction.reason,
            }
            for name, found in cells.items()
        ],
    )
