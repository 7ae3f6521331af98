"""Receive: bytes into the archive under their sha256, the arrival into the ledger."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from etl import decode, ledger
from etl.context import Context
from etl.database.errors import described
from etl.errors import InputProblem, MinshengError
from etl.ledger import Delivery
from etl.profile import step
from etl.progress import report
from etl.reasons import Catalogue, Reason
from etl.receive.answers import receive_answers
from etl.receive.parts import Part, parts_of
from etl.receive.synthetic import is_synthetic
from etl.settings import Settings
from etl.sources import LandingZone, LocalFile, Offer
from etl.sources.names import printable, shown

MESSAGES = Catalogue(__file__)


def receive(
    offer: Offer | Path,
    *,
    feed: str | None = None,
    settings: Settings | None = None,
    ctx: Context | None = None,
    consume: bool = False,
) -> list[Delivery]:
    """Take in one file that a source offers, or that lies at a path; a zip gives one delivery a member.

    A file of several feeds or periods gives one for each. A file that cannot be opened, or that no contract matches, becomes a rejected
    delivery: its bytes are in the archive all the same. The source takes it away once the ledger
    has it, a path only with `consume`; a crash in between only receives it twice. Raises
    FileNotFoundError if it is gone, other OSErrors if it cannot be read.
    """
    ctx = ctx or Context.of(settings)
    if isinstance(offer, Path):
        offer = LandingZone(ctx.settings.landing).file(offer) if consume else LocalFile(offer)
    place, arrived_at = Path(offer.place), offer.arrived_at
    report(f"{place.name} · 接收 / receiving")
    with step("archive"):
        sha256, size = _archive(offer, ctx)
    if (answered := receive_answers(ctx, place.name, sha256, size)) is not None:
        offer.taken()
        return answered
    fixed = ctx.contract(feed) if feed else None
    try:
        members = decode.members(ctx.archived(sha256), name=place.name)
        problem = None
    except InputProblem as unreadable:
        members, problem = [None], unreadable
    parts = [
        part
        for member in members
        for part in parts_of(ctx, place, ctx.archived(sha256), member, fixed, problem)
    ]
    with ctx.engine.begin() as connection:
        entered = [_enter(connection, part, place.name, sha256, size) for part in parts]
        if is_synthetic(offer.path, sha256, ctx.settings.home):
            entered = [ledger.record(connection, d.delivery_id, synthetic=True) for d in entered]
    offer.taken()
    for delivery in entered:
        ledger.tell(delivery, bytes=size, arrived_at=arrived_at and arrived_at.isoformat())
    return entered


def _enter(
    connection: sa.Connection, part: Part, file_name: str, sha256: str, size: int
) -> Delivery:
    entered = ledger.register(
        connection,
        sha256=sha256,
        size=size,
        file_name=file_name,
        member=part.member,
        contract=part.contract,
        mode=part.mode,
        reasons=part.reasons,
    )
    if part.period is None:
        return entered
    return ledger.record(
        connection,
        entered.delivery_id,
        period_start=part.period.start,
        period_end=part.period.end,
    )


def tidy(ctx: Context) -> None:
    """Remove copies from the archive that a process which died over them has left unfinished."""
    yesterday = time.time() - timedelta(days=1).total_seconds()
    for aside in ctx.settings.archive.glob(".incoming-*"):
        with suppress(FileNotFoundError):
            if aside.stat().st_mtime < yesterday:
                aside.unlink()


def not_received(offer: Offer, error: Exception) -> Reason:
    """Why a file could not be received: something else than what stands in it is wrong."""
    if isinstance(error, MinshengError):
        return error.reason
    found = getattr(error, "strerror", None) or printable(described(error))
    return MESSAGES.reason("not_received", file=shown(offer.place), found=found)


def _archive(offer: Offer, ctx: Context) -> tuple[str, int]:
    """Copy the file into the archive; the name is the hash of what was copied, not of what is there later."""
    ctx.settings.archive.mkdir(parents=True, exist_ok=True)
    aside = ctx.settings.archive / f".incoming-{secrets.token_hex(8)}"
    try:
        offer.save(aside)
        with aside.open("rb") as copied, ThreadPoolExecutor(1) as pool:
            kept_safe = pool.submit(os.fsync, copied.fileno())
            digest = hashlib.file_digest(copied, "sha256").hexdigest()  # meanwhile
            kept_safe.result()
        size = aside.stat().st_size
        kept = ctx.archived(digest)
        if not kept.exists():
            kept.parent.mkdir(exist_ok=True)
            aside.chmod(0o440)
            aside.rename(kept)
    finally:
        aside.unlink(missing_ok=True)
    return digest, size
