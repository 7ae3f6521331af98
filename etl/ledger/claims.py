"""Who works on what: a delivery is held for one step, a feed for one load."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from etl.context import Context
from etl.database.locks import Lock
from etl.ledger.delivery import Delivery, get

AT_ONCE = threading.BoundedSemaphore(8)
"""Deliveries that one process works on at once; further threads wait for their turn, not for a connection."""


@contextmanager
def claimed(ctx: Context, delivery_id: int) -> Iterator[tuple[sa.Connection, Delivery]]:
    """Hold a delivery for one step. A second worker waits, then finds the step done.

    Yields a connection in autocommit, whose session owns the claim: a process that
    dies gives it back.
    """
    with (
        AT_ONCE,
        ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        lock = {"a": Lock.DELIVERY, "b": delivery_id}
        connection.execute(sa.text("SELECT pg_advisory_lock(:a, :b)"), lock)
        try:
            yield connection, get(connection, delivery_id)
        finally:
            if not connection.invalidated:
                connection.execute(sa.text("SELECT pg_advisory_unlock(:a, :b)"), lock)


def lock_feed(transaction: sa.Connection, delivery: Delivery) -> None:
    """One load a feed at a time, until the transaction ends."""
    transaction.execute(
        sa.text("SELECT pg_advisory_xact_lock(:a, hashtext(:feed))"),
        {"a": Lock.FEED, "feed": delivery.feed},
    )
