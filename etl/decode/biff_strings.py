"""The shared strings of an XLS whose rich text raises something: 823 with a raised 1 is read as 823¹ ([MS-XLS] 2.4.265)."""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence

from etl.decode.raised import Runs

_WIDE, _FAR_EAST, _RICH = 0x01, 0x04, 0x08


def raised_strings(chunks: Sequence[bytes], fonts: Collection[int]) -> dict[int, str]:
    """By number, with these fonts' runs as superscripts; `chunks` are the record and what continues it."""
    strings = _Strings(chunks)
    _, count = struct.unpack("<II", strings.take(8))
    raised = {}
    for number in range(count):
        text, runs = strings.next()
        marked = Runs()
        for (start, font), (end, _) in zip(runs, [*runs[1:], (len(text), 0)], strict=True):
            marked.is_raised = font in fonts
            if start < end:
                marked.add(text[2 * start : 2 * end].decode("utf-16-le", "replace"))
        if (told := marked.text()) is not None:
            raised[number] = told
    return raised


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
        size, flags = struct.unpack("<HB", self.take(3))
        runs = struct.unpack("<H", self.take(2))[0] if flags & _RICH else 0
        more = struct.unpack("<I", self.take(4))[0] if flags & _FAR_EAST else 0
        text = self._letters(size, wide=bool(flags & _WIDE))
        fonts = [struct.unpack("<HH", self.take(4)) for _ in range(runs)]
        self.take(more)
        return text, [(0, -1), *fonts]

    def _letters(self, size: int, *, wide: bool) -> bytes:
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
