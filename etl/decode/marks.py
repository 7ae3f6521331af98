"""What a sheet says beyond its values: damage, number formats, what is hidden or struck out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from etl.decode.number_format import NumberFormat, number_format

Place = tuple[int, int]
"""Row and column, from 0."""


class Runs:
    """The style of each cell, by column: where it changes, and to what; neighbours mostly have the same."""

    def __init__(self) -> None:
        self._rows: dict[int, list[int]] = {}
        self._styles: dict[int, list[int]] = {}

    def add(self, row: int, column: int, style: int) -> None:
        """The style of a cell; rows come in ascending order."""
        styles = self._styles.get(column)
        if styles is None:
            self._rows[column], self._styles[column] = [row], [style]
        elif styles[-1] != style:
            self._rows[column].append(row)
            styles.append(style)

    def at(self, row: int, column: int) -> int:
        """The style of a cell."""
        rows = self._rows.get(column)
        place = bisect_right(rows, row) - 1 if rows else -1
        return self._styles[column][place] if place >= 0 else 0


@dataclass(frozen=True)
class Styles:
    """A workbook's cell styles: what is shown of a number, and which are struck out."""

    formats: Sequence[NumberFormat]
    struck: frozenset[int] = frozenset()

    @cached_property
    def all_plain(self) -> bool:
        """Whether no style shows a number otherwise than it is stored."""
        return all(each.is_plain and not _shortens(each) for each in self.formats)

    @cached_property
    def any_scales(self) -> bool:
        """Whether some style shows numbers in another unit, or says in which."""
        return any(each.scales for each in self.formats if not each.is_plain)

    def format(self, style: int) -> NumberFormat:
        """The format of a style."""
        return self.formats[style] if style < len(self.formats) else number_format("")


def _shortens(each: NumberFormat) -> bool:
    return each.is_date and not each.is_whole_date


@dataclass(frozen=True)
class Rich:
    """The runs of a text, raised ones as superscripts; each with whether it is struck out, None where the cell says so."""

    runs: tuple[tuple[str, bool | None], ...]


@dataclass
class Marks:
    """The marks of one sheet."""

    formulas: set[Place] = field(default_factory=set)
    """Formulas without a result, which look empty."""
    errors: dict[Place, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    struck: set[Place] = field(default_factory=set)
    """Cells that are struck out as a whole."""
    struck_runs: dict[Place, str] = field(default_factory=dict)
    """Texts of which a part is struck out, with that part."""
    merges: list[tuple[Place, Place]] = field(default_factory=list)
    """First and last places of merged cells, where calamine does not tell them."""
    has_rich: bool = False
    """Whether the sheet holds rich text that raises, lowers or strikes something."""
    rich: dict[Place, Rich] = field(default_factory=dict)
    """Texts with such runs, where these were met on the way."""
    runs: Runs | None = None
    rows: int = 0
    columns: int = 0


@dataclass
class Formats:
    """The number format of each cell of one sheet, looked up when one is first asked for."""

    styles: Styles
    look: Callable[[], Runs]

    def at(self, row: int, column: int) -> NumberFormat | None:
        """The format of a cell; None where it shows what is stored."""
        if self.styles.all_plain:
            return None
        return self.styles.format(self._runs.at(row, column))

    @cached_property
    def _runs(self) -> Runs:
        return self.look()
