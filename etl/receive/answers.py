"""Files of answers on quarantined rows: they are for the deliveries that they answer, whatever they are called."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.errors import InputProblem
from etl.ledger import Delivery
from etl.repair import Answers, of_known, read_answers


def receive_answers(ctx: Context, name: str, sha256: str, size: int) -> list[Delivery] | None:
    """A file of answers on quarantined rows: a delivery for each one that it answers; None for any other file."""
    known: dict[str, Any] = {"sha256": sha256, "size": size, "file_name": name}
    try:
        answers = read_answers(ctx.archived(sha256), ctx.settings.token_key(), name)
    except InputProblem as problem:
        answers = Answers(problems=[problem.reason])
    if answers is None:
        return None
    with ctx.engine.begin() as connection:
        of_known(connection, answers, name)
        entered = [_repair_of(ctx, connection, of, known) for of in answers.deliveries] or [
            ledger.register(
                connection, member=None, contract=None, reasons=answers.problems, **known
            )
        ]
    for delivery in entered:
        ledger.tell(delivery, bytes=size)
    return entered


def _repair_of(
    ctx: Context, connection: sa.Connection, delivery_id: int, known: dict[str, Any]
) -> Delivery:
    of = ledger.get(connection, delivery_id)
    entered = ledger.register(
        connection,
        member=f"#{delivery_id}",
        contract=ctx.contract(of.feed or ""),
        mode="correction",
        repairs=delivery_id,
        **known,
    )
    synthetic = connection.execute(
        sa.text("SELECT synthetic FROM ledger.delivery WHERE delivery_id = :d"), {"d": delivery_id}
    ).scalar_one()
    return ledger.record(connection, entered.delivery_id, synthetic=synthetic)
