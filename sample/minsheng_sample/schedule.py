"""Which deliveries a sample consists of: about a hundred, thin in the past and monthly at the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from minsheng_sample import timeline
from minsheng_sample.dress.style import ORDER_BOOK, STYLES, Style
from minsheng_sample.register import REGISTER_DATES
from minsheng_sample.timeline import Period, Span


@dataclass(frozen=True)
class Planned:
    """One delivery to be written."""

    feed: str
    period: Period
    """The report period that its name gives."""
    covers: Period
    """The days whose changes it holds; for a snapshot the same."""
    newest: bool = False
    late_days: int = 10
    faults: int = 2
    style: Style | None = None
    """How it is written; None until its turn among the feed's styles has come."""

    @property
    def received(self) -> date:
        """The day on which it arrives."""
        return self.period.end + timedelta(days=self.late_days)


def schedule(span: Span) -> list[Planned]:
    """All deliveries in the order in which they arrive, reference data first."""
    deliveries = [*_reference(span), *_snapshots(span), *_deltas(span), *_hotline(span)]
    turns: dict[str, int] = {}
    styled = []
    for planned in sorted(deliveries, key=lambda p: (p.feed, p.period.end, p.period.start)):
        if planned.style is None:
            styles = STYLES[planned.feed]
            turn = turns[planned.feed] = turns.get(planned.feed, -1) + 1
            planned = replace(planned, style=styles[turn % len(styles)])
            if planned.feed != "hotline.work_order":
                # Every other delivery is clean.
                planned = replace(planned, faults=0 if turn % 2 else 2 * planned.faults)
        styled.append(planned)
    return sorted(
        styled, key=lambda p: (p.newest, not p.feed.startswith("reference."), p.received, p.feed)
    )


def snapshot_years(span: Span) -> list[int]:
    """The years whose last month is reported in full: every other one, and that of the anchor."""
    every_other = {year for year in range(span.first, span.last) if (year - span.first) % 2 == 0}
    return sorted((every_other | {span.anchor.year}) - {span.last})


def _reference(span: Span) -> Iterator[Planned]:
    for day in REGISTER_DATES:
        if day <= span.end:
            yield _whole("reference.division", timeline.day(day), faults=1)
    for year in snapshot_years(span):
        yield _whole("reference.population", timeline.year(year), faults=1)
    yield _whole("reference.population", timeline.year(span.last), newest=True, faults=1)
    yield _whole("reference.plan_target", timeline.day(span.after), faults=1)
    yield _whole("reference.declaration", timeline.day(span.anchor), faults=0)
    yield _whole("reference.task", timeline.day(span.after), faults=0)


def _snapshots(span: Span) -> Iterator[Planned]:
    years, last = snapshot_years(span), span.last
    for year in [*years, last]:
        yield _whole("education.school", timeline.year(year), late_days=-70)
    monthly = {
        "health.institution": 4,
        "housing.affordable_project": 3,
        "civil_affairs.social_organisation": 3,
        "civil_affairs.elderly_facility": 3,
        "civil_affairs.social_worker_month": 1,
    }
    for feed, faults in monthly.items():
        for year in years:
            # One that comes after its successor must change nothing of what that one says.
            late = 800 if (feed, year) == ("civil_affairs.social_organisation", 2018) else 10
            yield _whole(feed, timeline.month(year, 12), faults=faults, late_days=late)
        yield _whole(feed, timeline.month(last, 11), faults=faults)
        yield _whole(feed, timeline.month(last, 12), faults=faults, newest=True)
    for feed in ("health.institution", "civil_affairs.elderly_facility"):
        yield _whole(feed, timeline.month(last, 10))
    # Before anything changes: which estates were 三无 shows in this one only.
    yield _whole("housing.estate", timeline.quarter(span.first, 1), faults=3)
    for feed in ("housing.estate", "housing.property_contract", "civil_affairs.community"):
        for year in years:
            clean = feed == "housing.property_contract" and year == 2022
            yield _whole(feed, timeline.quarter(year, 4), faults=0 if clean else 2)
        yield _whole(feed, timeline.quarter(last, 3))
        yield _whole(feed, timeline.quarter(last, 4), newest=True)


def _deltas(span: Span) -> Iterator[Planned]:
    last = span.last
    for year in range(span.first, last):
        yield _delta("education.seat_change", timeline.year(year))
    yield _delta("education.seat_change", timeline.half(last, 1))
    yield _delta("education.seat_change", timeline.half(last, 2), newest=True)
    # Renewal projects that began before the first year come with its report.
    periods = [timeline.year(year) for year in range(span.first, last)]
    periods += [timeline.quarter(last, number) for number in (1, 2, 3)]
    periods += [timeline.month(last, number) for number in (10, 11, 12)]
    start = date(span.first - 2, 1, 1)
    for period in periods:
        newest = period.end == span.end
        covers = Period(start, period.end)
        yield Planned("housing.renewal", period, covers, newest, faults=1 if newest else 2)
        start = period.end + timedelta(days=1)


def _hotline(span: Span) -> Iterator[Planned]:
    """By year first, then by quarter, by month and at last in ten-day parts."""
    last = span.last
    periods = [timeline.year(year) for year in range(span.first, max(span.first, last - 1))]
    quarters = [(last - 1, q) for q in (1, 2, 3, 4) if last > span.first]
    periods += [
        timeline.quarter(year, q) for year, q in [*quarters, *((last, q) for q in (1, 2, 3))]
    ]
    for period in [*periods, timeline.month(last, 11)]:
        yield _delta("hotline.work_order", period)
    yield _delta("hotline.work_order", timeline.month(last, 10), style=ORDER_BOOK)
    for first, final in ((1, 10), (11, 20), (21, 31)):
        covers = Period(date(last, 12, first), date(last, 12, final))
        period = timeline.day(covers.end)
        yield Planned("hotline.work_order", period, covers, newest=True, late_days=1)


def _delta(
    feed: str, period: Period, *, newest: bool = False, style: Style | None = None
) -> Planned:
    return Planned(
        feed,
        period,
        period,
        newest,
        late_days=1 if feed.startswith("hotline.") else 10,
        style=style,
    )


def _whole(
    feed: str, period: Period, *, newest: bool = False, faults: int = 2, late_days: int = 10
) -> Planned:
    return Planned(feed, period, period, newest, late_days, faults)
