"""What an evaluation gives: figures with their reasons, ready for JSON, the database and the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from etl.evaluate.bounds import Bounds
from etl.plan import ScorePolicy, Statement
from etl.reasons import Reason


def printed(value: float | None, statement: Statement, *, sign: bool = False) -> str:
    """A value as people read it: rates in percent to one place, whole numbers without places, others with two."""
    if value is None:
        return ""
    plus = "+" if sign else ""
    if statement.unit_en == "rate":
        return f"{value * 100:{plus}.1f}%"
    digits = 0 if value == round(value) else 2
    return f"{value:{plus},.{digits}f}"


@dataclass(frozen=True)
class IndicatorValue:
    """One indicator at one reading."""

    statement: Statement
    value: float | None
    numerator: float | None
    denominator: float | None
    target: float | None
    progress: float | None
    time_progress: float | None
    status: str
    reasons: tuple[Reason, ...]
    completeness: float | None
    quarantined_share: float | None
    provisional: bool
    """Whether it may still change as it is printed."""
    bounds: Bounds = field(default_factory=Bounds)

    @property
    def interval(self) -> tuple[float, float] | None:
        """The values that the plan's figure may stand for, given how exactly it is stated."""
        statement = self.statement
        if statement.value is None or statement.half_width is None:
            return None
        return statement.value - statement.half_width, statement.value + statement.half_width

    @property
    def difference(self) -> float | None:
        """Value minus baseline."""
        if self.value is None or self.statement.value is None:
            return None
        return self.value - self.statement.value

    @property
    def agrees(self) -> bool | None:
        """Whether the value rounds to what the plan states; None where it states no number."""
        statement = self.statement
        if self.value is None or statement.value is None:
            return None
        slack = 1e-9 * max(1.0, abs(statement.value))
        if statement.comparator == "gte":
            return self.value >= statement.value - slack
        if self.interval is None:
            return None
        return self.interval[0] - slack <= self.value <= self.interval[1] + slack

    def to_json(self) -> dict[str, Any]:
        """The stable shape that other programs rely on."""
        statement = self.statement
        return {
            "code": statement.code,
            "name_zh": statement.name_zh,
            "name_en": statement.name_en,
            "unit": statement.unit_zh or statement.unit_en,
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "baseline": statement.value,
            "half_width": statement.half_width,
            "target": self.target,
            "progress": self.progress,
            "time_progress": self.time_progress,
            "status": self.status,
            "reasons": [reason.brief() for reason in self.reasons],
            "completeness": self.completeness,
            "quarantined_share": self.quarantined_share,
            "provisional": self.provisional,
            "bounds": self.bounds.as_dict(),
            "definition_version": statement.definition_version,
        }


@dataclass(frozen=True)
class Evaluation:
    """All indicators on a day, as known at a moment."""

    as_of: date
    known_at: datetime | None
    seq: int
    indicators: tuple[IndicatorValue, ...]
    synthetic: bool
    """Whether loaded data, a target or a declaration is synthetic or an example."""
    policy: ScorePolicy
    """By which the hotline's measures are counted."""
    at_baseline: bool
    """Whether `as_of` is the day that the plan's own figures stand for."""

    def __getitem__(self, code: str) -> IndicatorValue:
        """The indicator with this code."""
        for indicator in self.indicators:
            if indicator.statement.code == code:
                return indicator
        raise KeyError(code)

    def to_json(self) -> dict[str, Any]:
        """The stable shape that other programs rely on."""
        return {
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "indicators": [indicator.to_json() for indicator in self.indicators],
        }

    def by_status(self) -> dict[str, int]:
        """How many indicators have which status."""
        counts: dict[str, int] = {}
        for indicator in self.indicators:
            counts[indicator.status] = counts.get(indicator.status, 0) + 1
        return counts
