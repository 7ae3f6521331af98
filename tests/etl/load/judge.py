"""Great Expectations' part in plain SQL, for the histories: GX needs a quarter of a second for a file of three rows.

Every fiftieth history is judged by GX itself, and `tests/etl/validate/test_expect.py` is about it; what is tested here is what
becomes of a verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import sqlalchemy as sa

from etl.contract.model import Rule
from etl.validate import expect
from etl.validate.expect import Outcome

by_great_expectations = expect.judge


def judge(url: str, table: str, rules: Sequence[Rule], *, schema: str = "stage") -> list[Outcome]:
    """As `etl.validate.expect.judge`."""
    place = f"{schema}.{table}"
    try:
        queries = [f"SELECT row_no FROM {_failing(rule, place)}" for rule in rules]
    except NotImplementedError:
        return by_great_expectations(url, table, rules, schema=schema)
    asked = ", ".join(f"EXISTS ({query})" for query in queries)
    with _engine(url).connect() as connection:
        failed = connection.exec_driver_sql(f"SELECT {asked}").one()
    return [
        Outcome(rule, "fail", query) if fails else Outcome(rule, "pass")
        for rule, query, fails in zip(rules, queries, failed, strict=True)
    ]


@cache
def _engine(url: str) -> sa.Engine:
    return sa.create_engine(url)


def _failing(rule: Rule, place: str) -> str:
    """Table and WHERE of the rows that the rule means."""
    k = rule.kwargs
    column = k.get("column", "")
    match rule.expectation:
        case "sql":
            return f"{place} WHERE NOT ({k['condition']})"
        case "expect_column_values_to_be_null":
            return f"{place} WHERE {column} IS NOT NULL"
        case "expect_column_values_to_not_be_null":
            return f"{place} WHERE {column} IS NULL"
        case "expect_column_values_to_match_regex":
            return f"{place} WHERE {column} !~ {_text(k['regex'])}"
        case "expect_column_values_to_be_in_set":
            return f"{place} WHERE {column} NOT IN ({', '.join(map(_text, k['value_set']))})"
        case "expect_column_values_to_be_between":
            return f"{place} WHERE {_outside(column, k['min_value'], k['max_value'])}"
        case "expect_column_value_lengths_to_be_between":
            return f"{place} WHERE {_outside(f'length({column})', k['min_value'], k['max_value'])}"
        case "expect_column_pair_values_a_to_be_greater_than_b":
            sign = "<" if k.get("or_equal") else "<="
            return f"{place} WHERE {k['column_A']} {sign} {k['column_B']}"
        case "expect_column_values_to_be_unique":
            return _repeated((column,), place)
        case "expect_compound_columns_to_be_unique":
            return _repeated(k["column_list"], place)
    raise NotImplementedError(rule.expectation)


def _repeated(columns: Sequence[str], place: str) -> str:
    given = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    counted = f"SELECT row_no, count(*) OVER (PARTITION BY {', '.join(columns)}) AS n FROM {place}"
    return f"({counted} WHERE {given}) AS counted WHERE n > 1"


def _outside(what: str, low: object, high: object) -> str:
    parts = [
        f"{what} < {low}" if low is not None else "",
        f"{what} > {high}" if high is not None else "",
    ]
    return " OR ".join(filter(None, parts)) or "false"


def _text(value: object) -> str:
    return "'" + str(value).replace("'", "''") + "'"
