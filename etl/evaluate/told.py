"""A comparison in words, in both languages: a sentence of what, one line a cause and delivery."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta, timezone
from fractions import Fraction

from etl.evaluate.causes import WORDS
from etl.evaluate.compared import Compared, End, Step
from etl.evaluate.result import printed
from etl.plan import Statement

BEIJING = timezone(timedelta(hours=8))


def in_words(compared: Compared) -> Iterator[str]:
    """Line by line: the figure's two values, movement and revision, each cause with its deliveries, the residual."""
    statement, before, after = compared.statement, compared.before, compared.after
    yield f"{statement.name_zh} / {statement.name_en}（{statement.code}）"
    unit = "" if statement.unit_en == "rate" else f" {statement.unit_zh or ''}".rstrip()
    yield (
        f"  由 {_end(before)}的 {_value(before, statement)}{unit}，到 {_end(after)}的 {_value(after, statement)}{unit}；"
        f"差 {_part(compared.difference, statement)}，其中实际变动 {_part(compared.movement, statement)}，"
        f"数据修订 {_part(compared.revision, statement)}。"
    )
    yield (
        f"  From {_value(before, statement)} ({_end(before, 'en')}) to {_value(after, statement)} ({_end(after, 'en')}): "
        f"{_part(compared.difference, statement)}, of which movement {_part(compared.movement, statement)}, "
        f"revision {_part(compared.revision, statement)}."
    )
    for cause, part in compared.by_cause.items():
        steps = [step for step in compared.steps if step.cause == cause]
        if steps:
            yield f"    {' '.join(WORDS[cause])} {_part(part, statement)}"
            for step in steps:
                yield f"      {_step(step, compared)} {_part(step.part, statement)}"
    yield f"    残差 residual {_part(compared.residual, statement)}"


def _step(step: Step, compared: Compared) -> str:
    if step.commit is None:
        if step.cause == "boundary":
            return f"按 {compared.after.as_of} 的区划 in the boundaries of that day"
        ends = (compared.before, compared.after)
        versions, policies = (
            [getattr(end, name) for end in ends] for name in ("definition_version", "policy")
        )
        shown = versions if versions[0] != versions[1] else policies
        return f"{shown[0]} → {shown[1]}"
    commit = step.commit
    where = f"#{commit.delivery_id} {commit.file}" if commit.delivery_id is not None else ""
    day = commit.at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return f"{where}（{day}，{len(step.changes)} 个对象 things）".strip()


def _end(end: End, language: str = "zh") -> str:
    known = end.known_at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") if end.known_at else "–"
    if language == "zh":
        return f"{end.as_of}（{known} 所知）"
    return f"{end.as_of}, as known at {known}"


def _value(end: End, statement: Statement) -> str:
    return "–" if end.value is None else printed(float(end.value), statement)


def _part(part: Fraction, statement: Statement) -> str:
    """A difference as people read it: of rates in percentage points."""
    if not part:
        return "0"
    if statement.unit_en == "rate":
        return f"{float(part) * 100:+.2f} pp"
    return printed(float(part), statement, sign=True)
