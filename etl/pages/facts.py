"""What a delivery's page shows, gathered from the ledger; personal values masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract
from etl.database import sql_file
from etl.errors import MinshengError
from etl.ledger import COUNTS, Delivery
from etl.quarantine import Entry, count_entries, entries
from etl.reasons import Reason
from etl.values.faults import HIDDEN

SAMPLES = 20
"""Quarantined rows that a page shows; the workbook has all."""


def facts(ctx: Context, connection: sa.Connection, delivery_id: int) -> dict[str, Any]:
    """All that `delivery.html` needs: the delivery, counts, rules with verdicts, reasons, samples, preview, history."""
    delivery = ledger.get(connection, delivery_id)
    contract = _contract(ctx, connection, delivery)
    kept_out = entries(connection, delivery_id=delivery_id, everything=True, most=SAMPLES)
    counts = count_entries(connection, delivery_id=delivery_id)
    reasons = [Reason.of(reason) for reason in delivery.reasons]
    by_rule = _rows(connection, "rules", delivery_id)
    return {
        "d": delivery,
        "contract": contract,
        "bytes": connection.execute(
            sa.text("SELECT bytes FROM ledger.archive WHERE sha256 = :s"), {"s": delivery.sha256}
        ).scalar_one_or_none(),
        "counts": [(name, getattr(delivery, name) or 0) for name in COUNTS],
        "rules": _rules(contract, by_rule, reasons) if contract else [],
        "other_reasons": _others(contract, reasons),
        "samples": [_sample(entry, contract) for entry in kept_out],
        "entries": sum(each.entries for each in counts),
        "open": sum(each.open for each in counts),
        "preview": connection.execute(
            sa.text("SELECT seq, made_at, effect FROM ledger.preview WHERE delivery_id = :d"),
            {"d": delivery_id},
        ).one_or_none(),
        "history": _rows(connection, "history", delivery_id),
        "repeats": delivery.supersedes,
    }


def _contract(ctx: Context, connection: sa.Connection, delivery: Delivery) -> Contract | None:
    if delivery.feed is None:
        return None
    try:
        return ledger.contract_of(ctx, connection, delivery)
    except MinshengError:  # the feed is gone, or its contract is broken
        return None


def _rules(
    contract: Contract, by_rule: Sequence[Mapping[str, Any]], reasons: Sequence[Reason]
) -> list[dict[str, Any]]:
    """Each rule in its own words, with what it kept out or warned of."""
    kept_out = {row["rule"]: row for row in by_rule}
    warned = {reason.code: reason.rows for reason in reasons if reason.severity == "warning"}
    known = {rule.id for rule in contract.rules}
    listed = [
        {
            "id": rule.id,
            "zh": rule.text_zh,
            "en": rule.text_en,
            "severity": rule.severity,
            "rows": kept_out[rule.id]["rows"] if rule.id in kept_out else warned.get(rule.id) or 0,
            "answered": kept_out[rule.id]["answered"] if rule.id in kept_out else 0,
        }
        for rule in contract.rules
    ]
    # Cells that could not be read: each kind of fault has words of its own, in the samples.
    unread = sum(row["rows"] for name, row in kept_out.items() if name not in known)
    answered = sum(row["answered"] for name, row in kept_out.items() if name not in known)
    for rule in listed:
        if rule["id"] == "fault":
            rule |= {"rows": unread, "answered": answered}
    return sorted(listed, key=lambda rule: -rule["rows"])


def _others(contract: Contract | None, reasons: Sequence[Reason]) -> list[Reason]:
    """Reasons that are no rule's: of the file, of the delivery as a whole, of the load."""
    known = {rule.id for rule in contract.rules} if contract else set()
    return [reason for reason in reasons if reason.code not in known]


def _sample(entry: Entry, contract: Contract | None) -> dict[str, Any]:
    personal = {
        field.name
        for field in (contract.fields if contract else ())
        if field.classification == "personal"
    }
    hides_key = contract is None or bool(personal & set(contract.key))
    reasons = []
    for each in entry.reasons:
        reason = Reason.of(each)
        columns = {reason.column, *(each.get("columns") or ())}
        found = HIDDEN if contract is None or columns & personal else reason.found
        reasons.append((reason, found))
    return {
        "row": entry.row,
        "sheet": entry.sheet,
        "key": HIDDEN if hides_key else entry.business_key,
        "state": entry.state,
        "by": entry.resolved_by,
        "reasons": reasons,
    }


def _rows(connection: sa.Connection, name: str, delivery_id: int) -> list[dict[str, Any]]:
    text = sa.text(sql_file(f"pages/{name}.sql"))
    return [dict(row) for row in connection.execute(text, {"delivery_id": delivery_id}).mappings()]
