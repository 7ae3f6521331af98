"""Functions that contracts and queries call."""

from etl.database.migrate import run_sql

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    run_sql("0003_functions.sql")
