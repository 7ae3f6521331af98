"""Days and periods: when a cadence is due, which days deliveries cover. No database, no clock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
_EPOCH = date(2000, 1, 3)  # a Monday, so that weeks are ISO weeks
DAY = timedelta(1)

Span = tuple[date, date]
"""First and last day, both in it."""


def windows(cadence: str, first: date, last: date) -> list[Span]:
    """The periods of a cadence that end between two days."""
    due: list[Span] = []
    if cadence in _MONTHS:
        step = _MONTHS[cadence]
        month = first.year * 12 + (first.month - 1) // step * step
        while True:
            start, after = _month(month), _month(month + step)
            if after - DAY > last:
                return due
            due.append((start, after - DAY))
            month += step
    days = {"daily": 1, "weekly": 7}.get(cadence)
    if days is None:
        return []
    start = first - timedelta((first - _EPOCH).days % days)
    while start + timedelta(days - 1) <= last:
        due.append((start, start + timedelta(days - 1)))
        start += timedelta(days)
    return due


def spoken(delivery: Any) -> Span | None:
    """The days that a delivery can speak of: its period, but no further than the day of its arrival.

    None for a period that begins after it: nobody can have seen that.
    """
    last = min(delivery.period_end, delivery.received_on)
    return (delivery.period_start, last) if delivery.period_start <= last else None


def uncovered(wanted: Span, spans: Iterable[Span]) -> list[Span]:
    """The days of `wanted` that are in none of the spans, as spans in order."""
    gaps, day = [], wanted[0]
    for first, last in sorted(spans):
        if last < day:
            continue
        if first > wanted[1]:
            break
        if first > day:
            gaps.append((day, first - DAY))
        day = last + DAY
        if day > wanted[1]:
            return gaps
    return [*gaps, (day, wanted[1])]


def days(spans: Iterable[Span]) -> int:
    """How many days the spans have, which must not overlap."""
    return sum((last - first).days + 1 for first, last in spans)


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
