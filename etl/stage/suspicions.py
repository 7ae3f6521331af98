"""Suspicions about a whole delivery: a period to come, an old sheet under a new period, a shrunken snapshot."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import sqlalchemy as sa

from etl import ledger
from etl.contract import Contract
from etl.ledger import Delivery
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)


def suspicions(
    connection: sa.Connection, delivery: Delivery, contract: Contract, rows: int
) -> list[Reason]:
    """Why a person should look first at a delivery of so many rows, by what has been accepted until now.

    Asked when it has been staged, and once more when it is loaded: others may have come in meanwhile.
    """
    held = []
    told = {"delivery_id": delivery.delivery_id, "period": delivery.period}
    received_on = delivery.received_at.astimezone(ZoneInfo(contract.file.time_zone)).date()
    if contract.future == "hold" and delivery.period_start and delivery.period_start > received_on:
        held.append(
            MESSAGES.reason(
                "future_period",
                found=delivery.period,
                expected=f"≤ {received_on}",
                received_on=received_on,
                **told,
            )
        )
    if contract.resave == "hold" and rows:
        twin = ledger.same_content_elsewhere(connection, delivery)
        if twin:
            of = {"other": twin.delivery_id, "other_period": twin.period, "name": twin.file_name}
            held.append(MESSAGES.reason("resaved_period", **of, **told))
    share = contract.volume_min_share
    if share and delivery.mode == "full":
        before = ledger.previous_snapshot(connection, delivery)
        if before and before.staged_rows and rows < share * before.staged_rows:
            held.append(
                MESSAGES.reason(
                    "volume",
                    found=rows,
                    expected=f"≥ {share:.0%} × {before.staged_rows}",
                    before=before.period,
                    before_rows=before.staged_rows,
                    **told,
                )
            )
    return held
