"""What a report tells: one object that pages, tables, workbook and document are all made from. No database."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from etl.evaluate import Evaluation, IndicatorValue
from etl.evaluate.receipts import SourceFile
from etl.evaluate.status import Target

FEW = 5
"""Below so many cases a rate is not shown, nor a count of persons or of what they did."""
RANKED = 10
"""From so many cases on a rate is ranked."""

PERSONS = ("人", "名", "件", "户")
"""Units of counts of persons or their acts; institutions, projects and organisations are public."""


@dataclass(frozen=True)
class Point:
    """An indicator on a day, by one version of its definition."""

    on: date
    value: float | None
    """None: there are no data of this day."""
    numerator: float | None
    denominator: float | None
    low: float | None
    high: float | None
    open_ends: tuple[str, ...]
    provisional: bool
    version: str
    begins: date | None = None
    """The first day of the plan period that a flow adds up from; None for what is read at a day."""


@dataclass(frozen=True)
class TownValue:
    """A town's part of a figure; `state` is value, few (too few cases to be shown) or none (no data)."""

    key: int
    name: str
    value: float | None
    numerator: float | None
    denominator: float | None
    state: str
    is_share: bool = False
    """Whether the value is a share of cases, 0 to 1."""

    @property
    def cases(self) -> int | None:
        """What a rate is a share of."""
        return round(self.denominator) if self.is_share and self.denominator is not None else None

    @property
    def is_ranked(self) -> bool:
        """Whether there are enough cases to set it beside others."""
        return self.state == "value" and (self.cases is None or self.cases >= RANKED)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95% interval of a share (JASA 22, 1927)."""
        if not self.is_share or self.numerator is None or not self.denominator:
            return None
        return wilson(self.numerator, self.denominator)


def wilson(successes: float, cases: float, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's interval of a share, 0 to 1."""
    share, square = successes / cases, z * z / cases
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(max(0.0, share * (1 - share)) / cases + square / cases / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Indicator:
    """An indicator with all that its page shows."""

    result: IndicatorValue
    target: Target | None
    points: tuple[Point, ...] = ()
    towns: tuple[TownValue, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    gaps: tuple[tuple[str, str], ...] = ()
    """Of a coverage, what is not covered: town and name."""
    elsewhere: float | None = None
    """The part of a sum that lies in no town of the list."""

    @property
    def code(self) -> str:
        """The indicator's code."""
        return self.result.statement.code


@dataclass(frozen=True)
class FeedState:
    """What of a feed was due, what came, what is missing, in the twelve months up to the report's day."""

    feed: str
    name_zh: str
    name_en: str
    owner: str
    cadence: str
    newest: tuple[date, date] | None
    """The last period due; None: it has no cadence."""
    expected: int | None
    arrived: int
    missing: tuple[tuple[date, date], ...]
    last_period: date | None
    last_received: date | None
    median_days: int | None
    """Days from a period's end to the receipt of its delivery."""
    deadline_days: int | None
    """So many days after a period's end its delivery is due; None where no term is agreed."""
    late: int | None
    """Deliveries of those months that were received after it."""
    held: tuple[int, ...]
    """Deliveries that wait or are held."""
    open_rows: int

    @property
    def lacks_newest(self) -> bool:
        """Whether nothing came of the last period due."""
        return self.newest is not None and self.newest in self.missing

    @property
    def stretches(self) -> list[tuple[date, date, int]]:
        """Missing periods that follow each other as one: first day, last day, how many they are."""
        told: list[tuple[date, date, int]] = []
        for first, last in self.missing:
            if told and told[-1][1] + timedelta(days=1) == first:
                told[-1] = (told[-1][0], last, told[-1][2] + 1)
            else:
                told.append((first, last, 1))
        return told


@dataclass(frozen=True)
class Change:
    """How a figure differs from the last period's: what moved, and what was revised."""

    before_then: float | None
    """The last period, as it was kept then."""
    before_now: float | None
    """The last period, as it is known now."""
    now: float | None

    @property
    def movement(self) -> float | None:
        """V(this period, known now) - V(last period, known now)."""
        if self.now is None or self.before_now is None:
            return None
        return self.now - self.before_now

    @property
    def revision(self) -> float | None:
        """V(last period, known now) - V(last period, known then)."""
        if self.before_now is None or self.before_then is None:
            return None
        return self.before_now - self.before_then

    @property
    def is_mostly_revision(self) -> bool:
        """Whether the revision is more than twice the movement."""
        return abs(self.revision or 0.0) > 2 * abs(self.movement or 0.0)


@dataclass(frozen=True)
class Kept:
    """An evaluation of the report's day that was kept before, with its values by indicator."""

    evaluation_id: int
    seq: int
    at: datetime
    values: Mapping[str, float | None]
    statuses: Mapping[str, str]


@dataclass(frozen=True)
class Revision:
    """What one commit did to a figure of the report's day since the first of the kept evaluations."""

    code: str
    cause: str
    """One of `etl.evaluate.causes.CAUSES`."""
    part: float
    things: int
    delivery_id: int | None
    file_name: str | None
    known_at: datetime | None


@dataclass(frozen=True)
class Issue:
    """The published version that a report belongs to."""

    version: int
    document_no: str
    prepared_by: str
    reviewed_by: str
    approved_by: str
    revises: int | None = None
    why: str | None = None
    override_why: str | None = None
    """Why it went out although something was missing, or examples or synthetic."""


@dataclass(frozen=True)
class UnitScore:
    """A handling unit in an assessment month. Rates and their 95 % intervals (Wilson) are 0 to 1, scores 0 to 100."""

    unit_kind: str | None
    unit_name: str
    first_on: date
    after_on: date
    orders: int
    valid: int
    response_rate: float | None
    response_low: float | None
    response_high: float | None
    resolution_rate: float | None
    resolution_low: float | None
    resolution_high: float | None
    satisfaction_rate: float | None
    satisfaction_low: float | None
    satisfaction_high: float | None
    score: float | None
    rank: int | None
    grade: str | None
    overdue_rate: float | None
    return_rate: float | None
    extension_rate: float | None
    score_with_excluded: float | None

    @property
    def last_on(self) -> date:
        """The last day of the assessment month."""
        return self.after_on - timedelta(1)

    @property
    def rates(self) -> Iterator[tuple[float | None, float | None, float | None]]:
        """The three rates with their intervals."""
        for name in ("response", "resolution", "satisfaction"):
            yield tuple(getattr(self, f"{name}_{part}") for part in ("rate", "low", "high"))


@dataclass(frozen=True)
class Task:
    """What was reported of a task last, by the day of the report."""

    task_id: str
    task_name: str
    lead_unit: str
    supporting_units: str | None
    deadline_on: date
    reported_on: date
    status: str
    progress: float | None
    progress_note: str | None
    evidence: str | None
    basis: str
    delivery_id: int
    row_no: int

    def is_late(self, day: date) -> bool:
        """Whether its deadline has passed by a day, and it is neither done nor stopped."""
        return self.status not in ("已完成", "已终止") and self.deadline_on < day


@dataclass(frozen=True)
class Report:
    """Everything that is told."""

    evaluation: Evaluation
    indicators: tuple[Indicator, ...]
    towns: Mapping[int, str]
    feeds: tuple[FeedState, ...]
    feed_names: Mapping[str, tuple[str, str]]
    kept: tuple[Kept, ...] = ()
    """Kept evaluations of the same day, the oldest first."""
    revisions: tuple[Revision, ...] = ()
    """Between the kept evaluations of the day."""
    tasks: tuple[Task, ...] = ()
    scores: tuple[UnitScore, ...] = ()
    """By handling unit in the assessment month that ended last; none for a reading of an earlier known time."""
    issue: Issue | None = None
    """None: a draft."""
    before_on: date | None = None
    """The day of the last kept evaluation before this one's."""
    changes: Mapping[str, Change] = field(default_factory=dict)

    def __getitem__(self, code: str) -> Indicator:
        """The indicator with this code."""
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        raise KeyError(code)

    def version(self, lang: str) -> str:
        """Which published version it is, in words."""
        if self.issue is None:
            return "草稿（未发布）" if lang == "zh" else "draft, not published"
        number, document = self.issue.version, self.issue.document_no
        revises, why = self.issue.revises, self.issue.why
        zh, en = f"第 {number} 版，{document}", f"version {number}, {document}"
        if revises:
            zh, en = f"{zh}（修订第 {revises} 版：{why}）", f"{en} (revises {revises}: {why})"
        return zh if lang == "zh" else en

    @property
    def people(self) -> tuple[str, str, str]:
        """Who prepared, reviewed and approved it."""
        if self.issue is None:
            return "—", "—", "—"
        return self.issue.prepared_by, self.issue.reviewed_by, self.issue.approved_by

    @property
    def statements(self) -> tuple[Indicator, ...]:
        """What the plan says."""
        return tuple(i for i in self.indicators if i.result.statement.in_chapter)

    @property
    def measures(self) -> tuple[Indicator, ...]:
        """The hotline's measures."""
        return tuple(i for i in self.indicators if not i.result.statement.in_chapter)
