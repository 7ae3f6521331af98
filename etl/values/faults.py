"""A fault: why one cell of one row could not be taken as it was sent, in words for the clerk who sent it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass
from functools import cache
from typing import Any

from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

Fault = dict[str, Any]
"""A reason as JSON, with its column and what was found."""


class Faults(dict[int, list[Fault]]):
    """Faults by row_no, entered in the order of the rows."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[int] = []

    def add(self, row_no: int, reason: Fault) -> None:
        """One more fault; rows come in ascending order."""
        if row_no not in self:
            insort(self._rows, row_no)
        self.setdefault(row_no, []).append(reason)

    def discard(self, row_no: int) -> None:
        """Forget a row that turned out to be no data."""
        if self.pop(row_no, None) is not None:
            self._rows.remove(row_no)

    def between(self, first: int, last: int) -> list[int]:
        """The faulty rows from `first` to `last`."""
        return self._rows[bisect_left(self._rows, first) : bisect_right(self._rows, last)]


HIDDEN = "***"
"""Stands for what was found in a field whose content must not leave the archive."""

_LONGEST = 80
_UNPRINTABLE = re.compile("[\0\ud800-\udfff]")


def shown(text: str) -> str:
    """Text that every program can hold: ␀ for a NUL, its code for half an emoji."""

    def instead(match: re.Match[str]) -> str:
        return "␀" if match[0] == "\0" else f"\\u{ord(match[0]):04x}"

    return _UNPRINTABLE.sub(instead, text)


@cache
def _words(reason: Reason) -> Fault:
    return reason.as_dict()


def fault(column: str, cell: str, reason: Reason) -> Fault:
    """The fault of a cell of `column` that holds `cell`."""
    if len(cell) > _LONGEST:
        cell = cell[: _LONGEST - 1] + "…"
    return {**_words(reason), "column": column, "found": shown(cell)}


ERROR_CELL = MESSAGES.reason("error_cell")
NUL_CELL = MESSAGES.reason("nul")
HALF_CELL = MESSAGES.reason("half_character")
REPLACED_CELL = MESSAGES.reason("replaced_character")
MOJIBAKE_CELL = MESSAGES.reason("mojibake")
EXPONENT_CELL = MESSAGES.reason("exponent")
LONG_NUMBER_CELL = MESSAGES.reason("long_number")
FORMULA_CELL = MESSAGES.reason("formula")
AMBIGUOUS_DATE = MESSAGES.reason("ambiguous_date")
AMBIGUOUS_TIME = MESSAGES.reason("ambiguous_time")
APPROXIMATE = MESSAGES.reason("approximate")


NOTE_MARK = Reason("note_mark", "", "", severity="warning")
"""The value was read without the mark of a note at its end; the column's warning counts such cells."""
EARLIER = Reason("earlier", "", "", severity="info")
"""Of an hour that the clock showed twice, the offset beside it says that the first is meant."""


@dataclass(frozen=True)
class Remarked:
    """A typed value with a remark on how it was read."""

    value: Any
    remark: Reason


def out_of_range(low: float, high: float) -> Reason:
    """The number is none that the column can hold."""
    if abs(high) >= 1e300:
        return MESSAGES.reason("not_finite")
    return MESSAGES.reason("range", low=low, high=high)


def too_long(size: int, *, octets: bool) -> Reason:
    """The text is longer than a name or id (in bytes), or than any text, may be."""
    if octets:
        return MESSAGES.reason("name_length", size=size, characters=size // 3)
    return MESSAGES.reason("text_length", size=size)


def unreadable(kind: str, example: str) -> Reason:
    """The cell cannot be read as `kind`, a logical type of the contract."""
    return MESSAGES.reason(f"type_{kind}", example=example)
