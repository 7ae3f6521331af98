"""What came before a delivery: its precedents among the accepted ones of its feed."""

from __future__ import annotations

import sqlalchemy as sa

from etl.contract import Contract
from etl.ledger.delivery import Delivery, delivery_where


def latest_accepted(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """The delivery of the same feed, period and mode that was received last of those accepted."""
    return delivery_where(
        connection,
        "WHERE feed = :feed AND period_end = :end AND period_start = :start AND mode = :mode AND state = 'loaded'"
        " ORDER BY delivery_id DESC LIMIT 1",
        feed=delivery.feed, end=delivery.period_end, start=delivery.period_start, mode=delivery.mode,
    )  # fmt: skip


_STANDS = (
    " AND state = 'loaded' AND contract_hash = :contract AND NOT EXISTS (SELECT FROM ledger.delivery n"
    " WHERE n.feed = d.feed AND n.mode = d.mode AND n.period_end = d.period_end AND n.period_start = d.period_start"
    " AND n.state = 'loaded' AND (n.delivery_id > d.delivery_id OR n.seq > d.seq))"
    # What was kept out because a register did not know it yet is judged anew.
    " AND NOT EXISTS (SELECT FROM ledger.quarantine q WHERE q.delivery_id = d.delivery_id AND q.resolved_by IS NULL"
    " AND jsonb_path_exists(q.reasons, '$[*].rule ? (@ starts with \"register.\")'))"
)
"""Of a delivery `d`: that it is accepted, judged by this contract, and nothing came after it in its period."""


def repeated(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """The accepted delivery that this one repeats exactly: same content and faults, same contract, and still the last word."""
    return delivery_where(
        connection,
        "d WHERE feed = :feed AND period_end = :end AND period_start = :start AND mode = :mode"
        f" AND content_hash = :content AND delivery_id <> :own{_STANDS}",
        feed=delivery.feed, end=delivery.period_end, start=delivery.period_start, mode=delivery.mode,
        content=delivery.content_hash, contract=delivery.contract_hash, own=delivery.delivery_id,
    )  # fmt: skip


def same_bytes_accepted(
    connection: sa.Connection, delivery: Delivery, contract: Contract
) -> Delivery | None:
    """An accepted delivery of the same file (name, member, bytes) under this contract that is still the last word.

    Of a file with several periods: of the period that this delivery was entered for.
    """
    return delivery_where(
        connection,
        "d WHERE feed = :feed AND sha256 = :sha AND file_name = :name AND member IS NOT DISTINCT FROM :member"
        " AND (CAST(:start AS date) IS NULL OR (period_start = :start AND period_end = :end))"
        f" AND mode = :mode{_STANDS} ORDER BY delivery_id DESC LIMIT 1",
        start=delivery.period_start, end=delivery.period_end,
        feed=delivery.feed, sha=delivery.sha256, name=delivery.file_name, member=delivery.member, mode=delivery.mode,
        contract=contract.hash,
    )  # fmt: skip


def same_content_elsewhere(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """An accepted delivery of the same feed, mode and content under another period."""
    return delivery_where(
        connection,
        "WHERE feed = :feed AND mode = :mode AND content_hash = :hash AND period_end <> :end AND state = 'loaded'"
        " ORDER BY period_end DESC LIMIT 1",
        feed=delivery.feed, mode=delivery.mode, hash=delivery.content_hash, end=delivery.period_end,
    )  # fmt: skip


def previous_snapshot(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """The accepted full snapshot of the period before."""
    return delivery_where(
        connection,
        "WHERE feed = :feed AND mode = 'full' AND period_end < :end AND state = 'loaded'"
        " ORDER BY period_end DESC, delivery_id DESC LIMIT 1",
        feed=delivery.feed, end=delivery.period_end,
    )  # fmt: skip


def withdrawn_before(connection: sa.Connection, delivery: Delivery) -> Delivery | None:
    """A delivery of the feed with the same bytes or the same content, of whatever period, that was withdrawn."""
    return delivery_where(
        connection,
        "WHERE feed = :feed AND state = 'withdrawn' AND delivery_id <> :own"
        " AND (sha256 = :sha AND member IS NOT DISTINCT FROM :member"
        " OR content_hash = :hash)"
        " ORDER BY delivery_id DESC LIMIT 1",
        feed=delivery.feed, own=delivery.delivery_id, sha=delivery.sha256, member=delivery.member,
        hash=delivery.content_hash,
    )  # fmt: skip
