"""Great Expectations as this project uses it: three outcomes, and every offending row, however many."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from etl.contract.model import Rule
from etl.validate import expect

ROWS = 1000


def rule(name: str, expectation: str, *columns: str, **kwargs: Any) -> Rule:
    return Rule(name, expectation, kwargs, "error", "accuracy", "", "", columns)


RULES = [
    rule("set", "expect_column_values_to_be_in_set", "kind", column="kind", value_set=["a", "b"]),
    rule("unique", "expect_column_values_to_be_unique", "code", column="code"),
    rule("compound", "expect_compound_columns_to_be_unique", "kind", "code", column_list=["kind", "code"]),
    rule("compound2", "expect_compound_columns_to_be_unique", "half", "code", column_list=["half", "code"]),
    rule("filled", "expect_column_values_to_not_be_null", "n", column="n"),
    rule("between", "expect_column_values_to_be_between", "n", column="n", min_value=0, max_value=900),
    rule("pair", "expect_column_pair_values_a_to_be_greater_than_b", "n", "m",
         column_A="n", column_B="m", or_equal=True, ignore_row_if="either_value_is_missing"),
    rule("pattern", "expect_column_values_to_match_regex", "code", column="code", regex=r"^c\d+$"),
    rule("sql", "sql", "n", condition="n % 7 <> 0"),
    rule("holds", "sql", "n", condition="n >= 0"),
    rule("table", "expect_table_row_count_to_be_between", min_value=ROWS + 1),
    rule("whole", "expect_column_max_to_be_between", "n", column="n", max_value=1),
    rule("unknown", "expect_nothing_of_the_kind", "n", column="n"),
    rule("arguments", "expect_column_values_to_be_between", "n", column="n", smallest=1),
    rule("quotient", "sql", "n", condition="n / (n - 7) > 0"),
    rule("nonsense", "expect_column_values_to_not_be_null", "absent", column="absent"),
]  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(module_database: sa.Engine) -> dict[str, tuple[str, set[int]]]:
    with module_database.begin() as connection:
        connection.execute(
            sa.text(
                "CREATE TABLE stage.d1 AS SELECT i AS row_no, (ARRAY['a', 'b', 'c'])[1 + i % 3] AS kind,"
                " CASE WHEN i <= 600 THEN 'c' || i / 2 ELSE 'x' || i END AS code,"
                " CASE WHEN i % 10 <> 0 THEN i END AS n, 1000 - i AS m, i > 300 AS half FROM generate_series(1, :rows) AS i"
            ),
            {"rows": ROWS},
        )
    judged = expect.judge(module_database.url.render_as_string(hide_password=False), "d1", RULES)
    found = {}
    with module_database.connect() as connection:
        for one in judged:
            query = (one.rows_sql or "SELECT 0 WHERE false").replace(":", r"\:")
            found[one.rule.id] = (
                one.verdict,
                {row[0] for row in connection.execute(sa.text(query))},
            )
    return found


ALL = range(1, ROWS + 1)
N = {i: i for i in ALL if i % 10}
CODE = {i: f"c{i // 2}" if i <= 600 else f"x{i}" for i in ALL}
KIND = {i: "abc"[i % 3] for i in ALL}


def repeated(values: dict[int, Any]) -> set[int]:
    seen: dict[Any, list[int]] = {}
    for i, value in values.items():
        seen.setdefault(value, []).append(i)
    return {i for rows in seen.values() if len(rows) > 1 for i in rows}


EXPECTED = {
    "set": {i for i in ALL if KIND[i] == "c"},
    "unique": repeated(CODE),
    "compound": repeated({i: (KIND[i], CODE[i]) for i in ALL}),
    "compound2": repeated({i: (i > 300, CODE[i]) for i in ALL}),
    "filled": {i for i in ALL if i not in N},
    "between": {i for i in N if i > 900},
    "pair": {i for i in N if i < 1000 - i},
    "pattern": {i for i in ALL if CODE[i].startswith("x")},
    "sql": {i for i in N if i % 7 == 0},
    "holds": set(),
    "table": set(),
    "nonsense": set(),
    "unknown": set(),
    "arguments": set(),
    "quotient": set(),
    "whole": set(),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_rows_a_rule_means(outcomes: dict[str, tuple[str, set[int]]], name: str) -> None:
    verdict, rows = outcomes[name]
    assert rows == EXPECTED[name]
    assert verdict == {
        "compound": "pass",
        "holds": "pass",
        "nonsense": "error",
        "unknown": "error",
        "arguments": "error",
        "quotient": "error",
    }.get(name, "fail")
