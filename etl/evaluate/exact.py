"""Figures without rounding: contributing things with exact amounts, what they add up to, what changed between two readings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

Totals = dict[str, tuple[Fraction, Fraction]]
"""Sum of numerators and of denominators, by the code of the measure (a score is made of three)."""

NOUGHT = Fraction(0)
_PLACES = Decimal("0.000001")


def exact(amount: float | None) -> Fraction:
    """An amount as the decimal that it stands for: counts, and shares such as 0.9, have six places at most."""
    return NOUGHT if amount is None else Fraction(Decimal(repr(float(amount))).quantize(_PLACES))


class Name(NamedTuple):
    """What a thing is known by."""

    measure: str
    area_key: int
    entity: str


@dataclass(frozen=True)
class Contribution:
    """What a thing adds, and the rows (delivery, row) that it comes from."""

    numerator: Fraction = NOUGHT
    denominator: Fraction = NOUGHT
    sources: frozenset[tuple[int, int | None]] = frozenset()


NONE = Contribution()
Things = Mapping[Name, Contribution]


def things(measure: str, rows: Iterable[Any], within: Callable[[int], bool]) -> Things:
    """The rows of `evaluate/things.sql` by name, of those whose area is `within`; rows of one name are added up."""
    found: dict[Name, Contribution] = {}
    for row in rows:
        if not within(row.area_key):
            continue
        name = Name(measure, row.area_key, row.entity or "")
        before = found.get(name, NONE)
        sources = zip(row.delivery_ids or (), row.row_nos or (), strict=True)
        found[name] = Contribution(
            before.numerator + exact(row.numerator),
            before.denominator + exact(row.denominator),
            before.sources | frozenset(sources),
        )
    return found


@dataclass(frozen=True)
class Change:
    """A thing that adds something else than before."""

    name: Name
    before: Contribution
    after: Contribution

    @property
    def numerator(self) -> Fraction:
        """By how much the numerator changed."""
        return self.after.numerator - self.before.numerator

    @property
    def denominator(self) -> Fraction:
        """By how much the denominator changed."""
        return self.after.denominator - self.before.denominator


def changes(before: Things, after: Things) -> list[Change]:
    """The things whose amounts differ, in the order of their names."""
    listed = (
        Change(name, before.get(name, NONE), after.get(name, NONE))
        for name in sorted({*before, *after})
    )
    return [each for each in listed if each.numerator or each.denominator]


def added(totals: Totals, made: Iterable[Change]) -> Totals:
    """The totals after some changes."""
    result = dict(totals)
    for change in made:
        numerator, denominator = result.get(change.name.measure, (NOUGHT, NOUGHT))
        result[change.name.measure] = (
            numerator + change.numerator,
            denominator + change.denominator,
        )
    return result


def total(all_things: Things) -> Totals:
    """What things add up to."""
    return added({}, changes({}, all_things))


def quotient(numerator: Fraction, denominator: Fraction) -> Fraction | None:
    """None where there is nothing to divide by."""
    return numerator / denominator if denominator else None
