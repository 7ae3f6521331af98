"""Ingest: receive, stage, validate and load in one process, without Airflow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from etl.attempt import Step, attempt, fail, lost
from etl.context import Context
from etl.database.errors import is_transient
from etl.ledger import Delivery, count_failure, left_behind, resumed_by
from etl.load import load
from etl.logs import logger
from etl.reasons import Reason
from etl.receive import not_received, receive, tidy
from etl.sources import LocalPaths, Look
from etl.stage import stage
from etl.validate import validate

Progress = Callable[[Delivery], None]
Trouble = Callable[[Reason], None]

PAUSES = (1.0, 5.0)
"""Seconds before the second and the third try of a step; there is no fourth."""

log = logger(__name__)


def ingest(
    paths: Iterable[Path],
    *,
    feed: str | None = None,
    ctx: Context | None = None,
    progress: Progress | None = None,
    trouble: Trouble | None = None,
) -> list[Delivery]:
    """Take in files and folders, all the way; returns what became of each delivery.

    First what an earlier run, killed meanwhile, left on its way goes on. A file that is held,
    rejected or fails does not stop the others; one that is no file, or cannot be read, is told
    to `trouble`. Raises UsageError for a path that does not exist.
    """
    ctx = ctx or Context.of()
    if feed:
        ctx.contract(feed)
    tidy(ctx)
    look = LocalPaths(tuple(paths)).look()
    for reason in look.passed_over:
        _told(reason, trouble)
    ended = []
    for delivery in chain(_resumed(ctx), _received(look, feed, ctx, trouble)):
        ended.append(carry(delivery, ctx))
        if progress:
            progress(ended[-1])
    return ended


def _resumed(ctx: Context) -> Iterator[Delivery]:
    """What an earlier run left on its way, unless it is what killed that run, time and again."""
    for delivery in left_behind(ctx):
        if delivery.failures > len(PAUSES):
            yield fail(delivery, ctx, [lost(delivery)])
            continue
        with ctx.engine.begin() as connection:
            delivery = count_failure(connection, delivery.delivery_id)
        yield delivery


def _received(
    look: Look, feed: str | None, ctx: Context, trouble: Trouble | None
) -> Iterator[Delivery]:
    for offer in look.files:
        try:
            received = receive(offer, feed=feed, ctx=ctx)
        except Exception as error:
            if is_transient(error) and not isinstance(error, OSError):
                raise  # the database is away: it is for all others, too
            _told(not_received(offer, error), trouble)
            continue
        yield from received


def _told(reason: Reason, trouble: Trouble | None) -> None:
    log.info(reason.code, file=reason.file, found=reason.found)
    if trouble:
        trouble(reason)


def carry(delivery: Delivery, ctx: Context) -> Delivery:
    """Bring one delivery as far as it goes, and then those that had waited for what it told of.

    What fails is tried again or makes the delivery `failed` (`etl.attempt`).
    """
    for step in (stage, validate, load):
        if delivery.is_open:
            delivery = _persistently(step, delivery, ctx)
    for resumed in resumed_by(delivery, ctx):
        log.info(
            "resumed", delivery=resumed.delivery_id, feed=resumed.feed, by=delivery.delivery_id
        )
        carry(resumed, ctx)
    return delivery


def _persistently(step: Step, delivery: Delivery, ctx: Context) -> Delivery:
    for pause in PAUSES:
        try:
            return attempt(step, delivery, ctx, last=False)
        except Exception:  # a transient one; others come back as a failed delivery
            time.sleep(pause)
    return attempt(step, delivery, ctx, last=True)
