"""What a person decides on a delivery, and what goes on without one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.errors import MinshengError
from etl.ledger.changes import advance
from etl.ledger.claims import claimed
from etl.ledger.delivery import COLUMNS, Delivery
from etl.ledger.events import tell
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)


def release(
    delivery_id: int, who: str, ctx: Context | None = None, *, reason: str | None = None
) -> Delivery:
    """Let a held delivery pass: it is received again, and what held it is not asked again.

    MinshengError if it waits for a second person and `who` is one of those that supplied it.
    """
    return _decide(ctx, delivery_id, "release", "received", who, reason)


def reject(
    delivery_id: int, who: str, ctx: Context | None = None, *, reason: str | None = None
) -> Delivery:
    """Refuse a held delivery for good; its bytes stay in the archive."""
    return _decide(ctx, delivery_id, "reject", "rejected", who, reason)


def _decide(
    ctx: Context | None, delivery_id: int, verb: str, state: str, who: str, reason: str | None
) -> Delivery:
    with claimed(ctx or Context.of(), delivery_id) as (connection, delivery):
        if verb == "release":
            _check_person(delivery, who)
        decided = advance(connection, delivery_id, verb=verb, state=state, released_by=who)
        keep_decision(connection, delivery_id, verb=verb, by=who, reason=reason)
    tell(decided, "released" if verb == "release" else None)
    return decided


def _check_person(delivery: Delivery, who: str) -> None:
    for reason in delivery.reasons:
        persons = str(reason.get("found") or "") if reason.get("rule") == "unaccepted" else ""
        if who.strip().casefold() in (person.casefold() for person in persons.split("、")):
            raise MinshengError(
                MESSAGES.reason(
                    "same_person",
                    delivery_id=delivery.delivery_id,
                    who=who,
                    found=who,
                    persons=persons,
                )
            )


def keep_decision(
    connection: sa.Connection, delivery_id: int, *, verb: str, by: str, reason: str | None
) -> None:
    """Keep who decided what, and why."""
    connection.execute(
        sa.text(
            "INSERT INTO ledger.decision (delivery_id, verb, decided_by, reason)"
            " VALUES (:d, :verb, :by, :reason)"
        ),
        {"d": delivery_id, "verb": verb, "by": by, "reason": reason},
    )


def decisions(connection: sa.Connection, delivery_id: int) -> list[dict[str, Any]]:
    """What people decided on a delivery, in their order: `verb`, `decided_by`, `reason`, `decided_at`."""
    rows = connection.execute(
        sa.text(
            "SELECT verb, decided_by, reason, decided_at FROM ledger.decision"
            " WHERE delivery_id = :d ORDER BY decision_id"
        ),
        {"d": delivery_id},
    )
    return [dict(row) for row in rows.mappings()]


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
