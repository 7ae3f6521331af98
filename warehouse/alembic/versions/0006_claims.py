"""Placeholder of the claims that another branch brings; dropped when the branches meet."""

from etl.migrate import run_sql

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    run_sql("0006_claims.sql")
