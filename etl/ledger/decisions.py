"""What a person decides on a delivery, and what goes on without one."""

from __future__ import annotations

import sqlalchemy as sa

from etl.context import Context
from etl.ledger.changes import advance
from etl.ledger.claims import claimed
from etl.ledger.delivery import COLUMNS, Delivery
from etl.ledger.events import tell


def release(delivery_id: int, who: str, ctx: Context | None = None) -> Delivery:
    """Let a held delivery pass: it is received again, and what held it is not asked again."""
    with claimed(ctx or Context.of(), delivery_id) as (connection, _):
        released = advance(
            connection, delivery_id, verb="release", state="received", released_by=who
        )
    tell(released, "released")
    return released


def reject(delivery_id: int, who: str, ctx: Context | None = None) -> Delivery:
    """Refuse a held delivery for good; its bytes stay in the archive."""
    with claimed(ctx or Context.of(), delivery_id) as (connection, _):
        rejected = advance(
            connection, delivery_id, verb="reject", state="rejected", released_by=who
        )
    tell(rejected)
    return rejected


def retry(delivery_id: int, ctx: Context | None = None) -> Delivery:
    """Let a failed delivery go on: it is received again. One that is on its way stays as it is.

    Raises IllegalMove for one that has ended otherwise.
    """
    with claimed(ctx or Context.of(), delivery_id) as (connection, delivery):
        if delivery.is_open:
            return delivery
        retried = advance(connection, delivery_id, verb="retry", state="received", reasons=[])
    tell(retried, "retried")
    return retried


def resumed_by(delivery: Delivery, ctx: Context) -> list[Delivery]:
    """Corrections and retractions that waited for a thing which this load has told of."""
    if delivery.state != "loaded":
        return []
    query = sa.text(
        f"SELECT {COLUMNS} FROM ledger.delivery WHERE state = 'received'"
        " AND jsonb_path_exists(reasons, '$[*] ? (@.rule == \"unknown_key\")') ORDER BY delivery_id"
    )
    with ctx.engine.connect() as connection:
        return [Delivery(*row) for row in connection.execute(query)]
