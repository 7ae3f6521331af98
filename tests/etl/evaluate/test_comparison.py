"""A figure at two readings: movement apart from revision, revision by cause, worked out by hand; nothing is left over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from fractions import Fraction
from typing import Any

import pytest
import sqlalchemy as sa

from etl.definitions import Definition
from etl.errors import UsageError
from etl.evaluate import known
from etl.evaluate.compared import Compared
from etl.evaluate.comparison import Asked, Comparison, compare
from etl.plan import load_plan
from etl.preview import withdraw
from etl.quarantine import accept
from tests.etl.load.files import AREA, SEAT, Desk
from tests.etl.quarantine.conftest import Clerk
from tests.warehouse.star import BEIJING, DISTRICT, Star

SEATS, RATE, CIRCLE = (
    "edu_compulsory_seats_added",
    "civ_community_worker_cert_rate",
    "civ_15min_circle_urban_coverage",
)
SITES = "civ_donation_site_coverage"
COVERAGE = ["社区代码", "社区名称", "是否城市社区", "服务圈达标日期", "捐助站点达标日期"]
TOWNS = [
    ["110115000000", "大兴区", None, "区县", None],
    ["110115006000", "旧宫地区办事处", "110115000000", "镇街", "旧宫镇"],
    ["110115101000", "青云店镇", "110115000000", "镇街", None],
    ["110115006001", "一社区", "110115006000", "社区", None],
    ["110115101001", "二社区", "110115101000", "社区", None],
]
JUNE, DECEMBER = date(2021, 6, 30), date(2021, 12, 31)


def places(number: str, seats: Any, day: str = "2021-02-01", stage: str = "小学") -> list[Any]:
    return [number, "1111000001", stage, "新建", seats, day, "x"]


def quarter(desk: Desk, number: int, *rows: list[Any], word: str = "") -> int:
    done = desk.send(f"学位变动_2021年第{number}季度{word}.csv", SEAT, list(rows))
    assert done.state == "loaded", done.reasons
    return done.delivery_id


def moment(desk: Desk) -> datetime:
    with desk.ctx.engine.connect() as connection:
        return connection.execute(sa.text("SELECT max(at) FROM ledger.commit")).scalar_one()


def shown(compared: Compared) -> dict[str, float]:
    """The causes that did something, and what else makes the difference."""
    assert compared.residual == 0
    parts = {cause: float(part) for cause, part in compared.by_cause.items() if part}
    if compared.movement:
        parts["movement"] = float(compared.movement)
    assert sum(compared.by_cause.values()) + compared.movement == compared.difference
    return parts


@pytest.fixture
def with_kindergartens(monkeypatch: pytest.MonkeyPatch) -> None:
    """From July 2021 on, kindergartens count among the places added."""
    plan = load_plan()
    old = plan.statement(SEATS)
    definitions = (
        Definition("1", date(2016, 1, 1), old.definition, old.formula),
        Definition(
            "2", date(2021, 7, 1), {**old.definition, "stages": ["小学", "初中", "幼儿园"]}, old.formula, "幼儿园计入", "kindergartens count",
        ),
    )  # fmt: skip
    new = replace(old, definitions=definitions).by(definitions[1])
    statements = tuple(new if s.code == SEATS else s for s in plan.statements)
    edited: Callable[[], Any] = lambda: replace(plan, statements=statements)  # noqa: E731
    monkeypatch.setattr(known, "load_plan", edited)


def test_one_event_of_each_cause(desk: Desk, with_kindergartens: None) -> None:
    first = quarter(
        desk, 1, places("C1", 100), places("C2", 200), places("C3", 30_000), places("C4", "很多"), places("K", 70, stage="幼儿园")
    )  # fmt: skip
    wrong = quarter(desk, 2, places("C7", 500, "2021-04-01"))
    desk.register()
    covered = [
        ["110115006001", "一社区", "是", None, "2020-01-01"],
        ["110115101001", "二社区", "是", None, None],
    ]
    done = desk.send("社区覆盖_2021年第1季度.csv", COVERAGE, covered)
    assert done.loaded == 2, done.reasons
    # 100 + 200 + 500; 30,000 is more than the contract allows, C4 cannot be read.
    then = moment(desk)
    late = quarter(desk, 1, places("C5", 40), word="_补")
    corrected = quarter(desk, 1, places("C1", 90), word="_更正")
    again = quarter(
        desk, 1, places("C2", 215), word="_重报"
    )  # the same period, no word of correction
    clerk = Clerk(desk, delivery_id=first)
    clerk.fill(5, seats=60)
    (repair,) = clerk.hand_in()
    (accepted,) = accept([(first, 4)], by="王", reason="批文核实", ctx=desk.ctx)
    withdraw(wrong, by="李", reason="报错了表", ctx=desk.ctx)
    register = desk.send("区划登记_2020年12月31日.csv", AREA, [*TOWNS, ["110115101002", "三社区", "110115101000", "社区", None]])  # fmt: skip
    quarter(desk, 4, places("C8", 8, "2021-10-01"), places("K2", 3, "2021-11-01", "幼儿园"))

    (compared,) = compare(
        Asked(JUNE, then), Asked(DECEMBER), desk.ctx.settings, code=SEATS
    )  # fmt: skip
    assert (compared.before.value, compared.after.value) == (
        800,
        90 + 215 + 30_000 + 60 + 70 + 40 + 11,
    )
    assert shown(compared) == {
        "late_rows": 40,
        "corrections": -10 + 15,
        "repaired_quarantine": 60,
        "withdrawn": -500,
        "definition": 70,
        "rule": 30_000,
        "movement": 11,
    }
    assert [(s.cause, s.delivery, float(s.part)) for s in compared.steps] == [
        ("late_rows", late, 40), ("corrections", corrected, -10), ("corrections", again, 15),
        ("repaired_quarantine", repair.delivery_id, 60), ("rule", accepted.delivery_id, 30_000), ("withdrawn", wrong, -500),
        ("definition", None, 70),
    ]  # fmt: skip
    assert {c.name.entity for c in compared.moved} == {"C8", "K2"}
    # A site in one of two communities; the later register knows a third one.
    (sites,) = compare(Asked(JUNE, then), Asked(DECEMBER), desk.ctx.settings, code=SITES)
    assert (sites.before.value, sites.after.value) == (Fraction(1, 2), Fraction(1, 3))
    assert [(s.cause, s.delivery, s.part) for s in sites.steps] == [
        ("boundary", register.delivery_id, Fraction(-1, 6))
    ]
    assert (sites.movement, sites.residual) == (0, 0)
    (same_day,) = compare(Asked(JUNE, then), Asked(JUNE, then), desk.ctx.settings, code=SEATS)
    assert (shown(same_day), same_day.steps) == ({}, [])
    with pytest.raises(UsageError) as refused:
        compare(Asked(JUNE), Asked(JUNE, then), desk.ctx.settings, code=SEATS)
    assert refused.value.reason.code == "compare_backwards"


def between(
    star: Star, before: Asked, after: Asked, code: str, area: str | None = None
) -> Compared:
    return Comparison(star.connection, {}, before, after, area=area).of(code)


def at(hour: int) -> datetime:
    """After the deliveries of a star up to this one, of which each is an hour later."""
    return datetime(2021, 1, 1, hour - 1, 30, tzinfo=BEIJING)


def test_boundaries_change_by_the_register_and_between_two_days(star: Star) -> None:
    star.delivery("reference.division", "2020-06-30", "2020-06-30")
    star.area(DISTRICT, "大兴区", "district")
    first = star.area("110115001000", "兴丰街道", "town")
    second = star.area("110115003000", "清源街道", "town")
    a, b = (
        star.area(f"11011500100{n}", f"社区{n}", "community", urban_rural_class="111")
        for n in (1, 2)
    )
    star.delivery("civil_affairs.community", "2020-10-01", "2020-12-31")
    star.put("fact_community_coverage", area_key=a, service_circle_on="2019-01-01")
    star.put("fact_community_coverage", area_key=b, service_circle_on="2022-06-01")
    star.delivery("reference.division", "2022-06-30", "2022-06-30")
    star.area("110115003009", "社区9", "community", urban_rural_class="111", parent_area_key=second)
    star.forget("dim_area", f"area_key = {b}")
    for since, until, town in (("2016-01-01", "2022-01-01", first), ("2022-01-01", "infinity", second)):  # fmt: skip
        star.area("110115001002", "社区2", "community", since, until, urban_rural_class="111", parent_area_key=town)  # fmt: skip
    old, new = date(2021, 12, 31), date(2022, 12, 31)
    # One of two, then one of three (a community that nobody knew of), then two of three.
    whole = between(star, Asked(old, at(2)), Asked(new), CIRCLE)
    assert (whole.before.value, whole.after.value) == (Fraction(1, 2), Fraction(2, 3))
    assert (whole.by_cause["boundary"], whole.movement) == (Fraction(-1, 6), Fraction(1, 3))
    # The one that stays is all of this town; in the other both are new by the register, one is moved there.
    town = between(star, Asked(old, at(2)), Asked(new), CIRCLE, "兴丰街道")
    assert (town.before.value, town.after.value, town.movement) == (Fraction(1, 2), 1, 0)
    assert [(s.cause, s.part, s.commit) for s in town.steps] == [("boundary", Fraction(1, 2), None)]
    other = between(star, Asked(old, at(2)), Asked(new), CIRCLE, "110115003000")
    assert (other.before.value, other.after.value) == (None, Fraction(1, 2))
    assert (other.revision, other.movement) == (0, Fraction(1, 2))
    for compared in (whole, town, other):
        assert compared.residual == 0
    with pytest.raises(UsageError) as refused:
        between(star, Asked(old), Asked(new), CIRCLE, "月球街道")
    assert refused.value.reason.code == "compare_no_area"


def test_the_same_bytes_judged_by_another_contract_are_a_change_of_rule(star: Star) -> None:
    def judged(contract: str, units: int) -> None:
        star.execute(
            "INSERT INTO ledger.contract (contract_hash, feed, version, contract, load_sql) VALUES (:c, 'x', '1', '', '')",
            c=contract,
        )
        star.delivery("housing.affordable_project", "2020-12-01", "2020-12-31")
        star.execute("UPDATE ledger.delivery SET contract_hash = :c WHERE delivery_id = :d", c=contract, d=star.delivery_id)  # fmt: skip
        star.put("fact_housing_milestone", project_id="P", lot_id=contract, milestone="completed", project_name="某项目",
                 area_key=-1, units=units, milestone_on="2018-01-01")  # fmt: skip

    judged("a", 100)
    judged("b", 11)
    day = date(2020, 12, 31)
    compared = between(star, Asked(day, at(1)), Asked(day), "hsg_affordable_units_built")
    assert shown(compared) == {"rule": 11}


def test_a_rate_moves_by_its_sums_in_the_documented_order(star: Star) -> None:
    """One delivery corrects one town (of the same month) and brings another one."""
    towns = [star.key("area", name) for name in ("甲", "乙")]

    def month(town: int, certified: int, workers: int) -> None:
        star.put("fact_social_worker_month", area_key=towns[town], month="2020-12-01", community_workers=workers,
                 certified_community_workers=certified)  # fmt: skip

    star.delivery("civil_affairs.social_worker_month", "2020-12-01", "2020-12-31")
    month(0, 40, 100)
    star.delivery("civil_affairs.social_worker_month", "2020-12-01", "2020-12-31")
    star.forget("fact_social_worker_month", f"area_key = {towns[0]}")
    month(0, 50, 100)
    month(1, 10, 50)
    day = date(2020, 12, 31)
    compared = between(star, Asked(day, at(1)), Asked(day), RATE)
    # 40/100; the late row first: 50/150; then the correction: 60/150.
    assert [(s.cause, s.part) for s in compared.steps] == [
        ("late_rows", Fraction(1, 3) - Fraction(2, 5)),
        ("corrections", Fraction(2, 5) - Fraction(1, 3)),
    ]
    assert (compared.difference, compared.residual) == (0, 0)


def test_a_score_follows_its_three_rates_and_its_policy(star: Star) -> None:
    star.delivery("hotline.work_order", "2024-05-19", "2024-06-18", mode="delta")
    good = {"is_valid_callback": True, "is_contacted": True, "resolution": "解决", "satisfaction": "基本满意"}  # fmt: skip
    star.order("1", "2024-06-02", **good)
    star.delivery("hotline.work_order", "2024-06-18", "2024-06-18", mode="delta")
    star.order("2", "2024-06-03", **good | {"resolution": "未解决"})
    day = date(2024, 6, 30)  # both policies know a month with the two orders that has ended
    compared = between(star, Asked(day, at(1)), Asked(day), "hot_composite_score")
    # 10 + 50 + 40 * 0.9, then half of what was solved.
    assert (compared.before.value, compared.after.value) == (96, 71)
    assert shown(compared) == {"late_rows": -25}
    other = between(star, Asked(day), Asked(day, policy="jungar-2"), "hot_composite_score")
    assert shown(other) == {"definition": 30 + 17.5 + 35 * 0.9 - 71}


def test_a_declared_figure_is_compared_by_its_declaration(star: Star) -> None:
    code = "gov_typical_work_models"
    day = date(2022, 12, 31)
    star.delivery("reference.declaration", "2021-01-01", "2021-12-31")
    star.declare(code, 15, "2021-12-31")
    star.delivery("reference.declaration", "2021-01-01", "2021-12-31", mode="correction")
    star.forget("fact_declaration", "true")
    star.declare(code, 17, "2021-12-31")
    star.declare(code, 20, "2022-06-30")
    compared = between(star, Asked(date(2021, 12, 31), at(1)), Asked(day), code)
    assert shown(compared) == {"corrections": 2, "movement": 3}


def test_without_a_figure_at_one_end_the_parts_still_add_up(star: Star) -> None:
    day = date(2020, 12, 31)
    star.delivery("health.institution", "2020-12-01", "2020-12-31")
    star.delivery("housing.affordable_project", "2020-12-01", "2020-12-31")
    star.put("fact_housing_milestone", project_id="P", lot_id="1", milestone="completed", project_name="某项目",
             area_key=-1, units=5, milestone_on="2018-01-01")  # fmt: skip
    compared = between(star, Asked(day, at(1)), Asked(day), "hsg_affordable_units_built")
    assert (compared.before.value, compared.after.value) == (None, 5)
    assert shown(compared) == {"late_rows": 5}
    listed = {each.statement.code for each in Comparison(star.connection, {}, Asked(day, at(1)), Asked(day)).all()}  # fmt: skip
    assert listed == {"hlt_institutions_total", "hsg_affordable_units_built"}
