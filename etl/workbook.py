"""Workbooks for clerks: cells in which nothing runs, drop-downs, and the few colours that mean something."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

TEXT = "@"
"""Number format of a cell that stays as it is typed: 0001 stays 0001."""
WRONG = PatternFill("solid", fgColor="FFC7CE")
FILL_IN = PatternFill("solid", fgColor="FFF2CC")
HEAD = PatternFill("solid", fgColor="D9E1F2")

_CODES = "_codes"
_UNUSABLE = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_LONGEST = 32_000
_LAST_ROW = 1_048_576


def put(cell: Any, value: object) -> None:
    """Put a value into a cell; text stays text whatever it begins with, without what the format cannot hold."""
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = printable(value)
    cell.data_type = "s"
    if value[:1] in ("=", "+", "-", "@"):
        cell.quotePrefix = True


def printable(text: str) -> str:
    """A text without what the format cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", text)[:_LONGEST]


def put_row(sheet: Worksheet, row: int, values: Sequence[object]) -> None:
    """Put values side by side, from the first column on."""
    for at, value in enumerate(values, 1):
        put(sheet.cell(row, at), value)


def as_head(sheet: Worksheet, row: int) -> None:
    """Make a row look like a header."""
    for cell in sheet[row]:
        as_head_cell(cell)


def as_head_cell(cell: Any) -> None:
    """Make a cell look like one of a header."""
    cell.font, cell.fill = Font(bold=True), HEAD
    cell.alignment = Alignment(wrap_text=True, vertical="top")


def widths(sheet: Worksheet, sizes: Sequence[int]) -> None:
    """Set the widths of the columns, in characters."""
    for at, size in enumerate(sizes, 1):
        sheet.column_dimensions[get_column_letter(at)].width = size


def sheet_title(text: str) -> str:
    """A text as a sheet may be called."""
    return _UNUSABLE.sub("", text)[:31]


class Choices:
    """The drop-downs of a workbook; what they offer stands in a hidden sheet, which the format limits to nothing."""

    def __init__(self, book: Workbook) -> None:
        self._codes: Worksheet = book.create_sheet(_CODES)
        self._codes.sheet_state = "hidden"
        self._places: dict[tuple[str, ...], str] = {}

    def offer(
        self,
        sheet: Any,
        column: int,
        values: Sequence[str],
        *,
        first: int,
        last: int = _LAST_ROW,
        only: bool = False,
    ) -> None:
        """Offer values in the rows `first` to `last` of a column; `only`: nothing else may be typed."""
        if not values:
            return
        letter = self._places.setdefault(tuple(values), get_column_letter(len(self._places) + 1))
        own = get_column_letter(column)
        choice = DataValidation(
            type="list", formula1=f"={_CODES}!${letter}$1:${letter}${len(values)}", allow_blank=True,
            showErrorMessage=only,
        )  # fmt: skip
        choice.add(f"{own}{first}:{own}{last}")
        sheet.data_validations.append(choice)

    def write(self) -> None:
        """Write down what has been offered, the same list once."""
        for row in zip_longest(*self._places):
            cells = [WriteOnlyCell(self._codes) for _ in row]
            for cell, value in zip(cells, row, strict=True):
                put(cell, value)
            self._codes.append(cells)
