"""Gather a report: one reading of the warehouse, every indicator with its pieces, every feed with what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.contract import Contract
from etl.database import sql_file
from etl.evaluate import Evaluation, Reading
from etl.evaluate.periods import spoken, uncovered, windows
from etl.evaluate.run import reading, schedules
from etl.evaluate.score import assessment_month
from etl.evaluate.status import pick_target
from etl.progress import report as tell
from etl.report.model import Change, FeedState, Indicator, Kept, Report, Revision, Task, UnitScore
from etl.report.pieces import Pieces
from etl.report.series import Days


def gather(
    ctx: Context,
    as_of: date | None = None,
    known_at: datetime | None = None,
    pieces: Pieces | None = None,
) -> Report:
    """The report of a day as known at a moment (default: the newest month's end, now)."""
    pieces = pieces or Pieces(None, "")
    with reading(ctx) as connection:
        now = Reading(connection, schedules(ctx), as_of, known_at)
        evaluation = now.evaluation(hotline=True)
        days = Days(now)
        indicators = []
        for number, result in enumerate(evaluation.indicators):
            tell("报告 / report", number, len(evaluation.indicators))
            statement = result.statement
            target = pick_target(now.targets.get(statement.code, ()), now.plan.baseline_on)
            indicator = Indicator(result, target)
            if statement.computable == "C":
                piece = pieces.of(days, statement)
                indicator = replace(
                    indicator,
                    points=piece.points,
                    towns=piece.towns,
                    sources=piece.sources,
                    gaps=piece.gaps,
                    elsewhere=piece.elsewhere,
                )
            indicators.append(indicator)
        kept = _kept(now, now.as_of)
        before_on, changes = _changes(ctx, now, evaluation)
        return Report(
            evaluation=evaluation,
            indicators=tuple(indicators),
            towns=dict(sorted(now.towns.items())),
            feeds=tuple(_feeds(ctx, now)),
            feed_names=ctx.feed_names,
            kept=kept,
            revisions=_revisions(now, kept),
            scores=_scores(now),
            tasks=tuple(Task(**row._mapping) for row in _rows(now, "tasks", as_of=now.as_of)),
            before_on=before_on,
            changes=changes,
        )


def _rows(now: Reading, name: str, **values: Any) -> Iterable[Any]:
    return now.connection.execute(
        sa.text(sql_file(f"report/{name}.sql")),
        {"policy": now.policy.policy_code, "known_at": now.seq, **values},
    )


def _kept(now: Reading, day: date) -> tuple[Kept, ...]:
    by_evaluation: dict[int, list[Any]] = {}
    for row in _rows(now, "kept", as_of=day):
        by_evaluation.setdefault(row.evaluation_id, []).append(row)
    return tuple(
        Kept(
            number,
            rows[0].seq,
            rows[0].evaluated_at,
            {row.indicator_code: row.value for row in rows},
            {row.indicator_code: row.status for row in rows},
        )
        for number, rows in by_evaluation.items()
    )


def _revisions(now: Reading, kept: Sequence[Kept]) -> tuple[Revision, ...]:
    if len(kept) < 2:
        return ()
    rows = _rows(now, "revisions", as_of=now.as_of, since=kept[0].seq)
    return tuple(Revision(**row._mapping) for row in rows)


def _changes(
    ctx: Context, now: Reading, evaluation: Evaluation
) -> tuple[date | None, Mapping[str, Change]]:
    """Against the last day of which an evaluation was kept: as it was kept last, and as it is known now."""
    (row,) = _rows(now, "kept_before", as_of=now.as_of)
    if row.as_of is None:
        return None, {}
    then = _kept(now, row.as_of)[-1]
    last = Reading(now.connection, now.schedules, row.as_of, now.asked_known_at, now.asked_policy)
    changes = {}
    for result in evaluation.indicators:
        statement = result.statement
        if statement.computable == "C":
            before_now = last.computed(statement)[0].value
            changes[statement.code] = Change(
                then.values.get(statement.code), before_now, result.value
            )
    return row.as_of, changes


def _scores(now: Reading) -> tuple[UnitScore, ...]:
    if now.asked_known_at is not None or now.policy.valid_from > now.as_of:
        return ()
    last = assessment_month(now.policy, now.as_of).after - timedelta(1)
    rows = _rows(now, "unit_scores", month=last.replace(day=1))
    scores = tuple(UnitScore(**row._mapping) for row in rows)
    return scores if any(each.orders for each in scores) else ()


def _feeds(ctx: Context, now: Reading) -> Iterator[FeedState]:
    by_feed: dict[str, list[Any]] = {feed: [] for feed in sorted(ctx.contracts)}
    for row in now.arrived(list(by_feed)):
        by_feed[row.feed].append(row)
    for feed, rows in by_feed.items():
        yield _feed(ctx.contracts[feed], now, rows)


def _feed(contract: Contract, now: Reading, arrived: Sequence[Any]) -> FeedState:
    """What was due of a feed in the twelve months up to the day, and what came."""
    loaded = [d for d in arrived if d.is_loaded and d.mode in ("full", "delta", "window")]
    start = now.as_of - timedelta(365)
    due = [w for w in windows(contract.cadence, start, now.as_of) if w[0] > start]
    spans = [span for d in loaded if (span := spoken(d))]
    missing = tuple(window for window in due if uncovered(window, spans) == [window])
    took = [(d.received_on - d.period_end).days for d in loaded if d.period_end >= start]
    return FeedState(
        feed=contract.feed,
        name_zh=contract.name_zh,
        name_en=contract.name_en,
        owner=contract.owner,
        cadence=contract.cadence,
        newest=due[-1] if due else None,
        expected=len(due) if due else None,
        arrived=len(due) - len(missing),
        missing=missing,
        last_period=max((d.period_end for d in loaded), default=None),
        last_received=max((d.received_on for d in loaded), default=None),
        median_days=round(median(took)) if took else None,
        deadline_days=contract.deadline_days,
        late=None
        if contract.deadline_days is None
        else sum(days > contract.deadline_days for days in took),
        held=tuple(d.delivery_id for d in arrived if not d.is_loaded),
        open_rows=sum(d.open_rows for d in arrived if d.is_loaded),
    )
