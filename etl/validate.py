"""Validate: Great Expectations' verdict in the database, then the rows that each failed rule means.

Offending rows go to a side table of the staging table; they become quarantine
entries, with every reason, when the delivery is loaded.
"""

from __future__ import annotations

import time
from typing import Any

import sqlalchemy as sa

from etl import database, ledger
from etl.context import Context
from etl.contract import Contract
from etl.contract.model import Rule
from etl.ledger import Delivery
from etl.stage import restage
from etl.staging import bad_table_name, drop_tables, table_name

DUPLICATE = "#duplicate"
"""Marks, in the side table, a row that repeats an earlier one of the same delivery exactly."""

FAULT = "fault"
"""Id of the rule that a row could be read and typed at all."""


def validate(delivery_id: int, ctx: Context | None = None) -> Delivery:
    """Bring a staged delivery to `validated`; to `held` if a rule on the whole delivery fails.

    A rule that cannot be judged (engine error) is no verdict on the data: the
    delivery becomes `failed` and says which rule and why.
    """
    from etl import expect

    ctx = ctx or Context.of()
    with ledger.claimed(ctx, delivery_id) as (connection, delivery):
        if delivery.state != "staged":
            return delivery
        started = time.perf_counter()
        contract = ctx.contract(delivery.feed or "")
        restage(ctx, connection, delivery)
        url = ctx.engine.url.render_as_string(hide_password=False)
        outcomes = expect.judge(url, table_name(delivery_id).split(".")[1], contract.rules)
        changes = _conclude(connection, delivery, contract, outcomes)
        if changes["state"] in ("held", "failed"):
            drop_tables(connection, delivery_id)
        return ledger.record(
            connection, delivery_id, add_seconds=time.perf_counter() - started, **changes
        )


def _conclude(
    connection: sa.Connection, delivery: Delivery, contract: Contract, outcomes: list[Any]
) -> dict[str, Any]:
    reasons = list(delivery.reasons)
    state = "validated"
    bad = bad_table_name(delivery.delivery_id)
    connection.execute(sa.text(f"DROP TABLE IF EXISTS {bad}"))
    connection.execute(
        sa.text(
            f"CREATE UNLOGGED TABLE {bad} (row_no int NOT NULL, rule text NOT NULL, found text)"
        )
    )
    for outcome in outcomes:
        rule: Rule = outcome.rule
        if outcome.verdict == "pass":
            continue
        if outcome.verdict == "error":
            state = "failed"
            reasons.append(_reason(rule, error=outcome.detail))
        elif outcome.rows_sql is None:
            reasons.append(_reason(rule, found=outcome.detail))
            if rule.severity == "error" and not delivery.released_by and state != "failed":
                state = "held"
        elif rule.severity == "warning":
            rows = connection.execute(
                _literal(f"SELECT count(*) FROM ({outcome.rows_sql}) AS w")
            ).scalar_one()
            reasons.append(_reason(rule, rows=rows, severity="warning"))
        else:
            rows = _note(connection, delivery, contract, rule, outcome.rows_sql)
            if rows:
                reasons.append(_reason(rule, rows=rows, severity="error"))
    connection.execute(sa.text(f"ANALYZE {bad}"))
    return {"state": state, "reasons": reasons}


def _note(
    connection: sa.Connection, delivery: Delivery, contract: Contract, rule: Rule, rows_sql: str
) -> int:
    """Enter the rows of a failed rule in the side table; returns how many go to quarantine for it."""
    names = {
        "table": table_name(delivery.delivery_id),
        "bad": bad_table_name(delivery.delivery_id),
        "unexpected": rows_sql,
        "business_key": business_key(contract),
    }
    if is_key_rule(rule, contract):
        columns = [f.column for f in contract.staged if f.name != contract.source_time]
        names |= {
            "key": ", ".join(key_columns(contract)),
            "columns": ", ".join(filter(None, columns)),
        }
        _run(connection, "validate/duplicates.sql", names)
        if contract.source_time:
            names["source_time"] = (
                contract.by_name[contract.source_time].column or contract.source_time
            )
            _run(connection, "validate/outdated.sql", names)
        return _run(connection, "validate/contradictions.sql", names, rule=rule.id)
    names["found"] = (
        "concat_ws(' | ', " + ", ".join(f"staged.{c}::text" for c in rule.columns) + ")"
    )
    return _run(connection, "validate/offenders.sql", names, rule=rule.id)


def is_key_rule(rule: Rule, contract: Contract) -> bool:
    """Whether the rule is the uniqueness of the feed's business key."""
    unique = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")
    return rule.expectation in unique and tuple(rule.columns) == key_columns(contract)


def key_columns(contract: Contract) -> tuple[str, ...]:
    """The staging columns of the business key."""
    return tuple(contract.by_name[name].column or name for name in contract.key)


def business_key(contract: Contract) -> str:
    """SQL for the business key of a staged row as one text; NULL where a part is missing."""
    return " || '|' || ".join(f"staged.{column}::text" for column in key_columns(contract))


def _run(connection: sa.Connection, file: str, names: dict[str, str], **values: Any) -> int:
    text = database.sql_file(file)
    body = "\n".join(line for line in text.splitlines() if not line.startswith("--"))
    names = {k: v.replace(":", r"\:") for k, v in names.items()}
    return connection.execute(sa.text(body.format(**names)), values).rowcount


def _literal(query: str) -> sa.TextClause:
    return sa.text(query.replace(":", r"\:"))


def _reason(rule: Rule, **found: Any) -> dict[str, Any]:
    return {"rule": rule.id, "message_zh": rule.text_zh, "message_en": rule.text_en, **found}
