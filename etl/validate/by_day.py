"""A moment known by its day only stands at midnight: it is not before a moment of the same day."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from etl.contract import Contract
from etl.contract.model import Rule
from etl.quoting import identifier, string

if TYPE_CHECKING:
    from etl.validate.expect import Outcome

_ORDER = "expect_column_pair_values_a_to_be_greater_than_b"


def known_by_day(outcome: Outcome, contract: Contract) -> Outcome:
    """The outcome of a rule that a comes after b, without the rows of which that cannot be told.

    A closing that is a date, or stamped at midnight, and an opening with its hour, both of one day: closed on the
    day of opening is possible.
    """
    pair = by_day(outcome.rule, contract)
    if pair is None or outcome.rows_sql is None or outcome.table is None:
        return outcome
    zone = string(contract.file.time_zone)
    first, second = (f"{identifier(column)} AT TIME ZONE {zone}" for column in pair)
    untold = f"date_trunc('day', {first}) = date_trunc('day', {second}) AND ({first})::date IN ({first}, {second})"
    same_day = f"SELECT row_no FROM {outcome.table} WHERE {untold}"
    told = f"SELECT row_no FROM ({outcome.rows_sql}) AS r WHERE row_no NOT IN ({same_day})"
    return replace(outcome, rows_sql=told)


def by_day(rule: Rule, contract: Contract) -> tuple[str, str] | None:
    """The columns of a rule that one moment comes after another; None for any other rule."""
    if rule.expectation != _ORDER:
        return None
    types = {field.column: field.type for field in contract.staged}
    pair = (str(rule.kwargs["column_A"]), str(rule.kwargs["column_B"]))
    return None if any(types.get(column) != "timestamp" for column in pair) else pair
