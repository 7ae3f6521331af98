"""Each type of rule: Great Expectations' verdict on PostgreSQL, row by row, and the same by pandas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from etl import ledger
from etl.contract import Contract
from etl.contract.named import NAMED
from etl.settings import ROOT
from etl.validate import expect, with_registers
from tests.expectations.rule_types import AREAS, CASES, Case, contract_of, rule_of, table
from tests.expectations.staged import fill


def rows_of(case: Case) -> list[dict[str, Any]]:
    """The rows that pass, then those that fail, under keys of their own where the case gives none."""
    rows = [*case.passes, *case.fails]
    return [{"id": str(number)} | dict(row) for number, row in enumerate(rows)]


@pytest.fixture(scope="module", autouse=True)
def areas(module_database: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The register of areas knows AREAS."""
    contract = contract_of(CASES[0], tmp_path_factory.mktemp("areas"))
    with module_database.begin() as connection:
        number = ledger.register(
            connection, sha256="0" * 64, size=1, file_name="x", member=None, contract=contract
        ).delivery_id
        for key, (code, level, since, until) in enumerate(AREAS, 900):
            values = {
                "k": key,
                "c": code,
                "l": level,
                "f": since,
                "t": until or "infinity",
                "d": number,
            }
            connection.execute(
                sa.text("INSERT INTO registry.area (area_id, area_key) VALUES (:c, :k)"), values
            )
            connection.execute(
                sa.text(
                    "INSERT INTO star.dim_area (area_key, area_code, area_name, area_level, parent_area_key,"
                    " valid_from, valid_to, known_from, delivery_id)"
                    " VALUES (:k, :c, :c, :l, -1, :f, :t, 1, :d)"
                ),
                values,
            )  # fmt: skip


def judged(engine: sa.Engine, contract: Contract, rows: list[dict[str, Any]], rule_id: str) -> Any:
    """The outcome of one rule for these rows."""
    with engine.begin() as connection:
        fill(connection, contract, rows, number=3)
        rules, _ = with_registers(connection, contract)
    url = engine.url.render_as_string(hide_password=False)
    [outcome] = expect.judge(url, "d3", [rule for rule in rules if rule.id == rule_id])
    assert outcome.verdict == "fail" or not outcome.detail
    return outcome


@pytest.mark.parametrize("case", CASES, ids=[case.shown for case in CASES])
def test_the_database_and_pandas_find_the_same_rows(
    module_database: sa.Engine, tmp_path: Path, case: Case
) -> None:
    contract = contract_of(case, tmp_path)
    rule = rule_of(case, contract)
    assert (rule.severity, bool(rule.text_zh), bool(rule.text_en)) == (case.severity, True, True)
    rows, right = rows_of(case), len(case.passes)
    outcome = judged(module_database, contract, rows[:right], rule.id)
    assert outcome.verdict == "pass"
    assert case.check(pd.DataFrame(rows[:right])).all()
    if case.whole:
        outcome = judged(module_database, contract, rows[right:], rule.id)
        assert (outcome.verdict, outcome.rows_sql) == ("fail", None)
        assert not case.check(pd.DataFrame(rows[right:])).any()
        return
    wanted = set(range(right + 1, len(rows) + 1))
    outcome = judged(module_database, contract, rows, rule.id)
    assert (outcome.verdict, outcome.detail) == ("fail", "")
    with module_database.connect() as connection:
        found = connection.exec_driver_sql(outcome.rows_sql.replace("%", "%%"))
        assert {row[0] for row in found} == wanted
    by_pandas = case.check(pd.DataFrame(rows))
    assert {number for number, holds in enumerate(by_pandas, 1) if not holds} == wanted


def test_every_named_expectation_has_its_rows() -> None:
    shown = {case.quality["implementation"]["type"] for case in CASES if case.quality and "implementation" in case.quality}  # fmt: skip
    assert shown >= NAMED.keys()


def test_the_table_of_the_documentation_is_this_one() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == table(), "python -m tests.expectations.rule_types > docs/rules.md"
