"""Rows that come as Python values, from small files only, made into batches."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from etl.decode.table import FIRST, Reading
from etl.values.faults import HALF_CELL, HIDDEN, fault

ROWS = 4096
"""Rows of a batch made of Python values."""

Row = tuple[int, Sequence[Any]]
"""row_no and cells."""

_HALF = re.compile("[\ud800-\udfff]")


def batches_of(
    rows: Iterable[Row], columns: Mapping[str, int | None], reading: Reading
) -> Iterator[Any]:
    """Batches of rows whose cells are text or None; `columns` maps a field to its place in a row."""
    source = iter(rows)
    while chunk := list(islice(source, ROWS)):
        yield batch_of(chunk, columns, reading)


def batch_of(chunk: Sequence[Row], columns: Mapping[str, int | None], reading: Reading) -> Any:
    """One batch; half a character, which JSON can spell and nothing can hold, is a fault of its row."""
    try:
        return _batch([row for _, row in chunk], chunk, columns)
    except UnicodeEncodeError:
        return _batch(_without_halves(chunk, columns, reading), chunk, columns)


def _batch(
    cells: Sequence[Sequence[Any]], chunk: Sequence[Row], columns: Mapping[str, int | None]
) -> Any:
    arrays = [
        pa.array([number for number, _ in chunk], pa.int32()),
        pa.array([next((c for c in row if c), None) for row in cells], pa.string()),
    ]
    for place in columns.values():
        if place is None:
            arrays.append(pa.nulls(len(chunk), pa.string()))
        else:
            arrays.append(pa.array([row[place] or None for row in cells], pa.string()))
    return pa.record_batch(arrays, names=["row_no", FIRST, *columns])


def _without_halves(
    chunk: Sequence[Row], columns: Mapping[str, int | None], reading: Reading
) -> list[list[Any]]:
    by_name = reading.table.contract.by_name
    rows: list[list[Any]] = []
    for number, row in chunk:
        cells = list(row)
        for place, text in enumerate(cells):
            if not isinstance(text, str) or not _HALF.search(text):
                continue
            cells[place] = None
            for name in (name for name, at in columns.items() if at == place):
                field = by_name[name]
                hidden = field.classification == "personal" or field.handling != "keep"
                reading.faults.add(number, fault(name, HIDDEN if hidden else text, HALF_CELL))
        rows.append(cells)
    return rows


def json_text(value: Any) -> str | None:
    """A JSON value as a cell's text; numbers were kept as they are written."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def flatten(record: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested objects as one level: {"a": {"b": 1}} has the column a.b."""
    flat: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def load_json(text: str | bytes) -> Any:
    """JSON with every number as the text that stands there: long ids keep all their digits."""
    return json.loads(text, parse_int=str, parse_float=str, strict=False)
