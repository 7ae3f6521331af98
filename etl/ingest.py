"""Ingest: receive, stage, validate and load in one process, without Airflow."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from etl.context import Context
from etl.errors import UsageError
from etl.ledger import OPEN_STATES, Delivery, record, resumed_by
from etl.load import load
from etl.reasons import Catalogue
from etl.receive import receive
from etl.sources import landing
from etl.stage import stage
from etl.validate import validate

MESSAGES = Catalogue(__file__)

Progress = Callable[[Delivery], None]


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
    """Bring one delivery as far as it goes. What fails for a technical reason is marked `failed`."""
    if delivery.state not in OPEN_STATES:
        return delivery
    try:
        stage(delivery.delivery_id, ctx)
        validate(delivery.delivery_id, ctx)
        done = load(delivery.delivery_id, ctx)
    except Exception as error:
        if os.environ.get("MINSHENG_DEBUG"):
            raise
        with ctx.engine.begin() as connection:
            reason = MESSAGES.reason("failed", found=f"{type(error).__name__}: {error}")
            return record(
                connection,
                delivery.delivery_id,
                state="failed",
                reasons=[*delivery.reasons, reason],
            )
    for resumed in resumed_by(done, ctx):
        carry(resumed, ctx)
    return done


def files(paths: Iterable[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, in the order of their names."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.is_file() and landing.is_candidate(p))
        elif path.exists():
            yield path
        else:
            raise UsageError(MESSAGES.reason("no_such_path", path=path))
