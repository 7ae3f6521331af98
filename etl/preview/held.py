"""What the release of a held delivery would do."""

from __future__ import annotations

import json

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.ledger import Delivery, IllegalMove
from etl.load.rehearsal import go_through
from etl.load.withdrawal import changes_of_commit, undoing
from etl.preview.effect import Effect, figures_that_differ, read_figures
from etl.reasons import Reason

_PREVIEW = "preview"


def preview(delivery_id: int, ctx: Context | None = None) -> Effect:
    """Release a held delivery, load it, evaluate, and undo all of it.

    Raises IllegalMove if it is not held.
    """
    ctx = ctx or Context.of()
    effect = _look(delivery_id, ctx)
    with ctx.engine.begin() as connection:
        _keep(connection, effect)
    return effect


def _keep(connection: sa.Connection, effect: Effect) -> None:
    """The last look at a held delivery is shown on its page."""
    connection.execute(
        sa.text(
            "INSERT INTO ledger.preview (delivery_id, seq, effect)"
            " SELECT :d, coalesce(max(seq), 0), CAST(:effect AS jsonb) FROM ledger.commit"
            " ON CONFLICT (delivery_id) DO UPDATE"
            " SET seq = excluded.seq, effect = excluded.effect, made_at = clock_timestamp()"
        ),
        {
            "d": effect.delivery,
            "effect": json.dumps(effect.as_dict(), ensure_ascii=False, default=str),
        },
    )


def _look(delivery_id: int, ctx: Context) -> Effect:
    with ledger.claimed(ctx, delivery_id) as (_, delivery):
        if delivery.state != "held":
            raise IllegalMove(delivery_id, delivery.state, "release", "received")
        with undoing(ctx) as (connection, outside, staged):
            before = read_figures(ctx, connection)
            released = ledger.advance(
                connection, delivery_id, verb="release", state="received", released_by=_PREVIEW
            )
            contract = ledger.contract_of(ctx, connection, released, anew=True)
            staged.append(delivery_id)
            passed = go_through(ctx, connection, outside, released, contract)
            if passed.state != "loaded":
                return Effect(delivery_id, "release", passed.state, reasons=passed.reasons)
            after = read_figures(ctx, connection)
            seq = ledger.get(connection, delivery_id).seq or 0
            return Effect(
                delivery_id, "release", "loaded",
                changes=changes_of_commit(connection, seq),
                counts=passed.counts,
                figures=figures_that_differ(before, after),
                as_of_before=before.as_of, as_of_after=after.as_of,
                reasons=_new(passed.reasons, delivery),
            )  # fmt: skip


def _new(reasons: tuple[Reason, ...], delivery: Delivery) -> tuple[Reason, ...]:
    """Those that the held delivery does not show anyway."""
    shown = {(reason.get("rule"), reason.get("column")) for reason in delivery.reasons}
    return tuple(reason for reason in reasons if (reason.code, reason.column) not in shown)
