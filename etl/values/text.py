"""Text as everyone means it: full-width made half-width, edges trimmed; nearly free where nothing is to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.values.marks import PECULIAR, nfkc, without_notes

# Characters without width, which no eye sees and no join survives: joiners, marks of direction, of variants,
# fillers, controls. A NUL stays, since it is damage, and so do line ends.
_INVISIBLE = (
    "[\x01-\x08\v\f\x0e-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff]"
)
_INVISIBLE_TEXT = re.compile(_INVISIBLE)
_EDGES = " \t\r\n\v\f\u0085\u00a0\u3000"
_LINE_ENDS = np.array([0, 9, 10, 13], np.uint8)

# What keeps a spreadsheet from taking an id for a number: ="0001", '0001, `0001.
_PROTECTED = (
    (r'^\s*="([^"]*)"\s*$', r"\1"),
    (r"^\s*'([^']*)'?\s*$", r"\1"),
    (r"^\s*[`’‘]([0-9A-Za-z][^`’‘]*)$", r"\1"),
)
_PROTECTED_TEXT = tuple((re.compile(pattern, re.ASCII), bare) for pattern, bare in _PROTECTED)


class Cells:
    """A string column with its bytes at hand, which tell cheaply that nothing is to be done."""

    __slots__ = ("data", "lengths", "marked", "offsets", "values")

    def __init__(self, values: Any, *, marked: bool = False) -> None:
        self.values = values
        self.marked = marked
        self.data, self.offsets = raw(values)
        self.lengths = np.diff(self.offsets)

    @property
    def ascii(self) -> bool:
        """Whether all is ASCII."""
        return not len(self.data) or int(self.data.max()) < 0x80

    def cleaned(self) -> Cells:
        """NFKC but for marks, invisible and protecting characters removed, edges trimmed, empty made null.

        Inner line ends stay. `marked` then says whether a value may hold marks such as ①.
        """
        rows = self._untidy()
        if rows is None:
            return self
        untidy = self.values.take(rows)
        tidy = pc.utf8_normalize(untidy, form="NFKC")
        peculiar = pc.match_substring_regex(untidy, PECULIAR)
        marked = bool(pc.any(peculiar).as_py())
        if marked:
            words = untidy.filter(peculiar).dictionary_encode()
            kept = pa.array([nfkc(word) for word in words.dictionary.to_pylist()], pa.string())
            tidy = pc.replace_with_mask(tidy, peculiar.fill_null(False), kept.take(words.indices))
        tidy = pc.replace_substring_regex(tidy, pattern=_INVISIBLE, replacement="")
        for pattern, bare in _PROTECTED:
            tidy = pc.replace_substring_regex(tidy, pattern=pattern, replacement=bare)
        return Cells(_put(self.values, rows, trim(tidy)), marked=marked)

    def without(self, words: Placeholders) -> Cells:
        """Placeholders made null."""
        rows = words.rows(self)
        if rows is None:
            return self
        return Cells(_put(self.values, rows, None), marked=self.marked)

    def _untidy(self) -> Any:
        """Rows that cleaning might change, as an index; None where there are none.

        Judged by bytes: ASCII without controls between ASCII edges, and the common Chinese characters
        (lead bytes E4 to E9), are already what NFKC makes of them.
        """
        data, offsets = self.data, self.offsets
        suspects: list[Any] = []
        if not self.ascii:
            odd = np.flatnonzero((data >= 0xC0) & ((data - np.uint8(0xE4)) > 5))
            if len(odd):
                suspects.append(np.searchsorted(offsets, odd, side="right") - 1)
        starts, ends = offsets[:-1], offsets[1:]
        filled = None
        if len(self.lengths) and int(self.lengths.min()) == 0:
            filled = self.lengths > 0
            empty = ~filled
            if self.values.null_count:
                empty &= self.values.is_valid().to_numpy(zero_copy_only=False)
            if empty.any():
                suspects.append(np.flatnonzero(empty))
            starts, ends = starts[filled], ends[filled]
        if len(data) and (int(data.min()) < 0x20 or int(data.max()) == 0x7F):
            control = np.flatnonzero(((data < 0x20) & ~np.isin(data, _LINE_ENDS)) | (data == 0x7F))
            suspects.append(np.searchsorted(offsets, control, side="right") - 1)
        first = data[starts]
        # Blank, or one of what may protect an id: ' is 0x27, and hardly any text begins with what is below.
        edge = (first <= 0x27) | (first == 0x3D) | (first == 0x60) | (data[ends - 1] <= 0x20)
        if edge.any():
            rows = np.flatnonzero(edge)
            suspects.append(rows if filled is None else np.flatnonzero(filled)[rows])
        if not suspects:
            return None
        rows = np.unique(np.concatenate(suspects))
        return pa.array(rows) if len(rows) else None


class Placeholders:
    """The words that stand for "nothing was filled in", in whatever case."""

    def __init__(self, words: Iterable[str]) -> None:
        cases = (str, str.lower, str.upper, str.capitalize, str.title)
        bare = list(filter(None, map(normalise, words)))
        self.words = frozenset(case(word) for word in bare for case in cases)
        self._set = pa.array(sorted(self.words), pa.string())
        longest = max((len(word.encode()) for word in self.words), default=0)
        # By length, and by length and first byte.
        self._lengths: Any = np.zeros(longest + 2, bool)
        self._begins: Any = np.zeros((longest + 2, 256), bool)
        for word in map(str.encode, self.words):
            self._lengths[len(word)] = self._begins[len(word), word[0]] = True

    def rows(self, cells: Cells) -> Any:
        """Where the column holds a placeholder; None where nowhere."""
        # Hardly any cell has a placeholder's length and first byte; only those are compared.
        short = self._lengths[np.minimum(cells.lengths, len(self._lengths) - 1)]
        if not short.any():
            return None
        size = int(cells.lengths[0])
        even = size and size * len(short) == len(cells.data) and bool((cells.lengths == size).all())
        # Ids are mostly of one length: then their first bytes stand at equal distances.
        if even and not self._begins[size][cells.data[::size]].any():
            return None
        rows = np.flatnonzero(short)
        rows = rows[self._begins[cells.lengths[rows], cells.data[cells.offsets[rows]]]]
        if not len(rows):
            return None
        absent = pc.is_in(cells.values.take(pa.array(rows)), value_set=self._set)
        rows = rows[absent.to_numpy(zero_copy_only=False)]
        return rows if len(rows) else None


@lru_cache(maxsize=64)
def placeholders(words: tuple[str, ...]) -> Placeholders:
    """The placeholders of a contract; made once."""
    return Placeholders(words)


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str:
    """One value, as `Cells.cleaned` makes it of a whole column."""
    text = _INVISIBLE_TEXT.sub("", nfkc(text))
    for pattern, bare in _PROTECTED_TEXT:
        text = pattern.sub(bare, text)
    return text.strip(_EDGES)


def clean(values: Any, words: Placeholders) -> Any:
    """The column cleaned, placeholders made null."""
    return Cells(values).cleaned().without(words).values


def unmarked(values: Any) -> tuple[Any, Any]:
    """The column without the marks at the ends of its values, and the rows that had some."""
    encoded = values.dictionary_encode()
    words = encoded.dictionary.to_pylist()
    bare = [without_notes(word) for word in words]
    changed = np.array([a != b for a, b in zip(words, bare, strict=True)], bool)
    if not changed.any():
        return values, ()
    rows = pa.array(changed).take(encoded.indices).fill_null(False)
    return pa.array(bare, pa.string()).take(encoded.indices), np.flatnonzero(rows)


def trim(values: Any) -> Any:
    """Edges trimmed, empty made null; of free text nothing else is changed."""
    return filled(pc.utf8_trim(values, characters=_EDGES))


def filled(values: Any) -> Any:
    """The column with empty texts made null."""
    _, offsets = raw(values)
    empty = np.diff(offsets) == 0
    if values.null_count:
        empty &= values.is_valid().to_numpy(zero_copy_only=False)
    return pc.if_else(pa.array(~empty), values, None) if empty.any() else values


def free_text(values: Any, words: Placeholders) -> Cells:
    """Text as sent but for its edges and placeholders."""
    return Cells(trim(values)).without(words)


def raw(values: Any) -> tuple[Any, Any]:
    """The bytes of a string column and the offsets into them, both as numpy arrays."""
    _, offsets, data = values.buffers()
    if len(values) == 0 or data is None:
        return np.empty(0, np.uint8), np.zeros(len(values) + 1, np.int32)
    bounds = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
    first, last = int(bounds[0]), int(bounds[-1])
    return np.frombuffer(data, np.uint8)[first:last], bounds - first if first else bounds


def mask_of(size: int, rows: Any) -> Any:
    """True at these rows."""
    mask: Any = np.zeros(size, bool)
    mask[np.asarray(rows)] = True
    return mask


def _put(values: Any, rows: Any, replacement: Any) -> Any:
    mask = mask_of(len(values), rows)
    if replacement is None:
        return pc.if_else(pa.array(~mask), values, None)
    return pc.replace_with_mask(values, pa.array(mask), replacement)
