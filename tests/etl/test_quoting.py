"""Names and texts as SQL: what PostgreSQL reads is what was written, and psycopg2 writes the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from psycopg2 import sql

from etl.quoting import as_it_stands, identifier, identifiers, string, strings

# Few characters, so that quotes, colons, percent signs and backslashes meet.
TEXTS = st.text(st.sampled_from("'\"\\:%{}$ax_1区 \n"), max_size=12)


def value(connection: sa.Connection, expression: str) -> object:
    return connection.execute(sa.text(as_it_stands(f"SELECT {expression}"))).scalar_one()


@pytest.fixture(scope="module")
def connection(module_database: sa.Engine) -> Iterator[sa.Connection]:
    with module_database.connect() as connection:
        yield connection


@given(text=TEXTS)
def test_a_text_is_read_as_it_was_written(connection: sa.Connection, text: str) -> None:
    assert value(connection, string(text)) == text


@given(texts=st.lists(TEXTS, max_size=3))
def test_so_are_several(connection: sa.Connection, texts: list[str]) -> None:
    assert value(connection, strings(texts)) == texts


@given(name=TEXTS.filter(bool))
def test_a_name_is_one(connection: sa.Connection, name: str) -> None:
    assert identifier(name) == sql.Identifier(name).as_string(
        connection.connection.dbapi_connection
    )
    query = sa.text(as_it_stands(f"SELECT 1 AS {identifier(name)}"))
    assert list(connection.execute(query).keys()) == [name]


def test_names_are_listed() -> None:
    assert identifiers(["order", 'a"b']) == '"order", "a""b"'
    assert identifiers(["order", "x"], "s") == 's."order", s."x"'
