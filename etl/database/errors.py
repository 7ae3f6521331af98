"""What a failure is: to be tried again, or for good; and what may be said of it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import psycopg2
import sqlalchemy as sa

from etl.errors import MinshengError

COLLISIONS = ("40P01", "40001", "23505")
"""Deadlock, serialisation failure, a row that was not there a moment ago: two transactions met over a
shared row, one of them tries again."""

_TRANSIENT = (
    sa.exc.OperationalError,  # connection lost, server stopping, disk full, no more connections, deadlock
    sa.exc.InterfaceError,
    sa.exc.TimeoutError,
    psycopg2.OperationalError,
    psycopg2.InterfaceError,
    OSError,  # disk full, a network drive that is away
    MemoryError,
)
_HARMLESS = (MinshengError, OSError, MemoryError, ImportError, AttributeError, TypeError, NameError)
"""Exceptions whose text names files and code, never what stands in a cell."""


def is_transient(error: BaseException) -> bool:
    """Whether the same step may succeed a little later.

    Everything else is terminal: a load query that PostgreSQL refuses, a contract that
    cannot be used, a defect. Trying that again costs time and changes nothing.
    """
    return any(
        isinstance(each, _TRANSIENT)
        or (isinstance(each, sa.exc.DBAPIError) and each.connection_invalidated)
        or (isinstance(each, MinshengError) and each.transient)
        for each in _chain(error)
    )


def is_collision(error: sa.exc.DBAPIError) -> bool:
    """Whether a transaction failed because it met another one, and may be tried again at once."""
    return getattr(error.orig, "pgcode", None) in COLLISIONS


def described(error: BaseException) -> str:
    """What an error says, without the values that are in it: neither rows nor parameters.

    PostgreSQL's detail and context quote rows, and a ValueError what it could not read.
    """
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        return described(error.orig)
    if isinstance(error, MinshengError):
        return error.reason.message_en
    name = type(error).__name__
    if isinstance(error, psycopg2.Error):
        diagnosis = error.diag
        text = diagnosis.message_primary or str(error).strip()
        return f"{name}: {text}" + (
            f" ({diagnosis.message_hint})" if diagnosis.message_hint else ""
        )
    return f"{name}: {error}" if isinstance(error, _HARMLESS) else name


def traced(error: BaseException) -> str:
    """The traceback, causes first, with each error as `described`."""
    parts = []
    for each in reversed(list(_chain(error))):
        frames = "".join(traceback.format_tb(each.__traceback__))
        parts.append(f"Traceback (most recent call last):\n{frames}{described(each)}")
    return "\n\n".join(parts)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
