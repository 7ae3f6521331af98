"""A table's rows: what its reader gives, without what is no data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from etl.decode.problems import DecodeProblem
from etl.decode.sieve import Sieve
from etl.decode.table import Reading


def batches(reading: Reading) -> Iterator[Any]:
    """RecordBatches: row_no (int32), then a column a field of `wanted`: text as sent, null for empty.

    `row_no` counts the places of data rows over all sheets from 1; blank rows, totals and
    footnotes leave gaps, so that a row is found again in its file. Columns of few values may be
    dictionaries. Fields that the contract drops are not read at all. What is told on the way is
    complete in `reading` when this has ended. Raises a problem where the file turns out broken,
    also half way through.
    """
    if reading.segments:
        raise RuntimeError("a table is read once")
    sieve = Sieve(reading)
    empty = True
    for batch in reading.table.reader(reading):
        for kept in sieve(batch):
            if kept.num_rows:
                empty = False
                yield kept
    for kept in sieve.finish():
        if kept.num_rows:
            empty = False
            yield kept
    if empty:
        raise DecodeProblem("no_rows", file=reading.table.file, found="0", expected="≥ 1")
