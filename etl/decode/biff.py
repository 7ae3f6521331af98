"""What calamine does not tell of an XLS: passwords, error cells, formulas without a result, styles, what is hidden.

olefile opens the compound file ([MS-CFB]); of the BIFF records in it just enough is read here ([MS-XLS]).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from io import BytesIO

import olefile

from etl.decode.biff_strings import Fonts, rich_string, rich_strings
from etl.decode.marks import Formats, Marks, Place, Rich, Runs, Styles
from etl.decode.number_format import BUILT_IN, number_format

_BOUNDSHEET, _FILEPASS, _RECALCID, _DATEMODE, _EOF = 0x85, 0x2F, 0x1C1, 0x22, 0x0A
_FORMULA, _BOOLERR, _DIMENSIONS, _STRINGS = 0x06, 0x205, 0x200, 0xFC
_CELLS = frozenset({_FORMULA, _BOOLERR, 0x201, 0x203, 0x204, 0x27E, 0xBD, 0xBE, 0xD6, 0xFD})
_FONT, _FORMAT, _XF, _ROW, _COLUMN_INFO, _ROW_OF_NUMBERS, _ROW_OF_BLANKS = (
    0x31,
    0x41E,
    0xE0,
    0x208,
    0x7D,
    0xBD,
    0xBE,
)
_CONTINUE, _SHARED_STRING, _RICH_STRING, _SUPERSCRIPT = 0x3C, 0xFD, 0xD6, b"\1\0"
_STRUCK, _HIDDEN_ROW, _HIDDEN_COLUMN = 0x08, 0x20, 0x01
_NO_FONT = 4
"""A number that no font has; those behind it count one more than their place."""
_ROWS, _COLUMNS = 65_536, 256
_NO_NUMBER = b"\xff\xff"
_ERROR_RESULT, _EMPTY_RESULT = 2, 3
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


class Workbook:
    """The records of an XLS; raises KeyError, OSError, ValueError or struct.error where it is none."""

    def __init__(self, octets: bytes) -> None:
        self.starts_1904 = False
        self._offsets: list[int] = []
        self._marks: list[Marks] = []
        with olefile.OleFileIO(BytesIO(octets)) as container:
            # An XLSX with a password is a compound file around it.
            self.encrypted = container.exists("EncryptedPackage")
            if self.encrypted:
                return
            self._stream, wide = _stream(container)
        # Excel writes RECALCID; what lacks it was written by a program that calculates nothing.
        self._calculated = False
        codes, fonts, cells = dict(BUILT_IN), [], []
        strings: list[bytes] = []
        last = 0
        for kind, body in self._records(0):
            if kind == _BOUNDSHEET:
                self._offsets.append(struct.unpack_from("<I", body)[0])
            elif kind == _FILEPASS:
                self.encrypted = True
                return
            elif kind == _DATEMODE:
                self.starts_1904 = body[:2] == b"\1\0"
            elif kind == _STRINGS:
                if struct.unpack_from("<I", body, 4)[0] > len(self._stream):
                    raise ValueError("strings")
                strings, last = [body], kind
                continue
            elif kind == _CONTINUE and last == _STRINGS:
                strings.append(body)
                continue
            elif kind == _RECALCID:
                self._calculated = True
            elif kind == _FORMAT:
                codes[struct.unpack_from("<H", body)[0]] = _text(body, wide=wide)
            elif kind == _FONT:
                fonts.append((body[8:10] == _SUPERSCRIPT, bool(body[2] & _STRUCK)))
            elif kind == _XF:
                cells.append(struct.unpack_from("<HH", body))
            last = kind
        struck = {_number(n) for n, (_, is_struck) in enumerate(fonts) if is_struck}
        self.styles = Styles(
            [number_format(codes.get(form, "")) for _, form in cells],
            frozenset(n for n, (font, _) in enumerate(cells) if font in struck),
        )
        raised = {_number(n) for n, (is_raised, _) in enumerate(fonts) if is_raised}
        # Strings of before Excel 97 are of other bytes; calamine reads them flat.
        self._fonts = Fonts(raised, struck) if wide and (raised or struck) else None
        self._rich = rich_strings(strings, self._fonts) if self._fonts and strings else {}
        # calamine reads all sheets at once, so all are looked through before.
        self._marks = [self._look_through(offset) for offset in self._offsets]

    def marks(self, _sheet: str, position: int) -> Marks:
        """The marks of the sheet at this position among all."""
        return self._marks[position]

    def rich(self, _sheet: str, marks: Marks) -> Mapping[Place, Rich]:
        """The cells of a sheet with raised or struck runs."""
        return marks.rich

    def formats(self, _sheet: str, marks: Marks) -> Formats:
        """The number formats of its cells."""
        return Formats(self.styles, lambda: marks.runs or Runs())

    def _look_through(self, offset: int) -> Marks:
        marks = Marks(runs=Runs())
        styled = bool(self.styles.struck) or not self.styles.all_plain
        for kind, body in self._records(offset):
            # calamine makes room for whatever is said here; too much ends the process.
            if kind in _CELLS and struct.unpack_from("<H", body, 2)[0] >= _COLUMNS:
                raise ValueError("column")
            if kind == _DIMENSIONS:
                form = "<IIHH" if len(body) >= 12 else "<HHHH"
                first_row, last_row, first, last = struct.unpack_from(form, body)
                if not (first_row <= last_row <= _ROWS and first <= last <= _COLUMNS):
                    raise ValueError("dimensions")
            if kind == _BOOLERR:
                row, column, _, value, is_error = struct.unpack_from("<HHHBB", body)
                if is_error:
                    marks.errors[row, column] = _ERRORS.get(value, "#ERROR")
            elif kind == _FORMULA and body[12:14] == _NO_NUMBER:
                row, column = struct.unpack_from("<HH", body)
                if body[6] == _ERROR_RESULT:
                    marks.errors[row, column] = _ERRORS.get(body[8], "#ERROR")
                elif body[6] == _EMPTY_RESULT and not self._calculated:
                    marks.formulas.add((row, column))
            elif kind == _ROW and body[12] & _HIDDEN_ROW:
                marks.hidden_rows.add(struct.unpack_from("<H", body)[0])
            elif kind == _COLUMN_INFO and body[8] & _HIDDEN_COLUMN:
                first, last = struct.unpack_from("<HH", body)
                marks.hidden_columns.update(range(first, min(last, _COLUMNS) + 1))
            if kind == _SHARED_STRING and self._rich:
                row, column, _, number = struct.unpack_from("<HHHI", body)
                if number in self._rich:
                    marks.rich[row, column] = self._rich[number]
            elif kind == _RICH_STRING and self._fonts:
                row, column = struct.unpack_from("<HH", body)
                if (rich := rich_string(body[6:], self._fonts)) is not None:
                    marks.rich[row, column] = rich
            if styled and kind in _CELLS:
                self._style(marks, kind, body)
        return marks

    def _style(self, marks: Marks, kind: int, body: bytes) -> None:
        row, column = struct.unpack_from("<HH", body)
        if kind == _ROW_OF_NUMBERS:
            styles = [style for style, _ in struct.iter_unpack("<HI", body[4:-2])]
        elif kind == _ROW_OF_BLANKS:
            styles = []
        else:
            styles = [struct.unpack_from("<H", body, 4)[0]]
        for place, style in enumerate(styles, column):
            marks.runs.add(row, place, style)  # type: ignore[union-attr]
            if style in self.styles.struck:
                marks.struck.add((row, place))

    def _records(self, place: int) -> Iterator[tuple[int, bytes]]:
        stream = self._stream
        while place + 4 <= len(stream):
            kind, size = struct.unpack_from("<HH", stream, place)
            yield kind, stream[place + 4 : place + 4 + size]
            if kind == _EOF:
                return
            place += 4 + size


def _number(place: int) -> int:
    """How cells and runs call the font at this place."""
    return place + (place >= _NO_FONT)


def _text(body: bytes, *, wide: bool) -> str:
    """The code of a FORMAT record: counted in two bytes, UTF-16 if its flag says so; before Excel 97 in one byte, GBK."""
    if not wide:
        return body[3 : 3 + body[2]].decode("gb18030", "replace")
    size, flags = struct.unpack_from("<HB", body, 2)
    if flags & 1:
        return body[5 : 5 + 2 * size].decode("utf-16-le", "replace")
    return body[5 : 5 + size].decode("latin-1")


def _stream(container: olefile.OleFileIO) -> tuple[bytes, bool]:
    """The stream of the compound file that holds the workbook, and whether it is BIFF8; KeyError where none does."""
    for name in ("Workbook", "Book"):
        if container.exists(name):
            content: bytes = container.openstream(name).read()
            return content, name == "Workbook"
    raise KeyError("Workbook")
