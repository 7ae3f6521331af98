"""Validate: Great Expectations' verdict in the database, then the rows that each failed rule means.

Offending rows go to a side table of the staging table; they become quarantine
entries, with every reason, when the delivery is loaded.
"""

from __future__ import annotations

import re
import time
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from etl import database, ledger
from etl.context import Context
from etl.contract import Contract
from etl.contract.key import business_key, is_key_rule, key_columns, of_rule
from etl.contract.model import Rule
from etl.errors import MinshengError
from etl.ledger import Delivery
from etl.progress import report
from etl.quoting import as_it_stands, identifier, identifiers, string
from etl.reasons import Catalogue, Reason
from etl.stage import restage
from etl.stage.table import bad_table_name, drop_tables, table_name
from etl.validate import as_sent, second_ids
from etl.validate.by_day import known_by_day

MESSAGES = Catalogue(__file__)

_CAUSE = re.compile(r"\b(?!ProgrammingError|DataError)([A-Z]\w+)")
"""The name of an exception in Great Expectations' text, which quotes cells beside it."""


class Unjudged(MinshengError):
    """Rules that could not be judged, which says nothing about the data; `reasons` has why, rule by rule."""

    def __init__(self, outcomes: list[Any]) -> None:
        rules = ", ".join(outcome.rule.id for outcome in outcomes)
        super().__init__(MESSAGES.reason("unjudged", rules=rules))
        self.reasons = [
            of_rule(outcome.rule, details={"error": outcome.detail}) for outcome in outcomes
        ]
        # All that Great Expectations tells of the cause is its text.
        self.transient = any("OperationalError" in outcome.detail for outcome in outcomes)


def validate(delivery_id: int, ctx: Context | None = None) -> Delivery:
    """Bring a staged delivery to `validated`; to `held` if a rule on the whole delivery fails, or cannot be judged.

    Raises Unjudged where the next try may judge it, and for a key that a release would have let pass unjudged.
    """
    from etl.validate import expect

    ctx = ctx or Context.of()
    with ledger.claimed(ctx, delivery_id) as (connection, delivery):
        if delivery.state != "staged":
            return delivery
        started = time.perf_counter()
        name = delivery.member or delivery.file_name
        report(f"{name} · 校验 / validating", delivery.staged_rows)
        contract = ledger.contract_of(ctx, connection, delivery)
        restage(ctx, connection, delivery)
        url = ctx.engine.url.render_as_string(hide_password=False)
        judged_seq = ledger.newest_commit(ctx)
        rules, unknown = with_registers(connection, contract)
        outcomes = expect.judge(url, table_name(delivery_id).split(".")[1], rules)
        changes = conclude(connection, delivery, contract, outcomes)
        as_sent.show(ctx, connection, delivery, contract, rules)
        changes["reasons"] += unknown
        changes["judged_seq"] = judged_seq
        if changes["state"] == "held":
            drop_tables(connection, delivery_id)
        seconds = time.perf_counter() - started
        return ledger.advance(
            connection, delivery_id, verb="validate", add_seconds=seconds, **changes
        )


def with_registers(
    connection: sa.Connection, contract: Contract
) -> tuple[list[Rule], list[Reason]]:
    """The rules with the names that the registers know now; and a word on each register that knows none yet."""
    rules: list[Rule] = []
    reasons: list[Reason] = []
    registers = {f"register.{f.name}": f for f in contract.fields if f.register}
    for rule in contract.rules:
        field = registers.get(rule.id)
        register = field.register if field else None
        registry = register.registry if register else rule.registry
        if registry is None:
            rules.append(rule)
            continue
        known = connection.execute(
            sa.text(database.sql_file(f"validate/known_{registry}.sql")),
            {"levels": list(register.levels) if register else []},
        )
        names = [row[0] for row in known]
        if not names:
            asks = field or next(f for f in contract.staged if f.column == rule.columns[0])
            told = MESSAGES.reason(
                "register_empty", column=asks.name, header=asks.title_zh, title_en=asks.title_en
            )
            reasons.append(replace(told, code=rule.id))
        elif register:
            rules.append(replace(rule, kwargs={**rule.kwargs, "value_set": names}))
        else:
            rules.append(rule)
    return rules, reasons


def names_of_registers(connection: sa.Connection, contract: Contract) -> dict[str, list[str]]:
    """By field: the names that its register knows now; no entry for a register that knows none."""
    rules, _ = with_registers(connection, contract)
    return {
        rule.id.removeprefix("register."): sorted(rule.kwargs.get("value_set", ()))
        for rule in rules
        if rule.id.startswith("register.")
    }


def conclude(
    connection: sa.Connection, delivery: Delivery, contract: Contract, outcomes: list[Any]
) -> dict[str, Any]:
    """Note the rows that broke rules; returns the delivery's state and reasons."""
    reasons: list[Reason | dict[str, Any]] = list(delivery.reasons)
    state = "validated"
    if unjudged := [outcome for outcome in outcomes if outcome.verdict == "error"]:
        raised = Unjudged(unjudged)
        keyed = any(is_key_rule(outcome.rule, contract) for outcome in unjudged)
        if raised.transient or (keyed and delivery.released_by):
            raise raised
        reasons += [_unjudged(outcome, delivery.released_by) for outcome in unjudged]
        state = "validated" if delivery.released_by else "held"
    counts = _note_offenders(connection, delivery, contract, outcomes)
    named = table_name(delivery.delivery_id), bad_table_name(delivery.delivery_id)
    reasons += second_ids.find(connection, delivery, contract, *named)
    for outcome in outcomes:
        rule: Rule = outcome.rule
        if outcome.verdict != "fail":
            continue
        if outcome.rows_sql is None:
            reasons.append(of_rule(rule, found=outcome.detail))
            if rule.severity == "error" and not delivery.released_by:
                state = "held"
        elif rows := counts.get(rule.id, 0):
            reasons.append(of_rule(rule, rows=rows))
    return {"state": state, "reasons": reasons}


def _unjudged(outcome: Any, released_by: str | None) -> Reason:
    """An error of the contract: why the rule holds the delivery, or was not asked since somebody let it pass."""
    rule: Rule = outcome.rule
    cause = _CAUSE.search(outcome.detail)
    return MESSAGES.reason(
        "rule_not_asked" if released_by else "rule_raises",
        rule=rule.id,
        zh=rule.text_zh,
        en=rule.text_en,
        who=released_by,
        cause=cause[1] if cause else "?",
        details={"rule_id": rule.id, "error": outcome.detail},
    )


def _note_offenders(
    connection: sa.Connection, delivery: Delivery, contract: Contract, outcomes: list[Any]
) -> dict[str, int]:
    """Fill the side table with the rows of the failed rules; returns how many each rule means.

    A row of the side table is a row and a rule, with what was found; a warning leaves none.
    """
    failed = [
        known_by_day(outcome, contract)
        for outcome in outcomes
        if outcome.verdict == "fail" and outcome.rows_sql is not None
    ]
    errors = [outcome for outcome in failed if outcome.rule.severity == "error"]
    plain = [outcome for outcome in errors if not is_key_rule(outcome.rule, contract)]
    names = {
        "table": table_name(delivery.delivery_id),
        "bad": bad_table_name(delivery.delivery_id),
        "business_key": business_key(contract),
        "found": f"CASE o.rule {' '.join(map(_found, plain))} END" if plain else "NULL::text",
        "unread": _unread(plain, contract),
        "offenders": _offenders(plain) or "SELECT NULL::int, NULL::text LIMIT 0",
    }
    database.run_file(connection, "validate/offenders.sql", names)
    if delivery.repairs:
        database.run_file(connection, "repair/accept.sql", names, delivery_id=delivery.delivery_id)
    for outcome in errors:
        if is_key_rule(outcome.rule, contract):
            _note_repeated(connection, delivery, contract, outcome, names)
    warnings = _offenders([outcome for outcome in failed if outcome.rule.severity == "warning"])
    noted = f"SELECT rule FROM {names['bad']}" + (
        f" UNION ALL SELECT rule FROM ({warnings}) AS w (row_no, rule)" if warnings else ""
    )
    counts = connection.execute(
        sa.text(as_it_stands(f"SELECT rule, count(*) FROM ({noted}) AS n GROUP BY rule"))
    )
    return {str(rule): int(rows) for rule, rows in counts}


def note_nothing(connection: sa.Connection, delivery: Delivery, contract: Contract) -> None:
    """Make the side table as if every rule had failed for no row: a trial of the statements."""
    from etl.validate.expect import Outcome

    none = f"SELECT row_no FROM {table_name(delivery.delivery_id)} WHERE false"
    outcomes = [Outcome(rule, "fail", none) for rule in contract.rules if rule.columns]
    _note_offenders(connection, delivery, contract, outcomes)


def recall(connection: sa.Connection, delivery: Delivery, contract: Contract) -> None:
    """Make the side table of a delivery loaded before, as the ledger has it: no rule is asked again.

    Who was kept out then is kept out; rows that say the same twice are found again.
    """
    from etl.validate.expect import Outcome

    names = {
        "table": table_name(delivery.delivery_id),
        "bad": bad_table_name(delivery.delivery_id),
        "business_key": business_key(contract),
        "found": "NULL::text",
        "unread": "false",
        "offenders": "SELECT NULL::int, NULL::text LIMIT 0",
    }
    database.run_file(connection, "validate/offenders.sql", names)
    connection.execute(
        sa.text(
            f"INSERT INTO {names['bad']} (row_no, rule)"
            " SELECT row_no, 'fault' FROM ledger.quarantine WHERE delivery_id = :d"
        ),
        {"d": delivery.delivery_id},
    )
    everything = f"SELECT row_no FROM {names['table']}"
    for rule in contract.rules:
        if is_key_rule(rule, contract):
            _note_repeated(connection, delivery, contract, Outcome(rule, "fail", everything), names)


def _offenders(outcomes: list[Any]) -> str:
    """SELECT of (row_no, rule) for all rows that failed these rules."""
    return " UNION ALL ".join(
        f"SELECT row_no, {string(outcome.rule.id)} FROM ({outcome.rows_sql}) AS r"
        for outcome in outcomes
    )


def _unread(outcomes: list[Any], contract: Contract) -> str:
    """SQL on a staged row and the rule `o.rule`: that its cell is empty because it, or the whole row, could not be read.

    Then the fault says what is wrong, and "is empty" would be false.
    """
    fields = {field.column: field.name for field in contract.fields}
    required = {
        outcome.rule.id: fields.get(outcome.rule.columns[0], outcome.rule.columns[0])
        for outcome in outcomes
        if outcome.rule.expectation == "expect_column_values_to_not_be_null"
        and outcome.rule.columns
    }
    if not required:
        return "false"
    column = " ".join(f"WHEN {string(rule)} THEN {string(name)}" for rule, name in required.items())
    return (
        "coalesce(staged.fault::jsonb @> jsonb_build_array(jsonb_build_object("
        f"'column', CASE o.rule {column} END))"
        f" OR o.rule IN ({', '.join(map(string, required))})"
        """ AND staged.fault::jsonb @> '[{"column": ""}]', false)"""
    )


def _found(outcome: Any) -> str:
    """What an offending row has in the columns of the rule, as the branch of a CASE."""
    columns = ", ".join(f"staged.{identifier(c)}::text" for c in outcome.rule.columns)
    return f"WHEN {string(outcome.rule.id)} THEN concat_ws(' | ', {columns})"


def _note_repeated(
    connection: sa.Connection,
    delivery: Delivery,
    contract: Contract,
    outcome: Any,
    names: dict[str, str],
) -> None:
    """Enter the rows that share a business key: duplicates apart from contradictions."""
    columns = [f.column for f in contract.staged if f.name != contract.source_time]
    time = contract.by_name[contract.source_time].column if contract.source_time else None
    names = names | {
        "unexpected": outcome.rows_sql,
        "key": identifiers(key_columns(contract)),
        "key_s": identifiers(key_columns(contract), "s"),
        "columns_s": identifiers((column for column in columns if column), "s"),
        "source_time": f"ledger.source_time(s.{identifier(time)}, d)" if time else "s.row_no * 0",
    }
    of = {"delivery_id": delivery.delivery_id}
    database.run_file(connection, "validate/duplicates.sql", names, **of)
    if time:
        database.run_file(connection, "validate/outdated.sql", names, **of)
    if contract.row_that_counts:
        names["chosen"] = _chosen(contract, *contract.row_that_counts)
        database.run_file(connection, "validate/not_chosen.sql", names)
    database.run_file(connection, "validate/contradictions.sql", names, rule=outcome.rule.id)


def _chosen(contract: Contract, which: str, field: str | None) -> str:
    """The order of rows with one key, the one that counts first."""
    if field is None:
        return "s.row_no" if which == "first" else "s.row_no DESC"
    return f"s.{identifier(contract.by_name[field].column or field)} DESC NULLS LAST"
