"""Raised runs of rich text in an XLSX: 823 with a raised 1 is read as 823¹, not as 8231.

Only workbooks that raise something are looked at a second time: their shared strings, and the sheets that use these or
hold rich text of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.parsers import expat

from etl.decode.marks import Place
from etl.decode.sheet_xml import column_of

MARK = b"vertAlign"
_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "()[]（）[]〔〕")


class Runs:
    """The text of one rich string, its raised runs as superscripts."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.is_raised = False
        self.any_raised = False

    def add(self, text: str) -> None:
        """The text of a run, or a part of it."""
        self.parts.append(text.translate(_RAISED) if self.is_raised else text)
        self.any_raised |= self.is_raised

    def text(self) -> str | None:
        """The whole, where something is raised."""
        return "".join(self.parts) if self.any_raised else None


class _Parser:
    """Events of both kinds of parts; `containers` are the elements that hold a string."""

    def __init__(self, containers: frozenset[str]) -> None:
        self._containers = containers
        self._runs: Runs | None = None
        self._phonetic = False
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def parse(self, pieces: Iterable[bytes]) -> None:
        """Read a part; ValueError where it is no XML."""
        try:
            for piece in pieces:
                self._parser.Parse(piece, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise ValueError(str(error)) from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind in self._containers:
            self._runs = Runs()
        elif kind == "r" and self._runs is not None:
            self._runs.is_raised = False
        elif kind == "vertAlign" and self._runs is not None:
            self._runs.is_raised = attributes.get("val") == "superscript"
        elif kind == "rPh":
            self._phonetic = True
        elif kind == "t" and self._runs is not None and not self._phonetic:
            self._parser.CharacterDataHandler = self._runs.add
        else:
            self._other(kind, attributes)

    def _end(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        if kind in ("t", "v"):
            self._parser.CharacterDataHandler = None
        elif kind == "rPh":
            self._phonetic = False
        if kind in self._containers and self._runs is not None:
            self._ended(self._runs)
            self._runs = None

    def _other(self, kind: str, attributes: dict[str, str]) -> None: ...

    def _ended(self, runs: Runs) -> None:
        raise NotImplementedError


class _Shared(_Parser):
    def __init__(self) -> None:
        super().__init__(frozenset({"si"}))
        self.found: dict[int, str] = {}
        self._number = 0

    def _ended(self, runs: Runs) -> None:
        if (text := runs.text()) is not None:
            self.found[self._number] = text
        self._number += 1


class _Cells(_Parser):
    def __init__(self, shared: Mapping[int, str]) -> None:
        super().__init__(frozenset({"is"}))
        self.found: dict[Place, str] = {}
        self._shared = shared
        self._row, self._column = -1, -1
        self._value: list[str] = []
        self._is_shared = False

    def _other(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif kind == "c":
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self._column = column_of(letters.encode()) if letters else self._column + 1
            self._is_shared = attributes.get("t") == "s" and bool(self._shared)
        elif kind == "v" and self._is_shared:
            self._value = []
            self._parser.CharacterDataHandler = self._value.append

    def _end(self, name: str) -> None:
        super()._end(name)
        if name.rpartition(":")[2] == "v" and self._is_shared:
            text = self._shared.get(int("".join(self._value) or -1))
            if text is not None:
                self.found[(self._row, self._column)] = text

    def _ended(self, runs: Runs) -> None:
        if (text := runs.text()) is not None:
            self.found[(self._row, self._column)] = text


def shared_strings(octets: bytes) -> dict[int, str]:
    """The shared strings of a workbook that raise something, by their number."""
    if MARK not in octets:
        return {}
    parser = _Shared()
    parser.parse([octets])
    return parser.found


def raised_cells(pieces: Iterable[bytes], shared: Mapping[int, str]) -> dict[Place, str]:
    """The cells of a sheet that raise something."""
    parser = _Cells(shared)
    parser.parse(pieces)
    return parser.found
