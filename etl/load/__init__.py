"""Load: quarantine, registries, dimensions, facts and the ledger's state, in one transaction.

The same for every target; what differs stands in the feed's load file and in
`ledger.target`. The statements are the files of `warehouse/sql/load/`.
"""

from __future__ import annotations

import time

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract
from etl.database.errors import is_collision
from etl.ledger import Delivery
from etl.load.loader import run_load
from etl.load.work import Held, Loaded, Outdated, Work
from etl.reasons import Reason
from etl.stage import duplicate_of
from etl.stage.suspicions import holding, suspicions
from etl.stage.table import bad_table_name, drop_tables, is_whole

__all__ = ["Loaded", "Work", "load", "run_load"]

_TRIES = 3
"""So often two loads may meet over a shared dimension or fact."""


def load(delivery_id: int, ctx: Context | None = None) -> Delivery:
    """Bring a validated delivery to `loaded`, all of it or nothing; do nothing in any other state.

    A delivery whose staging table was lost in a crash is staged and validated again, and one
    that a register outdated is validated again: what parallel loads write is what one after
    the other would have written.
    """
    ctx = ctx or Context.of()
    with ledger.claimed(ctx, delivery_id) as (connection, delivery):
        if delivery.state != "validated":
            return delivery
        try:
            if _intact(connection, delivery):
                return _load(ctx, connection, delivery)
            ledger.advance(connection, delivery_id, verb="load", state="received")
        except Outdated:
            ledger.advance(connection, delivery_id, verb="load", state="staged")
    from etl.stage import stage
    from etl.validate import validate

    stage(delivery_id, ctx)
    validate(delivery_id, ctx)
    return load(delivery_id, ctx)


def _intact(connection: sa.Connection, delivery: Delivery) -> bool:
    bad = bad_table_name(delivery.delivery_id)
    judged = connection.execute(sa.text("SELECT to_regclass(:t) IS NOT NULL"), {"t": bad})
    return bool(judged.scalar_one()) and is_whole(
        connection, delivery.delivery_id, delivery.staged_rows or 0
    )


def _load(ctx: Context, connection: sa.Connection, delivery: Delivery) -> Delivery:
    contract = ledger.contract_of(ctx, connection, delivery)
    started = time.perf_counter()
    held: tuple[Reason, ...] = ()
    for attempt in range(1, _TRIES + 1):
        try:
            with ctx.engine.begin() as transaction:
                ledger.lock_feed(transaction, delivery)
                repeated = None if delivery.released_by else ledger.repeated(transaction, delivery)
                if repeated:
                    # It was on its way at the same time, and is in by now.
                    again = duplicate_of(repeated)
                    ledger.advance(transaction, delivery.delivery_id, verb="load", **again)
                    break
                _look_again(transaction, delivery, contract)
                loaded = run_load(Work(transaction, delivery, contract))
                seconds = time.perf_counter() - started
                changes = loaded.changes()
                ledger.advance(
                    transaction, delivery.delivery_id, verb="load", add_seconds=seconds, **changes
                )
            break
        except Held as why:
            held = why.reasons
            break
        except sa.exc.DBAPIError as error:
            if not is_collision(error) or attempt == _TRIES:
                raise
    if held:
        reasons = [*delivery.reasons, *held]
        ledger.advance(connection, delivery.delivery_id, verb="load", state="held", reasons=reasons)
    drop_tables(connection, delivery.delivery_id, keep_text=not held)
    return ledger.get(connection, delivery.delivery_id)


def _look_again(transaction: sa.Connection, delivery: Delivery, contract: Contract) -> None:
    """Raise Held for what has become suspicious by loads since this delivery was staged."""
    if not delivery.released_by:
        rows = delivery.staged_rows or 0
        held = holding(suspicions(transaction, delivery, contract, rows))
        if held:
            raise Held(*held)
