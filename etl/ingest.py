"""Ingest: receive, stage, validate and load in one process, without Airflow."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from etl.attempt import Step, attempt
from etl.context import Context
from etl.errors import UsageError
from etl.ledger import Delivery, resumed_by
from etl.load import load
from etl.logs import logger
from etl.reasons import Catalogue
from etl.receive import receive
from etl.sources import landing
from etl.stage import stage
from etl.validate import validate

MESSAGES = Catalogue(__file__)

Progress = Callable[[Delivery], None]

PAUSES = (1.0, 5.0)
"""Seconds before the second and the third try of a step; there is no fourth."""

log = logger(__name__)


def ingest(
    paths: Iterable[Path],
    *,
    feed: str | None = None,
    ctx: Context | None = None,
    progress: Progress | None = None,
) -> list[Delivery]:
    """Take in files and folders, all the way; returns what became of each delivery.

    A file that is held, rejected or fails does not stop the others. Raises UsageError
    for a path that does not exist.
    """
    ctx = ctx or Context.of()
    done = []
    for path in files(paths):
        for delivery in receive(path, feed=feed, ctx=ctx):
            ended = carry(delivery, ctx)
            if progress:
                progress(ended)
            done.append(ended)
    return done


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


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and landing.is_candidate(p))
        elif path.exists():
            yield path
        else:
            raise UsageError(MESSAGES.reason("no_such_path", path=path))
