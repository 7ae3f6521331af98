"""Dated definitions: the one in force, any version on request, and lists that are not sound."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.definitions import Definition, read_definitions
from etl.errors import MinshengError, UsageError
from etl.plan import load_plan

PATH = Path("warehouse/plan/statements/health.yaml")
CODE = "hlt_institutions_total"
LIST = """
- {version: "1", from: 2016-01-01, parameters: {statuses: [执业]}}
- version: "2"
  from: 2023-01-01
  parameters: {statuses: [执业, 停业]}
  formula: hlt_institutions_total.sql
  changed: {zh: 停业机构计入, en: closed ones count}
  comparable: false
"""


def _read(listed: Any, **entry: Any) -> tuple[Definition, ...]:
    if isinstance(listed, str):
        listed = yaml.safe_load(listed)
    return read_definitions(PATH, {"code": CODE, "definitions": listed, **entry}, "1")


def test_the_definition_in_force_is_the_last_that_began() -> None:
    one, two = definitions = _read(LIST)
    assert (one.first, one.formula, one.comparable) == (date(2016, 1, 1), CODE, True)
    assert (two.formula, two.changed_zh, two.comparable) == (CODE, "停业机构计入", False)
    statement = replace(load_plan().statement(CODE), definitions=definitions)
    days = {date(2015, 6, 1): "1", date(2022, 12, 31): "1", date(2023, 1, 1): "2", date(2026, 1, 1): "2"}  # fmt: skip
    assert {day: statement.on(day).definition_version for day in days} == days
    # Any version on any day.
    assert statement.on(date(2015, 6, 1), "2").definition == {"statuses": ["执业", "停业"]}
    with pytest.raises(UsageError, match="3") as refused:
        statement.on(date(2023, 1, 1), "3")
    assert "1, 2" in str(refused.value)


def test_a_statement_may_say_its_definition_in_short() -> None:
    (short,) = read_definitions(PATH, {"code": CODE, "definition": {"net": True}}, "7")
    assert (short.version, short.parameters, short.formula) == ("7", {"net": True}, CODE)
    assert (short.first, short.comparable) == (date.min, True)


@pytest.mark.parametrize(
    ("change", "code", "found"),
    [
        ({"from": None}, "definition_no_day", "nothing"),
        ({"from": "2023"}, "definition_no_day", "2023"),
        ({"from": date(2016, 1, 1)}, "definition_overlap", "2016-01-01.."),
        ({"from": date(2015, 1, 1)}, "definition_order", "2016-01-01, 2015-01-01"),
        ({"to": date(2030, 1, 1)}, "definition_ended", "2030-01-01"),
        ({"version": "1"}, "definition_version_twice", "1"),
        ({"version": None}, "definition_version_missing", "version"),
        ({"changed": {"zh": "停业"}}, "definition_unsaid", "zh"),
        ({"changed": None}, "definition_unsaid", "nothing"),
        ({"comparable": "perhaps"}, "definition_comparable", "perhaps"),
        ({"formula": "no_such.sql"}, "definition_formula", "no_such.sql"),
        ({"formulas": "x"}, "definition_key", "formulas"),
    ],
)
def test_a_list_that_is_not_sound_is_refused_by_name(
    change: dict[str, Any], code: str, found: str
) -> None:
    first, second = yaml.safe_load(LIST)
    _refused([first, {**second, **change}], code, found)


def test_two_that_overlap_or_leave_a_gap_are_refused() -> None:
    first, second = yaml.safe_load(LIST)
    assert _read([{**first, "to": date(2022, 12, 31)}, second])
    _refused([{**first, "to": date(2023, 1, 1)}, second], "definition_overlap", "2023-01-01")
    _refused([{**first, "to": date(2022, 12, 30)}, second], "definition_gap", "2022-12-30")


def test_no_list_and_both_spellings_are_refused() -> None:
    _refused([], "definition_empty", "")
    _refused({"version": "1"}, "definition_empty", "version")
    _refused(LIST, "definition_twice", "definition", definition={"net": True})


def _refused(listed: Any, code: str, found: str, **entry: Any) -> None:
    with pytest.raises(MinshengError) as refused:
        _read(listed, **entry)
    reason = refused.value.reason
    assert reason.code == code
    assert reason.file == str(PATH)
    assert found in str(reason.found)
    assert reason.expected_zh
    assert reason.expected_en
    assert reason.fix_zh
    assert reason.fix_en
    assert CODE in reason.message_zh
    assert CODE in reason.message_en
