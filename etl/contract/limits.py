"""What a field may hold so that the star can hold it, found out from the feed's own load queries.

A load query mostly passes a field on under its own name or a new one (`field AS column`): then the
column's type is the limit. Where a field enters an expression, the narrow limits are taken.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from etl.contract.model import Contract, Field
from etl.contract.star import StarTable, star_tables

NAME_BYTES = 800
"""Longest name or id, in UTF-8: three of them (category > category > category, or a key of three
parts) still are one entry of a btree, which holds 2,704 bytes."""

TEXT_CHARACTERS = 10_000
"""Longest text that is no name or id."""

RANGES: Mapping[str, tuple[int, int]] = {
    "smallint": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "integer": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
"""What the whole numbers of PostgreSQL reach."""

_LARGEST = 1.7976931348623157e308
_NO_SQL = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'", re.DOTALL)


@dataclass(frozen=True)
class Limit:
    """The limits of one field; None where there is none."""

    low: float | int | None = None
    high: float | int | None = None
    most_bytes: int | None = None
    most_characters: int | None = None


def limits(contract: Contract) -> Mapping[str, Limit]:
    """The limits of the staged fields that have some, by name."""
    loads = [_Load(load.target, load.sql) for load in contract.loads]
    all_limits = {
        item.name: _limit(item, loads) for item in contract.fields if item.column is not None
    }
    return {name: limit for name, limit in all_limits.items() if limit is not None}


def targets_of(contract: Contract, name: str, target: str) -> tuple[str, ...]:
    """The columns that the SELECT for `target` makes of a field as it is."""
    column = contract.by_name[name].column or name
    return tuple(
        passed
        for load in contract.loads
        if load.target == target and load.kind == "target"
        for passed in _Load(load.target, load.sql).passed(column)
    )


def passes_row_by_row(sql: str, columns: Collection[str]) -> bool:
    """Whether a SELECT plainly reads `staging` and passes these columns on under their own names."""
    load = _Load("", sql)
    return load.is_plain and all(column in load.passed(column) for column in columns)


class _Load:
    """One SELECT, as far as its text tells what becomes of a field."""

    def __init__(self, target: str, sql: str) -> None:
        self.table: StarTable | None = star_tables().get(target)
        self._sql = _NO_SQL.sub(" '' ", sql)

    @cached_property
    def _select(self) -> str:
        return re.split(r"\bFROM\b", self._sql, maxsplit=1, flags=re.IGNORECASE)[0]

    @property
    def is_plain(self) -> bool:
        """Whether each row of `staging` gives at most one row."""
        reads = re.findall(r"\bFROM\s+(\S+)", self._sql, re.IGNORECASE)
        many = r"\b(JOIN|LATERAL|UNION|GROUP\s+BY|DISTINCT|unnest|generate_series)\b|,\s*LATERAL"
        return reads == ["staging"] and not re.search(many, self._sql, re.IGNORECASE)

    def mentions(self, column: str) -> int:
        """How often the field occurs."""
        return len(re.findall(rf"(?<![\w.:]){column}\b|(?<=[a-z]\.){column}\b", self._sql))

    def passed(self, column: str) -> Iterator[str]:
        """The names under which the SELECT passes the field on as it is."""
        item = (
            r"(?:\bSELECT\s+(?:DISTINCT\s+)?|,)\s*(?:\w+\.)?"
            rf'"?{column}"?(?:\s+AS\s+"?(\w+)"?)?\s*(?=,|$)'
        )
        for match in re.finditer(item, self._select, re.IGNORECASE):
            yield match[1] or column

    def is_reference(self, name: str) -> bool:
        """Whether a column of the SELECT is an id, for which the loader finds the key."""
        if not name.endswith("_id"):
            return False
        stem = name.removesuffix("_id").removesuffix("_registry")
        return self.table is None or f"{stem}_key" in self.table.types


def _limit(item: Field, loads: list[_Load]) -> Limit | None:
    if item.handling == "token":
        return None
    column = str(item.column)
    if item.type == "string":
        if item.key_position is not None or any(_is_name(column, load) for load in loads):
            return Limit(most_bytes=NAME_BYTES)
        return Limit(most_characters=TEXT_CHARACTERS)
    if item.type not in ("integer", "number"):
        return None
    widest = RANGES["bigint"] if item.type == "integer" else (-_LARGEST, _LARGEST)
    ranges = [widest]
    for load in loads:
        kinds = [load.table.types.get(name) for name in load.passed(column) if load.table]
        ranges += [RANGES[kind] for kind in kinds if kind is not None and kind in RANGES]
        if load.mentions(column) > len(kinds) and item.type == "integer":
            ranges.append(RANGES["int"])
    return Limit(max(low for low, _ in ranges), min(high for _, high in ranges))


def _is_name(column: str, load: _Load) -> bool:
    """Whether a text may end in an index: as an id, as part of a key, or within an expression."""
    passed = list(load.passed(column))
    if load.mentions(column) > len(passed):
        return True
    return any(
        load.is_reference(name) or load.table is None or name in load.table.indexed
        for name in passed
    )
