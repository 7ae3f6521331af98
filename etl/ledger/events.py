"""What became of a delivery, as an event for the log: numbers, counts and codes, no values and no names of people."""

from __future__ import annotations

from typing import Any

from etl.ledger.delivery import COUNTS, Delivery
from etl.logs import logger

log = logger(__name__)


def tell(delivery: Delivery, event: str | None = None, **fields: Any) -> None:
    """Log that a delivery has reached its state, with what is known of it; or another event about it."""
    if event:
        log.info(event, delivery=delivery.delivery_id, feed=delivery.feed, **fields)
        return
    counts = {
        name: count
        for name in ("staged_rows", "rows", *COUNTS, "closed")
        if (count := getattr(delivery, name))
    }
    codes = sorted({str(reason.get("rule") or reason.get("error")) for reason in delivery.reasons})
    log.info(
        delivery.state, delivery=delivery.delivery_id, feed=delivery.feed, **fields, **counts,
        **({"reasons": codes} if codes else {}),
    )  # fmt: skip
