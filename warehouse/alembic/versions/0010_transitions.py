"""Which state of a delivery may follow which, in the database too."""

from __future__ import annotations

from etl.database.migrate import run_sql

revision, down_revision = "0010", "0009"


def upgrade() -> None:
    run_sql("0010_transitions.sql")
