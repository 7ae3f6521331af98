"""Which time a file reports on: said by its name, its title, or one of its columns."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from etl.contract import PeriodSource, read_period
from etl.contract.model import Contract, Grain
from etl.contract.period import PATTERNS
from etl.draft.infer import kind_of
from etl.draft.profile import Profile
from etl.draft.reading import Profiled
from etl.values.dates import DateParser

_FINEST: tuple[Grain, ...] = ("day", "month", "quarter", "half", "schoolYear", "year")
_FREQUENCY = {
    "day": "irregular", "month": "monthly", "quarter": "quarterly", "half": "irregular", "schoolYear": "yearly",
    "year": "yearly",
}  # fmt: skip
_CALLED = re.compile(r"年|月|期|year|month|period|yyy", re.IGNORECASE)
_FIRST_YEAR = 1990
_PARTS = {
    "%d": r"(?P<day>\d{1,2})", "%m": r"(?P<month>\d{1,2})", "%Y": r"(?P<year>\d{4})", "%y": r"(?P<year>\d{2})",
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """Where the period is read from, as entries of a contract, and why from there."""

    lines: tuple[str, ...]
    why: str
    frequency: str = "irregular"
    question: tuple[str, str] | None = None


def find_period(read: Profiled, names: Mapping[str, str]) -> Told:
    """The first of: the file's name, its title, a column that says one year or month, a column of days.

    `names` are the fields' names by column.
    """
    extract = read.extract
    for source, text, zh in (
        ("fileName", extract.member or extract.name, "文件名"),
        ("title", extract.title, "标题"),
    ):
        grain = _grain_in(source, text, extract.contract)
        if grain is not None:
            return Told(
                (f"{{from: {source}, grain: {grain}}}",),
                f"报告期 period: {zh} {source} “{text.splitlines()[0][:60]}”",
                _FREQUENCY[grain],
            )
    for profile in read.profiles:
        told = _constant(profile, names[profile.name])
        if told is not None:
            return told
    for profile in read.profiles:
        told = _days(profile, names[profile.name])
        if told is not None:
            return told
    return Told(
        ("{from: received, grain: month}",),
        "TODO 报告期：文件名、标题、各列都没有说 / no name, title or column says the period",
        question=(
            "报告期从哪里读？暂按收到之月",
            "Where is the period read from? For now it is the month of receipt",
        ),
    )


def _grain_in(source: str, text: str, contract: Contract) -> Grain | None:
    for grain in _FINEST:
        if not text:
            continue
        place = PeriodSource(source, grain, PATTERNS[grain])  # type: ignore[arg-type]
        lone = replace(contract, period=(place,))
        name = text if source == "fileName" else ""
        period = read_period(lone, file_name=name, title=text, received=date(2020, 1, 1))
        if period is not None and _FIRST_YEAR <= period.start.year <= date.today().year + 1:  # noqa: DTZ011
            return grain
    return None


def _constant(profile: Profile, name: str) -> Told | None:
    """A column that says the same year or month in every row."""
    if len(profile.counts) != 1 or profile.many or not _CALLED.search(profile.header):
        return None
    [text] = profile.counts
    why = f"报告期 period: “{profile.header}”各行都是 is {text} in every row"
    plain = unicodedata.normalize("NFKC", text)
    if re.fullmatch(r"(?:民国|民國)?1?\d\d年?", plain):
        return Told((f"{{from: column, grain: year, field: {name}, era: roc}}",), why, "yearly")
    if re.fullmatch(r"(?:19|20)\d\d年?度?", plain):
        return Told((f"{{from: column, grain: year, field: {name}}}",), why, "yearly")
    years = re.fullmatch(r"(20\d\d)[-/](\d\d)", plain)
    if years and int(years[2]) == (int(years[1]) + 1) % 100 and int(years[2]) <= 12:
        # 2010-11 may be November or the year that begins in 2010.
        question = (
            f"“{profile.header}”的 {text} 是年度还是年月？",
            f"Is {text} a year or a month?",
        )
        return Told((f"{{from: column, grain: year, field: {name}}}",), why, "yearly", question)
    if re.fullmatch(r"20\d\d(?:[-/.年]?(?:0?[1-9]|1[0-2])月?)", plain):
        return Told((f"{{from: column, grain: month, field: {name}}}",), why, "monthly")
    if years or re.fullmatch(r"20\d\d[-–](?:20)?\d\d(?:学年)?", plain):
        return Told((f"{{from: column, grain: year, field: {name}}}",), why, "yearly")
    return None


def _days(profile: Profile, name: str) -> Told | None:
    """A column of days, all filled: by the month or the year in which they lie."""
    if kind_of(profile) not in ("date", "timestamp") or profile.filled < profile.rows:
        return None
    order = profile.order
    if order is not None and (order.is_open or order.roc):
        return None
    days = [day for text in profile.counts if (day := _day(text, order.formats if order else ()))]
    if not days:
        return None
    first, last = min(days), max(days)
    grain = "month" if (first.year, first.month) == (last.year, last.month) else "year"
    pattern = ""
    if order is not None:
        shape = order.formats[0].split(" ")[0]
        if not all(part in shape for part in ("%d", "%m")):
            return None
        for part, group in _PARTS.items():
            shape = shape.replace(part, group)
        pattern = f", pattern: '{shape}'"
    why = f"报告期 period: “{profile.header}”{first} … {last}"
    question = None
    if first.year != last.year:
        question = (
            f"“{profile.header}”跨 {first.year}–{last.year} 年，报告期暂按首行所在年",
            f'"{profile.header}" runs from {first.year} to {last.year}; for now the first row\'s year is the period',
        )
    return Told(
        (f"{{from: column, grain: {grain}, field: {name}{pattern}}}",), why, "irregular", question
    )


def _day(text: str, formats: tuple[str, ...]) -> date | None:
    moment = DateParser(time=True, formats=formats)(text)
    return moment.date() if isinstance(moment, datetime) else None
