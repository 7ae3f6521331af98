"""Columns of any type as the text that a CSV of them would hold."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.values.text import filled

LONGEST_EXACT = 1e15
"""From here on a floating-point number no longer tells one id from the next."""


def as_text(values: Any, zone: str | None) -> tuple[Any, list[tuple[int, str]]]:
    """A column of any type as text, and the rows whose number is too long to be an id.

    Moments become local times of the zone; without one they say that they are UTC.
    """
    kind = values.type
    if pa.types.is_dictionary(kind):
        values, kind = values.dictionary_decode(), kind.value_type
    if pa.types.is_timestamp(kind):
        return _moments(values, zone), []
    if pa.types.is_floating(kind):
        return _numbers(values.cast(pa.float64()))
    if pa.types.is_nested(kind):
        texts = [
            None if v is None else json.dumps(v, ensure_ascii=False, default=str)
            for v in values.to_pylist()
        ]
        return pa.array(texts, pa.string()), []
    # By way of binary, since Parquet does not look whether text is UTF-8.
    octets = values.cast(pa.binary()) if pa.types.is_string(kind) else values
    return filled(octets.cast(pa.string())), []


def _numbers(values: Any) -> tuple[Any, list[tuple[int, str]]]:
    values = pc.if_else(pc.is_nan(values), None, values)
    whole = pc.equal(values, pc.floor(values)).fill_null(True)
    long = pc.greater_equal(pc.abs(values), LONGEST_EXACT).fill_null(False)
    if not pc.any(long).as_py() and pc.all(whole).as_py():
        return values.cast(pa.int64()).cast(pa.string()), []
    # Arrow would write 110115001000 as 1.10115001e+11.
    numbers = values.to_pylist()
    texts = [
        None if n is None else str(int(n)) if abs(n) < LONGEST_EXACT and n.is_integer() else repr(n)
        for n in numbers
    ]
    rows = np.flatnonzero(long.to_numpy(zero_copy_only=False)).tolist()
    for row in rows:
        texts[row] = None
    return pa.array(texts, pa.string()), [(row, repr(numbers[row])) for row in rows]


def _moments(values: Any, zone: str | None) -> Any:
    known = values.type.tz is not None
    if known:
        values = pc.local_timestamp(values.cast(pa.timestamp(values.type.unit, zone or "UTC")))
    seconds = pc.floor_temporal(values, unit="second")
    if pc.all(pc.equal(seconds, values)).as_py() is not False:
        values = seconds.cast(pa.timestamp("s"))
    else:
        values = values.cast(pa.timestamp("us"), safe=False)
    texts = values.cast(pa.string())
    return texts if zone or not known else pc.binary_join_element_wise(texts, "Z", "")
