"""What bounds mean for a figure: whether it can still change as it is printed, and whether its status holds at both ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from etl.evaluate.bounds import Bounds
from etl.evaluate.result import printed
from etl.evaluate.status import NO_TARGET, NOT_EVALUABLE, Judgement
from etl.plan import Statement
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)


def is_settled(statement: Statement, bounds: Bounds) -> bool:
    """Whether both ends print alike, so that no answer on a quarantined row changes what is read."""
    if bounds.is_open:
        return False
    return printed(bounds.low, statement) == printed(bounds.high, statement)


def hold(
    statement: Statement,
    judge: Callable[[float | None], Judgement],
    value: float | None,
    bounds: Bounds,
) -> Judgement:
    """The judgement of a value, if it is that of both ends; else none, with what each end would be."""
    judged = judge(value)
    if (
        value is None
        or judged.status in (NO_TARGET, NOT_EVALUABLE)
        or is_settled(statement, bounds)
    ):
        return judged
    ends = {
        "low": -math.inf if bounds.open_low else bounds.low,
        "high": math.inf if bounds.open_high else bounds.high,
    }
    statuses = {name: judge(end).status for name, end in ends.items()}
    if set(statuses.values()) == {judged.status}:
        return judged
    reason = MESSAGES.reason(
        "quarantine_sensitive",
        rows=bounds.entries,
        **{name: _end(end, statement) for name, end in ends.items()},
        **{f"status_{name}": status for name, status in statuses.items()},
    )
    return replace(judged, status=NOT_EVALUABLE, reasons=(*judged.reasons, reason))


def of_parts(parts: Sequence[Bounds], combine: Callable[[Any], float | None]) -> Bounds:
    """Bounds of what grows with each of its parts."""
    return Bounds(
        combine(tuple(part.low for part in parts)),
        combine(tuple(part.high for part in parts)),
        any(part.open_low for part in parts),
        any(part.open_high for part in parts),
        sum(part.entries for part in parts),
    )


def _end(value: float | None, statement: Statement) -> str:
    if value is not None and math.isinf(value):
        return "不定 open"
    return printed(value, statement)
