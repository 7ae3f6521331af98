"""The strings of an XLS whose rich text raises or strikes something ([MS-XLS] 2.4.265 SST; RSTRING as older writers have it)."""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from typing import NamedTuple

from etl.decode.marks import Rich
from etl.decode.rich import Runs

_WIDE, _FAR_EAST, _RICH = 0x01, 0x04, 0x08
_CELLS = -1


class Fonts(NamedTuple):
    """The numbers of the fonts that mean something."""

    raised: Collection[int]
    struck: Collection[int]


def rich_strings(chunks: Sequence[bytes], fonts: Fonts) -> dict[int, Rich]:
    """The shared strings that raise or strike something, by number; `chunks` are the record and what continues it."""
    strings = _Strings(chunks)
    _, count = struct.unpack("<II", strings.take(8))
    every = {number: _rich(*strings.next(), fonts) for number in range(count)}
    return {number: rich for number, rich in every.items() if rich is not None}


def rich_string(body: bytes, fonts: Fonts) -> Rich | None:
    """The text of an RSTRING record behind its place: count, width, letters, then the runs."""
    strings = _Strings([body])
    text = strings.letters(*strings.head())
    (count,) = struct.unpack("<H", strings.take(2))
    return _rich(text, strings.runs(count), fonts)


def _rich(text: bytes, runs: list[tuple[int, int]], fonts: Fonts) -> Rich | None:
    """`text` in UTF-16; the first run has the cell's own font."""
    marked = Runs()
    for (start, font), (end, _) in zip(runs, [*runs[1:], (len(text), 0)], strict=True):
        marked.is_raised = font in fonts.raised
        marked.is_struck = None if font == _CELLS else font in fonts.struck
        if start < end:
            marked.add(text[2 * start : 2 * end].decode("utf-16-le", "replace"))
    return marked.rich(cells_struck=bool(fonts.struck))


class _Strings:
    """Reads on over the ends of records; raises ValueError or struct.error where they hold less than they say."""

    def __init__(self, chunks: Sequence[bytes]) -> None:
        self._chunks = chunks
        self._chunk = self._place = 0

    def take(self, size: int) -> bytes:
        """So many bytes."""
        parts = []
        while size:
            part = self._part(size)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def next(self) -> tuple[bytes, list[tuple[int, int]]]:
        """The next string in UTF-16, and its runs: from which letter on it has which font."""
        size, flags = self.head()
        count = struct.unpack("<H", self.take(2))[0] if flags & _RICH else 0
        more = struct.unpack("<I", self.take(4))[0] if flags & _FAR_EAST else 0
        text = self.letters(size, flags)
        runs = self.runs(count)
        self.take(more)
        return text, runs

    def head(self) -> tuple[int, int]:
        """How many letters follow, and the flags."""
        size, flags = struct.unpack("<HB", self.take(3))
        return size, flags

    def runs(self, count: int) -> list[tuple[int, int]]:
        """From which letter on there is which font."""
        return [(0, _CELLS), *(struct.unpack("<HH", self.take(4)) for _ in range(count))]

    def letters(self, size: int, flags: int) -> bytes:
        """So many letters in UTF-16."""
        wide = bool(flags & _WIDE)
        parts = []
        while size:
            if self._place == len(self._chunks[self._chunk]):
                # What continues a text says anew how wide its letters are.
                wide = bool(self.take(1)[0] & _WIDE)
            part = self._part(size * (1 + wide))
            size -= len(part) // (1 + wide)
            parts.append(part if wide else part.decode("latin-1").encode("utf-16-le"))
        return b"".join(parts)

    def _part(self, size: int) -> bytes:
        while self._place == len(self._chunks[self._chunk]):
            self._chunk, self._place = self._chunk + 1, 0
            if self._chunk == len(self._chunks):
                raise ValueError("strings")
        part = self._chunks[self._chunk][self._place : self._place + size]
        self._place += len(part)
        return part
