"""Bring the warehouse's schema up to date: the SQL files of `migrations/` in their order, then views and functions.

A file's number is its revision; `alembic_version` says which one ran last, as it did when Alembic ran them.
All pending files, what `etl.database.views` replaces, and the calendar go into one transaction under one lock:
the schema is either as before or complete, and a second upgrade at the same moment waits and finds nothing to do.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from etl.database import SQL, calendar, sql_file, views
from etl.database.locks import MIGRATION
from etl.errors import MinshengError
from etl.progress import report
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

_STEP = "数据库迁移 / migrations"


def upgrade(engine: sa.Engine, revision: str = "head") -> dict[str, Any]:
    """Run what is pending up to `revision`; return where it began, where it ended, what it ran."""
    files = _files()
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION})
        before = current(connection)
        if before is not None and before not in files:
            raise MinshengError(MESSAGES.reason("schema_unknown", before=before))
        last = newest() if revision == "head" else revision
        pending = [number for number in files if (before or "") < number <= last]
        for done, number in enumerate(pending):
            report(_STEP, done, len(pending))
            views.run(connection, sql_file(f"migrations/{files[number]}"))
        if pending:
            report(_STEP, len(pending), len(pending))
            _remember(connection, last)
        replaced, days = [], 0
        if revision == "head":
            report("视图与函数 / views and functions")
            replaced = views.replace(connection, migrated=bool(pending))
            report("日历 / calendar")
            days = calendar.fill(connection)
        return {
            "from": before,
            "to": current(connection),
            "applied": pending,
            "replaced": replaced,
            "calendar_days": days,
        }


def current(connection: sa.Connection) -> str | None:
    """The revision the database is at; None before the first."""
    exists = sa.text("SELECT to_regclass('public.alembic_version') IS NOT NULL")
    if not connection.execute(exists).scalar_one():
        return None
    revision: str | None = connection.execute(
        sa.text("SELECT max(version_num) FROM public.alembic_version")
    ).scalar_one()
    return revision


def newest() -> str:
    """The revision this program wants the database at."""
    return max(_files())


def _files() -> dict[str, str]:
    """`0002` -> `0002_star.sql`, in the order in which they run."""
    names = sorted(path.name for path in (SQL / "migrations").glob("[0-9]*.sql"))
    return {name[:4]: name for name in names}


def _remember(connection: sa.Connection, revision: str) -> None:
    connection.execute(
        sa.text(
            "CREATE TABLE IF NOT EXISTS public.alembic_version"
            " (version_num varchar(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)"
        )
    )
    connection.execute(sa.text("DELETE FROM public.alembic_version"))
    connection.execute(
        sa.text("INSERT INTO public.alembic_version VALUES (:revision)"), {"revision": revision}
    )
