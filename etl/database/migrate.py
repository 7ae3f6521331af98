"""Bring the warehouse's schema up to date: Alembic revisions that each run one SQL file, then views and functions.

All pending revisions, what `etl.database.views` replaces, and the calendar go into one transaction under one lock:
the schema is either as before or complete, and a second upgrade at the same
moment waits and finds nothing to do.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import sqlalchemy as sa
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from etl.database import calendar, sql_file, views
from etl.database.locks import MIGRATION
from etl.errors import MinshengError
from etl.progress import report
from etl.reasons import Catalogue
from etl.settings import FILES

MESSAGES = Catalogue(__file__)

_STEP = "数据库迁移 / migrations"


def upgrade(engine: sa.Engine, revision: str = "head") -> dict[str, Any]:
    """Run what is pending up to `revision`; return where it began, where it ended, what it ran."""
    with engine.begin() as connection:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION})
        config = _config(connection)
        before = current(connection)
        scripts = ScriptDirectory.from_config(config)
        if before is not None and before not in {
            each.revision for each in scripts.walk_revisions()
        }:
            raise MinshengError(MESSAGES.reason("schema_unknown", before=before))
        pending = [step.revision for step in scripts.iterate_revisions(revision, before)]
        applied = count(1)
        report(_STEP, 0, len(pending))
        config.attributes["on_version_apply"] = lambda **_: report(
            _STEP, next(applied), len(pending)
        )
        command.upgrade(config, revision)
        replaced, days = [], 0
        if revision == "head":
            report("视图与函数 / views and functions")
            replaced = views.replace(connection, migrated=bool(pending))
            report("日历 / calendar")
            days = calendar.fill(connection)
        return {
            "from": before,
            "to": current(connection),
            "applied": pending[::-1],
            "replaced": replaced,
            "calendar_days": days,
        }


def current(connection: sa.Connection) -> str | None:
    """The revision the database is at; None before the first."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The revision this program wants the database at."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def run_sql(name: str) -> None:
    """Run `warehouse/sql/migrations/<name>` in the current revision."""
    views.run(op.get_bind(), sql_file(f"migrations/{name}"))


def _config(connection: sa.Connection | None = None) -> Config:
    config = Config()
    location = str(FILES / "warehouse" / "alembic")
    config.set_main_option("script_location", location.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
