"""Quick reading: names by key, repeats, statistics of unfilled vocabularies."""

from etl.database.migrate import run_sql

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    run_sql("0005_reading.sql")
