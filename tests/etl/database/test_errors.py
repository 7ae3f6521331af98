"""Which failures are tried again, by errors that PostgreSQL itself raises; and what is not said of them."""

from __future__ import annotations

import errno

import pytest
import sqlalchemy as sa

from etl.database.errors import described, is_transient, traced
from etl.errors import InputProblem, MinshengError
from etl.reasons import Reason

PERSON = "张三"
REASON = Reason("broken", "坏。", "Broken.")


def raised_by(engine: sa.Engine, statement: str, **values: object) -> sa.exc.DBAPIError:
    with pytest.raises(sa.exc.DBAPIError) as caught, engine.begin() as connection:
        connection.execute(sa.text(statement), values)
    return caught.value


@pytest.mark.parametrize(
    ("sqlstate", "transient"),
    [
        ("53100", True),  # disk full
        ("53300", True),  # too many connections
        ("40P01", True),  # deadlock
        ("40001", True),  # serialisation
        ("57P01", True),  # the server stops
        ("08006", True),  # connection lost
        ("42703", False),  # no such column
        ("42P01", False),  # no such table
        ("42601", False),  # syntax
        ("22P02", False),  # not a number
        ("23505", False),  # twice the same key
        ("23514", False),  # a CHECK
    ],
)
def test_by_sqlstate(module_database: sa.Engine, sqlstate: str, transient: bool) -> None:
    error = raised_by(
        module_database, f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}'; END $$"
    )
    assert error.orig.pgcode == sqlstate
    assert is_transient(error) is transient


def test_a_session_that_is_ended_is_transient(module_database: sa.Engine) -> None:
    assert is_transient(raised_by(module_database, "SELECT pg_terminate_backend(pg_backend_pid())"))


@pytest.mark.parametrize(
    ("error", "transient"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), True),
        (MemoryError(), True),
        (MinshengError(REASON), False),
        (InputProblem(REASON), False),
        (KeyError("x"), False),
        (ZeroDivisionError(), False),
    ],
)
def test_by_kind(error: Exception, transient: bool) -> None:
    assert is_transient(error) is transient


def test_the_cause_decides() -> None:
    full = OSError(errno.ENOSPC, "full")
    error = MinshengError(REASON)
    error.__cause__ = full
    assert is_transient(error)
    error = MinshengError(REASON)
    error.__context__ = full
    assert is_transient(error)
    error.__suppress_context__ = True
    assert not is_transient(error)


def test_no_value_is_told(module_database: sa.Engine) -> None:
    twice = raised_by(
        module_database,
        "INSERT INTO ledger.contract (contract_hash, feed, version, contract, load_sql, by_source_time, mode)"
        " SELECT :name, '', '', '', '', false, 'full' FROM generate_series(1, 2)",
        name=PERSON,
    )
    assert PERSON in str(twice), "PostgreSQL quotes the row"
    try:
        try:
            raise ValueError(f"cannot read {PERSON}")
        except ValueError as cause:
            raise twice from cause
    except sa.exc.DBAPIError as error:
        text = traced(error)
    assert PERSON not in text
    assert PERSON not in described(twice)
    assert "UniqueViolation: duplicate key value violates unique constraint" in described(twice)
    assert "ValueError" in text
    assert "test_errors.py" in text, "where it happened"


def test_a_missing_column_is_named(module_database: sa.Engine) -> None:
    error = raised_by(module_database, "SELECT row_no FROM ledger.commit")
    assert described(error) == 'UndefinedColumn: column "row_no" does not exist'
