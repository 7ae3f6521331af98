"""Corrections and retractions of things that nobody has told of: held, and resumed when somebody has."""

from __future__ import annotations

from collections.abc import Iterable

from etl import ledger
from etl.load.targets import Target
from etl.load.things import bind_things, in_star
from etl.load.work import MESSAGES, Held, Work

LISTED = 50
"""Unknown keys that a held delivery names, and waits for."""


def hold_unknown(work: Work, fact: Target | None) -> None:
    """A correction or retraction of things that nobody knows is held, unless it may repair an unreadable key.

    `fact`: where the feed keeps no claim of each row, the one that has them.
    """
    if not work.is_act or work.delivery.released_by or work.delivery.repairs:
        return
    repairs = (
        work.delivery.mode == "correction"
        and work.execute(
            "SELECT EXISTS (SELECT FROM ledger.quarantine AS q JOIN ledger.delivery AS d USING (delivery_id)"
            " WHERE q.feed = :feed AND q.key IS NULL AND q.resolved_by IS NULL AND d.state <> 'withdrawn' AND d.period_end = :period_end)"
        ).scalar_one()
    )
    if repairs:
        return
    # Told as they were sent: the keys that names were given in this transaction go with it.
    bind_things(work)
    names = {"in_star": in_star(work, fact)}
    unknown = [row[0] for row in work.query("known_keys", names)]
    if unknown:
        shown = "、".join(_shown(key) for key in unknown[:5])
        raise Held(
            MESSAGES.reason(
                "unknown_key",
                rows=len(unknown),
                found=shown,
                delivery_id=work.delivery.delivery_id,
                details={"keys": unknown[:LISTED]},
            )
        )


def _shown(key: Iterable[object]) -> str:
    """A key as it was sent: of a part that is a name, `{registry: name}`, the name."""
    return "|".join(str(next(iter(p.values())) if isinstance(p, dict) else p) for p in key)


def resume(work: Work, fact: Target | None) -> None:
    """Let those go on whose things are known by now; who called the load carries them further.

    Of this feed, or of all if the delivery said what names mean.
    """
    names = {"in_star": in_star(work, fact)}
    for (delivery_id,) in work.query("resumable", names, of_all_feeds=work.names_told).all():
        ledger.advance(work.connection, delivery_id, verb="resume", state="received")
