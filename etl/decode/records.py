"""The first records of a delimited text with their places, which neither Python's csv nor Arrow tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Record:
    """One record and where it stands in the text."""

    cells: tuple[str, ...]
    start: int
    end: int


def records(text: str, delimiter: str, *, limit: int, whole: bool) -> Iterator[Record]:
    """Up to `limit` records; a last one that the text may have cut is left out unless it is `whole`."""
    position, length = 0, len(text)
    for _ in range(limit):
        if position >= length:
            return
        record = _record(text, position, delimiter)
        if record.end >= length and not whole and not text.endswith(("\n", "\r")):
            return
        yield record
        position = record.end


def _record(text: str, start: int, delimiter: str) -> Record:
    cells: list[str] = []
    position, length = start, len(text)
    while True:
        cell, position = _cell(text, position, delimiter)
        cells.append(cell)
        if position >= length:
            return Record(tuple(cells), start, length)
        if text[position] == delimiter:
            position += 1
            continue
        end = position + (2 if text.startswith("\r\n", position) else 1)
        return Record(tuple(cells), start, end)


def _cell(text: str, position: int, delimiter: str) -> tuple[str, int]:
    parts: list[str] = []
    if text.startswith('"', position):
        position += 1
        while True:
            quote = text.find('"', position)
            if quote < 0:
                return "".join([*parts, text[position:]]), len(text)
            parts.append(text[position:quote])
            position = quote + 1
            if not text.startswith('"', position):
                break
            parts.append('"')
            position += 1
    end = position
    while end < len(text) and text[end] not in (delimiter, "\n", "\r"):
        end += 1
    return "".join([*parts, text[position:end]]), end
