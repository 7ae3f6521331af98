"""Why rows were kept out of what was loaded, told of the delivery as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from etl.context import Context
from etl.database import sql_file
from etl.ledger.delivery import Delivery
from etl.reasons import Reason


def kept_out(ctx: Context, deliveries: Sequence[Delivery]) -> dict[int, list[Reason]]:
    """By delivery, each reason for which rows are in quarantine: how many, and the place of the first."""
    numbers = [delivery.delivery_id for delivery in deliveries if delivery.quarantined]
    if not numbers:
        return {}
    told: dict[int, list[Reason]] = {}
    with ctx.engine.connect() as connection:
        query = sa.text(sql_file("ledger/kept_out.sql"))
        for number, rows, reason, row, sheet in connection.execute(query, {"deliveries": numbers}):
            first = replace(Reason.of(reason), row=row, sheet=sheet, rows=rows)
            told.setdefault(number, []).append(first)
    return told
