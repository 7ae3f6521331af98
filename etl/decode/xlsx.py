"""The parts of an XLSX that say what calamine does not tell: which sheet is which, styles, marks of cells."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from xml.etree import ElementTree

from etl.decode.marks import Formats, Marks, Place, Rich, Runs, Styles
from etl.decode.number_format import BUILT_IN, number_format
from etl.decode.problems import DecodeProblem
from etl.decode.rich import rich_cells, shared_strings
from etl.decode.sheet_xml import TRUE, Screen, SheetParser
from etl.decode.source import Source

_PIECE = 1 << 20
_OVERLAP = 64
"""A mark that stands across two pieces is found in the second, which begins with the end of the first."""
_MOST_CELLS = 30_000_000
_LARGEST_TREE = 64 << 20
"""Bytes of a description or of styles; real ones have at most a few million."""


@dataclass(frozen=True)
class Workbook:
    """An XLSX by its XML parts; they are small but for the sheets."""

    source: Source
    megabytes: int
    """How large the file may be."""
    unpacked: int
    """How many bytes all parts may unpack to."""

    def checked(self) -> Workbook:
        """Itself, if its own description can be read; raises KeyError, ValueError and what zipfile does."""
        _ = self._sheets, self.styles
        return self

    @cached_property
    def starts_1904(self) -> bool:
        """Whether days are counted from 1904."""
        return any(each.get("date1904") in TRUE for each in _all(self._workbook, "workbookPr"))

    @cached_property
    def styles(self) -> Styles:
        """What the cells' styles mean."""
        with self._parts() as archive:
            if "xl/styles.xml" not in archive.namelist():
                return Styles(())
            root = self._xml(archive, "xl/styles.xml")
        codes = dict(BUILT_IN)
        for each in _children(root, "numFmts"):
            codes[int(each.get("numFmtId", "0"))] = each.get("formatCode", "")
        struck_fonts = {
            str(number)
            for number, font in enumerate(_children(root, "fonts"))
            if any(each.get("val", "1") in TRUE for each in _all(font, "strike"))
        }
        cells = _children(root, "cellXfs")
        return Styles(
            [number_format(codes.get(int(each.get("numFmtId", "0")), "")) for each in cells],
            frozenset(n for n, each in enumerate(cells) if each.get("fontId") in struck_fonts),
        )

    def marks(self, sheet: str, _position: int) -> Marks:
        """The marks of the sheet of this name; refuses one that calamine would make too much room for."""
        screen = Screen(self.styles.struck, _MOST_CELLS)
        with self._pieces(sheet) as pieces:
            before = b""
            for piece in pieces:
                if screen.stops(before + piece):
                    break
                before = piece[-_OVERLAP:]
            else:
                return Marks()
        marks = self._parse(sheet)
        # calamine makes room for the whole rectangle, also where it is empty.
        if marks.rows * marks.columns > _MOST_CELLS:
            raise DecodeProblem(
                "too_large",
                file=self.source.file,
                sheet=sheet,
                found=f"{marks.rows:,} × {marks.columns:,}",
                expected=f"≤ {_MOST_CELLS:,}",
            )
        return marks

    def rich(self, sheet: str, marks: Marks) -> Mapping[Place, Rich]:
        """The cells of a sheet with raised or struck runs."""
        if not (marks.has_rich or self._rich_strings):
            return marks.rich
        with self._pieces(sheet) as pieces:
            struck = bool(self.styles.struck)
            return marks.rich | rich_cells(pieces, self._rich_strings, cells_struck=struck)

    @cached_property
    def _rich_strings(self) -> Mapping[int, Rich]:
        with self._parts() as archive:
            if "xl/sharedStrings.xml" not in archive.namelist():
                return {}
            octets = archive.read("xl/sharedStrings.xml")
        return shared_strings(octets, cells_struck=bool(self.styles.struck))

    def formats(self, sheet: str, marks: Marks) -> Formats:
        """The number formats of a sheet's cells; it is parsed when one is asked for, unless it was before."""
        return Formats(self.styles, partial(self._runs, sheet, marks))

    def _runs(self, sheet: str, marks: Marks) -> Runs:
        return marks.runs or self._parse(sheet).runs or Runs()

    def _parse(self, sheet: str) -> Marks:
        parser = SheetParser(self.styles)
        with self._pieces(sheet) as pieces:
            for piece in pieces:
                parser.feed(piece)
        parser.feed(b"", last=True)
        return parser.marks

    @cached_property
    def _workbook(self) -> ElementTree.Element:
        with self._parts() as archive:
            return self._xml(archive, "xl/workbook.xml")

    @cached_property
    def _sheets(self) -> dict[str, str]:
        """The part of each sheet, by its name."""
        with self._parts() as archive:
            relations = {
                each.get("Id"): each.get("Target", "")
                for each in self._xml(archive, "xl/_rels/workbook.xml.rels")
            }
        sheets = {}
        for each in _children(self._workbook, "sheets"):
            relation = next((v for k, v in each.items() if k.endswith("}id") or k == "id"), "")
            target = relations.get(relation, "")
            sheets[each.get("name", "")] = target[1:] if target[:1] == "/" else f"xl/{target}"
        return sheets

    def _xml(self, archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
        """A small part as a tree, which takes some ten times its size; KeyError where it is not there."""
        size = archive.getinfo(part).file_size
        if size > _LARGEST_TREE:
            raise DecodeProblem(
                "zip_bomb",
                file=self.source.file,
                found=f"{part}: {size:,} bytes",
                expected=f"≤ {_LARGEST_TREE:,} bytes",
            )
        try:
            # expat limits what entities may grow to; a workbook has none.
            return ElementTree.fromstring(archive.read(part))  # noqa: S314
        except ElementTree.ParseError as error:
            raise ValueError(str(error)) from error

    @contextmanager
    def _parts(self) -> Iterator[zipfile.ZipFile]:
        with (
            self.source.seekable(self.megabytes << 20) as stream,
            zipfile.ZipFile(stream) as archive,
        ):
            unpacked = sum(info.file_size for info in archive.infolist())
            if unpacked > self.unpacked:
                raise DecodeProblem(
                    "zip_bomb",
                    file=self.source.file,
                    found=f"{unpacked:,} bytes",
                    expected=f"≤ {self.unpacked:,} bytes",
                )
            yield archive

    @contextmanager
    def _pieces(self, sheet: str) -> Iterator[Iterator[bytes]]:
        part = self._sheets.get(sheet, "")
        with self._parts() as archive:
            if part not in archive.namelist():
                yield iter(())
                return
            with archive.open(part) as stream:
                yield iter(partial(stream.read, _PIECE), b"")


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _all(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    return (each for each in root.iter() if _local(each) == name)


def _children(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """The children of the first element of this name right below the root."""
    return next((list(each) for each in root if _local(each) == name), [])
