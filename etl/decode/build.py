"""Rows that come as Python values, from small files only, made into batches."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import pyarrow as pa

from etl.decode.sieve import FIRST

ROWS = 4096
"""Rows of a batch made of Python values."""

Row = tuple[int, Sequence[Any]]
"""row_no and cells."""


def batches_of(rows: Iterable[Row], columns: Mapping[str, int | None]) -> Iterator[Any]:
    """Batches of rows whose cells are text or None; `columns` maps a field to its place in a row."""
    source = iter(rows)
    while chunk := list(islice(source, ROWS)):
        yield batch_of(chunk, columns)


def batch_of(chunk: Sequence[Row], columns: Mapping[str, int | None]) -> Any:
    """One batch."""
    cells = [row for _, row in chunk]
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
    return json.loads(text, parse_int=str, parse_float=str)
