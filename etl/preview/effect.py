"""The effect of a decision on the star and on the plan's figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.evaluate import Evaluation, IndicatorValue, Reading
from etl.evaluate.run import schedules
from etl.reasons import Reason, one_line

Changes = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class FigureChange:
    """One indicator before and after; None where it had no value."""

    code: str
    name_zh: str
    name_en: str
    unit: str
    before: float | None
    after: float | None
    status_before: str
    status_after: str
    provisional_before: bool
    provisional_after: bool

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return dict(self.__dict__)


@dataclass(frozen=True)
class Effect:
    """What a decision does; `state` is where the delivery ends by it."""

    delivery: int
    verb: str
    state: str
    changes: Changes = field(default_factory=dict)
    """By table of the star: how many things are new, changed and closed."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """What becomes of the delivery's rows; empty for a withdrawal."""
    figures: tuple[FigureChange, ...] = ()
    as_of_before: date | None = None
    as_of_after: date | None = None
    reasons: tuple[Reason, ...] = ()
    also: tuple[int, ...] = ()
    """Deliveries that go with it: repairs of a withdrawn one's rows."""

    def as_dict(self) -> dict[str, Any]:
        """The stable form of `--json`."""
        return {
            "delivery": self.delivery,
            "verb": self.verb,
            "state": self.state,
            "changes": {table: dict(counts) for table, counts in self.changes.items()},
            "counts": dict(self.counts),
            "as_of": [str(day) if day else None for day in (self.as_of_before, self.as_of_after)],
            "figures": [figure.as_dict() for figure in self.figures],
            "reasons": [reason.as_dict() for reason in self.reasons],
            "also": list(self.also),
        }

    def lines(self) -> Iterator[str]:
        """For a person, in both languages."""
        yield f"#{self.delivery} → {self.state}"
        if self.also:
            yield f"连同 together with: {', '.join(f'#{number}' for number in self.also)}"
        for reason in self.reasons:
            yield one_line(reason)
        if self.counts:
            yield "  ".join(f"{name} {n}" for name, n in self.counts.items() if n)
        for table, counts in self.changes.items():
            yield (
                f"{table}: 新增 new {counts['new']}，更改 changed {counts['changed']}，关闭 closed {counts['closed']}"
            )
        if not self.changes:
            yield "星型表无变化 / the star does not change"
        if self.as_of_before != self.as_of_after:
            yield f"评估时点 as of {self.as_of_before} → {self.as_of_after}"
        for figure in self.figures:
            yield _line(figure)
        if not self.figures:
            yield "规划指标无变化 / no figure of the plan changes"


def read_figures(ctx: Context, connection: sa.Connection) -> Evaluation:
    """All figures as the connection's transaction knows them now."""
    return Reading(connection, schedules(ctx)).evaluation(hotline=True)


def figures_that_differ(before: Evaluation, after: Evaluation) -> tuple[FigureChange, ...]:
    """The indicators of which value, status or finality differ."""
    changed = []
    for new in after.indicators:
        old = before[new.statement.code]
        if _said(old) != _said(new):
            statement = new.statement
            changed.append(
                FigureChange(
                    statement.code, statement.name_zh, statement.name_en,
                    statement.unit_zh or statement.unit_en or "",
                    old.value, new.value, old.status, new.status, old.provisional, new.provisional,
                )
            )  # fmt: skip
    return tuple(changed)


def _said(indicator: IndicatorValue) -> tuple[float | None, str, bool]:
    return indicator.value, indicator.status, indicator.provisional


def _line(figure: FigureChange) -> str:
    before, after = (
        _number(value) + (" *" if provisional else "")
        for value, provisional in (
            (figure.before, figure.provisional_before),
            (figure.after, figure.provisional_after),
        )
    )
    return (
        f"{figure.code} {figure.name_zh} {figure.name_en}: {before} → {after} {figure.unit}"
        f"  {figure.status_before} → {figure.status_after}"
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.6g}"
