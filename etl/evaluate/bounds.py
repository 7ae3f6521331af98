"""Bounds: what a figure would be if the rows in quarantine counted as far as they can be read, and if they did not.

No database. The difference between the two falls into parts that have nothing to do with each other; each may come
true or not, in any of the ways in which its rows may be read. A thing whose amount cannot be read leaves a bound open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

Amount = tuple[float, float]
"""Numerator and denominator."""

_NOTHING: Amount = (0.0, 0.0)
_STEPS = 50


@dataclass(frozen=True)
class Bounds:
    """The lowest and the highest value; None where it is open, or where there is no figure."""

    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    entries: int = 0
    """Quarantine entries that can change the figure."""

    @property
    def is_open(self) -> bool:
        """Whether one end cannot be told."""
        return self.open_low or self.open_high

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON: an open end is null and named."""
        ends = [name for name in ("low", "high") if getattr(self, f"open_{name}")]
        return {"low": self.low, "high": self.high, "open": ends, "entries": self.entries}


@dataclass(frozen=True)
class Thing:
    """A contributing thing with the rows it comes from: delivery and row; a doubtful row's number is negative."""

    area_key: int
    entity: str | None
    numerator: float | None
    denominator: float | None
    sources: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, row: Any) -> Thing:
        """From a row of the indicator's query."""
        sources = zip(row.delivery_ids or (), row.row_nos or (), strict=True)
        return cls(row.area_key, row.entity, row.numerator, row.denominator, tuple(sources))

    @property
    def doubtful(self) -> frozenset[int]:
        """The doubtful rows it comes from."""
        return frozenset(-row for _, row in self.sources if row is not None and row < 0)

    @property
    def marks(self) -> list[Any]:
        """By what it is known in the other world: its believed rows, its name in its place."""
        believed = [source for source in self.sources if source[1] is None or source[1] >= 0]
        return [*believed, (self.area_key, self.entity)]

    def amounts(self, *, is_share: bool) -> list[Amount]:
        """What it may add: one amount, or both ends of a share of which only the whole is known."""
        whole = self.denominator or 0.0
        if self.numerator is None:
            return [(0.0, whole), (whole, whole)] if is_share else [(0.0, whole)]
        return [(self.numerator, whole)]


@dataclass(frozen=True)
class Part:
    """Doubtful rows that meet in things, and what they may add to a figure: nothing is one of the possibilities."""

    rows: frozenset[int]
    amounts: list[Amount]


@dataclass(frozen=True)
class Units:
    """Which doubtful rows are ways to read one thing, so that at most one of them comes true."""

    unit_of: Mapping[int, str] = field(default_factory=dict)
    replaces: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Believed row -> the unit that takes its place."""

    def rows_of(self, unit: str) -> Set[int]:
        """The doubtful rows of a unit."""
        return {row for row, other in self.unit_of.items() if other == unit}


def parts(
    gained: Sequence[Thing], lost: Sequence[Thing], units: Units, *, is_share: bool
) -> list[Part]:
    """The parts of the difference between the two worlds, each with what it may add to the figure.

    `gained` are the things to which doubtful rows contribute, `lost` those believed now that would not be there with them.
    """
    groups = _Groups()
    near: dict[Any, str] = {}
    for thing in gained:
        mine = sorted(units.unit_of[row] for row in thing.doubtful)
        groups.join(mine)
        for mark in thing.marks:
            groups.join((near.setdefault(mark, mine[0]), mine[0]))
    homes: list[str | None] = []
    for thing in lost:
        known = [units.replaces.get(mark) or near.get(mark) for mark in thing.marks]
        mine = [unit for unit in known if unit is not None]
        groups.join(mine)
        homes.append(mine[0] if mine else None)
    by_group: dict[str, tuple[list[Thing], list[Thing]]] = {}
    for thing in gained:
        unit = min(units.unit_of[row] for row in thing.doubtful)
        by_group.setdefault(groups.first(unit), ([], []))[0].append(thing)
    for thing, home in zip(lost, homes, strict=True):
        if home is not None:
            by_group.setdefault(groups.first(home), ([], []))[1].append(thing)
    return [
        Part(
            frozenset(row for thing in more for row in thing.doubtful),
            _possibilities(more, less, groups.members(group), units, is_share=is_share),
        )
        for group, (more, less) in by_group.items()
    ]


def of_sum(total: float, parts: Iterable[Sequence[Amount]]) -> tuple[float, float]:
    """Lowest and highest sum."""
    low = high = total
    for part in parts:
        low += min(amount for amount, _ in part)
        high += max(amount for amount, _ in part)
    return low, high


def of_ratio(
    numerator: float, denominator: float, parts: Sequence[Sequence[Amount]]
) -> tuple[float | None, float | None]:
    """Lowest and highest quotient over all combinations, by Dinkelbach's steps (Management Science 13, 1967)."""
    return (
        _extreme(numerator, denominator, parts, min),
        _extreme(numerator, denominator, parts, max),
    )


def _extreme(
    numerator: float,
    denominator: float,
    parts: Sequence[Sequence[Amount]],
    best: Callable[..., Amount],
) -> float | None:
    value = numerator / denominator if denominator else 0.0
    reached = numerator / denominator if denominator else None
    for _ in range(_STEPS):
        chosen = [best(part, key=lambda a: a[0] - value * a[1]) for part in parts]
        above = numerator + sum(a[0] for a in chosen)
        below = denominator + sum(a[1] for a in chosen)
        if below <= 0 or above / below == reached:
            break
        value = reached = above / below
    return reached


def _possibilities(
    more: Sequence[Thing],
    less: Sequence[Thing],
    members: Set[str],
    units: Units,
    *,
    is_share: bool,
) -> list[Amount]:
    gone = _add(thing.amounts(is_share=False)[0] for thing in less)
    nowhere = _without(less, units)
    if len(members) > 1:
        # Rows that meet in one thing: the widest that they can do together.
        ends = [thing.amounts(is_share=is_share) for thing in more]
        wholes = sum(end[0][1] for end in ends)
        high = sum(max(0.0, *(a for a, _ in end)) for end in ends)
        low = sum(min(0.0, *(a for a, _ in end)) for end in ends)
        return [
            _NOTHING,
            (high - min(0.0, gone[0]), wholes),
            (high - gone[0], wholes - gone[1]),
            (low - gone[0], wholes - gone[1]),
            nowhere,
        ]
    (unit,) = members
    rows = units.rows_of(unit)
    counting = {row for thing in more for row in thing.doubtful}
    possible = [_NOTHING]
    if rows - counting:
        possible.append(nowhere)  # read so, it counts nowhere
    for row in sorted(counting):
        of_row = [thing.amounts(is_share=is_share) for thing in more if row in thing.doubtful]
        for end in (0, -1):
            added = _add(amounts[end] for amounts in of_row)
            possible.append((added[0] - gone[0], added[1] - gone[1]))
    return possible


def _without(less: Sequence[Thing], units: Units) -> Amount:
    """What is lost where nothing comes instead: what other believed rows tell of is still there, and counts as nothing."""
    stays = [
        any(source not in units.replaces for source in thing.sources if source[1] is not None)
        for thing in less
    ]
    lost = [thing.amounts(is_share=False)[0] for thing in less]
    return (
        -sum(n for n, _ in lost),
        -sum(d for (_, d), keeps in zip(lost, stays, strict=True) if not keeps),
    )


def _add(amounts: Iterable[Amount]) -> Amount:
    listed = list(amounts)
    return sum(a for a, _ in listed), sum(b for _, b in listed)


class _Groups:
    """Units that have a thing in common, directly or by others (a disjoint-set forest)."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def first(self, unit: str) -> str:
        self._parent.setdefault(unit, unit)
        while self._parent[unit] != unit:
            unit = self._parent[unit] = self._parent[self._parent[unit]]
        return unit

    def join(self, units: Iterable[str]) -> None:
        first: str | None = None
        for unit in units:
            root = self.first(unit)
            first = first or root
            self._parent[root] = self.first(first)

    def members(self, group: str) -> Set[str]:
        return {unit for unit in list(self._parent) if self.first(unit) == group}
