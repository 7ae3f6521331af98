"""The rules by which a figure becomes a status; no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from etl.plan import Statement, Thresholds
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

DONE = "已完成"
ON_SCHEDULE = "达到时序"
NEARLY = "基本达到"
BEHIND = "滞后"
NOT_EVALUABLE = "不可评"
NO_TARGET = "无目标"

BINDING = "约束性"


@dataclass(frozen=True)
class Step:
    """A target on a day: the final one, or a yearly milestone before it."""

    on: date
    value: float


@dataclass(frozen=True)
class Target:
    """What the plan wants of an indicator, as somebody supplied it."""

    plan_code: str
    steps: tuple[Step, ...]
    comparator: str
    nature: str
    basis: str
    definition_version: str

    @property
    def final(self) -> Step:
        """The last step."""
        return self.steps[-1]


@dataclass(frozen=True)
class Judgement:
    """Progress, time progress, status and reasons."""

    status: str
    progress: float | None = None
    time_progress: float | None = None
    reasons: tuple[Reason, ...] = field(default=())


def judge(
    statement: Statement,
    value: float | None,
    target: Target | None,
    *,
    present: bool,
    day: date,
    since: date,
    thresholds: Thresholds,
) -> Judgement:
    """Judge a value of `day` against its target; the plan's time runs from `since`.

    `present` says whether there are data at all: a qualitative statement may be declared
    without a number. Flows begin at nothing on `since`; everything else begins at the plan's
    own figure.
    """
    if not present:
        return Judgement(NOT_EVALUABLE)
    if target is None:
        return Judgement(NO_TARGET)
    if statement.kind == "qualitative" or value is None:
        reason = MESSAGES.reason("qualitative")
        return Judgement(NOT_EVALUABLE, reasons=(reason,))
    if target.definition_version != statement.definition_version:
        reason = MESSAGES.reason(
            "target_of_other_definition",
            definition_version=target.definition_version,
            definition_version_=statement.definition_version,
        )
        return Judgement(NOT_EVALUABLE, reasons=(reason,))
    if day <= since:
        reason = MESSAGES.reason("before_plan")
        return Judgement(NOT_EVALUABLE, reasons=(reason,))
    if statement.kind == "milestone":
        return _milestone(value, target, day, since)
    judged = _measured(
        statement, value, target, statement.value, day=day, since=since, thresholds=thresholds
    )
    if not statement.is_flow and statement.value is not None and statement.half_width:
        edges = (statement.value - statement.half_width, statement.value + statement.half_width)
        statuses = {
            _measured(
                statement, value, target, edge, day=day, since=since, thresholds=thresholds
            ).status
            for edge in edges
        }
        if statuses != {judged.status}:
            reason = MESSAGES.reason("rounding_sensitive")
            return Judgement(
                judged.status, judged.progress, judged.time_progress, (*judged.reasons, reason)
            )
    return judged


def elapsed(target: Target, base: float, day: date, since: date) -> float:
    """Time progress: the share of the way that should lie behind one on `day`.

    With yearly milestones the way runs through them, else straight to the final target.
    """
    final = target.final
    points = [(since, base), *((step.on, step.value) for step in target.steps)]
    if final.value == base or len(target.steps) == 1:
        points = [(since, 0.0), (final.on, 1.0)]
        base, goal = 0.0, 1.0
    else:
        goal = final.value
    wanted = goal
    for (left_on, left), (right_on, right) in pairwise(points):
        if day <= right_on:
            wanted = left + (right - left) * (day - left_on).days / (right_on - left_on).days
            break
    return (wanted - base) / (goal - base)


def _measured(
    statement: Statement,
    value: float,
    target: Target,
    baseline: float | None,
    *,
    day: date,
    since: date,
    thresholds: Thresholds,
) -> Judgement:
    goal = target.final.value
    base = 0.0 if statement.is_flow else baseline
    time = elapsed(target, base if base is not None else goal, day, since)
    way = _way(target, base, statement.direction)
    met = _reached(value, goal, way)
    if base is None:
        if met:
            return Judgement(DONE, 1.0, time)
        reason = MESSAGES.reason("no_baseline")
        return Judgement(NOT_EVALUABLE, None, time, (reason,))
    if not statement.is_flow and _reached(base, goal, way):
        # The plan began where the target is: nothing to gain, all to lose.
        reason = MESSAGES.reason("maintain")
        return Judgement(DONE if met else BEHIND, 1.0 if met else None, time, (reason,))
    progress = (value - base) / (goal - base)
    if progress < 0:
        reason = MESSAGES.reason("regressing")
        return Judgement(BEHIND, progress, time, (reason,))
    if met:
        return Judgement(DONE, progress, time)
    return Judgement(_colour(progress, time, target.nature, thresholds), progress, time)


def _way(target: Target, base: float | None, direction: str) -> str:
    """On which side of the target it is reached, as its comparator says: `gte`, `lte` or `eq`.

    `eq` is reached from the side on which the indicator improves. Where the target is a gain
    over the baseline and the comparator points away from it, the gain is what is meant.
    """
    better = {"higher": "gte", "achieve": "gte", "lower": "lte"}.get(direction)
    if target.comparator not in ("gte", "lte"):
        return better or "eq"
    if better and base is not None and target.comparator != better:
        gain = target.final.value - base if better == "gte" else base - target.final.value
        return better if gain > 0 else target.comparator
    return target.comparator


def _reached(value: float, goal: float, way: str) -> bool:
    slack = 1e-9 * max(1.0, abs(goal))
    if way == "lte":
        return value <= goal + slack
    if way == "gte":
        return value >= goal - slack
    return abs(value - goal) <= slack


def _colour(progress: float, time: float, nature: str, thresholds: Thresholds) -> str:
    slack = 1e-9  # 0.8 * 0.5 is not 0.4 in binary
    if progress >= thresholds.on_schedule * time - slack:
        return ON_SCHEDULE
    if progress >= thresholds.nearly * time - slack and nature != BINDING:
        return NEARLY
    return BEHIND


def _milestone(value: float, target: Target, day: date, since: date) -> Judgement:
    time = elapsed(target, 0.0, day, since)
    if value >= target.final.value:
        return Judgement(DONE, 1.0, time)
    if day >= target.final.on:
        reason = MESSAGES.reason("milestone_missed")
        return Judgement(BEHIND, None, time, (reason,))
    reason = MESSAGES.reason("milestone_pending")
    return Judgement(NOT_EVALUABLE, None, time, (reason,))


def pick_target(rows: Sequence[Any], since: date) -> Target | None:
    """The target of one indicator: official before user-supplied before example, one plan only."""
    rank = {"official": 0, "user_supplied": 1, "example": 2}
    usable = [row for row in rows if row.target_on > since]
    if not usable:
        return None
    best = min(usable, key=lambda row: (rank[row.basis], row.plan_code))
    chosen = sorted(
        (row for row in usable if (row.plan_code, row.basis) == (best.plan_code, best.basis)),
        key=lambda row: row.target_on,
    )
    last = chosen[-1]
    return Target(
        plan_code=last.plan_code,
        steps=tuple(Step(row.target_on, row.target_value) for row in chosen),
        comparator=last.comparator,
        nature=last.nature,
        basis=last.basis,
        definition_version=last.definition_version,
    )
