"""How much of what an indicator needs has arrived, in periods, days and towns; what is quarantined or to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from etl.evaluate.bounds import Bounds
from etl.evaluate.periods import Span, days, spoken, uncovered, windows
from etl.plan import Statement
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

_LONGEST = timedelta(800)  # more than two of the longest periods
_REGULAR = ("full", "delta", "window")


@dataclass(frozen=True)
class Schedule:
    """When a feed is due, as its contract says; `irregular` ones hold until the next comes."""

    feed: str
    mode: str = "full"
    cadence: str = "irregular"
    targets: tuple[str, ...] = ()
    """The tables of the star that it fills."""


@dataclass(frozen=True)
class Coverage:
    """What was expected and what was there."""

    expected: int
    """Periods due."""
    loaded: int
    """Periods of which at least one day is covered."""
    missing: tuple[tuple[str, date], ...]
    """Periods of which nothing came: feed and last day."""
    waiting: tuple[tuple[str, int], ...]
    rows: int
    open_rows: int
    data_until: date | None
    missing_days: tuple[tuple[str, Span], ...] = ()
    """Days that no delivery covers within periods of which something came."""
    covered: float | None = None
    """Periods covered, days counting for their share; None: as many as are loaded."""
    later: tuple[tuple[str, date], ...] = ()
    """Registers of a later day that stand in for one of the day asked for: feed and day."""
    missing_towns: int = 0
    expected_towns: int = 0
    town_names: tuple[str, ...] = ()
    unread_rows: int = 0
    """Of the rows in quarantine, those of which nothing can be said."""
    concerned: frozenset[int] = frozenset()
    """The loaded deliveries that the figure hangs on."""
    second_ids: int = 0
    """Rows that look like things under a second id, by the warnings of the deliveries concerned."""

    @property
    def completeness(self) -> float | None:
        """Covered over expected periods, times the share of towns that are there (0 to 1)."""
        if not self.expected:
            return None
        covered = self.loaded if self.covered is None else self.covered
        share = 1 - self.missing_towns / self.expected_towns if self.expected_towns else 1.0
        return covered / self.expected * share

    @property
    def quarantined_share(self) -> float | None:
        """Rows in open quarantine over all rows of the deliveries concerned."""
        return self.open_rows / self.rows if self.rows else None

    def complete(self, value: float | None, bounds: Bounds, *, ratio: bool) -> float | None:
        """Completeness that counts rows and, where it is known, value: what is in quarantine is not there.

        Of a sum its share of the highest that it may be; else the share of rows that are not kept out.
        """
        if self.completeness is None:
            return None
        there = 1 - (self.quarantined_share or 0.0)
        if not ratio and value is not None and bounds.high and not bounds.open_high:
            there = min(1.0, max(0.0, value / bounds.high))
        return self.completeness * there

    @property
    def lacks(self) -> bool:
        """Whether something is missing, waits, is held, or is told of by a later register."""
        return bool(
            self.missing or self.missing_days or self.waiting or self.missing_towns or self.later
        )

    @property
    def valid_on(self) -> date | None:
        """The day on which registers are read where there is none of the day asked for."""
        return max((day for _, day in self.later), default=None)

    def reasons(self) -> Iterable[Reason]:
        """The same in words."""
        for feed, ends in _by_feed(self.missing):
            shown = str(ends[0]) if len(ends) == 1 else f"{ends[0]}..{ends[-1]}"
            yield MESSAGES.reason("missing_deliveries", feed=feed, missing=len(ends), shown=shown)
        for feed, spans in _by_feed(self.missing_days):
            count, shown = days(spans), f"{spans[0][0]}..{spans[-1][1]}"
            yield MESSAGES.reason("missing_days", feed=feed, count=count, shown=shown)
        if self.missing_towns:
            names = "、".join(self.town_names)
            yield MESSAGES.reason(
                "missing_towns",
                towns=self.expected_towns,
                missing=self.missing_towns,
                names_zh=f"：{names}" if names else "",
                names_en=f": {names}" if names else "",
            )
        for feed, day in self.later:
            yield MESSAGES.reason("basis_later_register", feed=feed, day=day)
        if self.waiting:
            numbers = ", ".join(f"#{number}" for _, number in self.waiting[:5])
            yield MESSAGES.reason("waiting_deliveries", numbers=numbers)
        if self.open_rows:
            yield MESSAGES.reason("open_quarantine", open_rows=self.open_rows)
        if self.second_ids:
            yield MESSAGES.reason("second_id", second_ids=self.second_ids)


def cover(
    statement: Statement,
    schedules: Mapping[str, Schedule],
    deliveries: Sequence[Any],
    *,
    start: date,
    as_of: date,
) -> Coverage:
    """What `one` needs of its feeds for a figure that begins on `start` and is read on `as_of`.

    A full snapshot holds everything up to its day, so the last one suffices; deltas are needed
    for every day from the first of a flow on.
    """
    parts = []
    for feed in statement.feeds:
        schedule = schedules.get(feed, Schedule(feed))
        arrived = [d for d in deliveries if d.feed == feed and d.period_end]
        if _adds_up(statement, schedule):
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
        unread_rows=sum(part.unread_rows for part in parts),
        concerned=frozenset().union(*(part.concerned for part in parts)),
        second_ids=sum(part.second_ids for part in parts),
        data_until=None if None in until else min((day for day in until if day), default=None),
        missing_days=tuple(item for part in parts for item in part.missing_days),
        covered=sum(part.covered or 0.0 for part in parts),
        later=tuple(item for part in parts for item in part.later),
    )


def _cover_feed(feed: str, wanted: list[Span], arrived: Sequence[Any], as_of: date) -> Coverage:
    regular = [
        (d, span)
        for d in arrived
        if d.is_loaded and d.mode in _REGULAR and (span := spoken(d)) is not None
    ]
    last_day = max((span[1] for _, span in regular if span[1] <= as_of), default=None)
    until = last_day
    if not wanted:
        # A register holds until the next one: its age does not age the figure.
        until = as_of if last_day else None
        wanted = [(last_day or as_of, last_day or as_of)]
    later = None
    if len(wanted) == 1 and not any(
        first <= wanted[0][1] and last >= wanted[0][0] for _, (first, last) in regular
    ):
        # Nothing came for the day: the next register knows more of it than the one before.
        later = min(
            (span[1] for d, span in regular if d.mode == "full" and span[1] > as_of), default=None
        )
    missing, gaps, covered = [], [], 0.0
    for window in wanted:
        open_days = _open_days(window, regular)
        share = 1 - days(open_days) / days([window])
        if later is not None:
            share = 1.0
        elif not share:
            missing.append((feed, window[1]))
        else:
            gaps += [(feed, span) for span in open_days]
        covered += share
    first, last = wanted[0][0], wanted[-1][1]
    concerned = [
        d
        for d in arrived
        if (d.period_end >= first and d.period_start <= last) or d.period_end == later
    ]
    loaded = [d for d in concerned if d.is_loaded]
    return Coverage(
        expected=len(wanted),
        loaded=len(wanted) - len(missing),
        missing=tuple(missing),
        waiting=tuple((feed, d.delivery_id) for d in concerned if not d.is_loaded),
        rows=sum(d.rows for d in loaded),
        open_rows=sum(d.open_rows for d in loaded),
        unread_rows=sum(getattr(d, "unread_rows", 0) for d in loaded),
        concerned=frozenset(d.delivery_id for d in loaded),
        second_ids=sum(getattr(d, "second_ids", 0) for d in loaded),
        data_until=as_of if later else until,
        missing_days=tuple(gaps),
        covered=covered,
        later=((feed, later),) if later else (),
    )


def _open_days(window: Span, regular: Sequence[tuple[Any, Span]]) -> list[Span]:
    """The days of a period that nothing covers.

    A snapshot of the period stands for all of it, whatever its own day; but if it names days
    after its arrival, it stands for the days up to that only.
    """
    spans = []
    for d, (first, last) in regular:
        if d.mode == "full" and first <= window[1] and last >= window[0]:
            spans.append((window[0], last if last < d.period_end else window[1]))
        else:
            spans.append((first, last))
    return uncovered(window, spans)


def _adds_up(statement: Statement, schedule: Schedule) -> bool:
    return statement.kind in ("flow", "named_count", "derived") and schedule.mode != "full"


def _by_feed(items: Sequence[tuple[str, Any]]) -> Iterable[tuple[str, list[Any]]]:
    for feed in dict.fromkeys(feed for feed, _ in items):
        yield feed, [item for name, item in items if name == feed]
