"""The star, its registry and history."""

from etl.database.migrate import run_sql

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    run_sql("0002_star.sql")
