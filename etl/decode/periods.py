"""Several periods in one file: the period of each row, and the rows of one period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from etl.contract.model import Contract, PeriodSource
from etl.contract.period import Period, read_period
from etl.decode.problems import MESSAGES, DecodeProblem
from etl.decode.table import Reading
from etl.values.faults import fault

MOST = 120
"""Periods that one file may hold: it is read once for each."""

_NONE = -1


class RowPeriods:
    """The period of each row, by the contract's source that says so; learnt batch by batch, in `periods`."""

    def __init__(
        self, contract: Contract, source: PeriodSource, reading: Reading, file_name: str
    ) -> None:
        self._contract = replace(contract, period=(source,))
        self._source = source
        self._reading = reading
        self._file_name = file_name
        self._numbers: dict[Period, int] = {}
        self._known: dict[tuple[str, str], int] = {}
        self._sheets: dict[str | None, int] = {}
        self.field = source.field if source.source == "column" else None

    @property
    def periods(self) -> list[Period]:
        """The periods of the rows so far, in order of time."""
        return sorted(self._numbers)

    def number(self, period: Period) -> int:
        """The number that stands for a period in what `of` gives."""
        return self._numbers.get(period, len(self._numbers))

    def of_sheet(self, sheet: str | None) -> int | None:
        """The number of a sheet's period; None where rows say theirs, or a sheet without any."""
        return self._sheets.get(sheet)

    def of(self, batch: Any) -> Any:
        """A number a row (numpy), the same for rows of one period; -1 where none can be read."""
        if self.field is None:
            segment = self._reading.segment_of(batch["row_no"][0].as_py())
            number = self._read(segment.sheet or "", segment.title, "")
            self._sheets[segment.sheet] = number
            return np.full(batch.num_rows, number)
        if self.field not in batch.schema.names:
            return np.full(batch.num_rows, _NONE)
        column = batch[self.field]
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        numbers = [self._read("", "", text or "") for text in column.dictionary.to_pylist()]
        indices = column.indices.fill_null(len(numbers)).to_numpy()
        return np.array([*numbers, _NONE])[indices]

    def _read(self, sheet: str, title: str, cell: str) -> int:
        place = (sheet + "\n" + title, cell)
        if place not in self._known:
            period = read_period(
                self._contract,
                file_name=self._file_name,
                sheet_name=sheet,
                title=title,
                first_values={self.field: cell} if self.field else {},
                received=date.min,
            )
            known = (
                _NONE if period is None else self._numbers.setdefault(period, self.number(period))
            )
            self._known[place] = known
        return self._known[place]


def periods_of(
    rows: Iterable[Any], row_periods: RowPeriods, reading: Reading, *, whole: bool
) -> list[Period]:
    """The periods that a file's rows tell of, in order of time.

    Raises a problem where there are none or too many, and, if the file is `whole` (a full snapshot, which says what
    is not there any more), where the period of one row cannot be read: it might be of any.
    """
    for batch in rows:
        unread = np.flatnonzero(row_periods.of(batch) == _NONE)
        if len(unread) and (whole or not row_periods.field):
            raise _unread(batch, int(unread[0]), row_periods, reading)
        if len(row_periods.periods) > MOST:
            raise DecodeProblem("too_many_periods", file=reading.table.file, expected=f"≤ {MOST}")
    if not row_periods.periods:
        raise _unread(None, 0, row_periods, reading)
    return row_periods.periods


def rows_of(
    rows: Iterable[Any], row_periods: RowPeriods, reading: Reading, period: Period
) -> Iterator[Any]:
    """The rows of one period; the last period also gets, with a fault, those whose period cannot be read.

    What was told of a sheet, and its totals, are for that sheet's period; the totals of rows that say theirs
    count in the first.
    """
    left: list[Any] = []
    empty = True
    for batch in rows:
        numbers = row_periods.of(batch)
        mine = batch.filter(pa.array(numbers == row_periods.number(period)))
        if mine.num_rows:
            empty = False
            yield mine
        unread = batch.filter(pa.array(numbers == _NONE))
        if unread.num_rows:
            left.append(unread)
    if empty:
        raise DecodeProblem(
            "no_rows_of_period", file=reading.table.file, expected=f"{period.start}..{period.end}"
        )
    periods = row_periods.periods
    if period == periods[-1]:
        for batch in left:
            _note(batch, row_periods, reading, "row_period_unreadable")
            yield batch
    own = row_periods.number(period)
    first = row_periods.number(periods[0])
    for sheet in list(reading.totals):
        number = row_periods.of_sheet(sheet)
        if (first if number is None else number) != own:
            del reading.totals[sheet]
    reading.warnings = [
        each
        for each in reading.warnings
        if each.sheet is None or row_periods.of_sheet(each.sheet) in (None, own)
    ]


def only_of(
    rows: Iterable[Any], row_periods: RowPeriods, reading: Reading, period: Period
) -> Iterator[Any]:
    """All rows; those of another period than this one with a fault."""
    for batch in rows:
        numbers = row_periods.of(batch)
        others = batch.filter(pa.array(numbers != row_periods.number(period)))
        _note(others, row_periods, reading, "other_period", period=f"{period.start}..{period.end}")
        yield batch


def _note(batch: Any, row_periods: RowPeriods, reading: Reading, code: str, **told: str) -> None:
    reason = MESSAGES.reason(code, **told)
    texts = batch[row_periods.field].to_pylist() if row_periods.field in batch.schema.names else []
    for at, row_no in enumerate(batch["row_no"].to_pylist()):
        found = (texts[at] or "") if texts else ""
        reading.faults.add(row_no, fault(row_periods.field or "", found, reason))


def _unread(batch: Any, row: int, row_periods: RowPeriods, reading: Reading) -> DecodeProblem:
    field = row_periods.field
    by_name = reading.table.contract.by_name
    row_no = batch["row_no"][row].as_py() if batch is not None else 1
    segment = reading.segment_of(row_no)
    found = batch[field][row].as_py() if batch is not None and field in batch.schema.names else None
    return DecodeProblem(
        "period_of_row_unreadable",
        file=reading.table.file,
        sheet=segment.sheet,
        row=row_no + segment.row_offset,
        header=by_name[field].title_zh if field and field in by_name else None,
        found=found or segment.sheet,
    )
