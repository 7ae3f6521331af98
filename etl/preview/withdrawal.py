"""Withdraw a loaded delivery, or show what that would do."""

from __future__ import annotations

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.database.errors import is_collision
from etl.errors import MinshengError
from etl.ledger import IllegalMove
from etl.load.withdrawal import changes_of_commit, take_back, undoing, with_repairs
from etl.preview.effect import Effect, figures_that_differ, read_figures
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

_TRIES = 3
"""So often a withdrawal and loads may meet over the same things."""


def withdraw(
    delivery_id: int, *, by: str, reason: str, keep: bool = True, ctx: Context | None = None
) -> Effect:
    """What a delivery said counts no more, nor do the repairs of its rows; without `keep` all is undone again.

    Earlier known times stay as they were, and the same bytes are held when they come again.
    Raises IllegalMove if it is not loaded, MinshengError without who and why.
    """
    if not by.strip() or not reason.strip():
        raise MinshengError(MESSAGES.reason("unsigned"))
    ctx = ctx or Context.of()
    for attempt in range(1, _TRIES + 1):
        try:
            with ledger.claimed(ctx, delivery_id):
                effect = _withdraw(ctx, delivery_id, by, reason, keep)
            break
        except sa.exc.DBAPIError as error:
            if not is_collision(error) or attempt == _TRIES:
                raise
    if keep:
        with ctx.engine.connect() as connection:
            ledger.tell(ledger.get(connection, delivery_id))
    return effect


def _withdraw(ctx: Context, delivery_id: int, by: str, reason: str, keep: bool) -> Effect:
    with undoing(ctx) as (connection, outside, staged):
        before = read_figures(ctx, connection)
        chain = with_repairs(connection, delivery_id)
        seqs = []
        for delivery in chain:
            if delivery.state != "loaded":
                raise IllegalMove(delivery.delivery_id, delivery.state, "withdraw", "withdrawn")
            of = MESSAGES.reason("withdrawn", by=by, why=reason)
            told = [*delivery.reasons, of]
            withdrawn = take_back(ctx, connection, outside, delivery, staged, reasons=told)
            ledger.keep_decision(
                connection, delivery.delivery_id, verb="withdraw", by=by, reason=reason
            )
            seqs.append(withdrawn.withdrawn_seq or 0)
        changes: dict[str, dict[str, int]] = {}
        for seq in seqs:
            for table, counts in changes_of_commit(connection, seq).items():
                summed = changes.setdefault(table, dict.fromkeys(counts, 0))
                for name, n in counts.items():
                    summed[name] += n
        after = read_figures(ctx, connection)
        if keep:
            connection.commit()
        return Effect(
            delivery_id, "withdraw", "withdrawn",
            changes=changes,
            figures=figures_that_differ(before, after),
            as_of_before=before.as_of, as_of_after=after.as_of,
            also=tuple(d.delivery_id for d in chain if d.delivery_id != delivery_id),
        )  # fmt: skip
