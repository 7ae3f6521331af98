"""Rich text: 823 with a raised 1 is read as 823¹, not as 8231; of 800 struck out before 823 only 823 is read.

Calamine flattens it. Only workbooks that raise or strike something are looked at a second time: an XLSX's shared strings,
and the sheets that use these or hold rich text of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from xml.parsers import expat

from etl.decode.marks import Marks, Place, Rich
from etl.decode.sheet_xml import TRUE, column_of

_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "()[]（）[]〔〕")


class Runs:
    """Collects the runs of one text."""

    def __init__(self) -> None:
        self.is_raised = False
        self.is_struck: bool | None = None
        self._runs: list[tuple[str, bool | None]] = []
        self._any_raised = False

    def add(self, text: str) -> None:
        """The text of a run, or a part of it."""
        self._runs.append((text.translate(_RAISED) if self.is_raised else text, self.is_struck))
        self._any_raised |= self.is_raised and bool(text)

    def rich(self, *, cells_struck: bool) -> Rich | None:
        """The whole, where calamine's flat text says too little; `cells_struck`: cells may be struck out as a whole."""
        struck = {is_struck for text, is_struck in self._runs if text}
        if self._any_raised or True in struck or (cells_struck and False in struck):
            return Rich(tuple(self._runs))
        return None


def read_texts(rich: Mapping[Place, Rich], marks: Marks, *, counts: bool) -> dict[Place, str]:
    """What is read of each text, with or (`counts`) without regard to struck runs; the marks get what is struck out."""
    texts = {}
    for place, each in rich.items():
        is_cell_struck = place in marks.struck
        marks.struck.discard(place)
        whole = "".join(text for text, _ in each.runs)
        kept = "".join(
            text
            for text, is_struck in each.runs
            if not (is_cell_struck if is_struck is None else is_struck)
        )
        texts[place] = whole
        if not kept.strip():
            marks.struck.add(place)
        elif kept != whole:
            marks.struck_runs[place] = whole
            texts[place] = whole if counts else kept
    return texts


class _Parser:
    """Events of both kinds of parts; `containers` are the elements that hold a string."""

    def __init__(self, containers: frozenset[str], *, cells_struck: bool) -> None:
        self._containers = containers
        self._cells_struck = cells_struck
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
        runs = self._runs
        if kind in self._containers:
            self._runs = Runs()
        elif runs is None:
            self._other(kind, attributes)
        elif kind == "r":
            runs.is_raised, runs.is_struck = False, None
        elif kind == "rPr":
            runs.is_struck = False
        elif kind == "strike":
            runs.is_struck = attributes.get("val", "1") in TRUE
        elif kind == "vertAlign":
            runs.is_raised = attributes.get("val") == "superscript"
        elif kind == "rPh":
            self._phonetic = True
        elif kind == "t" and not self._phonetic:
            self._parser.CharacterDataHandler = runs.add

    def _end(self, name: str) -> None:
        kind = name.rpartition(":")[2]
        if kind in ("t", "v"):
            self._parser.CharacterDataHandler = None
        elif kind == "rPh":
            self._phonetic = False
        if kind in self._containers and self._runs is not None:
            rich = self._runs.rich(cells_struck=self._cells_struck)
            self._runs = None
            self._ended(rich)

    def _other(self, kind: str, attributes: dict[str, str]) -> None: ...

    def _ended(self, rich: Rich | None) -> None:
        raise NotImplementedError


class _Shared(_Parser):
    def __init__(self, *, cells_struck: bool) -> None:
        super().__init__(frozenset({"si"}), cells_struck=cells_struck)
        self.found: dict[int, Rich] = {}
        self._number = 0

    def _ended(self, rich: Rich | None) -> None:
        if rich is not None:
            self.found[self._number] = rich
        self._number += 1


class _Cells(_Parser):
    def __init__(self, shared: Mapping[int, Rich], *, cells_struck: bool) -> None:
        super().__init__(frozenset({"is"}), cells_struck=cells_struck)
        self.found: dict[Place, Rich] = {}
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
            rich = self._shared.get(int("".join(self._value) or -1))
            if rich is not None:
                self.found[self._row, self._column] = rich

    def _ended(self, rich: Rich | None) -> None:
        if rich is not None:
            self.found[self._row, self._column] = rich


def shared_strings(octets: bytes, *, cells_struck: bool) -> dict[int, Rich]:
    """The shared strings of a workbook that raise or strike something, by their number."""
    if not any(mark in octets for mark in (b"vertAlign", b"strike", b"rPr")[: 2 + cells_struck]):
        return {}
    parser = _Shared(cells_struck=cells_struck)
    parser.parse([octets])
    return parser.found


def rich_cells(
    pieces: Iterable[bytes], shared: Mapping[int, Rich], *, cells_struck: bool
) -> dict[Place, Rich]:
    """The cells of a sheet that raise or strike something."""
    parser = _Cells(shared, cells_struck=cells_struck)
    parser.parse(pieces)
    return parser.found
