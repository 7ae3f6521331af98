"""Report periods and the years that a sample covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from minsheng_sample.chance import Chance

Value = str | int | float | bool | date | datetime | None
Row = dict[str, Value]
"""One true record: its values by field name."""


@dataclass(frozen=True, order=True)
class Period:
    """The days that a delivery reports on."""

    start: date
    end: date

    @property
    def grain(self) -> str:
        """How long it is: day, month, quarter, half or year."""
        days = (self.end - self.start).days + 1
        grains = {"day": 1, "month": 31, "quarter": 92, "half": 184}
        return next((grain for grain, most in grains.items() if days <= most), "year")

    @property
    def label(self) -> str:
        """As a person writes it."""
        year, month = self.end.year, self.end.month
        return {
            "year": f"{year}年",
            "half": f"{year}年{'上' if month == 6 else '下'}半年",
            "quarter": f"{year}年第{month // 3}季度",
            "month": f"{year}年{month}月",
            "day": f"{year}年{month}月{self.end.day}日",
        }[self.grain]


def day(when: date) -> Period:
    """One day."""
    return Period(when, when)


def month(year: int, number: int) -> Period:
    """One month."""
    after = date(year + number // 12, number % 12 + 1, 1)
    return Period(date(year, number, 1), after - timedelta(days=1))


def quarter(year: int, number: int) -> Period:
    """One quarter."""
    return Period(date(year, 3 * number - 2, 1), month(year, 3 * number).end)


def half(year: int, number: int) -> Period:
    """One half of a year."""
    return Period(date(year, 6 * number - 5, 1), month(year, 6 * number).end)


def year(number: int) -> Period:
    """One year."""
    return Period(date(number, 1, 1), date(number, 12, 31))


@dataclass(frozen=True)
class Span:
    """The years of a sample, and the day at which its totals are fixed."""

    first: int
    last: int

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.first, 1, 1)

    @property
    def end(self) -> date:
        """The last day."""
        return date(self.last, 12, 31)

    @property
    def anchor(self) -> date:
        """2020-12-31, the end of the thirteenth plan, or the last day if that is outside."""
        return date(2020, 12, 31) if self.first <= 2020 <= self.last else self.end

    @property
    def after(self) -> date:
        """The day after the anchor."""
        return self.anchor + timedelta(days=1)

    def before_anchor(self, draw: Chance) -> date:
        """A day of the span up to shortly before the anchor.

        The last fortnight stays empty, so that no total hangs on whether a day is counted in.
        """
        return draw.day(self.start, self.anchor - timedelta(days=14))

    def after_anchor(self, draw: Chance) -> date | None:
        """A day of the span from shortly after the anchor, or none if it ends there."""
        first, last = self.anchor + timedelta(days=14), self.end - timedelta(days=45)
        return draw.day(first, last) if first < last else None


def moved(day_: date, years: int) -> date:
    """The same day some years later (28 February for a leap day)."""
    if (day_.month, day_.day) == (2, 29):
        day_ = day_.replace(day=28)
    return day_.replace(year=day_.year + years)
