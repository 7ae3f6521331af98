"""A feed's expectation suite as a file that plain Great Expectations opens, and what of the contract it cannot say."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from etl.contract import Contract
from etl.contract.key import is_key_rule
from etl.contract.model import SQL_RULE, Rule
from etl.reasons import Catalogue, Reason
from etl.validate import with_registers
from etl.validate.by_day import by_day

MESSAGES = Catalogue(__file__)

_FUNCTION = re.compile(r"\b(?:star|label)\.\w+(?=\()")


def suite_of(connection: sa.Connection, contract: Contract) -> dict[str, Any]:
    """The suite as JSON has it: the rules on the staged columns, with the names that the registers know now.

    `meta.minsheng` has the columns with their types, rules that are not among the expectations
    (`not_expressed`) and those that `minsheng validate` judges more mildly (`judged_otherwise`), each with why.
    """
    from etl.validate import expect

    rules, unasked = with_registers(connection, contract)
    left_out = [_told("suite_fault", "fault"), *(_of(reason) for reason in unasked)]
    left_out += [
        _told("suite_delivery", rule.id) | {"rule_zh": rule.text_zh, "rule_en": rule.text_en}
        for rule in contract.delivery_rules
        if rule.severity != "allow"
    ]
    expressed = [rule for rule in rules if "fault" not in rule.columns]
    otherwise = [
        _told("suite_key" if is_key_rule(rule, contract) else "suite_by_day", rule.id)
        for rule in expressed
        if is_key_rule(rule, contract) or by_day(rule, contract)
    ]
    meta = {
        "feed": contract.feed,
        "name": f"{contract.name_zh} / {contract.name_en}",
        "version": contract.version,
        "contract_hash": contract.hash,
        "columns": {
            field.column: {"title": f"{field.title_zh} / {field.title_en}", "type": field.pg_type}
            for field in contract.staged
        },
        "not_expressed": left_out,
        "judged_otherwise": otherwise,
    }
    told = [(rule, {"columns": list(rule.columns), **_needs(rule)}) for rule in expressed]
    # A point in a suite's name is a folder to Great Expectations.
    return expect.suite_document(contract.feed.replace(".", "_"), told, {"minsheng": meta})


def _needs(rule: Rule) -> dict[str, Any]:
    """What a rule asks for beyond the table: SQL runs on PostgreSQL only, and may call the warehouse's functions."""
    if rule.expectation != SQL_RULE:
        return {}
    functions = sorted(set(_FUNCTION.findall(rule.kwargs["condition"])))
    named = {"named": rule.named} if rule.named else {}
    return {"needs": ["postgresql", *functions], **named}


def _told(entry: str, rule_id: str) -> dict[str, str]:
    return _of(MESSAGES.reason(entry), rule_id)


def _of(reason: Reason, rule_id: str | None = None) -> dict[str, str]:
    return {"rule": rule_id or reason.code, "zh": reason.message_zh, "en": reason.message_en}
