"""The series of indicators: towns make the district, boundaries then and today, known versions, what is computed anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from etl.definitions import Definition
from etl.evaluate import Reading, known, series
from etl.evaluate.coverage import Schedule
from etl.evaluate.series import Series
from etl.plan import Plan, load_plan
from tests.warehouse.star import Star

HEALTH = "hlt_institutions_total"
SCHEDULES = {"health.institution": Schedule("health.institution", "full", "monthly")}
FIRST, LAST = date(2022, 12, 31), date(2023, 3, 31)
OLD, NEW, COMMUNITY = "110115101000", "110115102000", "110115101001"


def _build(star: Star, code: str | None = HEALTH) -> dict[str, Any]:
    reading = Reading(star.connection, SCHEDULES, LAST)
    return Series(reading, code, FIRST, LAST).build()


def _rows(star: Star, columns: str, where: str = "is_latest") -> list[tuple[Any, ...]]:
    found = star.execute(
        f"SELECT {columns} FROM bi.indicator_series WHERE indicator_code = '{HEALTH}' AND {where}"
        f" ORDER BY as_of, basis DESC, seq, definition_version, area_key"
    )
    return [tuple(row) for row in found]


def _areas(star: Star) -> None:
    """The old town is merged into the other one, which gets a new name, on 2023-01-01."""
    star.delivery("reference.division", "2016-01-01", "2016-12-31")
    old = star.area(OLD, "甲镇", "town", until="2023-01-01")
    new = star.area(NEW, "乙镇", "town", until="2023-01-01")
    star.area(NEW, "丙街道", "town", "2023-01-01")
    star.area(COMMUNITY, "某社区", "community", until="2023-01-01", parent_area_key=old)
    star.area(COMMUNITY, "某社区", "community", "2023-01-01", parent_area_key=new)


def _institution(star: Star, number: int, area: int, status: str = "执业") -> None:
    star.dimension(
        "institution", f"A{number}", "2018-01-01", institution_id=str(number), institution_name="诊所", area_key=area,
        status=status,
    )  # fmt: skip


@pytest.fixture
def filled(star: Star) -> Star:
    """Three in the community that changes towns, one in the other town, one nowhere, two that paused."""
    _areas(star)
    star.delivery("health.institution", "2022-12-01", "2023-03-31")
    for number in range(3):
        _institution(star, number, star.key("area", COMMUNITY))
    _institution(star, 3, star.key("area", NEW))
    _institution(star, 4, -1)
    for number in (5, 6):
        _institution(star, number, star.key("area", NEW), "停业")
    return star


def test_towns_make_the_district_as_they_were_and_as_they_are(filled: Star) -> None:
    assert _build(filled)["points"] == 2
    level = "as_of, basis, area_name, value"
    assert _rows(filled, level, "area_level = 'district'") == [
        (FIRST, "today", "全区", 5), (FIRST, "then", "全区", 5), (LAST, "today", "全区", 5), (LAST, "then", "全区", 5),
    ]  # fmt: skip
    assert sorted(_rows(filled, level, "area_level = 'town'")) == sorted([
        (FIRST, "today", "未提供", 1), (FIRST, "today", "丙街道", 4),
        (FIRST, "then", "未提供", 1), (FIRST, "then", "甲镇", 3), (FIRST, "then", "乙镇", 1),
        (LAST, "today", "未提供", 1), (LAST, "today", "丙街道", 4),
        (LAST, "then", "未提供", 1), (LAST, "then", "丙街道", 4),
    ])  # fmt: skip


def test_every_indicators_towns_make_its_district(filled: Star) -> None:
    assert _build(filled, None)["points"] == 2 * len(load_plan().statements)
    differing = filled.execute(
        "SELECT indicator_code FROM bi.indicator_series WHERE area_level = 'district' AND numerator IS DISTINCT FROM"
        " (SELECT sum(t.numerator) FROM bi.indicator_series AS t WHERE t.area_level = 'town'"
        " AND (t.indicator_code, t.as_of, t.basis) = (indicator_series.indicator_code, indicator_series.as_of,"
        " indicator_series.basis)) AND numerator <> 0"
    ).all()
    assert differing == []


def test_only_what_changed_is_computed_and_what_was_known_stays(filled: Star) -> None:
    _build(filled)
    assert _build(filled) == {"seq": 2, "days": 2, "points": 0, "rows": 0}
    filled.delivery("housing.estate", "2023-03-01", "2023-03-31")  # of another indicator
    assert _build(filled)["points"] == 0
    filled.delivery("health.institution", "2023-03-01", "2023-03-31")
    _institution(filled, 7, filled.key("area", COMMUNITY))
    done = _build(filled)
    # District and one town, on two days, in both boundaries; the other towns stay as they are.
    assert (done["points"], done["rows"]) == (2, 8)
    assert _rows(filled, "seq, value, is_latest", "area_key = 0 AND basis = 'then'") == [
        (2, 5, False), (4, 6, True), (2, 5, False), (4, 6, True),
    ]  # fmt: skip
    # All are gone from the one area that had the one without a place: a row that says so.
    filled.delivery("health.institution", "2023-03-01", "2023-03-31")
    filled.forget("dim_institution", "area_key = -1")
    _build(filled)
    assert _rows(filled, "value", "area_key = -1 AND is_latest") == [(None,)] * 4


def test_both_definitions_on_the_day_that_they_meet(
    filled: Star, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = load_plan()
    old = plan.statement(HEALTH)
    definitions = (
        Definition("1", date(2016, 1, 1), old.definition, old.formula),
        Definition(
            "2", date(2023, 1, 1), {**old.definition, "statuses": ["执业", "停业"]}, old.formula, "停业计入", "paused",
        ),
    )  # fmt: skip
    new = replace(old, definitions=definitions).by(definitions[1])
    statements = tuple(new if s.code == HEALTH else s for s in plan.statements)
    edited: Callable[[], Plan] = lambda: replace(plan, statements=statements)  # noqa: E731
    for module in (known, series):
        monkeypatch.setattr(module, "load_plan", edited)
    _build(filled)
    where = "area_key = 0 AND basis = 'then'"
    assert _rows(filled, "as_of, definition_version, value", where) == [
        (FIRST, "1", 5), (date(2023, 1, 1), "1", 5), (date(2023, 1, 1), "2", 7), (LAST, "2", 7),
    ]  # fmt: skip
