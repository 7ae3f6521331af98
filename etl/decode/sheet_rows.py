"""The data rows of spreadsheets as batches: merged cells filled, damage told, hidden and struck-out rows counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineSheet

from etl.contract.model import Field
from etl.decode.astext import LONGEST_EXACT
from etl.decode.build import ROWS
from etl.decode.cells import MERGED_FIGURE, figure, is_figure, moments, shown, stored
from etl.decode.header import Header
from etl.decode.marks import Formats, Marks, Place
from etl.decode.problems import warning
from etl.decode.table import FIRST, Reading
from etl.reasons import Reason
from etl.values.faults import ERROR_CELL, FORMULA_CELL, LONG_NUMBER_CELL, fault
from etl.values.numbers import header_scale
from etl.values.text import normalise, trim

_LONGEST = 80
Merge = tuple[tuple[int, int], tuple[int, int]]
"""First and last place."""


@dataclass
class Sheet:
    """A sheet that holds data."""

    name: str
    rows: CalamineSheet
    header: Header
    marks: Marks
    formats: Formats
    merges: list[Merge]
    epoch: dt.date
    """Day 0 of its count of days."""
    texts: Mapping[Place, str] = field(default_factory=dict)
    """What is read of rich texts, which calamine flattens."""

    @property
    def left(self) -> int:
        """Its first column: rows are counted from the top, cells from the first that is used."""
        return left_of(self.rows)


def left_of(rows: CalamineSheet) -> int:
    """The first column that is used."""
    return rows.start[1] if rows.start else 0


def rows_of(rows: CalamineSheet, texts: Mapping[Place, str]) -> Iterator[list[Any]]:
    """The rows of a sheet with these texts for calamine's."""
    if not texts:
        return iter(rows.iter_rows())
    return _with(rows, texts)


def _with(rows: CalamineSheet, texts: Mapping[Place, str]) -> Iterator[list[Any]]:
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), text in texts.items():
        by_row.setdefault(row, {})[column - left_of(rows)] = text
    for number, row in enumerate(rows.iter_rows()):
        for place, text in by_row.get(number, {}).items():
            if 0 <= place < len(row):
                row[place] = text
        yield row


def read_sheets(reading: Reading, sheets: list[Sheet]) -> Iterator[Any]:
    """Batches of all sheets, one after the other; each is let go when it is read."""
    next_row = 1
    while sheets:
        sheet = sheets.pop(0)
        reading.begin(sheet.name, next_row, sheet.header.end + 1 - next_row, sheet.header.title)
        reader = _Reader(reading, sheet, next_row)
        yield from reader.batches()
        next_row = reader.next_row
        reading.end(next_row - 1)


class _Reader:
    """The data rows of one sheet."""

    def __init__(self, reading: Reading, sheet: Sheet, first_row_no: int) -> None:
        table = reading.table
        self._reading = reading
        self._sheet = sheet
        self._options = table.contract.file
        self._start = sheet.header.end
        by_name = table.contract.by_name
        self._columns = [(by_name[name], sheet.header.columns.get(name)) for name in table.wanted]
        self._fields = {place: each for each, place in self._columns if place is not None}
        self._scales = {
            each.name: header_scale(normalise(table.headers[each.name]))
            for each, _ in self._columns
        }
        self._first_row_no = first_row_no
        self.next_row = first_row_no
        self._hidden = self._struck = self._partly_struck = 0
        self._struck_runs: list[str] = []
        """Of each row with such a text, the first."""

    def batches(self) -> Iterator[Any]:
        """All of them."""
        rows = islice(rows_of(self._sheet.rows, self._sheet.texts), self._start, None)
        merges = self._vertical()
        source = self._filled(rows, merges) if merges else rows
        while chunk := list(islice(source, ROWS)):
            batch = self._batch(chunk)
            yield self._without_marked(batch, chunk)
        self._tell()

    def _batch(self, chunk: list[list[Any]]) -> Any:
        row_no = range(self.next_row, self.next_row + len(chunk))
        self._damaged(row_no, chunk)
        cells = list(zip(*chunk, strict=True))
        arrays = {
            each.name: pa.nulls(len(chunk), pa.string())
            if place is None
            else self._column(each, place, cells[place])
            for each, place in self._columns
        }
        lead = min(self._fields)
        if lead:
            first = [next(filter(None, map(self._text, row[: lead + 1])), None) for row in chunk]
            leading = pa.array(first, pa.string())
        else:
            leading = arrays[self._fields[0].name]
        self.next_row += len(chunk)
        return pa.record_batch(
            [pa.array(row_no, pa.int32()), leading, *arrays.values()],
            names=["row_no", FIRST, *arrays],
        )

    def _text(self, cell: Any) -> str | None:
        return stored(cell, self._sheet.epoch)

    def _column(self, each: Field, place: int, cells: tuple[Any, ...]) -> Any:
        kinds = set(map(type, cells))
        if int in kinds:  # calamine's, for some numbers of an XLS
            cells = tuple(float(cell) if type(cell) is int else cell for cell in cells)
            kinds = kinds - {int} | {float}
        if kinds == {str}:
            return trim(pa.array(cells, pa.string()))
        if (
            each.type == "timestamp"
            and kinds <= {str, dt.date, dt.datetime}
            and not any(type(cell) is str and cell for cell in cells)
        ):
            return moments(cells, self._sheet.epoch)
        if each.type in ("integer", "number"):
            texts = self._figures(each, place, cells)
        else:
            texts = self._shown(each, place, cells)
        if float in kinds:
            for row, cell in enumerate(cells):
                if type(cell) is float and abs(cell) >= LONGEST_EXACT:
                    # Excel keeps 15 digits; what followed is gone for good.
                    self._fault(self.next_row + row, each.name, f"{cell!r}", LONG_NUMBER_CELL)
                    texts[row] = None
        if _Covered in kinds:
            for row, cell in enumerate(cells):
                if type(cell) is _Covered:
                    texts[row] = None
                    found = self._text(cell.value) or ""
                    self._fault(self.next_row + row, each.name, found, MERGED_FIGURE)
        return pa.array(texts, pa.string())

    def _figures(self, each: Field, place: int, cells: tuple[Any, ...]) -> list[str | None]:
        formats, scale = self._sheet.formats, self._scales[each.name]
        if not formats.styles.any_scales:
            return [self._text(cell) for cell in cells]
        texts: list[str | None] = []
        for row, cell in enumerate(cells, self._row(self.next_row)):
            if type(cell) is not float:
                texts.append(self._text(cell))
                continue
            number = figure(cell, formats.at(row, place + self._sheet.left), each, scale)
            if isinstance(number, Reason):
                self._fault(self._row_no(row), each.name, self._text(cell) or "", number)
                number = ""
            texts.append(number or None)
        return texts

    def _shown(self, each: Field, place: int, cells: tuple[Any, ...]) -> list[str | None]:
        sheet = self._sheet
        if sheet.formats.styles.all_plain:
            return [self._text(cell) for cell in cells]
        column, days = place + sheet.left, each.type not in ("date", "timestamp")
        return [
            shown(cell, sheet.epoch, partial(sheet.formats.at, row, column), days=days)
            for row, cell in enumerate(cells, self._row(self.next_row))
        ]

    def _row(self, row_no: int) -> int:
        """The row of the sheet, from 0."""
        return row_no - self._first_row_no + self._start

    def _row_no(self, row: int) -> int:
        return row - self._start + self._first_row_no

    def _damaged(self, row_no: range, chunk: list[list[Any]]) -> None:
        """Faults of cells without a value: errors, formulas that nobody has calculated."""
        marks = self._sheet.marks
        damage = [(place, "=", FORMULA_CELL) for place in marks.formulas]
        damage += [(place, text, ERROR_CELL) for place, text in marks.errors.items()]
        for (row, column), text, reason in damage:
            place = column - self._sheet.left
            if place in self._fields and self._row_no(row) in row_no:
                chunk[self._row_no(row) - row_no.start][place] = ""
                self._fault(self._row_no(row), self._fields[place].name, text, reason)

    def _fault(self, row_no: int, name: str, cell: str, reason: Reason) -> None:
        self._reading.faults.add(row_no, fault(name, cell, reason))

    def _without_marked(self, batch: Any, chunk: list[list[Any]]) -> Any:
        """Count the rows that are hidden or struck out; leave out those that the contract does not count."""
        marks = self._sheet.marks
        if not (marks.hidden_rows or marks.struck or marks.struck_runs):
            return batch
        left, places = self._sheet.left, list(self._fields)
        keep: Any = np.ones(len(chunk), bool)
        first = self._row(self.next_row) - len(chunk)
        for position, cells in enumerate(chunk):
            row = first + position
            filled = [place for place in places if self._text(cells[place]) is not None]
            if not filled:
                continue
            struck = sum((row, place + left) in marks.struck for place in filled)
            if row in marks.hidden_rows:
                self._hidden += 1
                keep[position] &= self._options.hidden_rows == "count"
            if struck == len(filled):
                self._struck += 1
                keep[position] &= self._options.struck_rows == "count"
            elif struck:
                self._partly_struck += 1
            runs = [
                (row, place + left) for place in filled if (row, place + left) in marks.struck_runs
            ]
            if runs and keep[position]:
                self._struck_runs.append(marks.struck_runs[runs[0]])
        if keep.all():
            return batch
        for row_no in batch["row_no"].filter(pa.array(~keep)).to_pylist():
            self._reading.faults.discard(row_no)
        return batch.filter(pa.array(keep))

    def _tell(self) -> None:
        """Warnings of what only formatting says."""
        options, sheet = self._options, self._sheet
        for code, rows, counted in (
            ("hidden_rows", self._hidden, options.hidden_rows),
            ("struck_rows", self._struck, options.struck_rows),
            ("struck_cells", self._partly_struck, "count"),
        ):
            if rows:
                code = code if counted == "count" else f"{code}_skipped"
                self._reading.warnings.append(warning(code, sheet=sheet.name, rows=rows))
        if self._struck_runs:
            code = "struck_runs" if options.struck_runs == "count" else "struck_runs_skipped"
            rows, text = len(self._struck_runs), self._struck_runs[0][:_LONGEST]
            self._reading.warnings.append(warning(code, sheet=sheet.name, rows=rows, found=text))
        hidden = [
            self._reading.table.headers[each.name]
            for place, each in self._fields.items()
            if place + sheet.left in sheet.marks.hidden_columns
        ]
        if hidden:
            found = "、".join(hidden)
            self._reading.warnings.append(warning("hidden_columns", sheet=sheet.name, found=found))

    def _vertical(self) -> dict[int, list[tuple[int, int]]]:
        """Cells merged over several data rows: by their first row, column and last row."""
        merges: dict[int, list[tuple[int, int]]] = {}
        left = self._sheet.left
        for (first_row, first_column), (last_row, _) in self._sheet.merges:
            if first_row >= self._start and last_row > first_row and first_column >= left:
                merges.setdefault(first_row, []).append((first_column - left, last_row))
        return merges

    def _filled(
        self, rows: Iterator[list[Any]], merges: dict[int, list[tuple[int, int]]]
    ) -> Iterator[list[Any]]:
        """Rows in which a text merged over several rows stands in each of them; a figure is said once."""
        active: dict[int, tuple[Any, int]] = {}
        for number, row in enumerate(rows, self._start):
            is_blank = all(cell in ("", None) for cell in row)
            for column, (value, last) in list(active.items()):
                if number > last:
                    del active[column]
                    continue
                each = self._fields.get(column)
                if each is None or not is_figure(each):
                    row[column] = value
                elif not is_blank and self._text(value) is not None:
                    row[column] = _Covered(value)
            for column, last in merges.get(number, ()):
                active[column] = (row[column], last)
            yield row


@dataclass(frozen=True)
class _Covered:
    """A place that a merged figure covers."""

    value: Any
