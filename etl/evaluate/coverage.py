"""How much of what an indicator needs has arrived: completeness, quarantine, what is still to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from etl.evaluate.status import Reason
from etl.plan import Statement

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
_LONGEST = timedelta(800)  # more than two of the longest periods
_EPOCH = date(2000, 1, 3)  # a Monday, so that weeks are ISO weeks


@dataclass(frozen=True)
class Schedule:
    """When a feed is due, as its contract says; `irregular` ones hold until the next comes."""

    feed: str
    mode: str = "full"
    cadence: str = "irregular"


@dataclass(frozen=True)
class Coverage:
    """What was expected and what was there."""

    expected: int
    loaded: int
    missing: tuple[tuple[str, date], ...]
    waiting: tuple[tuple[str, int], ...]
    rows: int
    open_rows: int
    data_until: date | None
    missing_towns: int = 0
    expected_towns: int = 0

    @property
    def completeness(self) -> float | None:
        """Loaded over expected periods, times the share of towns that reported."""
        if not self.expected:
            return None
        share = 1 - self.missing_towns / self.expected_towns if self.expected_towns else 1.0
        return self.loaded / self.expected * share

    @property
    def quarantined_share(self) -> float | None:
        """Rows in open quarantine over all rows of the deliveries concerned."""
        return self.open_rows / self.rows if self.rows else None

    @property
    def provisional(self) -> bool:
        """Whether something is missing, waits, is held, or stands in quarantine."""
        return bool(self.missing or self.waiting or self.open_rows or self.missing_towns)

    def reasons(self) -> Iterable[Reason]:
        """The same in words."""
        for feed in dict.fromkeys(feed for feed, _ in self.missing):
            days = [day for name, day in self.missing if name == feed]
            span = str(days[0]) if len(days) == 1 else f"{days[0]}..{days[-1]}"
            yield Reason(
                "missing_deliveries",
                f"{feed} 缺{len(days)}期（{span}）",
                f"{feed}: {len(days)} missing ({span})",
            )
        if self.missing_towns:
            yield Reason(
                "missing_towns",
                f"{self.expected_towns}个镇街中{self.missing_towns}个未报",
                f"{self.missing_towns} of {self.expected_towns} towns did not report",
            )
        if self.waiting:
            numbers = ", ".join(f"#{number}" for _, number in self.waiting[:5])
            yield Reason(
                "waiting_deliveries",
                f"批次 {numbers} 暂扣或处理中",
                f"deliveries {numbers} held or on their way",
            )
        if self.open_rows:
            yield Reason(
                "open_quarantine",
                f"{self.open_rows}行尚在隔离",
                f"{self.open_rows} rows are in quarantine",
            )


def windows(cadence: str, first: date, last: date) -> list[tuple[date, date]]:
    """The periods of a cadence that end between two days."""
    found: list[tuple[date, date]] = []
    if cadence in _MONTHS:
        step = _MONTHS[cadence]
        month = first.year * 12 + (first.month - 1) // step * step
        while True:
            start, after = _month(month), _month(month + step)
            if after - timedelta(1) > last:
                return found
            found.append((start, after - timedelta(1)))
            month += step
    days = {"daily": 1, "weekly": 7}.get(cadence)
    if days is None:
        return []
    start = first - timedelta((first - _EPOCH).days % days)
    while start + timedelta(days - 1) <= last:
        found.append((start, start + timedelta(days - 1)))
        start += timedelta(days)
    return found


def cover(
    one: Statement,
    schedules: Mapping[str, Schedule],
    deliveries: Sequence[Any],
    *,
    start: date,
    as_of: date,
) -> Coverage:
    """What `one` needs of its feeds for a figure that begins on `start` and is read on `as_of`.

    A full snapshot holds everything up to its day, so the last one suffices; deltas are needed
    from the first day of a flow.
    """
    parts = []
    for feed in one.feeds:
        schedule = schedules.get(feed, Schedule(feed))
        arrived = [d for d in deliveries if d.feed == feed and d.period_end]
        if _adds_up(one, schedule):
            wanted = windows(schedule.cadence, start, as_of)
        else:
            wanted = windows(schedule.cadence, as_of - _LONGEST, as_of)[-1:]
        parts.append(_cover_feed(feed, wanted, arrived, as_of))
    until = [part.data_until for part in parts]
    return Coverage(
        expected=sum(part.expected for part in parts),
        loaded=sum(part.loaded for part in parts),
        missing=tuple(item for part in parts for item in part.missing),
        waiting=tuple(item for part in parts for item in part.waiting),
        rows=sum(part.rows for part in parts),
        open_rows=sum(part.open_rows for part in parts),
        data_until=None if None in until else min((day for day in until if day), default=None),
    )


def _cover_feed(
    feed: str, wanted: list[tuple[date, date]], arrived: Sequence[Any], as_of: date
) -> Coverage:
    regular = [d for d in arrived if d.is_loaded and d.mode in ("full", "delta", "window")]
    last_day = max((d.period_end for d in regular if d.period_end <= as_of), default=None)
    until = last_day
    if not wanted:
        # A register holds until the next one: its age does not age the figure.
        until = as_of if last_day else None
        wanted = [(last_day or as_of, last_day or as_of)]
    missing = [
        last
        for first, last in wanted
        if not any(d.period_start <= last and d.period_end >= first for d in regular)
    ]
    first, last = wanted[0][0], wanted[-1][1]
    concerned = [d for d in arrived if d.period_end >= first and d.period_start <= last]
    loaded = [d for d in concerned if d.is_loaded]
    return Coverage(
        expected=len(wanted),
        loaded=len(wanted) - len(missing),
        missing=tuple((feed, day) for day in missing),
        waiting=tuple((feed, d.delivery_id) for d in concerned if not d.is_loaded),
        rows=sum(d.rows for d in loaded),
        open_rows=sum(d.open_rows for d in loaded),
        data_until=until,
    )


def _adds_up(one: Statement, schedule: Schedule) -> bool:
    return one.kind in ("flow", "named_count", "derived") and schedule.mode != "full"


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)
