"""Each type of rule: Great Expectations' verdict on PostgreSQL, row by row, and the same by pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from etl.contract.named import NAMED
from etl.settings import ROOT
from etl.validate import expect
from tests.expectations.rule_types import CASES, Case, contract_of, rule_of, table
from tests.expectations.staged import fill


def rows_of(case: Case) -> list[dict[str, Any]]:
    """The rows that pass, then those that fail, under keys of their own where the case gives none."""
    rows = [*case.passes, *case.fails]
    return [{"id": str(number)} | dict(row) for number, row in enumerate(rows)]


@pytest.mark.parametrize("case", CASES, ids=[case.shown for case in CASES])
def test_the_database_and_pandas_find_the_same_rows(
    module_database: sa.Engine, tmp_path: Path, case: Case
) -> None:
    contract = contract_of(case, tmp_path)
    rule = rule_of(case, contract)
    rows, right = rows_of(case), len(case.passes)
    wanted = {number for number in range(1, len(rows) + 1) if number > right}
    frame = pd.DataFrame(rows)
    by_pandas = {number for number, holds in enumerate(case.check(frame), 1) if not holds}
    assert by_pandas == wanted

    with module_database.begin() as connection:
        fill(connection, contract, rows, number=3)
    url = module_database.url.render_as_string(hide_password=False)
    [outcome] = expect.judge(url, "d3", [rule])
    assert (outcome.verdict, outcome.detail) == ("fail", "")
    assert outcome.rows_sql
    with module_database.connect() as connection:
        found = connection.exec_driver_sql(outcome.rows_sql.replace("%", "%%"))
        assert {row[0] for row in found} == wanted
    with module_database.begin() as connection:
        fill(connection, contract, rows[:right], number=3)
    [outcome] = expect.judge(url, "d3", [rule])
    assert outcome.verdict == "pass"
    assert rule.severity == case.severity
    assert rule.text_zh != ""
    assert rule.text_en != ""


def test_every_named_expectation_has_its_rows() -> None:
    shown = {case.quality["implementation"]["type"] for case in CASES if case.quality and "implementation" in case.quality}  # fmt: skip
    assert shown >= NAMED.keys()


def test_the_table_of_the_documentation_is_this_one() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == table(), "python -m tests.expectations.rule_types > docs/rules.md"
