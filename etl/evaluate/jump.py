"""Jumps: a figure, a town's part of it or one row that moves more than its own history allows.

A warning, never a verdict: a town may really have grown. It names the row to look at.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

POINTS = 8
"""So many earlier values are looked at, at most."""
ENOUGH = 5
"""From so many on, their spread decides; with fewer, only the factor."""
SPREADS = 8.0
"""A step may differ from the usual one by so many robust standard deviations (1.4826 MAD)."""
AT_LEAST = 0.3
"""And by this share of the value before it, whatever the spread: quiet series are no reason to shout."""
FACTOR = 5.0
"""Without enough history: so many times as large as ever before, or as every other row (a slipped digit is ten)."""
WEIGHT = 0.05
"""What moves the whole figure by less than this share is not told."""
_FEW = 10.0
_MONTH = re.compile(r" \d{4}-\d{2}$")

Key = tuple[int, str]


@dataclass(frozen=True)
class Thing:
    """A contributing thing with the last row it comes from."""

    town_key: int
    town_name: str
    entity: str
    amount: float
    source: str = ""

    @property
    def key(self) -> Key:
        """The thing whatever the month its name may end in."""
        return self.town_key, _MONTH.sub("", self.entity)


def unusual(series: Sequence[float], now: float, whole: float) -> bool:
    """Whether `now` moves more than the earlier values did (oldest first); `whole` is what weight is measured by."""
    if not series or now == series[-1]:
        return False
    step = now - series[-1]
    if abs(step) < _FEW or abs(step) < WEIGHT * abs(whole):
        return False
    if len(series) < ENOUGH:
        highest = max(series)
        return highest > 0 and now >= FACTOR * highest
    steps = [right - left for left, right in itertools.pairwise(series)]
    usual = median(steps)
    spread = 1.4826 * median(abs(change - usual) for change in steps)
    # The largest step of the past was allowed, too.
    allowed = max(
        SPREADS * spread, AT_LEAST * abs(series[-1]), max(abs(change) for change in steps)
    )
    return abs(step - usual) > allowed


def large_rows(now: Sequence[Thing], earlier: Sequence[Mapping[Key, float]]) -> list[Thing]:
    """Rows of a flow that are many times as large as the same thing was known before, or as every other row."""
    total = sum(abs(thing.amount) for thing in now)
    amounts = sorted((abs(thing.amount) for thing in now), reverse=True)
    large = []
    for thing in now:
        size = abs(thing.amount)
        if size < max(_FEW, WEIGHT * total):
            continue
        before = [abs(known[thing.key]) for known in earlier if known.get(thing.key)]
        if before:
            if size >= FACTOR * max(before):
                large.append(thing)
        elif len(amounts) > POINTS and size == amounts[0] and size >= FACTOR * amounts[1]:
            large.append(thing)
    return large


def mover(
    now: Sequence[Thing], before: Sequence[Thing], town: int | None
) -> tuple[float, Thing | None]:
    """The row that moved a town's part (or the whole) most, one that came or went included, and by how much."""
    left = {thing.key: thing for thing in before}
    changes: list[tuple[float, Thing]] = []
    for thing in now:
        old = left.pop(thing.key, None)
        changes.append((abs(thing.amount - (old.amount if old else 0.0)), thing))
    changes += [(abs(thing.amount), thing) for thing in left.values()]
    wanted = [(size, thing) for size, thing in changes if size and town in (None, thing.town_key)]
    return max(wanted, key=lambda pair: pair[0]) if wanted else (0.0, None)


def reason(where: str, before: float, after: float, row: Thing | None) -> Reason:
    """The warning, with the row."""
    values = {"where": where, "before": before, "after": after}
    if row is None:
        return MESSAGES.reason("jump", **values)
    return MESSAGES.reason("jump_by_row", entity=row.entity, source=row.source, **values)


def source_text(source: Mapping[str, Any] | None) -> str:
    """File, sheet and row of a source, as the receipt shows it."""
    if source is None:
        return ""
    sheet = f" [{source['sheet']}]" if source["sheet"] else ""
    row = source["row"] if source["row"] is not None else source["row_no"]
    return f"#{source['delivery']} {source['file']}{sheet}" + (f" 行 row {row}" if row else "")
