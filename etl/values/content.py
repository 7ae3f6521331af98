"""A hash of what a delivery says, however it was written: the same for a CSV and for an XLSX."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pyarrow as pa

from etl.values.text import raw

_SKIPPED = frozenset({"row_no"})
_LONG = 254
_MISSING = 255


class ContentHash:
    """Content of typed batches and their faults, independent of their boundaries and of row numbers.

    The order of rows counts, the order of columns does not. A column without a value
    counts as no column, so that an empty optional column changes nothing.
    """

    def __init__(self) -> None:
        self._columns: dict[str, _Column] = {}
        self._rows: dict[str, int] = {}
        self._earlier: dict[str, list[bytes]] = {}
        self._total = 0

    def update(self, narrow: Any, text: Any = None, earlier: Any = None) -> None:
        """Add the next rows: the narrow batch and, where there are, the text and which hours are earlier ones."""
        for name, hours in (
            zip(earlier.schema.names, earlier.columns, strict=True) if earlier else ()
        ):
            rows: Any = np.flatnonzero(hours.is_valid()) + self._total
            self._earlier.setdefault(name, []).append(rows.astype("<i8").tobytes())
        self._total += narrow.num_rows
        for batch in (narrow, text):
            if batch is None:
                continue
            for name, values in zip(batch.schema.names, batch.columns, strict=True):
                if name in _SKIPPED:
                    continue
                before = self._rows.get(name, 0)
                self._rows[name] = before + len(values)
                if name in self._columns:
                    self._columns[name].update(values)
                elif values.null_count < len(values):
                    self._columns[name] = column = _Column()
                    column.missing(before)
                    column.update(values)

    def hexdigest(self) -> str:
        """The hash of all rows so far."""
        total = hashlib.sha256()
        total.update(str(max(self._rows.values(), default=0)).encode())
        for name in sorted(self._columns):
            total.update(b"\0" + name.encode() + b"\0" + self._columns[name].digest())
        for name in sorted(self._earlier):
            total.update(b"\0#earlier\0" + name.encode() + b"\0" + b"".join(self._earlier[name]))
        return total.hexdigest()


class _Column:
    """Three streams, which together say the values without separators: sizes, long sizes, bytes.

    A size is one byte: 255 for null, 254 where the long size follows in its own stream.
    """

    def __init__(self) -> None:
        self._sizes = hashlib.sha256()
        self._long = hashlib.sha256()
        self._octets = hashlib.sha256()

    def missing(self, rows: int) -> None:
        """So many nulls."""
        self._sizes.update(bytes([_MISSING]) * rows)

    def update(self, values: Any) -> None:
        """The next values."""
        if pa.types.is_dictionary(values.type):
            values = values.cast(pa.string())
        absent = None
        if values.null_count:
            absent = values.is_null().to_numpy(zero_copy_only=False)
        if pa.types.is_string(values.type):
            data, offsets = raw(values.fill_null("") if absent is not None else values)
            lengths = np.diff(offsets)
            sizes = np.minimum(lengths, _LONG).astype(np.uint8)
            self._long.update(lengths[lengths >= _LONG].astype("<i4").tobytes())
        else:
            data = _numbers(values.drop_null() if absent is not None else values)
            sizes = np.full(len(values), data.itemsize, np.uint8)
        if absent is not None:
            sizes[absent] = _MISSING
        self._sizes.update(sizes.data)
        self._octets.update(data.data)

    def digest(self) -> bytes:
        """All three."""
        return self._sizes.digest() + self._long.digest() + self._octets.digest()


def _numbers(values: Any) -> Any:
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    elif pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
    elif pa.types.is_date32(values.type):
        values = values.cast(pa.int32())
    plain = values.to_numpy()
    return np.ascontiguousarray(plain.astype(plain.dtype.newbyteorder("<"), copy=False))
