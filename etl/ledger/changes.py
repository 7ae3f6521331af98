"""Changes of a delivery's row: `advance` for its state, `record` for all the rest."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from etl.ledger.delivery import Delivery, get
from etl.ledger.states import IllegalMove, before
from etl.reasons import Reason


def advance(
    connection: sa.Connection,
    delivery_id: int,
    *,
    verb: str,
    state: str,
    add_seconds: float = 0.0,
    **values: Any,
) -> Delivery:
    """Let a verb bring a delivery to a state, with what else it found out; returns the row.

    Raises IllegalMove if the verb does not lead from the delivery's state to this one.
    """
    values |= {"state": state, "failures": 0}
    if not _update(connection, delivery_id, values, add_seconds, before(verb, state)):
        raise IllegalMove(delivery_id, get(connection, delivery_id).state, verb, state)
    return get(connection, delivery_id)


def record(connection: sa.Connection, delivery_id: int, **values: Any) -> Delivery:
    """Enter what was found out about a delivery, its state left as it is; returns the row."""
    if "state" in values:
        raise TypeError("a state is changed by advance()")
    _update(connection, delivery_id, values)
    return get(connection, delivery_id)


def count_failure(connection: sa.Connection, delivery_id: int) -> Delivery:
    """A try of the step that is due has failed, and there will be another."""
    connection.execute(
        sa.text("UPDATE ledger.delivery SET failures = failures + 1 WHERE delivery_id = :d"),
        {"d": delivery_id},
    )
    return get(connection, delivery_id)


def as_json(reasons: Iterable[Reason | dict[str, Any]]) -> str:
    """New reasons, and those that the ledger has already, as it keeps them."""
    entries = [reason.as_dict() if isinstance(reason, Reason) else reason for reason in reasons]
    return json.dumps(entries, ensure_ascii=False, default=str)


def _update(
    connection: sa.Connection,
    delivery_id: int,
    values: dict[str, Any],
    add_seconds: float = 0.0,
    states: list[str | None] | None = None,
) -> bool:
    """Whether the row was changed: it was in one of the states, if any are given."""
    if "reasons" in values:
        values["reasons"] = as_json(values["reasons"])
    casts = {"reasons": "CAST(:reasons AS jsonb)"}
    changes = "".join(f"{name} = {casts.get(name, ':' + name)}, " for name in values)
    changed = connection.execute(
        sa.text(
            f"UPDATE ledger.delivery SET {changes}seconds = seconds + :add_seconds, updated_at = clock_timestamp()"
            " WHERE delivery_id = :delivery_id AND (CAST(:states AS text[]) IS NULL OR state = ANY (:states))"
        ),
        {
            **values,
            "add_seconds": add_seconds,
            "delivery_id": delivery_id,
            "states": states,
        },
    )
    return bool(changed.rowcount)
