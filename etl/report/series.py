"""An indicator over time: year ends, or the last assessment months, each day read as the evaluation reads it.

Only `points` is asked from outside: a table of series can take its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from etl.evaluate import Reading, sensitive
from etl.evaluate.score import assessment_month
from etl.plan import Statement
from etl.report.model import Point

MONTHS = 13
"""Assessment months of the hotline: a year and the month before it."""


class Days:
    """The readings of all days that series of one report have."""

    def __init__(self, now: Reading) -> None:
        self.now = now
        self._readings: dict[date, Reading] = {now.as_of: now}

    def points(self, statement: Statement) -> tuple[Point, ...]:
        """The series of a computable indicator, the oldest first; a day without data has no value."""
        days = self._months() if statement.kind == "derived" else self._year_ends()
        return tuple(self._point(statement, day, shown) for day, shown in days)

    def _point(self, statement: Statement, day: date, shown: date) -> Point:
        reading = self._reading(day)
        figure, coverage = reading.computed(statement)
        bounds = reading.bounds(statement, figure, coverage)
        version = statement.definition_version
        if statement.kind == "derived":
            version = f"{version} · {reading.policy.policy_code}"
        return Point(
            on=shown,
            value=figure.value,
            numerator=figure.numerator,
            denominator=figure.denominator,
            low=bounds.low,
            high=bounds.high,
            open_ends=tuple(bounds.as_dict()["open"]),
            provisional=coverage.lacks or not sensitive.is_settled(statement, bounds),
            version=version,
            begins=reading.plan.period_start(day) if statement.is_flow else None,
        )

    def _reading(self, day: date) -> Reading:
        if day not in self._readings:
            now = self.now
            self._readings[day] = Reading(
                now.connection, now.schedules, day, now.asked_known_at, now.asked_policy
            )
        return self._readings[day]

    def _year_ends(self) -> Iterator[tuple[date, date]]:
        plan, as_of = self.now.plan, self.now.as_of
        ends = [date(year, 12, 31) for year in range(plan.baseline_from.year, as_of.year + 1)]
        for end in ends:
            if end < as_of:
                yield end, end
        yield as_of, as_of

    def _months(self) -> Iterator[tuple[date, date]]:
        days, day = [], self.now.as_of
        for _ in range(MONTHS):
            month = assessment_month(self.now.policy, day)
            days.append((day, month.after - timedelta(1)))
            day = month.first - timedelta(1)
        yield from reversed(days)
