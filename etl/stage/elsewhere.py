"""A delivery beside what stands elsewhere: things that another feed tells of, the calendar of worked days, a second person."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from etl.contract import Contract, ContractProblem
from etl.contract.model import Reference
from etl.contract.reader import read_texts
from etl.database import run_file
from etl.ledger import Delivery
from etl.quoting import identifier
from etl.reasons import ERROR, WARNING, Catalogue, Reason
from etl.stage.table import table_name

MESSAGES = Catalogue(__file__)


def references_missing(
    connection: sa.Connection, delivery: Delivery, contract: Contract
) -> list[Reason]:
    """Things that the delivery names and the feed that tells of them does not know.

    Until that feed's own deadline for the period they may still come: a warning, whatever the contract says.
    """
    reasons = []
    for reference in contract.references:
        column = contract.by_name[reference.field].column or reference.field
        names = {"table": table_name(delivery.delivery_id), "column": identifier(column)}
        row = run_file(connection, "stage/references.sql", names, feed=reference.feed).one()
        if row.rows:
            holds = reference.severity == "hold" and _is_due(connection, delivery, reference)
            reasons.append(
                MESSAGES.reason(
                    "reference_missing",
                    severity=ERROR if holds else WARNING,
                    column=reference.field,
                    header=contract.by_name[reference.field].title_zh,
                    rows=row.rows,
                    things=row.things,
                    found="、".join(row.shown),
                    feed=reference.feed,
                    delivery_id=delivery.delivery_id,
                )
            )
    return reasons


def late(connection: sa.Connection, delivery: Delivery, contract: Contract) -> list[Reason]:
    """Whether more worked days lie between the period's end and the receipt than the contract's `freshness` allows."""
    rule = contract.delivery_rule("late")
    if rule is None or delivery.period_end is None or delivery.repairs:
        return []
    received_on = delivery.received_at.astimezone(ZoneInfo(contract.file.time_zone)).date()
    span = {"after": delivery.period_end, "until": received_on}
    row = run_file(connection, "stage/workdays.sql", {}, **span).one()
    if row.days <= rule.least:
        return []
    return [
        MESSAGES.reason(
            rule.id,
            severity=ERROR if rule.severity == "hold" else WARNING,
            found=row.days,
            expected=f"≤ {rule.least}",
            received_on=received_on,
            calendar_zh="（其中有尚未公布放假安排的年份）" if row.is_provisional else "",
            calendar_en=" (some of a year whose holidays are not published yet)"
            if row.is_provisional
            else "",
            delivery_id=delivery.delivery_id,
        )
    ]


def unaccepted(connection: sa.Connection, delivery: Delivery, contract: Contract) -> list[Reason]:
    """Of a feed whose deliveries a second person accepts: the first ones, who may not be that person.

    Examples need nobody: they are never official, stand on every output as what they are, and stop a publication.
    """
    rule = contract.delivery_rule("unaccepted")
    if rule is None or rule.field is None:
        return []
    columns = {f.name: identifier(f.column or f.name) for f in contract.fields}
    exempt = [columns[name] for name, _ in rule.unless]
    row = run_file(
        connection,
        "stage/first_persons.sql",
        {
            "table": table_name(delivery.delivery_id),
            "column": columns[rule.field],
            "cells": f"ARRAY[{', '.join(f's.{name}::text' for name in exempt)}]::text[]",
        },
        exempt=[value for _, value in rule.unless],
    ).one()
    if not row.rows:
        return []
    return [
        MESSAGES.reason(
            rule.id,
            severity=ERROR,
            column=rule.field,
            header=contract.by_name[rule.field].title_zh,
            found="、".join(row.persons) or None,
            rows=row.rows,
            delivery_id=delivery.delivery_id,
        )
    ]


def _is_due(connection: sa.Connection, delivery: Delivery, reference: Reference) -> bool:
    """Whether the other feed's deadline for the period has passed; without a deadline it never has."""
    kept = connection.execute(
        sa.text(
            "SELECT contract, load_sql FROM ledger.contract WHERE feed = :feed"
            " ORDER BY first_used_at DESC LIMIT 1"
        ),
        {"feed": reference.feed},
    ).one_or_none()
    days = _deadline(reference.feed, *kept) if kept else None
    if days is None or delivery.period_end is None:
        return False
    return delivery.received_at.date() > delivery.period_end + timedelta(days)


@lru_cache(maxsize=64)
def _deadline(feed: str, yaml_text: str, load_text: str) -> int | None:
    department, _, name = feed.partition(".")
    try:
        return read_texts(Path(department, f"{name}.yaml"), yaml_text, load_text).deadline_days
    except ContractProblem:  # of another version of this program
        return None
