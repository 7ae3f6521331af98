"""Deliveries that answer quarantined rows of others."""

from __future__ import annotations

from etl.database.migrate import run_sql

revision, down_revision = "0011", "0010"


def upgrade() -> None:
    run_sql("0011_repair.sql")
