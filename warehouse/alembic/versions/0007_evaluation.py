"""What a figure says of itself: policy, who, definition, synthetic; one name a town in every view."""

from etl.database.migrate import run_sql

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    run_sql("0007_evaluation.sql")
