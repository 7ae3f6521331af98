"""Notes on cells, written as they come.

openpyxl keeps some twenty objects for each note until the workbook is saved: 1.5 GB for the 250,000 notes of a full
export. Here they go to files, and from there into the workbook's parts.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.comments.comment_sheet import CommentSheet
from openpyxl.packaging.relationship import Relationship
from openpyxl.utils import get_column_letter
from openpyxl.writer.excel import ExcelWriter

from etl.workbook import printable

_TEXTS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<comments xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    "<authors><author>minsheng</author></authors><commentList>"
)
_SHAPES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:x="urn:schemas-microsoft-com:office:excel">'
    '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{blocks}"/></o:shapelayout>'
    '<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" path="m,l,21600r21600,l21600,xe">'
    '<v:stroke joinstyle="miter"/><v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE = (
    '<v:shape id="_x0000_s{id}" type="#_x0000_t202" style="position:absolute;margin-left:59.25pt;margin-top:1.5pt;'
    'width:320px;height:120px;z-index:1;visibility:hidden" fillcolor="#ffffe1" o:insetmode="auto">'
    '<v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"/></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:AutoFill>False</x:AutoFill>'
    "<x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_BLOCK = 1024
"""Ids of shapes are given out in blocks, which the drawing names."""


class Notes:
    """The notes of one sheet of a write-only workbook; `close` them before the sheet is closed."""

    def __init__(self, sheet: Any, folder: Path, number: int) -> None:
        self.sheet, self.number = sheet, number
        self._count = 0
        self._texts, self._shapes = folder / f"texts{number}", folder / f"shapes{number}"
        self._open: tuple[IO[str], IO[str]] = (
            self._texts.open("w", encoding="utf-8"),
            self._shapes.open("w", encoding="utf-8"),
        )

    def add(self, row: int, column: int, text: str) -> None:
        """A note on the cell in this row and column, both from 1; in the order of rows."""
        texts, shapes = self._open
        texts.write(
            f'<comment ref="{get_column_letter(column)}{row}" authorId="0"><text><t xml:space="preserve">'
            f"{escape(printable(text))}</t></text></comment>"
        )
        self._count += 1
        shapes.write(_SHAPE.format(id=_BLOCK + self._count, row=row - 1, column=column - 1))

    def close(self) -> None:
        """All notes have been added: the sheet, which is written up to its last row, refers to them."""
        for stream in self._open:
            stream.close()
        if self._count:
            self.sheet.legacy_drawing = f"xl/drawings/commentsDrawing{self.number}.vml"

    def write(self, archive: ZipFile) -> _Part | None:
        """Put the parts into the workbook's archive; the part that its list of contents has to name."""
        if not self._count:
            return None
        part = _Part(f"/xl/comments/comment{self.number}.xml")
        _put(archive, part.path[1:], _TEXTS, self._texts, "</commentList></comments>")
        blocks = ",".join(map(str, range(1, (_BLOCK + self._count) // _BLOCK + 1)))
        head = _SHAPES.format(blocks=blocks)
        _put(archive, self.sheet.legacy_drawing, head, self._shapes, "</xml>")
        return part


@dataclass(frozen=True)
class _Part:
    path: str
    mime_type: str = CommentSheet.mime_type


def save(book: Workbook, path: Path, notes: Iterable[Notes]) -> None:
    """Write a write-only workbook with the notes of its sheets."""
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        _Writer(book, archive, {each.sheet.title: each for each in notes}).save()


class _Writer(ExcelWriter):
    def __init__(self, book: Workbook, archive: ZipFile, notes: dict[str, Notes]) -> None:
        super().__init__(book, archive)
        self._parts, self._notes = archive, notes

    def write_worksheet(self, ws: Any) -> None:
        super().write_worksheet(ws)
        notes = self._notes.get(ws.title)
        part = notes.write(self._parts) if notes else None
        if part is not None:
            self.manifest.append(part)
            ws._rels.append(Relationship(Id="comments", type="comments", Target=part.path))


def _put(archive: ZipFile, name: str, head: str, body: Path, tail: str) -> None:
    with archive.open(name, "w", force_zip64=True) as part, body.open("rb") as stream:
        part.write(head.encode())
        shutil.copyfileobj(stream, part)
        part.write(tail.encode())
