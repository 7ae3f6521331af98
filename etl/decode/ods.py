"""What calamine does not tell of an ODS: number formats, merged cells, errors, what is hidden or struck out.

OpenDocument 1.3, part 3. Its number formats are elements; they are put into the words of Excel's, so that
one module knows what a format shows. The content is read a row at a time.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from etl.decode.marks import Formats, Marks, Place, Rich, Runs, Styles
from etl.decode.number_format import number_format
from etl.decode.problems import DecodeProblem
from etl.decode.rich import Runs as RichRuns

MIMETYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_MOST_CELLS = 30_000_000
_CELLS = ("table-cell", "covered-table-cell")
_DATA_STYLES = frozenset(
    ("number-style", "percentage-style", "currency-style", "date-style", "time-style", "text-style", "boolean-style")
)  # fmt: skip
_DATE_PARTS = {
    "year": "y", "month": "m", "day": "d", "hours": "h", "minutes": ":m", "seconds": "s", "day-of-week": "aaa", "am-pm": "AM/PM",
    "era": "", "quarter": "", "week-of-year": "",
}  # fmt: skip


def is_ods(stream: IO[bytes]) -> bool:
    """Whether a zip is an OpenDocument spreadsheet."""
    with zipfile.ZipFile(stream) as archive:
        names = archive.namelist()
        if "content.xml" not in names:
            return False
        return "mimetype" in names and archive.read("mimetype").startswith(MIMETYPE)


@dataclass(frozen=True)
class _CellStyle:
    data: str | None
    struck: bool | None
    parent: str | None


@dataclass(frozen=True)
class _TextStyle:
    raised: bool = False
    struck: bool | None = None


_PLAIN = _TextStyle()


@dataclass
class Workbook:
    """The marks of every sheet; raises KeyError, ValueError and what zipfile does where it is none."""

    starts_1904: bool = False
    _marks: dict[str, Marks] = field(default_factory=dict)
    _codes: dict[str, str] = field(default_factory=dict)
    _cell_styles: dict[str, _CellStyle] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _formats: list[str] = field(default_factory=list)
    struck: set[int] = field(default_factory=set)
    text_styles: dict[str, _TextStyle] = field(default_factory=dict)
    """Those that raise or strike a text, or say that they do not strike it."""

    @classmethod
    def of(cls, stream: IO[bytes], file: str, limit: int) -> Workbook:
        """Read it; `limit` is how many bytes its content may unpack to."""
        book = cls()
        with zipfile.ZipFile(stream) as archive:
            names = archive.namelist()
            unpacked = sum(info.file_size for info in archive.infolist())
            if unpacked > limit:
                raise DecodeProblem(
                    "zip_bomb",
                    file=file,
                    found=f"{unpacked:,} bytes",
                    expected=f"≤ {limit:,} bytes",
                )
            manifest = "META-INF/manifest.xml"
            if manifest in names and b"encryption-data" in archive.read(manifest):
                raise DecodeProblem("password", file=file)
            try:
                for part in ("styles.xml", "content.xml"):
                    if part in names:
                        with archive.open(part) as xml:
                            book._read(xml, file)
            except ElementTree.ParseError as error:
                raise ValueError(str(error)) from error
        return book

    @property
    def styles(self) -> Styles:
        """What the cells' styles mean."""
        return Styles([number_format(code) for code in self._formats], frozenset(self.struck))

    def marks(self, sheet: str, _position: int) -> Marks:
        """The marks of the sheet of this name."""
        return self._marks.get(sheet) or Marks()

    def rich(self, _sheet: str, marks: Marks) -> Mapping[Place, Rich]:
        """The cells of a sheet with raised or struck runs."""
        return marks.rich

    def formats(self, _sheet: str, marks: Marks) -> Formats:
        """The number formats of its cells."""
        return Formats(self.styles, lambda: marks.runs or Runs())

    def _read(self, xml: IO[bytes], file: str) -> None:
        sheet: _Sheet | None = None
        # expat limits what entities may grow to; a workbook has none.
        for event, element in ElementTree.iterparse(xml, events=("start", "end")):  # noqa: S314
            kind = _local(element.tag)
            if event == "start":
                if kind == "table" and sheet is None:
                    sheet = _Sheet(self, file, _get(element, "name"))
            elif kind in _DATA_STYLES:
                self._codes[_get(element, "name")] = self._code(element, kind)
            elif kind == "style" and _get(element, "family") == "table-cell":
                self._cell_styles[_get(element, "name")] = _cell_style(element)
            elif kind == "style" and _get(element, "family") == "text":
                self._text_style(element)
            elif sheet is None:
                continue
            elif kind == "table-column":
                sheet.column(element)
            elif kind == "table-row":
                sheet.row(element)
                element.clear()
            elif kind == "table":
                self._marks[sheet.name] = sheet.marks
                sheet = None

    def _text_style(self, element: ElementTree.Element) -> None:
        above = self.text_styles.get(_get(element, "parent-style-name"), _PLAIN)
        struck = _is_struck(element)
        style = _TextStyle(
            above.raised or _is_raised(element), above.struck if struck is None else struck
        )
        if style != _PLAIN:
            self.text_styles[_get(element, "name")] = style

    def style(self, name: str) -> int:
        """The number of a cell style, with what it has from its parents."""
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self._formats)
            data = struck = None
            each = self._cell_styles.get(name)
            while each is not None:
                data = each.data if data is None else data
                struck = each.struck if struck is None else struck
                each = self._cell_styles.get(each.parent or "")
            self._formats.append(self._codes.get(data or "", "General"))
            if struck:
                self.struck.add(number)
        return number

    def _code(self, element: ElementTree.Element, kind: str) -> str:
        """An Excel format code that shows the same; the sections of a style stand in styles before it."""
        if kind == "text-style":
            return "General"
        if kind == "boolean-style":
            return '[=0]"false";"true"'
        code = "".join(_part(each, kind) for each in element)
        sections = []
        for each in element:
            if _local(each.tag) == "map":
                condition = _get(each, "condition").removeprefix("value()").replace("!=", "<>")
                sections.append((condition, self._codes.get(_get(each, "apply-style-name"), "")))
        conditions = [condition for condition, _ in sections]
        if conditions in ([">=0"], [">0", "<0"]):
            return ";".join([code for _, code in sections] + [code])
        return ";".join([f"[{condition}]{code}" for condition, code in sections] + [code])


class _Sheet:
    """One table, a row at a time."""

    def __init__(self, book: Workbook, file: str, name: str) -> None:
        self.name = name
        self.marks = Marks(runs=Runs())
        self._book, self._file = book, file
        self._row = self._column = self._cells = 0
        self._defaults: list[tuple[int, str]] = []
        """From which column on cells without a style have which."""

    def column(self, element: ElementTree.Element) -> None:
        """One or several columns."""
        size = _repeated(element, "number-columns-repeated")
        self._defaults.append((self._column, _get(element, "default-cell-style-name")))
        if _get(element, "visibility") in ("collapse", "filter"):
            self.marks.hidden_columns.update(range(self._column, min(self._column + size, 16_384)))
        self._column += size

    def row(self, element: ElementTree.Element) -> None:
        """One row, or several that are alike."""
        size = _repeated(element, "number-rows-repeated")
        filled = list(self._filled(element))
        if filled:
            self._check(size, filled[-1][0] + 1)
            hidden = _get(element, "visibility") in ("collapse", "filter")
            default = _get(element, "default-cell-style-name")
            for row in range(self._row, self._row + size):
                if hidden:
                    self.marks.hidden_rows.add(row)
                for column, cell in filled:
                    self._cell(row, column, cell, default)
        self._row += size

    def _filled(self, row: ElementTree.Element) -> Iterator[tuple[int, ElementTree.Element]]:
        """Cells that hold something or cover others, with their columns."""
        column = 0
        for cell in row:
            if _local(cell.tag) not in _CELLS:
                continue
            size = _repeated(cell, "number-columns-repeated")
            if len(cell) or any(_local(name) in ("value-type", "formula") for name in cell.attrib):
                self._check(1, column + size)
                for place in range(column, column + size):
                    yield place, cell
            column += size

    def _check(self, rows: int, columns: int) -> None:
        # calamine makes room for the whole rectangle.
        height = self._row + rows
        if height * columns > _MOST_CELLS:
            raise DecodeProblem(
                "too_large",
                file=self._file,
                sheet=self.name,
                found=f"{height:,} × {columns:,}",
                expected=f"≤ {_MOST_CELLS:,}",
            )

    def _cell(self, row: int, column: int, cell: ElementTree.Element, default: str) -> None:
        attributes = {_local(name): value for name, value in cell.items()}
        style = attributes.get("style-name") or default or self._default(column)
        number = self._book.style(style)
        self.marks.runs.add(row, column, number)  # type: ignore[union-attr]
        if number in self._book.struck:
            self.marks.struck.add((row, column))
        if self._book.text_styles and (rich := self._rich(cell)) is not None:
            self.marks.rich[row, column] = rich
        kinds = {value for name, value in cell.items() if _local(name) == "value-type"}
        if "error" in kinds:
            self.marks.errors[row, column] = "".join(cell.itertext()).strip() or "#ERROR"
        elif "formula" in attributes and not kinds:
            self.marks.formulas.add((row, column))
        height = int(attributes.get("number-rows-spanned", "1"))
        if height > 1:
            width = int(attributes.get("number-columns-spanned", "1"))
            self.marks.merges.append(((row, column), (row + height - 1, column + width - 1)))

    def _rich(self, cell: ElementTree.Element) -> Rich | None:
        """Its text, where something is raised or struck out."""
        runs = RichRuns()
        for number, paragraph in enumerate(each for each in cell if _local(each.tag) == "p"):
            if number:
                runs.add("\n")
            self._text(paragraph, runs)
        return runs.rich(cells_struck=bool(self._book.struck))

    def _text(self, element: ElementTree.Element, runs: RichRuns) -> None:
        runs.add(element.text or "")
        for each in element:
            kind = _local(each.tag)
            if kind == "s":
                runs.add(" " * (_repeated(each, "c")))
            elif kind in ("tab", "line-break"):
                runs.add("\t" if kind == "tab" else "\n")
            elif kind in ("span", "a"):
                above = runs.is_raised, runs.is_struck
                style = self._book.text_styles.get(_get(each, "style-name"), _PLAIN)
                runs.is_raised |= style.raised
                if style.struck is not None:
                    runs.is_struck = style.struck
                self._text(each, runs)
                runs.is_raised, runs.is_struck = above
            runs.add(each.tail or "")

    def _default(self, column: int) -> str:
        return next((name for first, name in reversed(self._defaults) if first <= column), "")


def _is_struck(style: ElementTree.Element) -> bool | None:
    """Whether a style strikes out; None where it does not say."""
    for each in style:
        for name, value in each.items():
            if _local(name) in ("text-line-through-style", "text-line-through-type"):
                return value != "none"
    return None


def _cell_style(element: ElementTree.Element) -> _CellStyle:
    return _CellStyle(
        _get(element, "data-style-name") or None,
        _is_struck(element),
        _get(element, "parent-style-name") or None,
    )


def _is_raised(style: ElementTree.Element) -> bool:
    """Whether a style of text raises it: by `super`, or by a percentage of the font's height."""
    places = (_get(each, "text-position").split() for each in style)
    return any(place[0] == "super" or _percentage(place[0]) > 0 for place in places if place)


def _percentage(text: str) -> float:
    try:
        return float(text.removesuffix("%"))
    except ValueError:
        return 0.0


def _part(each: ElementTree.Element, kind: str) -> str:
    name = _local(each.tag)
    if name == "number":
        return _digits(each)
    if name == "text":
        text = each.text or ""
        if kind == "percentage-style" and "%" in text:
            return text.strip()
        return "".join(f"\\{letter}" for letter in text)
    if name == "currency-symbol":
        return "".join(f"\\{letter}" for letter in each.text or "")
    if name == "scientific-number":
        return "0.00E+00"
    if name == "fraction":
        return "# ?/?"
    if name not in _DATE_PARTS:
        return ""
    part = _DATE_PARTS[name]
    if name == "month" and _get(each, "textual") == "true":
        return "mmm"
    if name == "year":
        return "yyyy" if _get(each, "style") == "long" else "yy"
    return part * 2 if _get(each, "style") == "long" and len(part) == 1 else part


def _digits(each: ElementTree.Element) -> str:
    places = _get(each, "decimal-places")
    if not places:
        return "General"
    least = int(_get(each, "min-integer-digits") or 0)
    embedded = {
        int(_get(text, "position") or 0): text.text or ""
        for text in each
        if _local(text.tag) == "embedded-text"
    }
    parts = []
    for behind in reversed(range(max(least, 1, *(place + 1 for place in embedded)))):
        parts.append("0" if behind < least else "#")
        parts += [f"\\{letter}" for letter in embedded.get(behind, "")]
    least = int(_get(each, "min-decimal-places") or places)
    if int(places):
        parts.append("." + "0" * least + "#" * (int(places) - least))
    factor = int(float(_get(each, "display-factor") or 1))
    return "".join(parts) + "," * ((len(str(factor)) - 1) // 3)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _get(element: ElementTree.Element, name: str) -> str:
    return next((value for key, value in element.items() if _local(key) == name), "")


def _repeated(element: ElementTree.Element, name: str) -> int:
    return max(1, int(_get(element, name) or 1))
