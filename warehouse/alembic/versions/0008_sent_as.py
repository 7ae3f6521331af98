"""The name under which an order was sent, beside the key that it stands for."""

from __future__ import annotations

from etl.database.migrate import run_sql

revision, down_revision = "0008", "0007"


def upgrade() -> None:
    run_sql("0008_sent_as.sql")
