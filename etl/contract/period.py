"""The report period of a delivery, read from where its contract says."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import chain
from typing import NamedTuple

from etl.contract.model import Contract, PeriodSource

GROUPS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "year": (("year",),),
    "schoolYear": (("year",),),
    "half": (("year", "half"), ("year", "month")),
    "quarter": (("year", "quarter"), ("year", "month")),
    "month": (("year", "month"),),
    "day": (("year", "month", "day"),),
}
"""For each grain, the sets of named groups of which a pattern must have one."""

_YEAR = r"(?<!\d)(?P<year>20\d{2})"
_MONTH = _YEAR + r"[-_.年]?(?P<month>0[1-9]|1[0-2]|[1-9](?!\d))"
PATTERNS: Mapping[str, str] = {
    "year": _YEAR,
    "schoolYear": (
        r"(?<![\d-])(?P<year>20\d{2}|\d{2}(?=\s*[-–—~/至]))"
        r"(?:\s*[-–—~/至]\s*(?P<next>(?:20)?\d{2})(?![\d-])(?:\s*学年)?|\s*学年)"
    ),
    "half": _YEAR + r"[-_.年]*(?P<half>[上下])半年",
    "quarter": _YEAR + r"[-_.年]*[第Qq]?(?P<quarter>[1-4一二三四])(?:季|(?<=[Qq][1-4]))",
    "month": _MONTH,
    "day": _MONTH + r"[-_.月]?(?P<day>0[1-9]|[12]\d|3[01]|[1-9](?!\d))",
}
"""How file names and titles write a period of each grain: 2020年第一季度, 2020Q1, 2020年3月, 202003, 2020-03-31,
2020-2021学年, 20-21, 2020学年."""
ROC_PATTERNS: Mapping[str, str] = {
    grain: pattern.replace(r"20\d{2}", r"\d{2,3}") for grain, pattern in PATTERNS.items()
}
"""The same with years of the Republic: 109年3月."""

_ABOVE = r"(?s)(?<!\d)(?P<year>20\d{2})(?!\d{4}).*\n.*?"
_WITH_YEAR: Mapping[str, str] = {
    "half": _ABOVE + r"(?P<half>[上下])半年",
    "quarter": _ABOVE + r"(?P<quarter>[1-4一二三四])(?=季)",
    "month": _ABOVE + r"(?<!\d)(?P<month>1[0-2]|0?[1-9])\s*月",
}
"""A sheet's name without a year, on a line below what has it: 3月 in 2020年台账.xlsx."""

_TERM = 9
"""Month in which a school year begins; one is called by the year of its beginning."""
_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_IN_WORDS = re.compile(
    r"[〇零一二三四五六七八九]{2,4}(?=学?年)|[一二三四五六七八九十]{1,3}(?=[月日])"
)
_SPACED = re.compile(r"\s*([年月日季])\s*")
_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_DATE = r"(?P<year>\d{2,4})(?:\D?(?P<month>\d{1,2}))?(?:\D?(?P<day>\d{1,2}))?"


class Period(NamedTuple):
    """First and last day of what a delivery reports on."""

    start: date
    end: date


def read_period(
    contract: Contract,
    *,
    file_name: str,
    sheet_name: str = "",
    title: str = "",
    first_values: Mapping[str, str | None] | None = None,
    received: date,
) -> Period | None:
    """The period from the first source that gives one; None if none does.

    `first_values` holds, by field name, the first value that is not empty.
    """
    for source in contract.period:
        if source.source == "received":
            began = received.month < _TERM and source.grain == "schoolYear"
            return _span(source.grain, received.year - began, received.month, received.day)
        text = {
            "fileName": file_name,
            "sheetName": sheet_name,
            "title": title,
            "column": (first_values or {}).get(source.field or "") or "",
            "fixed": source.value or "",
        }[source.source]
        period = _in(source, text)
        if period is None and source.year_from and source.grain in _WITH_YEAR:
            above = file_name if source.year_from == "fileName" else title
            with_year = replace(source, pattern=_WITH_YEAR[source.grain])
            period = _in(with_year, f"{above}\n{text}")
        if period is not None:
            return period
    return None


def _in(source: PeriodSource, text: str) -> Period | None:
    text = unicodedata.normalize("NFKC", str(text))
    return _search(source, text) or _search(source, _in_digits(text))


def _search(source: PeriodSource, text: str) -> Period | None:
    patterns = [source.pattern] if source.pattern else [_DATE]
    if source.grain == "schoolYear" and not source.pattern:
        patterns = [PATTERNS["schoolYear"], _DATE]
    for match in chain.from_iterable(re.finditer(pattern, text) for pattern in patterns):
        parts = {name: _number(value) for name, value in match.groupdict().items() if value}
        if not any(all(name in parts for name in names) for names in GROUPS[source.grain]):
            continue
        year = parts["year"] + (1911 if source.era == "roc" else 0)
        if source.grain == "schoolYear":
            year += 2000 if year < 100 else 0
            if "next" in parts and (year + 1 - parts["next"]) % 100:
                continue  # 2020-09 is a month
        if not 1900 <= year <= 2200:
            continue
        try:
            if source.grain == "schoolYear" and parts.get("month", _TERM) < _TERM:
                year -= 1  # a day of spring belongs to the year that began before
            if source.grain in parts and source.grain in ("half", "quarter"):
                month = (parts[source.grain] - 1) * _MONTHS[source.grain] + 1
            else:
                month = parts.get("month", 1)
            return _span(source.grain, year, month, parts.get("day", 1))
        except ValueError:  # no such day
            continue
    return None


def _in_digits(text: str) -> str:
    """二〇二〇年十二月 as 2020年12月, and without blanks around 年, 月, 日."""
    return _IN_WORDS.sub(lambda word: _digits(word[0]), _SPACED.sub(r"\1", text))


def _digits(word: str) -> str:
    tens, ten, ones = word.partition("十")
    if not ten:
        return word.translate(_DIGITS)
    return str(int(tens.translate(_DIGITS) or 1) * 10 + int(ones.translate(_DIGITS) or 0))


def _number(text: str) -> int:
    return _WORDS[text] if text in _WORDS else int(text)


def _span(grain: str, year: int, month: int, day: int) -> Period:
    """The year, school year, half, quarter, month or day that a date lies in."""
    if grain == "schoolYear":
        return Period(date(year, _TERM, 1), date(year + 1, _TERM - 1, 31))
    if grain == "day":
        moment = date(year, month, day)
        return Period(moment, moment)
    months = _MONTHS[grain]
    first = (month - 1) // months * months + 1
    last = first + months - 1
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))
