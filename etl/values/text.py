"""Text as everyone means it: full-width made half-width, edges trimmed; nearly free where nothing is to do."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Characters without width, which no eye sees and no join survives.
_INVISIBLE = "[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]"
_EDGES = " \t\r\n\v\f\u0085\u00a0\u3000"


class Cells:
    """A string column with its bytes at hand, which tell cheaply that nothing is to be done."""

    __slots__ = ("data", "lengths", "offsets", "values")

    def __init__(self, values: Any) -> None:
        self.values = values
        self.data, self.offsets = raw(values)
        self.lengths = np.diff(self.offsets)

    @property
    def ascii(self) -> bool:
        """Whether all is ASCII."""
        return not len(self.data) or int(self.data.max()) < 0x80

    def cleaned(self) -> Cells:
        """NFKC, invisible characters removed, edges trimmed, empty made null; inner line ends stay."""
        rows = self._untidy()
        if rows is None:
            return self
        tidy = pc.utf8_normalize(self.values.take(rows), form="NFKC")
        tidy = pc.replace_substring_regex(tidy, pattern=_INVISIBLE, replacement="")
        return Cells(_put(self.values, rows, trim(tidy)))

    def without(self, words: Placeholders) -> Cells:
        """Placeholders made null."""
        rows = words.rows(self)
        return self if rows is None else Cells(_put(self.values, rows, None))

    def _untidy(self) -> Any:
        """Rows that cleaning might change, as an index; None where there are none.

        Judged by bytes: ASCII between ASCII edges, and the common Chinese characters
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
        edge = (data[starts] <= 0x20) | (data[ends - 1] <= 0x20)
        if edge.any():
            rows = np.flatnonzero(edge)
            suspects.append(rows if filled is None else np.flatnonzero(filled)[rows])
        return pa.array(np.unique(np.concatenate(suspects))) if suspects else None


class Placeholders:
    """The words that stand for "nothing was filled in"."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(filter(None, map(normalise, words)))
        self._set = pa.array(sorted(self.words), pa.string())
        lengths = {len(word.encode()) for word in self.words}
        self._lengths: Any = np.zeros(max(lengths, default=0) + 2, bool)
        self._lengths[list(lengths)] = True

    def rows(self, cells: Cells) -> Any:
        """Where the column holds a placeholder; None where nowhere."""
        # Hardly any cell has a placeholder's length; only those are compared.
        short = self._lengths[np.minimum(cells.lengths, len(self._lengths) - 1)]
        if not short.any():
            return None
        rows = np.flatnonzero(short)
        found = pc.is_in(cells.values.take(pa.array(rows)), value_set=self._set)
        rows = rows[found.to_numpy(zero_copy_only=False)]
        return rows if len(rows) else None


@lru_cache(maxsize=64)
def placeholders(words: tuple[str, ...]) -> Placeholders:
    """The placeholders of a contract; made once."""
    return Placeholders(words)


def normalise(text: str) -> str:
    """One value, as `Cells.cleaned` makes it of a whole column."""
    return Cells(pa.array([text], pa.string())).cleaned().values[0].as_py() or ""


def clean(values: Any, words: Placeholders) -> Any:
    """The column cleaned, placeholders made null."""
    return Cells(values).cleaned().without(words).values


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
