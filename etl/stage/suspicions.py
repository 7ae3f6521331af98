"""Suspicions about a whole delivery: a period to come, an old sheet under a new period, a shrunken snapshot."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from etl import ledger
from etl.contract import Contract
from etl.ledger import Delivery


def suspicions(
    connection: sa.Connection, delivery: Delivery, contract: Contract, rows: int
) -> list[dict[str, Any]]:
    """Why a person should look first at a delivery of so many rows, by what has been accepted until now.

    Asked when it has been staged, and once more when it is loaded: others may have come in meanwhile.
    """
    held: list[dict[str, Any]] = []
    advice = {
        "fix_zh": f"核实后运行 minsheng release {delivery.delivery_id} 放行，或 minsheng reject {delivery.delivery_id} 退回。",
        "fix_en": f"Check, then minsheng release {delivery.delivery_id} or minsheng reject {delivery.delivery_id}.",
    }
    received_on = delivery.received_at.astimezone(ZoneInfo(contract.file.time_zone)).date()
    if contract.future == "hold" and delivery.period_start and delivery.period_start > received_on:
        held.append(
            {
                "rule": "future_period",
                "found": str(delivery.period),
                "expected": f"≤ {received_on}",
                "message_zh": f"报告期 {delivery.period} 在收到之日（{received_on}）之后。",
                "message_en": f"The period {delivery.period} begins after the day of receipt ({received_on}).",
                **advice,
            }
        )
    if contract.resave == "hold" and rows:
        twin = ledger.same_content_elsewhere(connection, delivery)
        if twin:
            held.append(
                {
                    "rule": "resaved_period",
                    "message_zh": f"内容与 {twin.period} 的批次 {twin.delivery_id}（{twin.file_name}）完全相同，疑似旧表改名重报。",
                    "message_en": f"Same content as delivery {twin.delivery_id} ({twin.file_name}) for {twin.period}:"
                    " an old sheet saved under a new period?",
                    **advice,
                }
            )
    if contract.volume_min_share and delivery.mode == "full":
        before = ledger.previous_snapshot(connection, delivery)
        if before and before.staged_rows and rows < contract.volume_min_share * before.staged_rows:
            held.append(
                {
                    "rule": "volume",
                    "found": str(rows),
                    "expected": f"≥ {contract.volume_min_share:.0%} × {before.staged_rows}",
                    "message_zh": f"全量快照只有 {rows} 行，上期（{before.period}）有 {before.staged_rows} 行。",
                    "message_en": f"The snapshot has {rows} rows; the one before ({before.period}) had {before.staged_rows}.",
                    **advice,
                }
            )
    return held
