"""What the star can hold, by the migrations: no database is asked, so a contract is checked without one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from etl.settings import FILES

_TABLE = re.compile(r"^CREATE TABLE star\.(\w+) \((.*?)^\);", re.MULTILINE | re.DOTALL)
_CHANGED = re.compile(
    r"ALTER TABLE star\.(\w+)\s+(?:ADD COLUMN|ALTER COLUMN)\s+(\w+)\s+(?:(?:SET DATA )?TYPE\s+)?"
    r"((?:text|int|integer|smallint|bigint|double precision|real|boolean|date|timestamptz)\b(?:\[\])?)"
)
_INDEX = re.compile(
    r"CREATE (?:UNIQUE )?INDEX (?:\w+ )?ON star\.(\w+)\s*(?:USING (\w+)\s*)?\(([^;]*?)\)"
)
_KEY = re.compile(r"(?:PRIMARY KEY|UNIQUE) \(([^)]*)\)")
_COLUMN = re.compile(
    r"(?!CONSTRAINT|PRIMARY|UNIQUE|CHECK|EXCLUDE|FOREIGN)(\w+)\s+([a-z][a-z ]*?(?:\[\])?)"
    r"\s*(?:NOT NULL|NULL|PRIMARY KEY|COLLATE|CHECK|REFERENCES|DEFAULT|$)"
)
_REMARK = re.compile(r"--[^\n]*")


@dataclass(frozen=True)
class StarTable:
    """Columns of a table of the star with their types, and those that an index is made of."""

    types: Mapping[str, str]
    indexed: frozenset[str]


@cache
def star_tables() -> Mapping[str, StarTable]:
    """All tables of the star, as the migrations make them; a test holds this against a database."""
    types: dict[str, dict[str, str]] = {}
    indexed: dict[str, set[str]] = {}
    for file in sorted((FILES / "warehouse" / "sql" / "migrations").glob("*.sql")):
        text = _REMARK.sub("", file.read_text(encoding="utf-8"))
        for table, body in _TABLE.findall(text):
            types[table] = dict(_columns(body))
            indexed[table] = {
                name for key in _KEY.findall(body) for name in re.findall(r"\w+", key)
            }
        for table, column, kind in _CHANGED.findall(text):
            types.setdefault(table, {})[column] = kind
        for table, method, columns in _INDEX.findall(text):
            if method != "brin":
                indexed.setdefault(table, set()).update(re.findall(r"\w+", columns))
    return {
        table: StarTable(columns, frozenset(indexed.get(table, ())))
        for table, columns in types.items()
    }


def _columns(body: str) -> Iterator[tuple[str, str]]:
    for part in _parts(body):
        match = _COLUMN.match(part)
        if match:
            yield match[1], match[2].strip()


def _parts(body: str) -> Iterator[str]:
    """The body split at the commas that stand in no brackets."""
    depth = start = 0
    for at, letter in enumerate(body):
        depth += (letter == "(") - (letter == ")")
        if letter == "," and not depth:
            yield body[start:at].strip()
            start = at + 1
    yield body[start:].strip()
