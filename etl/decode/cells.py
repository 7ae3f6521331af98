"""The cells of a sheet as text: dates as ISO, numbers as they read, merged cells filled, damage told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
from python_calamine import CalamineSheet

from etl.decode.astext import LONGEST_EXACT
from etl.decode.build import ROWS
from etl.decode.damage import Damage
from etl.decode.header import Header
from etl.decode.table import FIRST, Reading
from etl.reasons import Reason
from etl.values.faults import ERROR_CELL, FORMULA_CELL, LONG_NUMBER_CELL, fault
from etl.values.text import trim

_HAIR = 1_000
"""Microseconds."""


@dataclass
class Sheet:
    """A sheet that holds data."""

    name: str
    rows: CalamineSheet
    header: Header
    damage: Damage


def read_sheets(reading: Reading, sheets: list[Sheet]) -> Iterator[Any]:
    """Batches of all sheets, one after the other; each is let go when it is read."""
    next_row = 1
    while sheets:
        sheet = sheets.pop(0)
        start = sheet.header.end
        reading.begin(sheet.name, next_row, start + 1 - next_row)
        reader = _Reader(reading, sheet, start, next_row)
        yield from reader.batches()
        next_row = reader.next_row
        reading.end(next_row - 1)


class _Reader:
    """The data rows of one sheet."""

    def __init__(self, reading: Reading, sheet: Sheet, start: int, first_row_no: int) -> None:
        self._reading = reading
        self._sheet = sheet
        self._start = start
        self._left = left_of(sheet.rows)
        self._columns = {name: sheet.header.columns.get(name) for name in reading.table.wanted}
        self._fields = {place: name for name, place in self._columns.items() if place is not None}
        self._types = {each.name: each.type for each in reading.table.contract.fields}
        self._first_row_no = first_row_no
        self.next_row = first_row_no

    def batches(self) -> Iterator[Any]:
        """All of them."""
        rows = islice(self._sheet.rows.iter_rows(), self._start, None)
        merges = _vertical(self._sheet.rows, self._start, self._left)
        source = _filled(rows, merges, self._start) if merges else rows
        while chunk := list(islice(source, ROWS)):
            yield self._batch(chunk)

    def _batch(self, chunk: list[list[Any]]) -> Any:
        row_no = range(self.next_row, self.next_row + len(chunk))
        cells = list(zip(*chunk, strict=True))
        arrays = {
            name: pa.nulls(len(chunk), pa.string())
            if place is None
            else self._column(name, cells[place])
            for name, place in self._columns.items()
        }
        lead = min(self._fields)
        if lead:
            first = [next((t for c in row[: lead + 1] if (t := text_of(c))), None) for row in chunk]
            leading = pa.array(first, pa.string())
        else:
            leading = arrays[self._fields[0]]
        self._damaged(row_no)
        self.next_row += len(chunk)
        return pa.record_batch(
            [pa.array(row_no, pa.int32()), leading, *arrays.values()],
            names=["row_no", FIRST, *arrays],
        )

    def _column(self, name: str, cells: tuple[Any, ...]) -> Any:
        kinds = set(map(type, cells))
        if kinds == {str}:
            return trim(pa.array(cells, pa.string()))
        if (
            self._types[name] == "timestamp"
            and kinds <= {str, dt.date, dt.datetime}
            and not any(type(cell) is str and cell for cell in cells)
        ):
            return _moments(cells)
        texts = [text_of(cell) for cell in cells]
        if float in kinds:
            for row, cell in enumerate(cells):
                if type(cell) is float and abs(cell) >= LONGEST_EXACT:
                    # Excel keeps 15 digits; what followed is gone for good.
                    self._fault(self.next_row + row, name, str(texts[row]), LONG_NUMBER_CELL)
                    texts[row] = None
        return pa.array(texts, pa.string())

    def _damaged(self, row_no: range) -> None:
        """Faults of cells that look empty and are not."""
        damage = self._sheet.damage
        shift = self._start - self._first_row_no
        for row, column in damage.formulas:
            name = self._fields.get(column - self._left)
            if name and row - shift in row_no:
                self._fault(row - shift, name, "=", FORMULA_CELL)
        for (row, column), text in damage.errors.items():
            name = self._fields.get(column - self._left)
            if name and row - shift in row_no:
                self._fault(row - shift, name, text, ERROR_CELL)

    def _fault(self, row_no: int, name: str, cell: str, reason: Reason) -> None:
        self._reading.faults.add(row_no, fault(name, cell, reason))


def text_of(cell: Any) -> str | None:
    """A cell as text: dates as ISO, whole numbers without .0, blank as None."""
    kind = type(cell)
    if kind is str:
        return cell if cell and not cell.isspace() else None
    if kind is float:
        if cell.is_integer() and abs(cell) < LONGEST_EXACT:
            return str(int(cell))
        return repr(cell)
    if kind is bool:
        return "true" if cell else "false"
    if kind is dt.datetime:
        return str(_to_second(cell))
    return None if cell is None else str(cell)


def _moments(cells: tuple[Any, ...]) -> Any:
    """A column of dates and times as text."""
    # calamine gives midnight as a date.
    midnight = dt.time()
    moments = pa.array(
        [
            cell
            if type(cell) is dt.datetime
            else dt.datetime.combine(cell, midnight)
            if cell
            else None
            for cell in cells
        ],
        pa.timestamp("us"),
    )
    micro = moments.cast(pa.int64()).fill_null(0).to_numpy()
    rest = micro % 1_000_000
    if ((rest > _HAIR) & (rest < 1_000_000 - _HAIR)).any():
        return pa.array([text_of(cell) for cell in cells], pa.string())
    seconds = pa.array((micro + 500_000) // 1_000_000, mask=moments.is_null().to_numpy(False))
    return seconds.cast(pa.timestamp("s")).cast(pa.string())


def _to_second(moment: dt.datetime) -> dt.datetime:
    """Excel counts in fractions of a day, which miss the second by a hair."""
    rest = moment.microsecond
    if _HAIR < rest < 1_000_000 - _HAIR:
        return moment
    return moment.replace(microsecond=0) + dt.timedelta(seconds=rest > 500_000)


Fill = dict[int, list[tuple[int, int]]]
"""First row of a vertical merge: its column, its last row."""


def _vertical(sheet: CalamineSheet, start: int, left: int) -> Fill:
    fills: Fill = {}
    for (first_row, first_column), (last_row, _) in sheet.merged_cell_ranges or ():
        if first_row >= start and last_row > first_row and first_column >= left:
            fills.setdefault(first_row, []).append((first_column - left, last_row))
    return fills


def _filled(rows: Iterator[list[Any]], fills: Fill, start: int) -> Iterator[list[Any]]:
    """Rows in which a cell merged over several rows says its value in each of them."""
    active: dict[int, tuple[Any, int]] = {}
    for number, row in enumerate(rows, start):
        for column, (value, last) in list(active.items()):
            if number > last:
                del active[column]
            else:
                row[column] = value
        for column, last in fills.get(number, ()):
            active[column] = (row[column], last)
        yield row


def left_of(sheet: CalamineSheet) -> int:
    """The sheet's first column: rows are counted from the top, cells from the first that is used."""
    return sheet.start[1] if sheet.start else 0
