"""Suspicions about a whole delivery: a period to come, an old sheet under a new period, a shrunken snapshot."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import sqlalchemy as sa

from etl import ledger
from etl.contract import Contract
from etl.contract.model import DeliveryRule
from etl.database import run_file
from etl.ledger import Delivery
from etl.reasons import ERROR, WARNING, Catalogue, Reason
from etl.reasons.reason import Severity
from etl.stage.columns import columns_gone
from etl.stage.elsewhere import late, references_missing, unaccepted
from etl.stage.history import unusual

MESSAGES = Catalogue(__file__)


def suspicions(
    connection: sa.Connection, delivery: Delivery, contract: Contract, rows: int
) -> list[Reason]:
    """What a person should look at first in a delivery of so many rows, by what has been accepted until now.

    One of severity error holds it, a warning only says so. Asked when it has been staged,
    and once more when it is loaded: others may have come in meanwhile.
    """
    reasons = []
    about = {"delivery_id": delivery.delivery_id, "period": delivery.period}
    received_on = delivery.received_at.astimezone(ZoneInfo(contract.file.time_zone)).date()
    rule = contract.delivery_rule("future_period")
    if rule and delivery.period_start and delivery.period_start > received_on:
        reasons.append(
            MESSAGES.reason(
                rule.id,
                severity=severity_of(rule),
                found=delivery.period,
                expected=f"≤ {received_on}",
                received_on=received_on,
                **about,
            )
        )
    if delivery.repairs:
        reasons += _answered_meanwhile(connection, delivery)
    withdrawn = ledger.withdrawn_before(connection, delivery)
    if withdrawn and rows:
        of = {"other": withdrawn.delivery_id, "name": withdrawn.file_name}
        reasons.append(MESSAGES.reason("withdrawn_before", **of, **about))
    rule = contract.delivery_rule("resaved_period")
    if rule and rows:
        twin = ledger.same_content_elsewhere(connection, delivery)
        if twin:
            of = {"other": twin.delivery_id, "other_period": twin.period, "name": twin.file_name}
            reasons.append(MESSAGES.reason(rule.id, severity=severity_of(rule), **of, **about))
    rule = contract.delivery_rule("volume")
    if rule and delivery.mode == "full":
        before = ledger.previous_snapshot(connection, delivery)
        if before and _is_shrunken(rule, rows, before.staged_rows or 0):
            reasons.append(
                MESSAGES.reason(
                    rule.id,
                    severity=severity_of(rule),
                    found=rows,
                    expected=f"≥ {rule.share:.0%} × {before.staged_rows}",
                    before=before.period,
                    before_rows=before.staged_rows,
                    **about,
                )
            )
    reasons += columns_gone(connection, delivery, contract)
    reasons += references_missing(connection, delivery, contract)
    reasons += late(connection, delivery, contract)
    reasons += unaccepted(connection, delivery, contract)
    told = {reason.code for reason in reasons}
    # A snapshot that is short by a fixed share is told once.
    reasons += [
        reason
        for reason in unusual(connection, delivery, contract, rows)
        if not (reason.code == "rows_unusual" and "volume" in told)
    ]
    return reasons


def severity_of(rule: DeliveryRule) -> Severity:
    """The severity of a reason that a rule on deliveries gives."""
    return ERROR if rule.severity == "hold" else WARNING


def holding(reasons: list[Reason]) -> list[Reason]:
    """Those of the suspicions for which the delivery waits."""
    return [reason for reason in reasons if reason.severity == ERROR]


def _answered_meanwhile(connection: sa.Connection, delivery: Delivery) -> list[Reason]:
    """Two answers on one entry that were on their way at once: staged anew, the later one leaves it out."""
    number = {"delivery_id": delivery.delivery_id}
    row = run_file(connection, "stage/answered_meanwhile.sql", {}, **number).one()
    if not row.rows:
        return []
    return [MESSAGES.reason("answered_meanwhile", rows=row.rows, other=row.other, **number)]


def _is_shrunken(rule: DeliveryRule, rows: int, before: int) -> bool:
    return rows < rule.share * before and before - rows >= rule.least
