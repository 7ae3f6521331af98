"""What calamine does not tell of an XLSX: formulas without a result, error cells, cells far outside.

The sheets' XML is searched as bytes, a piece at a time; nothing is parsed that has not
the marks of damage.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from etl.decode.problems import DecodeProblem

_PIECE = 1 << 20
_MOST_CELLS = 30_000_000

_FORMULA = re.compile(
    rb"<(?:\w+:)?c ([^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR = re.compile(
    rb'<(?:\w+:)?c ([^>]*\bt="e"[^>]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>([^<]*)<', re.S
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
# Cells beyond column Z or row 99,999, which most sheets have none of.
_FAR = re.compile(rb' r="(?:([A-Z]{2,3})(\d{1,7})|([A-Z])(\d{6,7}))"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s([^>]*)>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s([^>]*)>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')

Place = tuple[int, int]
"""Row and column, from 0."""


@dataclass
class Damage:
    """Cells of one sheet that calamine shows as empty though they are not."""

    formulas: set[Place] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)


@dataclass
class Parts:
    """The XML parts of a workbook by sheet name."""

    archive: zipfile.ZipFile
    file: str
    sheets: dict[str, str]
    starts_1904: bool

    @classmethod
    def of(cls, stream: IO[bytes], file: str, limit: int) -> Parts:
        """Read the workbook's own description; `limit` is how many bytes all may unpack to."""
        archive = zipfile.ZipFile(stream)
        unpacked = sum(info.file_size for info in archive.infolist())
        if unpacked > limit:
            raise DecodeProblem(
                "zip_bomb", file=file, found=f"{unpacked:,} bytes", expected=f"≤ {limit:,} bytes"
            )
        workbook = archive.read("xl/workbook.xml")
        relations = {
            each.get("Id", ""): each.get("Target", "")
            for each in _elements(_RELATION, archive.read("xl/_rels/workbook.xml.rels"))
        }
        sheets = {}
        for sheet in _elements(_SHEET, workbook):
            target = relations.get(sheet.get("r:id") or sheet.get("id", ""), "")
            sheets[sheet.get("name", "")] = (
                target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            )
        old = re.search(rb'date1904\s*=\s*"(?:1|true)"', workbook) is not None
        return cls(archive, file, sheets, old)

    def scan(self, sheet: str, _position: int) -> Damage:
        """Look through the sheet of this name."""
        damage = Damage()
        rows, columns = 99_999, 26
        for piece in self._pieces(sheet):
            if b"f>" in piece or b"f " in piece or b"<f/" in piece:
                for match in _FORMULA.finditer(piece):
                    if b't="str"' not in match[1] and (place := _place(match[1])):
                        damage.formulas.add(place)
            if b't="e"' in piece:
                for match in _ERROR.finditer(piece):
                    if place := _place(match[1]):
                        damage.errors[place] = html.unescape(match[2].decode("utf-8", "replace"))
            for match in _FAR.finditer(piece):
                columns = max(columns, _column(match[1] or match[3]))
                rows = max(rows, int(match[2] or match[4]))
            self._check(sheet, rows, columns)
        return damage

    def _check(self, sheet: str, rows: int, columns: int) -> None:
        # calamine makes room for the whole rectangle, also where it is empty.
        if rows * columns > _MOST_CELLS:
            raise DecodeProblem(
                "too_large",
                file=self.file,
                sheet=sheet,
                found=f"{rows:,} × {columns:,}",
                expected=f"≤ {_MOST_CELLS:,}",
            )

    def _pieces(self, sheet: str) -> Iterator[bytes]:
        part = self.sheets.get(sheet)
        if part not in self.archive.namelist():
            return
        left = b""
        with self.archive.open(part) as stream:
            while data := stream.read(_PIECE):
                data = left + data
                cut = data.rfind(b"<row ") if b"<row " in data[1:] else data.rfind(b":row ")
                if cut <= 0:
                    left = data
                    continue
                yield data[:cut]
                left = data[cut:]
        yield left


def _elements(pattern: re.Pattern[bytes], xml: bytes) -> Iterator[dict[str, str]]:
    for match in pattern.finditer(xml):
        yield {
            name.decode(): html.unescape((quoted or apostrophes).decode("utf-8", "replace"))
            for name, quoted, apostrophes in _ATTRIBUTE.findall(match[1])
        }


def _place(attributes: bytes) -> Place | None:
    match = _PLACE.search(attributes)
    return (int(match[2]) - 1, _column(match[1]) - 1) if match else None


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
