"""Whole columns of text made into typed columns: canonical values at once, the rest value by value.

Every converter takes a column of text and gives a typed column and the faults in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.reasons import Reason
from etl.values.damage import is_error_word
from etl.values.dates import EXCEL_FORMAT, DateParser
from etl.values.faults import ERROR_CELL, NOTE_MARK, NUL_CELL, Remarked
from etl.values.marks import without_notes
from etl.values.text import Cells, Placeholders, clean, raw

Bad = list[tuple[Any, str, Reason]]
"""Rows (numpy index), what they hold, what was expected; a reason that is no error is a remark on a good value."""
Converted = tuple[Any, Bad]
Converter = Callable[[Any], Converted]
Parse = Callable[[str], Any]

TIMESTAMP = pa.timestamp("us")
_SMALLEST = 64
_SAMPLE = 16
_FIRST_DAY = -354_285  # 1000-01-01 as a day number
_MICROSECONDS_A_DAY = 86_400_000_000


def parse_noted(parse: Parse, text: str) -> Any:
    """The value; one that can be read only without the mark of a note at its end (823①) is remarked on."""
    value = parse(text)
    if not isinstance(value, Reason):
        return value
    bare = without_notes(text)
    again = value if bare == text else parse(bare)
    return value if isinstance(again, Reason) else Remarked(again, NOTE_MARK)


def by_value(values: Any, parse: Parse, kind: Any) -> Converted:
    """Each differing value through `parse`, which gives the typed value, one `Remarked`, or a `Reason`."""
    encoded = values.dictionary_encode()
    typed: list[Any] = []
    bad: Bad = []
    positions = encoded.indices.fill_null(-1).to_numpy() if encoded.indices.null_count else None
    for number, text in enumerate(encoded.dictionary.to_pylist()):
        value = NUL_CELL if "\0" in text else parse(text)
        if isinstance(value, Reason | Remarked):
            if positions is None:
                positions = encoded.indices.to_numpy()
            reason = value.remark if isinstance(value, Remarked) else value
            bad.append((np.flatnonzero(positions == number), text, reason))
            value = value.value if isinstance(value, Remarked) else None
        typed.append(value)
    return pa.array(typed, kind).take(encoded.indices), bad


@dataclass(frozen=True)
class CastThenParse:
    """Arrow's own cast where it accepts a column; else the parts it refuses, value by value.

    A cast says no to a whole column for one bad cell: halving finds the cell without
    giving up the speed for its neighbours.
    """

    kind: Any
    parse: Parse
    plausible: Callable[[Any, Any], bool]
    placeholders: Placeholders
    shapes: tuple[tuple[re.Pattern[str], str], ...] = ()
    """Common other ways to write a moment: what they look like, and their strptime format."""
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, values: Any) -> Converted:
        """The typed column and its faults."""
        typed = self._cast(values)
        if typed is not None:
            return typed, []
        values = clean(values, self.placeholders)
        if self._mostly_refused(values):
            return self._slowly(values)
        parts: list[Any] = []
        bad: Bad = []
        for start, part, typed in self._halve(values, 0):
            if typed is None:
                typed, wrong = self._slowly(part)
                bad += [(rows + start, text, expected) for rows, text, expected in wrong]
            parts.append(typed)
        return pa.concat_arrays(parts), bad

    def parse_alias(self, text: str) -> Any:
        """One value, by the name that the contract gives it."""
        text = self.aliases.get(text, text)
        return (
            ERROR_CELL
            if text[:1] in "#=E" and is_error_word(text)
            else parse_noted(self.parse, text)
        )

    def _cast(self, values: Any) -> Any:
        if values.null_count == len(values):
            return pa.nulls(len(values), self.kind)
        try:
            typed = values.cast(self.kind)
        except pa.ArrowInvalid:
            return None
        return typed if self.plausible(values, typed) else None

    def _mostly_refused(self, values: Any) -> bool:
        sample = values.drop_null()[:_SAMPLE]
        refused = sum(self._cast(sample[i : i + 1]) is None for i in range(len(sample)))
        return refused * 2 > len(sample)

    def _halve(self, values: Any, start: int) -> Iterator[tuple[int, Any, Any]]:
        typed = self._cast(values)
        if typed is not None or len(values) <= _SMALLEST:
            yield start, values, typed
        else:
            half = len(values) // 2
            yield from self._halve(values[:half], start)
            yield from self._halve(values[half:], start + half)

    def _slowly(self, values: Any) -> Converted:
        shaped = self._shaped(values)
        if shaped is None:
            return by_value(values, self.parse_alias, self.kind)
        left = pc.and_(shaped.is_null(), values.is_valid())
        rows = np.flatnonzero(left.to_numpy(zero_copy_only=False))
        if not len(rows):
            return shaped, []
        typed, bad = by_value(values.take(pa.array(rows)), self.parse_alias, self.kind)
        merged = pc.replace_with_mask(shaped, left, typed)
        return merged, [(rows[which], text, expected) for which, text, expected in bad]

    def _shaped(self, values: Any) -> Any:
        sample = next(iter(values.drop_null()[:1].to_pylist()), None)
        for shape, form in self.shapes:
            if sample is not None and shape.fullmatch(sample):
                moments = pc.strptime(values, format=form, unit="us", error_is_null=True)
                return _without_overflow(values, moments).cast(self.kind, safe=False)
        return None


@dataclass(frozen=True)
class Sentinels:
    """A converter that takes placeholders for nothing even where they can be read: -999, 1900-01-01.

    Whether the rest of the column needs cleaning must not matter for them. A word in the common spelling
    stands for its value (-999.0 too); any other (000000) for that text only.
    """

    convert: Converter
    words: Placeholders
    values: Any

    def __call__(self, values: Any) -> Converted:
        """The typed column and its faults."""
        typed, bad = self.convert(Cells(values).without(self.words).values)
        absent = pc.is_in(typed, value_set=self.values)
        return (pc.if_else(absent, None, typed) if pc.any(absent).as_py() else typed), bad


def with_sentinels(convert: Converter, kind: Any, parse: Parse, words: Placeholders) -> Converter:
    """The converter, which takes those of the words for nothing that can be read as a value."""
    read = {word: value for word in words.words if not isinstance(value := parse(word), Reason)}
    if not read:
        return convert
    common = [value for word, value in read.items() if word == _spelling(value)]
    return Sentinels(convert, Placeholders(read), pa.array(common, kind))


def _spelling(value: Any) -> str:
    """How most programs write it; a moment at midnight as its day."""
    return f"{value:.15g}" if isinstance(value, int | float) else str(value)[:10]


def _without_overflow(values: Any, moments: Any) -> Any:
    # strptime turns 30 February into 2 March and second 60 into the next minute, and takes
    # years of two digits. What could come from that is read again value by value.
    doubtful = pc.or_(
        pc.or_(pc.less_equal(pc.day(moments), 3), pc.less(pc.year(moments), 1000)),
        pc.match_substring(values, ":60"),
    )
    return pc.if_else(doubtful, None, moments)


def plausible_moment(_values: Any, typed: Any) -> bool:
    """No year before 1000, which the cast takes from '0021-03-05'."""
    first = pc.min(typed.cast(pa.int32()) if typed.type == pa.date32() else typed.cast(pa.int64()))
    days = first.as_py() if typed.type == pa.date32() else first.as_py() // _MICROSECONDS_A_DAY
    return bool(days >= _FIRST_DAY)


def plain_integers(values: Any, _typed: Any) -> bool:
    """Only digits and signs: the cast would also take 0x1F."""
    data, _ = raw(values)
    return bool((((data - np.uint8(48)) <= 9) | (data == 45)).all())


def plain_numbers(values: Any, _typed: Any) -> bool:
    """Only digits, signs and points: the cast would also take nan and inf."""
    data, _ = raw(values)
    return bool((((data - np.uint8(48)) <= 9) | (data == 45) | (data == 46)).all())


def parse_date(parser: DateParser) -> Parse:
    """`parser` for a date column: the day of the moment."""

    def parse(text: str) -> Any:
        moment = parser(text)
        moment = moment.value if isinstance(moment, Remarked) else moment
        return moment.date() if isinstance(moment, datetime) else moment

    return parse


_D, _T = r"\d{1,2}", r"\d{1,2}:\d{2}"
SHAPES = tuple(
    (re.compile(shape), form)
    for shape, form in (
        (rf"\d{{4}}/{_D}/{_D} {_T}:\d\d", "%Y/%m/%d %H:%M:%S"),
        (rf"\d{{4}}/{_D}/{_D} {_T}", "%Y/%m/%d %H:%M"),
        (rf"\d{{4}}/{_D}/{_D}", "%Y/%m/%d"),
        (rf"\d{{4}}-{_D}-{_D} {_T}:\d\d", "%Y-%m-%d %H:%M:%S"),
        (rf"\d{{4}}-{_D}-{_D} {_T}", "%Y-%m-%d %H:%M"),
        (rf"\d{{4}}-{_D}-{_D}", "%Y-%m-%d"),
        (rf"\d{{4}}\.{_D}\.{_D}", "%Y.%m.%d"),
        (rf"\d{{4}}年{_D}月{_D}日", "%Y年%m月%d日"),
    )
)
"""Ways to write a moment that Chinese exports commonly use."""


def shapes_for(formats: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """What to try at once: the one format that a contract declares; several are tried value by value."""
    own = [form for form in formats if form != EXCEL_FORMAT]
    if not own:
        return SHAPES
    return ((re.compile(".*"), own[0]),) if len(own) == 1 else ()
