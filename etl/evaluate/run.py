"""Evaluate the plan: every statement on a day, as known at a moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.evaluate import definition as rules
from etl.evaluate import figures, sensitive
from etl.evaluate.bounds import Bounds
from etl.evaluate.computed import Computed
from etl.evaluate.coverage import Schedule
from etl.evaluate.figures import Figure
from etl.evaluate.known import DECLARATIONS, TARGETS
from etl.evaluate.result import Evaluation, IndicatorValue
from etl.evaluate.status import (
    DONE,
    NO_TARGET,
    NOT_EVALUABLE,
    Judgement,
    judge,
    pick_target,
)
from etl.evaluate.unread import unread_reasons
from etl.plan import Statement
from etl.progress import report
from etl.reasons import Catalogue, Reason
from etl.settings import Settings

MESSAGES = Catalogue(__file__)

_NO_DATA = MESSAGES.reason("no_data")
_UNDECLARED = MESSAGES.reason("undeclared")
_EXAMPLE_TARGET = MESSAGES.reason("example_target")
_EXAMPLE_DECLARATION = MESSAGES.reason("example_declaration")
_SYNTHETIC = MESSAGES.reason("synthetic_data")
_NO_TARGET = MESSAGES.reason("no_target")
_UNVERSIONED = MESSAGES.reason("definition_unversioned")
_UNOFFICIAL = MESSAGES.reason("unofficial_policy")


def evaluate(
    as_of: date | None = None,
    known_at: datetime | None = None,
    settings: Settings | None = None,
    *,
    hotline: bool = False,
    policy: str | None = None,
    definition: str | None = None,
) -> Evaluation:
    """Evaluate the plan's statements on `as_of`, as known at `known_at` (default: now).

    Without `as_of` it is the last month's end that loaded data cover. `hotline` adds the
    derived measures of the last assessment month, counted by the score policy named `policy`.
    `definition` is a version: indicators that have it are counted by it, whatever the day.
    """
    ctx = Context.of(settings)
    with reading(ctx) as connection:
        now = Reading(connection, schedules(ctx), as_of, known_at, policy, definition)
        return now.evaluation(hotline=hotline)


@contextmanager
def reading(ctx: Context) -> Iterator[sa.Connection]:
    """A connection that sees one state of the warehouse throughout."""
    with ctx.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


def schedules(ctx: Context) -> dict[str, Schedule]:
    """When each feed is due."""
    return {
        feed: Schedule(feed, contract.mode, contract.cadence, contract.targets)
        for feed, contract in ctx.contracts.items()
    }


class Reading(Computed):
    """One reading of the warehouse, and every indicator in it."""

    def evaluation(self, *, hotline: bool = False) -> Evaluation:
        """All indicators.

        A day as it was known before is refused (MinshengError) if a definition has changed since
        under the version that its kept values have: today's rule would rewrite the past.
        """
        shown = [statement for statement in self.plan.statements if statement.in_chapter or hotline]
        self.refuse_changed({statement.code for statement in shown})
        values = []
        for number, statement in enumerate(shown):
            report(f"评估 / evaluating {statement.code}", number, len(shown))
            values.append(self.indicator(statement))
        synthetic = any(d.is_synthetic and d.is_loaded for d in self.deliveries) or any(
            reason in (_EXAMPLE_TARGET, _EXAMPLE_DECLARATION)
            for indicator in values
            for reason in indicator.reasons
        )
        return Evaluation(
            as_of=self.as_of,
            known_at=self.asked_known_at or self.moment.at,
            seq=self.seq,
            indicators=tuple(values),
            synthetic=synthetic,
            policy=self.policy,
            at_baseline=self.as_of == self.plan.baseline_on,
        )

    def refuse_changed(self, codes: Set[str]) -> None:
        """MinshengError if one of these is read as known before and has another rule under the version it had then."""
        if self.asked_known_at is not None:
            rules.refuse({code: row for code, row in self._changed.items() if code in codes})

    @cached_property
    def _changed(self) -> Mapping[str, Any]:
        return rules.changed(self.connection, self.plan, self.plan.statements, self.policy)

    def judged(self, statement: Statement) -> IndicatorValue:
        """One indicator without a look at its own past: warnings of jumps change no status."""
        return self.indicator(statement, with_past=False)

    def indicator(self, statement: Statement, *, with_past: bool = True) -> IndicatorValue:
        """One indicator: its figure, what it hangs on, and what is made of it; each is made once a reading."""
        key = (statement.code, statement.definition_version, with_past)
        if key not in self._indicators:
            self._indicators[key] = self._indicator(statement, with_past=with_past)
        return self._indicators[key]

    @cached_property
    def _indicators(self) -> dict[tuple[str, str, bool], IndicatorValue]:
        return {}

    def _indicator(self, statement: Statement, *, with_past: bool) -> IndicatorValue:
        if statement.computable == "C":
            figure, coverage = self.computed(statement)
            present = figure.value is not None
            reasons = list(coverage.reasons())
            bounds = self.bounds(statement, figure, coverage)
            completeness = coverage.complete(
                figure.value, bounds, ratio=figures.is_ratio(statement)
            )
            share, day = coverage.quarantined_share, coverage.data_until or self.as_of
            provisional = coverage.lacks or not sensitive.is_settled(statement, bounds)
            if with_past and figure.value is not None and statement.kind != "derived":
                absent = frozenset(self.absent(statement, figure, coverage)[0])
                past = self.past(statement, coverage)
                reasons += past.jumps(absent) if past else []
                reasons += past.like_for_like(absent) if past and absent else []
            if with_past and statement.code in self._changed:
                reasons.append(_UNVERSIONED)
            if any(
                d.is_synthetic and d.is_loaded and d.feed in statement.feeds
                for d in self.deliveries
            ):
                reasons.append(_SYNTHETIC)
        else:
            figure, reasons, declared_on = self._declared(statement)
            present = declared_on is not None and (
                figure.value is not None or statement.kind == "qualitative"
            )
            bounds = Bounds(figure.value, figure.value)
            completeness, share, provisional = float(declared_on is not None), None, False
            day = declared_on or self.as_of
        if figure.value is None and statement.computable == "C":
            reasons.insert(0, _NO_DATA)
        target = pick_target(self.targets.get(statement.code, ()), self.plan.baseline_on)

        def judged_by(value: float | None) -> Judgement:
            return judge(
                statement,
                value,
                target,
                present=present,
                day=day,
                since=self.plan.baseline_on,
                thresholds=self.plan.thresholds,
            )

        judged = sensitive.hold(statement, judged_by, figure.value, bounds)
        judged = self._gate(statement, judged, completeness, reasons)
        unread = unread_reasons(self.unread, TARGETS, statement.code, supplied=target is not None)
        reasons += unread
        if target is None:
            if unread:
                judged = replace(judged, status=NOT_EVALUABLE)
            else:
                reasons.append(_NO_TARGET)
        elif target.basis == "example":
            reasons.append(_EXAMPLE_TARGET)
        if (
            statement.kind == "derived"
            and statement.computable == "C"
            and self.policy.status != "official"
        ):
            reasons.append(_UNOFFICIAL)
        return IndicatorValue(
            statement=statement,
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
            bounds=bounds,
        )

    def _gate(
        self,
        statement: Statement,
        judged: Judgement,
        completeness: float | None,
        reasons: list[Reason],
    ) -> Judgement:
        """A status is not given on too little data; the figure itself is."""
        limit = self.plan.thresholds.min_completeness
        if judged.status in (NO_TARGET, NOT_EVALUABLE):
            return judged
        is_scant = completeness is not None and completeness < limit
        if not is_scant and not any(reason.code == "missing_towns" for reason in reasons):
            return judged
        if statement.is_flow and judged.status == DONE:
            return judged  # what is missing can only add to it
        if is_scant:
            reasons.insert(0, MESSAGES.reason("incomplete", limit=limit))
        return Judgement(NOT_EVALUABLE, judged.progress, judged.time_progress, judged.reasons)

    def _declared(self, statement: Statement) -> tuple[Figure, list[Reason], date | None]:
        row = self.declarations.get(statement.code)
        reasons = unread_reasons(
            self.unread, DECLARATIONS, statement.code, supplied=row is not None
        )
        if row is None:
            return Figure(None), reasons or [_UNDECLARED], None
        if row.declared_on.year < self.as_of.year:
            age = (self.as_of - row.declared_on).days
            reasons.append(MESSAGES.reason("old_declaration", declared_on=row.declared_on, age=age))
        if row.basis == "example":
            reasons.append(_EXAMPLE_DECLARATION)
        if row.definition_version != statement.definition_version:
            reasons.append(
                MESSAGES.reason(
                    "declaration_of_other_definition",
                    definition_version=row.definition_version,
                    definition_version_=statement.definition_version,
                )
            )
            return Figure(None), reasons, row.declared_on
        return Figure(row.value, row.value), reasons, row.declared_on
