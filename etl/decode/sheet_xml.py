"""What the XML of one sheet says beyond what calamine tells: read by expat, an event a tag.

Only the start of an element calls Python, and a value's text where it decides something: 1.2 million
cells take some two seconds. So a sheet is first screened as bytes: without a mark that could matter it
is not parsed at all. What the screen lets through, the parser judges; the screen itself judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from etl.decode.marks import Marks, Rich, Runs, Styles

_FAR = re.compile(rb' r="(?:([A-Za-z]{2,3})(\d{1,7})|([A-Za-z]?)(\d{6,7}))"')
"""Cells beyond column Z or row 99,999, which most sheets have none of."""
_MARKS = (b'"e"', b'hidden="', b' ht="0', b"vertAlign", b"strike", b"<![CDATA[")
TRUE = ("1", "true")
_FORMULA = b"<f"
_FORMULAS = tuple(_FORMULA + end for end in (b">", b"/", b" ", b"\n", b"\r", b"\t"))
_APOSTROPHE, _IN_APOSTROPHES = b"'", b"='"
"""Attributes in apostrophes, which the other marks would miss."""
_AT_THE_TOP = (b":worksheet", b' ="', b'= "', b"zeroHeight")
"""Elements with a prefix and blanks around =, which the marks would miss too, and which a program writes
everywhere or nowhere; all rows hidden."""


class Screen:
    """Whether a sheet has to be parsed, judged by its bytes; errs on the side of parsing."""

    def __init__(self, struck: Iterable[int], most_cells: int) -> None:
        self._marks = (*_MARKS, *(b's="%d"' % style for style in struck))
        self._most_cells = most_cells
        self._rows, self._columns = 99_999, 26
        self._is_top = True

    def stops(self, piece: bytes) -> bool:
        """Whether the next piece holds something that the parser has to judge."""
        top, self._is_top = self._is_top, False
        if any(mark in piece for mark in (*self._marks, *(_AT_THE_TOP if top else ()))):
            return True
        # First what is found fastest, or is rarest.
        if _APOSTROPHE in piece and _IN_APOSTROPHES in piece:
            return True
        if _FORMULA in piece and any(mark in piece for mark in _FORMULAS):
            return True
        for match in _FAR.finditer(piece):
            self._columns = max(self._columns, column_of(match[1] or match[3] or b"A") + 1)
            self._rows = max(self._rows, int(match[2] or match[4]))
        return self._rows * self._columns > self._most_cells


class SheetParser:
    """Fed with the XML of a sheet; `marks` has what it says."""

    def __init__(self, styles: Styles) -> None:
        self.marks = Marks(runs=Runs())
        self._struck = styles.struck
        self._row, self._column = -1, 0
        self._row_is_told = False
        self._columns: dict[str, int] = {}
        self._kinds: dict[str, str] = {}
        self._cell: dict[str, str] = {}
        self._has_formula = False
        self._value: list[str] | None = None
        self._pending = False
        self._in_value = self._is_cdata = False
        self._hidden_by_default = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartCdataSectionHandler = self._start_cdata

    def feed(self, piece: bytes, *, last: bool = False) -> None:
        """The next bytes; ValueError where they are no XML."""
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise ValueError(str(error)) from error
        if last:
            self._finish()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = self._kinds.get(name)
        if kind is None:
            kind = self._kinds[name] = name.rpartition(":")[2]
        self._in_value = kind == "v"
        if kind == "c":
            self._start_cell(attributes)
        elif kind == "row":
            self._start_row(attributes)
        elif kind == "f":
            self._has_formula = self._pending = True
        elif kind == "v":
            if self._pending:
                self._value = []
                self._parser.CharacterDataHandler = self._value.append
                self._parser.EndElementHandler = self._end
        elif kind == "col":
            if _is_hidden(attributes, "width"):
                first, last = int(attributes["min"]) - 1, int(attributes["max"])
                self.marks.hidden_columns.update(range(first, min(last, 16_384)))
        elif kind in ("vertAlign", "strike") or (kind == "rPr" and self._struck):
            self.marks.has_rich = True
        elif kind == "sheetFormatPr":
            self._hidden_by_default = attributes.get("zeroHeight") in TRUE

    def _start_cdata(self) -> None:
        """A value that calamine takes for none."""
        if self._in_value:
            self._is_cdata = self._pending = True
            self._value = [] if self._value is None else self._value
            self._parser.CharacterDataHandler = self._value.append
            self._parser.EndElementHandler = self._end

    def _end(self, _name: str) -> None:
        self._parser.CharacterDataHandler = None
        self._parser.EndElementHandler = None

    def _start_row(self, attributes: dict[str, str]) -> None:
        if self._pending:
            self._finish()
        number = attributes.get("r")
        self._row_is_told = number is not None
        self._row = int(number) - 1 if number else self._row + 1
        self._column = 0
        if _is_hidden(attributes, "ht") or (self._hidden_by_default and "ht" not in attributes):
            self.marks.hidden_rows.add(self._row)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        if self._pending:
            self._finish()
        place = attributes.get("r")
        if place:
            letters = place.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = column_of(letters.encode())
            if not self._row_is_told:
                self._row = int(place[len(letters) :]) - 1
        else:
            column = self._column
        self._column = column + 1
        marks = self.marks
        if column >= marks.columns:
            marks.columns = column + 1
        if self._row >= marks.rows:
            marks.rows = self._row + 1
        style = attributes.get("s")
        number = int(style) if style else 0
        marks.runs.add(self._row, column, number)  # type: ignore[union-attr]
        if number in self._struck:
            marks.struck.add((self._row, column))
        self._cell = attributes
        self._pending = attributes.get("t") == "e"

    def _finish(self) -> None:
        """The cell has ended of which it matters what it holds."""
        place = (self._row, self._column - 1)
        text = "".join(self._value or ()).strip()
        kind = self._cell.get("t")
        if kind == "e":
            self.marks.errors[place] = text or "#ERROR"
        elif self._has_formula and not text and kind not in ("str", "inlineStr"):
            self.marks.formulas.add(place)
        elif self._is_cdata and kind not in ("b", "s"):
            self.marks.rich[place] = Rich(((text, None),))
        self._pending = self._has_formula = self._is_cdata = False
        self._value = None


def column_of(letters: bytes) -> int:
    """The number of a column from 0: A is 0, AA is 26."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number - 1


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    if attributes.get("hidden") in TRUE:
        return True
    return size in attributes and float(attributes[size] or 1) == 0
