"""Typed batches in PostgreSQL's binary COPY format, built column-wise.

Binary rather than CSV: the server then parses no text, which halves its part of the
work, and NULL, quotes, line ends and backslashes need no convention at all.
`copy_header() + to_copy(batch)... + copy_trailer()` is one COPY; the columns have to be
named, as in `copy_statement`, since they are in the batch's order and not in the table's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from etl.quoting import identifiers
from etl.values.text import raw
from etl.values.zones import to_utc

_EPOCH_DAYS = 10_957  # 2000-01-01, from which PostgreSQL counts
_EPOCH_MICROSECONDS = _EPOCH_DAYS * 86_400_000_000
_NULL = b"\xff\xff\xff\xff"


def copy_statement(table: str, columns: Iterable[str], *, fresh: bool = False) -> str:
    """The COPY statement for `table`, a name already quoted where it has to be.

    `fresh`: the table was created or truncated in the same transaction and nobody else
    reads it yet; its rows are then written as settled (FREEZE), and no later reader has
    to find out whether they are and to write that down.
    """
    return f"COPY {table} ({identifiers(columns)}) FROM STDIN (FORMAT binary{', FREEZE' if fresh else ''})"


def copy_header() -> bytes:
    """What a binary COPY begins with."""
    return b"PGCOPY\n\xff\r\n\0" + bytes(8)


def copy_trailer() -> bytes:
    """What a binary COPY ends with."""
    return b"\xff\xff"


def to_copy(batch: Any, *, zone: str = "Asia/Shanghai", earlier: Any = None) -> Any:
    """The rows of a batch, as a buffer; timestamps are local times of `zone`.

    `earlier`: for timestamp columns, the first hour of two that the clock showed is meant where it is true.
    """
    rows = batch.num_rows
    if not rows:
        return pa.py_buffer(b"")
    parts: list[Any] = []
    fixed = _Fixed(rows)
    fixed.constant(batch.num_columns, ">i2")
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if column.null_count == rows:
            fixed.constant(-1, ">i4")
        elif pa.types.is_string(column.type):
            fixed.column(_lengths(column))
            parts += [*fixed.parts(), _octets(column)]
        elif pa.types.is_dictionary(column.type):
            parts += [*fixed.parts(), _from_dictionary(column)]
        else:
            first = earlier is not None and pa.types.is_timestamp(column.type)
            fixed.field(*_as_number(column, zone, earlier[name] if first else None))
    parts += fixed.parts()
    return _content(parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, b""))


def to_csv(batch: Any) -> Any:
    """The rows as CSV for people and tests: NULL is empty, text is quoted."""
    sink = pa.BufferOutputStream()
    pv.write_csv(batch, sink, pv.WriteOptions(include_header=False, quoting_style="needed"))
    return sink.getvalue()


class _Fixed:
    """Neighbouring pieces of fixed width, as one matrix of bytes: lengths and numbers."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._pieces: list[tuple[Any, str]] = []
        self._gaps: list[tuple[int, Any]] = []

    def constant(self, value: int, kind: str) -> None:
        """The same number in every row."""
        self._pieces.append((value, kind))

    def column(self, values: Any) -> None:
        """One number a row."""
        self._pieces.append((values, values.dtype.newbyteorder(">").str))

    def field(self, values: Any, missing: Any) -> None:
        """A whole field: its length, then its value unless it is missing."""
        size = values.dtype.itemsize
        self.column(
            np.int32(size) if missing is None else np.where(missing, np.int32(-1), np.int32(size))
        )
        if missing is not None:
            self._gaps.append((len(self._pieces), missing))
        self.column(values)

    def parts(self) -> list[Any]:
        """The pieces so far as an Arrow column, if there are any; starts anew."""
        if not self._pieces:
            return []
        kind = np.dtype([(f"p{n}", form) for n, (_, form) in enumerate(self._pieces)])
        matrix: Any = np.empty(self._rows, kind)
        for number, (values, _) in enumerate(self._pieces):
            matrix[f"p{number}"] = values
        octets: Any = matrix.view(np.uint8).reshape(self._rows, kind.itemsize)
        sizes: Any = np.full(self._rows, kind.itemsize, np.int32)
        if self._gaps:
            keep: Any = np.ones(octets.shape, bool)
            places: Any = kind.fields
            for number, missing in self._gaps:
                inner, start = places[f"p{number}"][:2]
                keep[missing, start : start + inner.itemsize] = False
                sizes[missing] -= inner.itemsize
            octets = octets[keep]
        self._pieces, self._gaps = [], []
        return [_binary(self._rows, sizes, octets)]


def _as_number(column: Any, zone: str, earlier: Any) -> tuple[Any, Any]:
    """The values as PostgreSQL stores them, and where they are null."""
    kind, missing = column.type, None
    if column.null_count:
        missing = column.is_null().to_numpy(zero_copy_only=False)
    if pa.types.is_timestamp(kind):
        return to_utc(column, zone, earlier) - _EPOCH_MICROSECONDS, missing
    if pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
        kind = column.type
    values = np.frombuffer(
        column.buffers()[1], kind.to_pandas_dtype() if not pa.types.is_date32(kind) else np.int32
    )
    values = values[column.offset : column.offset + len(column)]
    return values - np.int32(_EPOCH_DAYS) if pa.types.is_date32(kind) else values, missing


def _lengths(column: Any) -> Any:
    sizes = np.diff(raw(column)[1])
    if column.null_count:
        sizes[column.is_null().to_numpy(zero_copy_only=False)] = -1
    return sizes


def _octets(column: Any) -> Any:
    return (column.fill_null("") if column.null_count else column).cast(pa.binary())


def _from_dictionary(column: Any) -> Any:
    words = column.dictionary
    fixed = _Fixed(len(words))
    fixed.column(_lengths(words))
    table = [pc.binary_join_element_wise(*fixed.parts(), _octets(words), b"")]
    if not column.null_count:
        return table[0].take(column.indices)
    table.append(pa.array([_NULL], pa.binary()))
    return pa.concat_arrays(table).take(column.indices.fill_null(len(words)))


def _binary(rows: int, sizes: Any, octets: Any) -> Any:
    offsets: Any = np.zeros(rows + 1, np.int32)
    np.cumsum(sizes, out=offsets[1:])
    return pa.Array.from_buffers(
        pa.binary(), rows, [None, pa.py_buffer(offsets), pa.py_buffer(octets)]
    )


def _content(array: Any) -> Any:
    _, bounds, data = array.buffers()
    offsets = np.frombuffer(bounds, np.int32)
    first, last = int(offsets[array.offset]), int(offsets[array.offset + len(array)])
    return data.slice(first, last - first)
