"""The doubtful rows at one reading of the warehouse, and what they do to a figure: its query read in both worlds."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from etl.evaluate import figures
from etl.evaluate.bounds import Amount, Bounds, Thing, Units, of_ratio, of_sum, parts
from etl.evaluate.figures import Figure
from etl.load.targets import Target
from etl.plan import Statement
from etl.quoting import identifier

_TABLE = re.compile(r"\b(?:dim|fact)_[a-z0-9_]+")


@dataclass(frozen=True)
class Doubts:
    """What is doubtful at one reading."""

    units: Units = field(default_factory=Units)
    unplaced: Mapping[int, int] = field(default_factory=dict)
    """Doubtful rows about a thing that nobody knows -> their delivery."""
    adrift: Mapping[int, int] = field(default_factory=dict)
    """Doubtful rows that name a place or another thing that nobody knows -> their delivery."""
    tables: Set[str] = frozenset()
    """Tables of the star that have doubtful rows."""
    replaced: Mapping[tuple[int, int], str] = field(default_factory=dict)
    """Believed rows whose place doubtful ones would take -> their table."""
    entries: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Doubtful rows -> the quarantine entry that each reads: delivery and row."""

    def concern(self, statement: Statement) -> bool:
        """Whether the indicator's query reads a table that has some: else it need not be read in both worlds."""
        return not self.tables.isdisjoint(tables_of(statement))

    def replaced_of(self, statement: Statement) -> set[tuple[int, int]]:
        """The believed rows of the indicator's tables whose place doubtful ones would take."""
        tables = tables_of(statement)
        return {source for source, table in self.replaced.items() if table in tables}

    @classmethod
    def of(cls, rows: Iterable[Any]) -> Doubts:
        """From the rows of `evaluate/doubtful.sql`."""
        listed = list(rows)
        units = Units(
            {row.doubtful_id: row.unit for row in listed},
            {
                (row.replaces_delivery, row.replaces_row): row.unit
                for row in listed
                if row.replaces_delivery is not None
            },
        )
        return cls(
            units,
            {row.doubtful_id: row.delivery_id for row in listed if row.is_unplaced},
            {row.doubtful_id: row.delivery_id for row in listed if row.is_adrift},
            frozenset(row.target for row in listed),
            {
                (row.replaces_delivery, row.replaces_row): row.target
                for row in listed
                if row.replaces_delivery is not None
            },
            {row.doubtful_id: (row.delivery_id, row.entry_row) for row in listed},
        )


def tables_of(statement: Statement) -> Set[str]:
    """The tables of the star that the indicator's query names."""
    return frozenset(_TABLE.findall(figures.text(statement)))


def open_rows(targets: Mapping[str, Target]) -> str:
    """SQL of the open doubtful rows of all tables, with what they would replace; for `evaluate/doubtful.sql`."""
    return " UNION ALL ".join(_open_rows_of(target) for target in targets.values())


@dataclass(frozen=True)
class Effect:
    """What the figure would be at least and at most if only these quarantined rows were answered."""

    entries: frozenset[tuple[int, int]]
    """Delivery and row."""
    bounds: Bounds


def bounds(
    connection: sa.Connection,
    statement: Statement,
    given: Mapping[str, Any],
    figure: Figure,
    doubts: Doubts,
    *,
    concerned: Set[int],
    unread: int,
) -> Bounds:
    """The bounds of a figure; `concerned` are the deliveries it hangs on, `unread` their entries of which nothing can be said."""
    return _Doubted(connection, statement, given, figure, doubts, concerned).bounds(unread)


def effects(
    connection: sa.Connection,
    statement: Statement,
    given: Mapping[str, Any],
    figure: Figure,
    doubts: Doubts,
    *,
    concerned: Set[int],
    unread: int,
    areas: Set[int] | None = None,
) -> tuple[Bounds, list[Effect]]:
    """The bounds, and what the doubtful rows do to the figure one by one (those that meet in a thing together).

    With `areas` it is the figure of these; a row of which no area is known may lie in any of them.
    """
    doubted = _Doubted(connection, statement, given, figure, doubts, concerned, areas)
    return doubted.bounds(unread), doubted.effects()


class _Doubted:
    """A figure's query read in both worlds."""

    def __init__(
        self,
        connection: sa.Connection,
        statement: Statement,
        given: Mapping[str, Any],
        figure: Figure,
        doubts: Doubts,
        concerned: Set[int],
        areas: Set[int] | None = None,
    ) -> None:
        self._statement, self._figure, self._doubts = statement, figure, doubts
        self._is_share = (
            statement.kind in ("ratio", "coverage") or "denominator" in statement.definition
        )
        gained = _things(connection, statement, given, "doubtful_things", "possible", doubts)
        lost: list[Thing] = []
        if doubts.concern(statement):
            lost = _lost(connection, statement, given, gained, doubts)
        if areas is not None:
            gained = [t if t.area_key in areas or t.area_key < 0 else _elsewhere(t) for t in gained]
            lost = [t if t.area_key in areas else _elsewhere(t) for t in lost]
        self._gained = gained
        self._parts = parts(gained, lost, doubts.units, is_share=self._is_share)
        seen = {row for thing in gained for row in thing.doubtful}
        # A coverage counts things of a register by what names them, so that a lost name is enough.
        self._is_coverage = statement.kind == "coverage"
        lost_names = doubts.adrift if self._is_coverage else doubts.unplaced
        self._nowhere = {n for n, d in lost_names.items() if d in concerned and n not in seen}
        self._seen = seen

    def bounds(self, unread: int) -> Bounds:
        """Of all of them together."""
        units = self._doubts.units.unit_of
        lost_units = {units[n] for n in self._nowhere}
        added: list[Sequence[Amount]] = [part.amounts for part in self._parts]
        if self._is_coverage:
            added += [_ANY_OF_THE_REGISTER for _ in lost_units]
        is_open = bool(
            unread
            or (self._nowhere and not self._is_coverage)
            or any(self._is_unknown(thing) for thing in self._gained)
        )
        entries = len({units[n] for n in self._seen | self._nowhere}) + unread
        return self._between(added, entries, is_open=is_open)

    def effects(self) -> list[Effect]:
        """Of each part by itself, and of the rows that nobody can place."""
        entries = self._doubts.entries
        unknown = {
            row for thing in self._gained if self._is_unknown(thing) for row in thing.doubtful
        }
        told = []
        for part in self._parts:
            mine = frozenset(entries[row] for row in part.rows)
            is_open = bool(part.rows & unknown)
            told.append(Effect(mine, self._between([part.amounts], len(mine), is_open=is_open)))
        units = self._doubts.units
        for unit in sorted({units.unit_of[n] for n in self._nowhere}):
            rows = units.rows_of(unit) & self._nowhere
            mine = frozenset(entries[row] for row in rows)
            added = [_ANY_OF_THE_REGISTER] if self._is_coverage else []
            told.append(
                Effect(mine, self._between(added, len(mine), is_open=not self._is_coverage))
            )
        return told

    def _is_unknown(self, thing: Thing) -> bool:
        """Whether its amount cannot be told, not even between two ends."""
        return thing.numerator is None and not (self._is_share and thing.denominator is not None)

    def _between(self, added: Sequence[Sequence[Amount]], entries: int, *, is_open: bool) -> Bounds:
        figure, is_ratio = self._figure, figures.is_ratio(self._statement)
        low: float | None
        high: float | None
        if is_ratio:
            low, high = of_ratio(figure.numerator or 0.0, figure.denominator or 0.0, added)
        else:
            low, high = of_sum(figure.value or 0.0, added)
            if figure.value is None and low == high:
                low = high = None
        # Of things that are only added up there are never fewer for one that cannot be read.
        open_low = is_open and (is_ratio or bool(self._statement.definition.get("net")))
        return Bounds(
            None if open_low else low, None if is_open else high, open_low, is_open, entries
        )


_ANY_OF_THE_REGISTER: Sequence[Amount] = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0)]
"""It speaks of some thing of the register, whichever: one more that is covered, or one fewer."""


def _elsewhere(thing: Thing) -> Thing:
    """A thing of another area: it counts nothing here."""
    return replace(thing, numerator=0.0, denominator=0.0 if thing.denominator is not None else None)


def _lost(
    connection: sa.Connection,
    statement: Statement,
    given: Mapping[str, Any],
    gained: Sequence[Thing],
    doubts: Doubts,
) -> list[Thing]:
    """Things that are believed and would not be there, or not so, if the doubtful rows were."""
    sources = {
        *doubts.replaced_of(statement),
        *(s for thing in gained for s in thing.sources if (s[1] or 0) > 0),
    }
    if not sources and not gained:
        return []
    values = {
        "areas": [thing.area_key for thing in gained],
        "entities": [thing.entity for thing in gained],
        "delivery_ids": [delivery for delivery, _ in sources],
        "row_nos": [row for _, row in sources],
    }
    known = _neighbours(connection, statement, given, "known", values)
    if not known:
        return []
    return list((known - _neighbours(connection, statement, given, "possible", values)).elements())


def _neighbours(
    connection: sa.Connection,
    statement: Statement,
    given: Mapping[str, Any],
    world: str,
    values: Mapping[str, Any],
) -> Counter[Thing]:
    rows = figures.run(connection, statement, "evaluate/neighbours.sql", given, world, **values)
    return Counter(map(Thing.of, rows))


def _things(
    connection: sa.Connection,
    statement: Statement,
    given: Mapping[str, Any],
    name: str,
    world: str,
    doubts: Doubts,
) -> list[Thing]:
    if not doubts.concern(statement):
        return []
    rows = figures.run(connection, statement, f"evaluate/{name}.sql", given, world)
    return [Thing.of(row) for row in rows]


def _open_rows_of(target: Target) -> str:
    same = " AND ".join(f"k.{identifier(c)} = x.{identifier(c)}" for c in target.business_key)
    own = target.thing if target.kind == "dimension" else None
    unplaced, adrift = (
        " OR ".join(
            f"x.{identifier(c)} < 0" for c in columns if target.refs.get(c) not in (None, own)
        )
        for columns in (target.business_key, target.columns)
    )
    return (
        f"SELECT '{target.name}', x.row_no, {unplaced or 'false'}, {adrift or 'false'}, k.delivery_id, k.row_no FROM possible.of_{target.name} AS x"
        f" LEFT JOIN known.{target.name} AS k ON {same} AND k.known_from <= :known_at AND :known_at < k.known_to"
        " WHERE x.known_from <= :known_at AND :known_at < x.known_to"
    )
