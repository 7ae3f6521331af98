"""Figures by dated definitions: the one in force on the day, both on the day that they meet; what a formula returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from etl.definitions import Definition
from etl.errors import MinshengError, UsageError
from etl.evaluate import Reading, figures, known
from etl.evaluate.coverage import Schedule
from etl.evaluate.definition import definition_hash
from etl.evaluate.result import IndicatorValue
from etl.plan import Plan, load_plan
from tests.warehouse.star import Star

HEALTH = "hlt_institutions_total"
SCHEDULES = {"health.institution": Schedule("health.institution", "full", "monthly")}
CHANGE = date(2023, 1, 1)


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> Plan:
    """The plan with a second definition of institutions from 2023 on: those that paused count, too."""
    plan = load_plan()
    old = plan.statement(HEALTH)
    definitions = (
        Definition("1", date(2016, 1, 1), old.definition, old.formula),
        Definition(
            "2", CHANGE, {**old.definition, "statuses": ["执业", "停业"]}, old.formula, "停业计入", "paused count", comparable=False,
        ),
    )  # fmt: skip
    new = replace(old, definitions=definitions).by(definitions[1])
    statements = tuple(new if s.code == HEALTH else s for s in plan.statements)
    edited: Callable[[], Plan] = lambda: replace(plan, statements=statements)  # noqa: E731
    monkeypatch.setattr(known, "load_plan", edited)
    return edited()


def _fill(star: Star) -> None:
    """Three that practise and two that paused, on every day."""
    star.delivery("health.institution", "2023-01-01", "2023-01-31")
    for number, status in enumerate(["执业"] * 3 + ["停业"] * 2):
        star.dimension(
            "institution", f"A{number}", "2018-01-01", institution_id=str(number), institution_name="诊所",
            area_key=-1, status=status,
        )  # fmt: skip


def _value(star: Star, as_of: date, definition: str | None = None) -> IndicatorValue:
    reading = Reading(star.connection, SCHEDULES, as_of, asked_definition=definition)
    return reading.evaluation()[HEALTH]


def test_both_definitions_on_the_day_that_they_meet(star: Star, two: Plan) -> None:
    _fill(star)
    assert [_value(star, CHANGE, v).value for v in ("1", "2", None)] == [3, 5, 5]
    last = date(2022, 12, 31)
    assert [_value(star, last, v).value for v in ("1", "2", None)] == [3, 5, 3]
    assert _value(star, last).to_json()["definition_version"] == "1"
    assert _value(star, CHANGE).to_json()["definition_version"] == "2"
    with pytest.raises(UsageError, match="9"):
        _value(star, CHANGE, "9")
    # A version that only some indicators have leaves the others as they are.
    others = Reading(star.connection, SCHEDULES, CHANGE, asked_definition="2").plan
    assert others.statement("civ_social_orgs_total").definition_version == "1"


def test_a_target_for_another_version_gives_no_verdict(star: Star, two: Plan) -> None:
    _fill(star)
    star.delivery("reference.plan_target", "2022-01-01", "2022-01-31")
    star.target(HEALTH, 2, definition_version="1")
    before, after = _value(star, date(2022, 12, 31)), _value(star, CHANGE)
    assert "definition_changed" not in [reason.code for reason in before.reasons]
    assert after.status == "不可评"
    assert "definition_changed" in [reason.code for reason in after.reasons]


def test_each_version_has_a_digest_of_its_own(two: Plan) -> None:
    statement, policy = two.statement(HEALTH), two.policies[0]
    old, new = (definition_hash(two, statement.on(CHANGE, v), policy) for v in ("1", "2"))
    assert old != new
    # What had one definition keeps the digest that its kept values have.
    assert old == definition_hash(load_plan(), load_plan().statement(HEALTH), policy)


def test_every_formula_returns_what_the_contract_says(star: Star) -> None:
    figures._checked.clear()
    reading = Reading(star.connection, {}, date(2020, 12, 31))
    for statement in filter(figures.has_query, reading.plan.statements):
        figures.figure(star.connection, statement, reading.parameters(statement))
    assert len(figures._checked) >= 16


@pytest.mark.parametrize(
    ("select", "surplus", "lacking"),
    [
        ("t.*, 1 AS rank", "rank", "–"),
        ("t.area_key, t.entity, t.numerator, t.delivery_ids, t.row_nos", "–", "denominator"),
        ("t.*, t.numerator", "numerator", "–"),
    ],
)
def test_a_formula_with_other_columns_is_refused_by_name(
    star: Star, monkeypatch: pytest.MonkeyPatch, select: str, surplus: str, lacking: str
) -> None:
    text = figures.things(HEALTH)
    monkeypatch.setattr(figures, "things", lambda _name: f"SELECT {select} FROM (\n{text}\n) AS t")
    reading = Reading(star.connection, {}, date(2020, 12, 31))
    with pytest.raises(MinshengError) as refused:
        reading.figure(reading.plan.statement(HEALTH))
    reason = refused.value.reason
    assert (reason.code, reason.file) == (
        "formula_columns",
        f"warehouse/sql/indicators/{HEALTH}.sql",
    )
    assert f"too many: {surplus}; lacking: {lacking}" in reason.message_en
    assert reason.expected_en == ", ".join(figures.COLUMNS)
    assert reason.fix_zh
    assert reason.fix_en
    assert (
        star.connection.execute(sa.text("SELECT 1")).scalar() == 1
    )  # nothing was broken by asking
