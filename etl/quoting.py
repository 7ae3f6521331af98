"""Names and texts as SQL: the one place where they are quoted.

By PostgreSQL's rules for names and standard strings. psycopg2's `sql` module does the same, but only
with a connection at hand: a contract's tables, rules and codes are made and checked without one.
"""

from __future__ import annotations

from collections.abc import Iterable


def identifier(name: str) -> str:
    """A name as SQL: `"order"` is a name like any other."""
    return '"' + name.replace('"', '""') + '"'


def identifiers(names: Iterable[str], alias: str = "") -> str:
    """`"x", "y"`, or `a."x", a."y"`."""
    before = f"{alias}." if alias else ""
    return ", ".join(before + identifier(name) for name in names)


def string(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def strings(texts: Iterable[str]) -> str:
    """An array of texts as SQL."""
    return f"CAST(ARRAY[{', '.join(map(string, texts))}] AS text[])"


def as_it_stands(statement: str) -> str:
    """What SQLAlchemy's `text` has to be given so that a `:x` in the statement is no parameter."""
    return statement.replace(":", r"\:")
