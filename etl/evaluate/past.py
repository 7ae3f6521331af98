"""A figure beside its own past: the same query on earlier days and at earlier commits, and what jumps out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from etl.evaluate import figures, jump
from etl.evaluate.periods import spoken
from etl.evaluate.result import printed
from etl.plan import Statement
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

Towns = dict[int, dict[str, float]]
"""Numerator and denominator by town."""

_COMMITS = 3  # so many earlier states of the feeds are looked at for rows that were changed


@dataclass(frozen=True)
class Past:
    """What is needed to ask an indicator's query again for another day or commit."""

    connection: sa.Connection
    statement: Statement
    deliveries: Sequence[Any]
    """Rows of `evaluate/deliveries.sql`."""
    parameters: Callable[[date, int], dict[str, Any]]
    """Gives the query's parameters for a day and a commit."""
    places: Mapping[int, Any]
    """Rows of `evaluate/places.sql` by area: towns are compared as they are bounded and called today."""
    as_of: date
    seq: int

    def jumps(self, absent: frozenset[int] = frozenset()) -> list[Reason]:
        """What moves more than its history allows, at most three warnings; `absent` towns are told of elsewhere.

        Levels and ratios are held against earlier days, town by town and as a whole; flows row
        by row, against what was known of the same thing and against the other rows.
        """
        warnings = self._of_rows() if self.statement.is_flow else self._of_towns(absent)
        return warnings[:3]

    def like_for_like(self, absent: Set[int]) -> list[Reason]:
        """The figure of the towns that are there beside that of the same towns on the last day before."""
        days = self._days()
        if len(days) < 2:
            return []
        now, before = self._by_town(self.as_of), self._by_town(days[-2])
        same = sorted((set(now) & set(before)) - absent)
        values = [self._value([towns[town] for town in same]) for towns in (before, now)]
        if None in values:
            return []
        shown = [printed(value, self.statement) for value in values]
        return [
            MESSAGES.reason(
                "like_for_like", towns=len(same), day=days[-2], before=shown[0], now=shown[1]
            )
        ]

    def _value(self, parts: Sequence[dict[str, float]]) -> float | None:
        numerator = sum(part.get("numerator", 0.0) for part in parts)
        if not figures.is_ratio(self.statement):
            return numerator if parts else None
        denominator = sum(part.get("denominator", 0.0) for part in parts)
        return numerator / denominator if denominator else None

    def _of_rows(self) -> list[Reason]:
        now = self._things(self.as_of, self.seq, sources=False)
        if not now or max(abs(thing.amount) for thing in now) <= 1:
            return []  # things that count one each cannot jump
        commits = sorted((d.seq for d in self._mine()), reverse=True)[:_COMMITS]
        earlier = [
            {t.key: t.amount for t in self._things(self.as_of, commit - 1, sources=False)}
            for commit in commits
        ]
        large = {thing.key for thing in jump.large_rows(now, earlier)}
        if not large:
            return []
        warnings = []
        for thing in self._things(self.as_of, self.seq):
            if thing.key in large:
                before = [known[thing.key] for known in earlier if thing.key in known]
                before = before or [max(abs(t.amount) for t in now if t.key != thing.key)]
                warnings.append(jump.reason(thing.town_name, before[0], thing.amount, thing))
        return warnings

    def _of_towns(self, absent: frozenset[int]) -> list[Reason]:
        days = self._days()[:-1][-jump.POINTS :]  # the last one is the figure's own
        if not days:
            return []
        now = self._by_town(self.as_of)
        past = [self._by_town(day) for day in days]
        warnings = []
        for part in ("numerator", "denominator"):
            whole = _total(past[-1], part)
            for town in sorted(set(now) - absent):
                series = [p[town][part] for p in past if part in p.get(town, {})]
                if part in now[town] and jump.unusual(series, now[town][part], whole):
                    warnings += self._told(part, days, series, now[town][part], town)
            totals = [_total(p, part) for p in past]
            total = _total(now, part)
            if not warnings and not absent and whole and jump.unusual(totals, total, whole):
                warnings += self._told(part, days, totals, total, None)
        return warnings

    def _days(self) -> list[date]:
        """The days up to the figure's own on which its main feed reported."""
        main = {
            span[1]
            for d in self._mine()
            if d.feed == self.statement.feeds[0] and d.mode in ("full", "delta", "window")
            if (span := spoken(d)) is not None and span[1] <= self.as_of
        }
        return sorted(main)

    def _told(
        self,
        part: str,
        days: Sequence[date],
        series: Sequence[float],
        after: float,
        town: int | None,
    ) -> list[Reason]:
        """The warning with its row; none if there is little history and no single row makes the step."""
        now, before = (self._things(day, self.seq, part=part) for day in (self.as_of, days[-1]))
        size, row = jump.mover(now, before, town)
        if len(series) < jump.ENOUGH and size < abs(after - series[-1]) / 2:
            return []
        where = "合计 total" if town is None else self._town(town)[1]
        return [jump.reason(where, series[-1], after, row)]

    def _mine(self) -> list[Any]:
        return [
            d
            for d in self.deliveries
            if d.feed in self.statement.feeds and d.is_loaded and d.period_end
        ]

    def _town(self, area_key: int) -> tuple[int, str]:
        place = self.places.get(area_key)
        return (place.town_key, place.town_name) if place else (area_key, f"区划 area {area_key}")

    def _by_town(self, day: date) -> Towns:
        by_town: Towns = {}
        given = self.parameters(day, self.seq)
        figure = figures.figure(self.connection, self.statement, given)
        for area_key, amounts in figure.by_area.items():
            parts = by_town.setdefault(self._town(area_key)[0], {})
            for part, amount in zip(("numerator", "denominator"), amounts, strict=True):
                if amount is not None:
                    parts[part] = parts.get(part, 0.0) + amount
        return by_town

    def _things(
        self, day: date, commit: int, *, part: str = "numerator", sources: bool = True
    ) -> list[jump.Thing]:
        name = "evaluate/receipt.sql" if sources else "evaluate/amounts.sql"
        given = self.parameters(day, commit)
        return [
            jump.Thing(
                *self._town(row.area_key),
                row.entity or "",
                float(getattr(row, part)),
                jump.source_text(row.sources[-1] if sources and row.sources else None),
            )
            for row in figures.run(self.connection, self.statement, name, given)
            if getattr(row, part) is not None
        ]


def _total(towns: Towns, part: str) -> float:
    return sum(parts.get(part, 0.0) for parts in towns.values())
