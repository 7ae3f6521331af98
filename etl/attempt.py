"""One try of one step, the same on the command line and in Airflow: what fails is tried again, or for good."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.database.errors import described, is_transient, traced
from etl.errors import MinshengError
from etl.ledger import Delivery
from etl.logs import logger
from etl.reasons import Catalogue, Reason
from etl.stage.table import drop_tables

Step = Callable[[int, Context], Delivery]

MESSAGES = Catalogue(__file__)

log = logger(__name__)


def attempt(step: Step, delivery: Delivery, ctx: Context, *, last: bool) -> Delivery:
    """Try a step: stage, validate or load. A failure for good makes the delivery `failed`, with the reason.

    A transient failure (`etl.database.errors`) is raised for the caller to try again, unless
    this is the `last` try; then it is for good. Raises MinshengError if not even that can be
    entered: the database is away and the delivery stays where it is.
    """
    verb = step.__name__
    started = time.perf_counter()
    try:
        done = step(delivery.delivery_id, ctx)
    except Exception as error:
        seconds = round(time.perf_counter() - started, 3)
        if is_transient(error) and not last:
            log.warning(
                "to be tried again", step=verb, delivery=delivery.delivery_id, feed=delivery.feed,
                seconds=seconds, error=described(error), traceback=traced(error),
            )  # fmt: skip
            with suppress(sa.exc.SQLAlchemyError), ctx.engine.begin() as connection:
                ledger.count_failure(connection, delivery.delivery_id)
            raise
        log.error(
            "failed", step=verb, delivery=delivery.delivery_id, feed=delivery.feed,
            seconds=seconds, error=described(error), traceback=traced(error),
        )  # fmt: skip
        return fail(delivery, ctx, _reasons(verb, delivery, error))
    if done.state != delivery.state:
        ledger.tell(done, step=verb, seconds=round(time.perf_counter() - started, 3))
    return done


def fail(delivery: Delivery, ctx: Context, reasons: Sequence[Reason]) -> Delivery:
    """Enter that a delivery cannot go on; one that somebody else has ended meanwhile is left alone."""
    number = delivery.delivery_id
    try:
        with ledger.claimed(ctx, number) as (connection, now):
            if not now.is_open:
                return now
            drop_tables(connection, number)
            # First what stopped it; what was said of its rows follows.
            all_reasons = [*reasons, *now.reasons]
            return ledger.advance(
                connection, number, verb="fail", state="failed", reasons=all_reasons
            )
    except sa.exc.OperationalError as away:
        raise MinshengError(
            MESSAGES.reason(
                "database_away", delivery_id=number, state=delivery.state, found=described(away)
            )
        ) from away


def lost(delivery: Delivery) -> Reason:
    """Why a delivery has failed whose task ended every time without a result."""
    return MESSAGES.reason("lost", delivery_id=delivery.delivery_id)


def _reasons(verb: str, delivery: Delivery, error: Exception) -> list[Reason]:
    stopped = MESSAGES.reason(
        "failed", step=verb, delivery_id=delivery.delivery_id, found=described(error)
    )
    return [stopped, *getattr(error, "reasons", ())]
