"""What a comparison of a figure at two readings gives: exact parts, ready for JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from etl.evaluate.causes import CAUSES
from etl.evaluate.exact import NOUGHT, Change
from etl.plan import Statement


@dataclass(frozen=True)
class End:
    """A figure at one of the two readings."""

    as_of: date
    known_at: datetime | None
    seq: int
    definition_version: str
    policy: str
    value: Fraction | None
    """None where there is no figure; it counts as 0 in what is added up."""

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "as_of": self.as_of.isoformat(),
            "known_at": self.known_at.isoformat() if self.known_at else None,
            "seq": self.seq,
            "definition_version": self.definition_version,
            "policy": self.policy,
            **amount(self.value),
        }


@dataclass(frozen=True)
class Step:
    """What one cause did to the figure at one commit, or between two definitions or boundaries."""

    cause: str
    part: Fraction
    changes: Sequence[Change]
    commit: Any = None
    """A row of `evaluate/compare_commits.sql`; None for a change of definition, or of boundaries between the two days."""

    @property
    def delivery(self) -> int | None:
        """The delivery that was loaded or withdrawn."""
        return self.commit.delivery_id if self.commit is not None else None

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON, with each thing that changed."""
        commit = self.commit
        return {
            "cause": self.cause,
            "part": amount(self.part),
            "delivery": self.delivery,
            "file": commit.file if commit is not None else None,
            "mode": commit.mode if commit is not None else None,
            "seq": commit.seq if commit is not None else None,
            "known_at": commit.at.isoformat() if commit is not None else None,
            "things": [_thing(change) for change in self.changes],
        }


@dataclass(frozen=True)
class Compared:
    """One figure at two readings: `difference` = `revision` + `movement` + `residual`, and the residual is 0."""

    statement: Statement
    before: End
    after: End
    steps: Sequence[Step]
    """The revision in the order in which it was computed: commit by commit, then definition, then boundaries."""
    movement: Fraction
    moved: Sequence[Change]
    """What came, left or changed between the two days, both read as at the second reading."""

    @property
    def difference(self) -> Fraction:
        """The second figure minus the first; where there is none it counts as 0."""
        return (self.after.value or NOUGHT) - (self.before.value or NOUGHT)

    @property
    def revision(self) -> Fraction:
        """What is known otherwise of the first day."""
        return sum((step.part for step in self.steps), NOUGHT)

    @property
    def by_cause(self) -> dict[str, Fraction]:
        """The revision by cause, all causes in their order."""
        parts = dict.fromkeys(CAUSES, NOUGHT)
        for step in self.steps:
            parts[step.cause] += step.part
        return parts

    @property
    def residual(self) -> Fraction:
        """What no part explains: the figures are the evaluation's own sums, the parts were added up thing by thing."""
        return self.difference - self.revision - self.movement

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "code": self.statement.code,
            "name_zh": self.statement.name_zh,
            "name_en": self.statement.name_en,
            "unit": self.statement.unit_zh or self.statement.unit_en,
            "before": self.before.as_dict(),
            "after": self.after.as_dict(),
            "difference": amount(self.difference),
            "movement": amount(self.movement),
            "revision": amount(self.revision),
            "by_cause": {cause: amount(part) for cause, part in self.by_cause.items()},
            "residual": amount(self.residual),
            "steps": [step.as_dict() for step in self.steps],
            "moved": [_thing(change) for change in self.moved],
        }


def amount(value: Fraction | None) -> dict[str, Any]:
    """A number as a float, and exactly: a decimal where it is one, else numerator/denominator."""
    if value is None:
        return {"value": None, "exact": None}
    number, rest = value, value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    text = f"{Decimal(number.numerator) / Decimal(number.denominator):f}" if rest == 1 else None
    if text is None or Fraction(text) != value:
        text = f"{number.numerator}/{number.denominator}"
    return {"value": float(value), "exact": text}


def _thing(change: Change) -> dict[str, Any]:
    return {
        "measure": change.name.measure,
        "area_key": change.name.area_key,
        "entity": change.name.entity,
        "before": _contribution(change.before.numerator, change.before.denominator),
        "after": _contribution(change.after.numerator, change.after.denominator),
        "sources": [
            {"delivery": delivery, "row_no": row}
            for delivery, row in sorted(change.after.sources or change.before.sources)
        ],
    }


def _contribution(numerator: Fraction, denominator: Fraction) -> dict[str, float]:
    return {"numerator": float(numerator), "denominator": float(denominator)}
