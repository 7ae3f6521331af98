"""The report period of a delivery, read from where its contract says."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from etl.contract.model import Contract, PeriodSource

GROUPS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "year": (("year",),),
    "half": (("year", "half"), ("year", "month")),
    "quarter": (("year", "quarter"), ("year", "month")),
    "month": (("year", "month"),),
    "day": (("year", "month", "day"),),
}
"""For each grain, the sets of named groups of which a pattern must have one."""

_MONTHS = {"year": 12, "half": 6, "quarter": 3, "month": 1}
_WORDS = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_DATE = re.compile(r"(?P<year>\d{2,4})(?:\D?(?P<month>\d{1,2}))?(?:\D?(?P<day>\d{1,2}))?")


class Period(NamedTuple):
    """First and last day of what a delivery reports on."""

    start: date
    end: date


def read_period(
    contract: Contract,
    *,
    file_name: str,
    title: str = "",
    first_values: Mapping[str, str | None] | None = None,
    received: date,
) -> Period | None:
    """The period from the first source that gives one; None if none does.

    `first_values` holds, by field name, the first value that is not empty.
    """
    for source in contract.period:
        if source.source == "received":
            return _span(source.grain, received.year, received.month, received.day)
        text = {
            "fileName": file_name,
            "title": title,
            "column": (first_values or {}).get(source.field or "") or "",
            "fixed": source.value or "",
        }[source.source]
        period = _search(source, unicodedata.normalize("NFKC", str(text)))
        if period is not None:
            return period
    return None


def _search(source: PeriodSource, text: str) -> Period | None:
    pattern = re.compile(source.pattern) if source.pattern else _DATE
    for match in pattern.finditer(text):
        parts = {name: _number(value) for name, value in match.groupdict().items() if value}
        if not any(all(name in parts for name in names) for names in GROUPS[source.grain]):
            continue
        year = parts["year"] + (1911 if source.era == "roc" else 0)
        if not 1900 <= year <= 2200:
            continue
        try:
            if source.grain in parts and source.grain in ("half", "quarter"):
                month = (parts[source.grain] - 1) * _MONTHS[source.grain] + 1
            else:
                month = parts.get("month", 1)
            return _span(source.grain, year, month, parts.get("day", 1))
        except ValueError:  # no such day
            continue
    return None


def _number(text: str) -> int:
    return _WORDS[text] if text in _WORDS else int(text)


def _span(grain: str, year: int, month: int, day: int) -> Period:
    """The year, half, quarter, month or day that a date lies in."""
    if grain == "day":
        moment = date(year, month, day)
        return Period(moment, moment)
    months = _MONTHS[grain]
    first = (month - 1) // months * months + 1
    last = first + months - 1
    return Period(date(year, first, 1), date(year, last, monthrange(year, last)[1]))
