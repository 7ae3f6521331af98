"""Claims: what accepted deliveries said, and the order in which they outrank each other."""

from etl.database.migrate import run_sql

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    run_sql("0006_claims.sql")
