"""The views that BI tools read."""

from etl.database.migrate import run_sql

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    run_sql("0004_bi.sql")
