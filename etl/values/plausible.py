"""Moments that nobody can have meant: loaded, since the source says so, but counted and told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract.model import RECEIVED, Field
from etl.reasons import Reason
from etl.values.faults import MESSAGES, shown
from etl.values.marks import without_notes


class Plausible:
    """Counts the values of one field outside its plausible range: a look at each column's ends is mostly all."""

    def __init__(self, field: Field, received: date) -> None:
        low, high = field.plausible or (None, None)
        self._field = field
        self._words = (low, str(received) if high == RECEIVED else high)
        self._low = _moment(low, field)
        last = received if high == RECEIVED else date.fromisoformat(high) if high else None
        self._end = _moment(str(last + timedelta(days=1)) if last else None, field)
        # As the numbers that Arrow has for them: compared once a batch, they cost nothing.
        self._first = -(2**63) if self._low is None else self._low.value
        self._beyond = 2**63 if self._end is None else self._end.value
        self._rows = 0
        self._row_no = 0
        self._example = ""

    def look(self, values: Any, row_no: Any, sent: Any) -> None:
        """One more batch of typed values, and of the same as they were sent."""
        if values.null_count == len(values):
            return
        ends = pc.min_max(values)
        if self._first <= ends["min"].value and ends["max"].value < self._beyond:
            return
        out = pa.array(np.zeros(len(values), bool))
        if self._low is not None:
            out = pc.or_(out, pc.less(values, self._low).fill_null(False))
        if self._end is not None:
            out = pc.or_(out, pc.greater_equal(values, self._end).fill_null(False))
        rows = np.flatnonzero(out.to_numpy(zero_copy_only=False))
        if not self._rows:
            self._row_no = row_no[int(rows[0])].as_py()
            self._example = sent[int(rows[0])].as_py()
        self._rows += len(rows)

    def reason(self) -> Reason | None:
        """The warning; None where nothing was out."""
        if not self._rows:
            return None
        low, high = self._words
        limits = f"{low or '…'} – {high or '…'}"
        reason = MESSAGES.reason(
            "implausible",
            column=self._field.name,
            header=self._field.title_zh,
            title_en=self._field.title_en,
            rows=self._rows,
            found=self._example,
            expected=limits,
            details={"row_no": self._row_no},
        )
        return replace(reason, code=f"plausible.{self._field.name}")


class Notes:
    """Counts the values of one field that were read without the mark of a note."""

    def __init__(self, field: Field) -> None:
        self._field = field
        self._rows = 0
        self._first: tuple[int, str] = (0, "")

    def add(self, rows: Any, text: str, row_no: Any) -> None:
        """These rows of a batch hold `text`."""
        if not len(rows):
            return
        if not self._rows:
            self._first = (row_no[int(rows[0])].as_py(), text)
        self._rows += len(rows)

    def reason(self) -> Reason | None:
        """The warning; None where there was no mark."""
        if not self._rows:
            return None
        row, text = self._first
        reason = MESSAGES.reason(
            "note_mark",
            column=self._field.name,
            header=self._field.title_zh,
            title_en=self._field.title_en,
            rows=self._rows,
            found=shown(text),
            value=without_notes(text),
            details={"row_no": row},
        )
        return replace(reason, code=f"note_mark.{self._field.name}")


def _moment(day: str | None, field: Field) -> Any:
    if day is None:
        return None
    first = date.fromisoformat(day)
    if field.type == "date":
        return pa.scalar(first, pa.date32())
    return pa.scalar(datetime.combine(first, time()), pa.timestamp("us"))
