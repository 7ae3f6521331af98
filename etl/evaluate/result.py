"""What an evaluation gives: figures with their reasons, ready for JSON, the database and the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from etl.plan import ScorePolicy, Statement
from etl.reasons import Reason


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

    @property
    def interval(self) -> tuple[float, float] | None:
        """The values that the plan's figure may stand for, given how exactly it is stated."""
        one = self.statement
        if one.value is None or one.half_width is None:
            return None
        return one.value - one.half_width, one.value + one.half_width

    @property
    def difference(self) -> float | None:
        """Value minus baseline."""
        if self.value is None or self.statement.value is None:
            return None
        return self.value - self.statement.value

    @property
    def agrees(self) -> bool | None:
        """Whether the value rounds to what the plan states; None where it states no number."""
        one = self.statement
        if self.value is None or one.value is None:
            return None
        slack = 1e-9 * max(1.0, abs(one.value))
        if one.comparator == "gte":
            return self.value >= one.value - slack
        if self.interval is None:
            return None
        return self.interval[0] - slack <= self.value <= self.interval[1] + slack

    def to_json(self) -> dict[str, Any]:
        """The stable shape that other programs rely on."""
        one = self.statement
        return {
            "code": one.code,
            "name_zh": one.name_zh,
            "name_en": one.name_en,
            "unit": one.unit_zh or one.unit_en,
            "value": self.value,
            "numerator": self.numerator,
            "denominator": self.denominator,
            "baseline": one.value,
            "half_width": one.half_width,
            "target": self.target,
            "progress": self.progress,
            "time_progress": self.time_progress,
            "status": self.status,
            "reasons": [reason.brief() for reason in self.reasons],
            "completeness": self.completeness,
            "quarantined_share": self.quarantined_share,
            "provisional": self.provisional,
            "definition_version": one.definition_version,
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
        for found in self.indicators:
            if found.statement.code == code:
                return found
        raise KeyError(code)

    def to_json(self) -> dict[str, Any]:
        """The stable shape that other programs rely on."""
        return {
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "indicators": [one.to_json() for one in self.indicators],
        }

    def by_status(self) -> dict[str, int]:
        """How many indicators have which status."""
        found: dict[str, int] = {}
        for one in self.indicators:
            found[one.status] = found.get(one.status, 0) + 1
        return found
