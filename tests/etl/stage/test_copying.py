"""COPY while the next batch is made: order kept, errors of either side told, nothing committed by it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa

from etl import database
from etl.stage.copying import Stopped, Stream, ahead, copy_streams


def test_ahead_gives_the_same_items_and_makes_one_while_another_is_in_use() -> None:
    made: list[int] = []
    second = threading.Event()

    def source() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    items = ahead(source())
    assert next(items) == 0
    assert second.wait(10), "made while the first is in use"
    assert list(items) == [1, 2, 3, 4]
    assert made == [0, 1, 2, 3, 4]
    assert list(ahead([])) == []


def test_an_error_of_the_source_reaches_who_asks() -> None:
    def source() -> Iterator[int]:
        yield 1
        raise ValueError("broken")

    items = ahead(source())
    assert next(items) == 1
    with pytest.raises(ValueError, match="broken"):
        next(items)


def test_a_stream_gives_chunk_by_chunk_and_then_nothing() -> None:
    stream = Stream(threading.Event())
    stream.put(b"ab")
    stream.put(bytearray(b"c"))
    stream.close()
    assert [stream.read(1), stream.read(1), stream.read(), stream.read()] == [b"ab", b"c", b"", b""]


def test_who_waits_for_a_stopped_side_is_let_go() -> None:
    stop = threading.Event()
    stream = Stream(stop)
    stop.set()
    for action in (stream.read, lambda: stream.put(b"x"), stream.close):
        with pytest.raises(Stopped):
            action()
    full = Stream(threading.Event())
    for chunk in (b"1", b"2", b"3"):
        full.put(chunk)
    late = threading.Timer(0.3, full.read)
    late.start()
    full.put(b"4")  # waits until there is room


@pytest.fixture
def tables(module_database: sa.Engine) -> Iterator[tuple[str, str]]:
    names = ("stage.copying_a", "stage.copying_b")
    with module_database.begin() as connection:
        for name in names:
            connection.execute(sa.text(f"CREATE TABLE {name} (n int)"))
    yield names
    with module_database.begin() as connection:
        connection.execute(sa.text(f"DROP TABLE {', '.join(names)}"))


def copied(engine: sa.Engine, tables: tuple[str, str], produce: Any, at_end: Any = None) -> None:
    with ExitStack() as stack:
        sinks = [
            (stack.enter_context(database.raw(engine)), f"COPY {name} FROM STDIN")
            for name in tables
        ]
        copy_streams(sinks, produce)
        if at_end:
            at_end()


def numbers(engine: sa.Engine, table: str) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(sa.text(f"SELECT n FROM {table} ORDER BY n")).scalars())


def test_two_tables_are_filled_at_once(module_database: sa.Engine, tables: tuple[str, str]) -> None:
    def produce() -> Iterator[tuple[Any, ...]]:
        for number in range(10):
            yield f"{number}\n".encode(), f"{-number}\n".encode() if number % 2 else None

    def not_yet() -> None:
        assert [numbers(module_database, name) for name in tables] == [[], []]

    copied(module_database, tables, produce, not_yet)
    assert numbers(module_database, tables[0]) == list(range(10))
    assert numbers(module_database, tables[1]) == [-9, -7, -5, -3, -1]


def test_a_producer_that_fails_is_heard_and_leaves_nothing(
    module_database: sa.Engine, tables: tuple[str, str]
) -> None:
    def produce() -> Iterator[tuple[Any, ...]]:
        yield b"1\n", b"1\n"
        raise ValueError("cannot be decoded")

    with pytest.raises(ValueError, match="cannot be decoded"):
        copied(module_database, tables, produce)
    assert [numbers(module_database, name) for name in tables] == [[], []]


def test_a_copy_that_fails_is_heard_and_leaves_nothing(
    module_database: sa.Engine, tables: tuple[str, str]
) -> None:
    def produce() -> Iterator[tuple[Any, ...]]:
        yield b"1\n", b"no number\n"

    with pytest.raises(psycopg2.DataError, match="no number"):
        copied(module_database, tables, produce)
    assert [numbers(module_database, name) for name in tables] == [[], []]


def test_a_connection_that_breaks_stops_the_producer(module_database: sa.Engine) -> None:
    def without_end() -> Iterator[tuple[Any, ...]]:
        while True:
            yield (b"1\n",)

    broken = psycopg2.connect(
        module_database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    broken.close()
    with pytest.raises(psycopg2.InterfaceError, match="closed"):
        copy_streams([(broken, "COPY stage.copying_a FROM STDIN")], without_end)
