"""Evaluate the plan: every statement on a day, as known at a moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.evaluate import figures
from etl.evaluate.coverage import Coverage, Schedule, cover
from etl.evaluate.figures import Figure
from etl.evaluate.known import Known
from etl.evaluate.result import Evaluation, IndicatorValue
from etl.evaluate.score import assessment_month, composite
from etl.evaluate.status import DONE, NOT_EVALUABLE, Judgement, Reason, judge, pick_target
from etl.plan import Statement
from etl.settings import Settings

_NO_DATA = Reason("no_data", "无数据", "no data")
_UNDECLARED = Reason("undeclared", "未申报", "nothing was declared")
_EXAMPLE_TARGET = Reason(
    "example_target", "示例目标，非官方", "the target is an example, not official"
)
_EXAMPLE_DECLARATION = Reason(
    "example_declaration", "示例申报，非官方", "the declaration is an example"
)
_SYNTHETIC = Reason("synthetic_data", "合成数据", "synthetic data")
_NO_TARGET = Reason("no_target", "没有目标值", "there is no target")
_UNOFFICIAL = Reason("unofficial_policy", "考核口径非官方", "the score policy is unofficial")


def evaluate(
    as_of: date | None = None,
    known_at: datetime | None = None,
    settings: Settings | None = None,
    *,
    hotline: bool = False,
    policy: str | None = None,
) -> Evaluation:
    """Evaluate the plan's statements on `as_of`, as known at `known_at` (default: now).

    Without `as_of` it is the last month's end that loaded data cover. `hotline` adds the
    derived measures of the last assessment month, counted by the score policy named `policy`.
    """
    ctx = Context.of(settings)
    with reading(ctx) as connection:
        return Reading(connection, schedules(ctx), as_of, known_at, policy).evaluation(
            hotline=hotline
        )


@contextmanager
def reading(ctx: Context) -> Iterator[sa.Connection]:
    """A connection that sees one state of the warehouse throughout."""
    with ctx.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


def schedules(ctx: Context) -> dict[str, Schedule]:
    """When each feed is due."""
    return {
        feed: Schedule(feed, contract.mode, contract.cadence)
        for feed, contract in ctx.contracts.items()
    }


class Reading(Known):
    """One reading of the warehouse, and every indicator in it."""

    def evaluation(self, *, hotline: bool = False) -> Evaluation:
        """All indicators."""
        values = [self._value(one) for one in self.plan.statements if one.in_chapter or hotline]
        synthetic = any(d.is_synthetic and d.is_loaded for d in self.deliveries) or any(
            reason in (_EXAMPLE_TARGET, _EXAMPLE_DECLARATION)
            for one in values
            for reason in one.reasons
        )
        return Evaluation(
            as_of=self.as_of,
            known_at=self.asked_known_at or self.moment.at,
            seq=self.seq,
            indicators=tuple(values),
            synthetic=synthetic,
            at_baseline=self.as_of == self.plan.baseline_on,
        )

    def figure(self, one: Statement) -> Figure:
        """The number of a computable indicator."""
        if "score_of" in one.definition:
            first, second, third = (
                self.figure(self.plan.statement(c)).value for c in one.definition["score_of"]
            )
            return Figure(composite(self.policy, (first, second, third)))
        return figures.figure(self.connection, one, self.parameters(one))

    def parameters(self, one: Statement) -> dict[str, Any]:
        """What the indicator's query is run with."""
        return figures.parameters(self.plan, one, self.as_of, self.seq, self.policy)

    def _value(self, one: Statement) -> IndicatorValue:
        if one.computable == "C":
            figure, coverage = self._computed(one)
            present = figure.value is not None
            reasons = list(coverage.reasons())
            completeness, share = coverage.completeness, coverage.quarantined_share
            day, provisional = coverage.data_until or self.as_of, coverage.provisional
            if any(d.is_synthetic and d.is_loaded and d.feed in one.feeds for d in self.deliveries):
                reasons.append(_SYNTHETIC)
        else:
            figure, reasons, declared_on = self._declared(one)
            present = declared_on is not None and (
                figure.value is not None or one.kind == "qualitative"
            )
            completeness, share, provisional = float(declared_on is not None), None, False
            day = declared_on or self.as_of
        if figure.value is None and one.computable == "C":
            reasons.insert(0, _NO_DATA)
        target = pick_target(self.targets.get(one.code, ()), self.plan.baseline_on)
        judged = judge(
            one,
            figure.value,
            target,
            present=present,
            day=day,
            since=self.plan.baseline_on,
            thresholds=self.plan.thresholds,
        )
        judged = self._gate(one, judged, completeness, reasons)
        if target is None:
            reasons.append(_NO_TARGET)
        elif target.basis == "example":
            reasons.append(_EXAMPLE_TARGET)
        if one.kind == "derived" and one.computable == "C" and self.policy.status != "official":
            reasons.append(_UNOFFICIAL)
        return IndicatorValue(
            statement=one,
            value=figure.value,
            numerator=figure.numerator,
            denominator=figure.denominator,
            target=target.final.value if target else None,
            progress=judged.progress,
            time_progress=judged.time_progress,
            status=judged.status,
            reasons=(*judged.reasons, *reasons),
            completeness=completeness,
            quarantined_share=share,
            provisional=provisional,
        )

    def _gate(
        self, one: Statement, judged: Judgement, completeness: float | None, reasons: list[Reason]
    ) -> Judgement:
        """A status is not given on too little data; the figure itself is."""
        limit = self.plan.thresholds.min_completeness
        if judged.progress is None or completeness is None or completeness >= limit:
            return judged
        if one.is_flow and judged.status == DONE:
            return judged  # what is missing can only add to it
        reasons.insert(
            0,
            Reason(
                "incomplete", f"完整度低于{limit:.0%}", f"less than {limit:.0%} of the data are in"
            ),
        )
        return Judgement(NOT_EVALUABLE, judged.progress, judged.time_progress, judged.reasons)

    def _computed(self, one: Statement) -> tuple[Figure, Coverage]:
        start = self.plan.period_start(self.as_of)
        if one.kind == "derived":
            start = assessment_month(self.policy, self.as_of).first
        coverage = cover(one, self.schedules, self.deliveries, start=start, as_of=self.as_of)
        if not coverage.loaded:
            # Nothing has arrived: that is no number, not nought.
            return Figure(None), coverage
        figure = self.figure(one)
        if one.by_town and self.towns:
            missing = len(self.towns - figure.areas)
            coverage = replace(coverage, missing_towns=missing, expected_towns=len(self.towns))
            if missing == len(self.towns):
                figure = Figure(None)
        return figure, coverage

    def _declared(self, one: Statement) -> tuple[Figure, list[Reason], date | None]:
        row = self.declarations.get(one.code)
        if row is None:
            return Figure(None), [_UNDECLARED], None
        reasons = []
        if row.basis == "example":
            reasons.append(_EXAMPLE_DECLARATION)
        if row.definition_version != one.definition_version:
            reasons.append(
                Reason(
                    "definition_changed",
                    f"申报按定义版本 {row.definition_version}，指标现为 {one.definition_version}",
                    f"declared for definition {row.definition_version}, the indicator is {one.definition_version}",
                )
            )
            return Figure(None), reasons, row.declared_on
        return Figure(row.value, row.value), reasons, row.declared_on
