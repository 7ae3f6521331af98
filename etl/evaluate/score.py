"""The hotline's assessment month and composite score, by the dated policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from etl.plan import ScorePolicy


@dataclass(frozen=True)
class Month:
    """An assessment month: `first` is in it, `after` is not; it is named by the month it ends in."""

    first: date
    after: date

    @property
    def label(self) -> str:
        """As 2025-12."""
        return (self.after - timedelta(1)).strftime("%Y-%m")


def assessment_month(policy: ScorePolicy, as_of: date) -> Month:
    """The last assessment month that has ended by `as_of`."""
    day = policy.month_start_day
    after = date(as_of.year, as_of.month, day)
    if after > as_of + timedelta(1):
        after = _back(after)
    elif day == 1 and (as_of + timedelta(1)).day == 1:
        after = as_of + timedelta(1)
    return Month(_back(after), after)


def composite(
    policy: ScorePolicy, rates: tuple[float | None, float | None, float | None]
) -> float | None:
    """The score from 0 to 100; None as soon as one rate has an empty denominator."""
    response, resolution, satisfaction = rates
    if response is None or resolution is None or satisfaction is None:
        return None
    return 100 * (
        policy.w_response * response
        + policy.w_resolution * resolution
        + policy.w_satisfaction * satisfaction
    )


def _back(day: date) -> date:
    return date(day.year - (day.month == 1), (day.month - 2) % 12 + 1, day.day)
