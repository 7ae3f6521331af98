"""What the columns of a file hold, learnt while it streams by: counts, values, readable types, personal data."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract.options import PLACEHOLDERS
from etl.draft.moments import Order, order_of, settle
from etl.draft.personal import Marked, Personal, kinds_in, marked
from etl.values.convert import (
    SHAPES,
    TIMESTAMP,
    CastThenParse,
    Converter,
    parse_date,
    plain_integers,
    plain_numbers,
    plausible_moment,
)
from etl.values.dates import DateParser
from etl.values.numbers import is_boolean_word, parse_number
from etl.values.text import clean, placeholders

MANY = 2_000
"""So many different values of a column are counted one by one; of one with more only a sample is kept."""
HASHED = 200_000
"""So many rows are looked at for a key of several columns."""
TOLERATED = 0.02
"""This share of values may be unreadable in a column that is of a type all the same."""

_SAMPLE = 200
_YES_OR_NO = re.compile(r"[是否有无√×]|y|n|yes|no|true|false", re.IGNORECASE)
_WORDS = placeholders(PLACEHOLDERS)


@dataclass
class Profile:
    """One column: all numbers count rows."""

    name: str
    header: str
    rows: int = 0
    filled: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    """How often each value stands there; of more than `MANY` the first ones, not counted to the end."""
    many: bool = False
    """Whether there are more than `MANY` different values."""
    unique: bool = True
    shortest: int = 0
    longest: int = 0
    leading_zeros: int = 0
    readable: dict[str, int] = field(default_factory=dict)
    """By type: how many values can be read so; only of types that most values have."""
    unreadable: dict[str, str] = field(default_factory=dict)
    """By type: a value that cannot be read so."""
    order: Order | None = None
    """How days are written, where that has to be said."""
    personal: Marked | None = None

    @property
    def empty(self) -> int:
        """Rows without a value."""
        return self.rows - self.filled

    @property
    def distinct(self) -> int | None:
        """Different values; None for more than `MANY`."""
        return None if self.many else len(self.counts)

    @property
    def examples(self) -> list[str]:
        """A few values, the most frequent first."""
        return [text for text, _ in self.counts.most_common(3)]

    def share(self, kind: str) -> float:
        """Share of the values that can be read as a type."""
        return self.readable.get(kind, 0) / self.filled if self.filled else 0.0


class Profiler:
    """Learns the columns of one file from its batches; memory does not grow with the file but for ids (8 bytes a row)."""

    def __init__(self, headers: Mapping[str, str], *, serials: bool = False) -> None:
        self.profiles = {name: Profile(name, header) for name, header in headers.items()}
        self._readers = {name: dict(_readers(serials)) for name in headers}
        self._personal: dict[str, Counter[Personal]] = {name: Counter() for name in headers}
        self._looked: Counter[str] = Counter()
        self._hashes: dict[str, list[Any]] = {name: [] for name in headers}
        self._rows = 0

    def add(self, batch: Any) -> None:
        """Look at a batch: text columns by field name."""
        self._rows += batch.num_rows
        for name, profile in self.profiles.items():
            column = batch[name]
            values = column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
            values = clean(values, _WORDS)
            self._add(profile, values)

    def finish(self) -> list[Profile]:
        """The columns, in their order."""
        for name, profile in self.profiles.items():
            profile.unique = profile.unique and self._is_unique(name)
            seen, looked = self._personal[name], self._looked[name]
            profile.personal = marked(profile.header, seen, looked)
            if not profile.personal or profile.personal.kind == "name":
                profile.order = order_of(profile.counts)
        orders = settle({n: p.order for n, p in self.profiles.items() if p.order is not None})
        for name, order in orders.items():
            by = self.profiles.get(order.settled_by)
            self.profiles[name].order = replace(order, settled_by=by.header if by else "")
        return list(self.profiles.values())

    @property
    def looked_at(self) -> int:
        """So many rows are compared for keys of several columns."""
        return min(self._rows, HASHED)

    def unique_together(self, names: Sequence[str]) -> bool:
        """Whether no two rows agree in all of these columns, of the first `HASHED` that are not the same all over."""
        if len(names) == 1 and self.profiles[names[0]].unique:
            return True
        mixed = self._mixed(names)[self._fresh]
        return bool(len(mixed)) and len(np.unique(mixed)) == len(mixed)

    def repeated(self, name: str) -> float:
        """Share of the rows, but for exact repetitions, that have another one's value in this column."""
        values = self._mixed([name])[self._fresh]
        return 1 - len(np.unique(values)) / len(values) if len(values) else 1.0

    @cached_property
    def _fresh(self) -> Any:
        """The first of each group of rows that are the same all over."""
        _, first = np.unique(self._mixed(list(self.profiles)), return_index=True)
        return np.sort(first)

    def _mixed(self, names: Sequence[str]) -> Any:
        mixed: Any = np.zeros(self.looked_at, np.uint64)
        for name in names:
            part = np.concatenate(self._hashes[name] or [np.empty(0, np.uint64)])
            mixed = mixed * np.uint64(0x9E3779B97F4A7C15) + part[: self.looked_at]
        return mixed

    def _add(self, profile: Profile, values: Any) -> None:
        profile.rows += len(values)
        hashes = pd.util.hash_array(values.to_numpy(zero_copy_only=False).astype(object))
        if profile.unique or self._rows - len(values) < HASHED:
            self._hashes[profile.name].append(hashes)
        present = values.drop_null()
        if values.null_count:
            profile.unique = False
        if not len(present):
            return
        profile.filled += len(present)
        counted = present.value_counts()
        words, times = counted.field("values"), counted.field("counts")
        if len(words) < len(present):
            profile.unique = False
        lengths = pc.min_max(pc.utf8_length(words)).as_py()
        profile.shortest = min(profile.shortest or lengths["min"], lengths["min"])
        profile.longest = max(profile.longest, lengths["max"])
        zeros = pc.match_substring_regex(words, pattern=r"^0\d+$")
        profile.leading_zeros += int(pc.sum(times.filter(zeros)).as_py() or 0)
        self._count(profile, words, times)
        self._read(profile, words, times)
        self._look_for_people(profile, words, times)

    def _count(self, profile: Profile, words: Any, times: Any) -> None:
        room = MANY + 1 - len(profile.counts)
        known = profile.counts
        if profile.many:
            return
        if len(words) > MANY + room:
            words, times, profile.many = words[:room], times[:room], True
        for text, count in zip(words.to_pylist(), times.to_pylist(), strict=True):
            known[text] += count
        profile.many = profile.many or len(known) > MANY

    def _read(self, profile: Profile, words: Any, times: Any) -> None:
        readers = self._readers[profile.name]
        counts = times.to_numpy()
        first = profile.filled == int(counts.sum())
        for kind, convert in list(readers.items()):
            if first:
                sample, _ = convert(words[:_SAMPLE])
                if sample.null_count * 2 > len(sample):
                    del readers[kind]
                    profile.readable.pop(kind, None)
                    continue
            typed, _ = convert(words)
            read = typed.is_valid().to_numpy(zero_copy_only=False)
            profile.readable[kind] = profile.readable.get(kind, 0) + int(counts[read].sum())
            if not read.all():
                profile.unreadable.setdefault(kind, words[int(np.argmin(read))].as_py())
            if profile.readable[kind] * 2 < profile.filled:
                del readers[kind], profile.readable[kind]

    def _look_for_people(self, profile: Profile, words: Any, times: Any) -> None:
        if self._looked[profile.name] > 20 * _SAMPLE:
            return
        few = slice(0, 5 * _SAMPLE)
        for text, count in zip(words[few].to_pylist(), times[few].to_pylist(), strict=True):
            self._looked[profile.name] += count
            for kind in kinds_in(text):
                self._personal[profile.name][kind] += count

    def _is_unique(self, name: str) -> bool:
        hashes = np.concatenate(self._hashes[name] or [np.empty(0, np.uint64)])
        return bool(len(hashes)) and len(np.unique(hashes)) == len(hashes)


def _readers(serials: bool) -> Iterable[tuple[str, Converter]]:
    """What a column may be read as, by the loader's own readers."""
    for kind, arrow, plain in (
        ("integer", pa.int64(), plain_integers),
        ("number", pa.float64(), plain_numbers),
    ):
        parse = partial(parse_number, unit=None, integer=kind == "integer", scale=Decimal(1))
        yield kind, CastThenParse(arrow, parse, plain, _WORDS)
    day = parse_date(DateParser(time=False, serials=serials))
    yield "date", CastThenParse(pa.date32(), day, plausible_moment, _WORDS, SHAPES)
    moment = DateParser(time=True, serials=serials)
    yield "timestamp", CastThenParse(TIMESTAMP, moment, plausible_moment, _WORDS, SHAPES)
    yield "boolean", _booleans


def _booleans(values: Any) -> tuple[Any, list[Any]]:
    words = values.to_pylist()
    # 1 and 0, x and v say yes and no to the loader, and are numbers or texts to whoever has not been told so.
    yes_or_no = [
        True if is_boolean_word(word) and _YES_OR_NO.fullmatch(word) else None for word in words
    ]
    return pa.array(yes_or_no, pa.bool_()), []
