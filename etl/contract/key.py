"""The business key of a feed's rows, and what may be wrong with a row: the words that the verbs share."""

from __future__ import annotations

from typing import Any

from etl.contract.model import Contract, Rule
from etl.quoting import identifier
from etl.reasons import Reason

KEY_RULE = "key"
"""Id of the rule that a business key occurs once."""

DUPLICATE = "#duplicate"
"""Stands where the rule's id stands: a row that repeats another one of its delivery, and breaks no rule."""

_UNIQUE = ("expect_column_values_to_be_unique", "expect_compound_columns_to_be_unique")


def key_columns(contract: Contract) -> tuple[str, ...]:
    """The staging columns of the business key, in its order."""
    return tuple(contract.by_name[name].column or name for name in contract.key)


def business_key(contract: Contract, alias: str = "staged") -> str:
    """SQL that shows the business key of a staged row as one text; NULL where a part is missing.

    For people: two keys may read the same. Keys are compared column by column.
    """
    return " || '|' || ".join(
        f"{alias}.{identifier(column)}::text" for column in key_columns(contract)
    )


def is_key_rule(rule: Rule, contract: Contract) -> bool:
    """Whether the rule is the uniqueness of the feed's business key."""
    return rule.expectation in _UNIQUE and tuple(rule.columns) == key_columns(contract)


def of_rule(rule: Rule, **told: Any) -> Reason:
    """The reason that a rule of the contract is not met, in the rule's own words; `told` as of `Reason`."""
    return Reason(rule.id, rule.text_zh, rule.text_en, severity=rule.severity, **told)
