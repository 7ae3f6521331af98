"""Known time: the newest commit, and how far the evaluation has come."""

from __future__ import annotations

import sqlalchemy as sa

from etl.context import Context


def newest_commit(ctx: Context | None = None) -> int:
    """Sequence number of the newest load; 0 in an empty warehouse."""
    with (ctx or Context.of()).engine.connect() as connection:
        return int(
            connection.execute(
                sa.text("SELECT coalesce(max(seq), 0) FROM ledger.commit")
            ).scalar_one()
        )


def last_evaluated(ctx: Context | None = None) -> int:
    """The newest commit that an evaluation has seen; 0 before the first."""
    with (ctx or Context.of()).engine.connect() as connection:
        return int(
            connection.execute(
                sa.text("SELECT coalesce(max(seq), 0) FROM ledger.evaluation")
            ).scalar_one()
        )
