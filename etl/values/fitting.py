"""Whether typed values fit the star's own columns: one look at a whole column, at single rows only where it says no."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract.limits import Limit
from etl.contract.model import Field
from etl.reasons import Reason
from etl.values.convert import Bad, Converted, Converter
from etl.values.faults import out_of_range, too_long
from etl.values.text import Cells, mask_of


@dataclass(frozen=True)
class Fitting:
    """A converter of numbers that makes a fault of each number beyond its limits."""

    convert: Converter
    limit: Limit | None
    field: Field

    def __call__(self, values: Any) -> Converted:
        """The typed column and its faults."""
        typed, bad = self.convert(values)
        if self.limit is None or self.limit.low is None or self.limit.high is None:
            return typed, bad
        if any(expected.code == "range" for _, _, expected in bad):
            bad = [
                (rows, text, self._expected if expected.code == "range" else expected)
                for rows, text, expected in bad
            ]
        low, high = self._limits
        ends = pc.min_max(typed)
        if not ends["min"].is_valid or (low <= ends["min"].as_py() and ends["max"].as_py() <= high):
            return typed, bad
        out = pc.or_(pc.less(typed, low), pc.greater(typed, high)).fill_null(False)
        rows = np.flatnonzero(out.to_numpy(zero_copy_only=False))
        bad = bad + [
            (rows[i : i + 1], values[int(r)].as_py(), self._expected) for i, r in enumerate(rows)
        ]
        return pc.if_else(out, pa.scalar(None, typed.type), typed), bad

    @cached_property
    def _limits(self) -> tuple[Any, Any]:
        low, high = self.limit.low, self.limit.high  # type: ignore[union-attr]
        return (low, high) if self.field.type == "integer" else (float(low), float(high))  # type: ignore[arg-type]

    @cached_property
    def _expected(self) -> Reason:
        """The contract's own range where that is the narrower one: it says more to a clerk."""
        low, high = self._limits
        own_low, own_high = self.field.minimum, self.field.maximum
        return out_of_range(
            low if own_low is None else max(low, own_low),
            high if own_high is None else min(high, own_high),
        )


def fits_text(cells: Cells, limit: Limit | None) -> tuple[Cells, Bad]:
    """The column without the texts that are too long, and these as faults."""
    if limit is None or not len(cells.lengths):
        return cells, []
    # A text never has more characters than bytes.
    most = limit.most_bytes or limit.most_characters or 0
    if not most or int(cells.lengths.max()) <= most:
        return cells, []
    rows = np.flatnonzero(cells.lengths > most)
    if limit.most_bytes is None:
        characters = pc.utf8_length(cells.values.take(pa.array(rows))).fill_null(0)
        rows = rows[characters.to_numpy() > most]
        if not len(rows):
            return cells, []
    expected = too_long(most, octets=limit.most_bytes is not None)
    bad = [
        (rows[i : i + 1], cells.values[int(row)].as_py(), expected) for i, row in enumerate(rows)
    ]
    return Cells(pc.if_else(pa.array(~mask_of(len(cells.values), rows)), cells.values, None)), bad
