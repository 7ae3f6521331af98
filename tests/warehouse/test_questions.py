"""The ten questions of the evaluation, each with an answer worked out by hand, asked as a reader."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from etl.database import SQL, sql_file
from etl.evaluate import Reading, save
from etl.evaluate.causes import CAUSES
from etl.evaluate.revisions import keep_revisions
from etl.plan import load_plan
from tests.warehouse.star import DISTRICT, Star

XF, QY = "110115001000", "110115003000"


def ask(star: Star, number: int, **given: Any) -> list[dict[str, Any]]:
    """The answer as a reader gets it."""
    (path,) = (SQL / "questions").glob(f"q{number:02d}_*.sql")
    star.execute("SET LOCAL ROLE minsheng_reader")
    try:
        return [
            dict(row) for row in star.connection.execute(sa.text(sql_file(path)), given).mappings()
        ]
    finally:
        star.execute("RESET ROLE")


def keep(star: Star, as_of: str = "2020-12-31", known_at: datetime | None = None) -> None:
    reading = Reading(star.connection, {}, date.fromisoformat(as_of), known_at)
    number = save(star.connection, reading.evaluation())
    assert number
    keep_revisions(star.connection, {}, number)


@pytest.fixture
def towns(star: Star) -> dict[str, int]:
    star.delivery("reference.division", "2020-06-30", "2020-06-30")
    return {
        "district": star.area(DISTRICT, "大兴区", "district"),
        "xf": star.area(XF, "兴丰街道", "town"),
        "qy": star.area(QY, "清源街道", "town"),
    }


def test_there_are_ten() -> None:
    assert [path.name[:3] for path in sorted((SQL / "questions").glob("*.sql"))] == [
        f"q{n:02d}" for n in range(1, 11)
    ]


def lots(star: Star, units: int, lot: str = "1", on: str = "2018-01-01") -> None:
    star.put("fact_housing_milestone", project_id="P", lot_id=lot, milestone="completed", project_name="某项目",
             area_key=-1, units=units, milestone_on=on)  # fmt: skip


def test_q01_all_statements(star: Star) -> None:
    star.delivery("housing.affordable_project", "2020-12-01", "2020-12-31")
    lots(star, 68_000)
    assert {row["value"] for row in ask(star, 1, as_of="2020-12-31")} == {None}  # nothing kept yet
    keep(star)
    answer = ask(star, 1, as_of="2020-12-31")
    assert len(answer) == 45
    built = next(row for row in answer if row["indicator_code"] == "hsg_affordable_units_built")
    assert (built["value"], built["baseline"], built["half_width"], built["status"]) == (
        68_000,
        70_000,
        5000,
        "无目标",
    )
    assert built["reasons"] == "没有目标值"


def test_questions_go_by_what_was_known_not_by_what_was_kept_last(star: Star) -> None:
    star.delivery(
        "housing.affordable_project", "2020-12-01", "2020-12-31", at="2021-01-08T09:00:00"
    )
    lots(star, 100)
    star.delivery(
        "housing.affordable_project",
        "2020-12-01",
        "2020-12-31",
        mode="correction",
        at="2021-02-01T09:00:00",
    )
    lots(star, 20, lot="2")
    keep(star)
    day = date(2020, 12, 31)
    before = datetime.fromisoformat("2021-01-20T00:00:00+08:00")
    old = Reading(star.connection, {}, day, before).evaluation()
    assert save(star.connection, old, "李四")  # kept last, and known for less
    assert save(
        star.connection, Reading(star.connection, {}, day, None, "calendar-month").evaluation()
    )
    code = "hsg_affordable_units_built"
    (built,) = (r for r in ask(star, 1, as_of="2020-12-31") if r["indicator_code"] == code)
    assert built["value"] == 120
    (moved,) = (r for r in ask(star, 10, as_of="2020-12-31") if r["indicator_code"] == code)
    assert (moved["value_then"], moved["value_now"]) == (100, 120)
    kept = star.execute(
        "SELECT policy, who, is_latest, seq FROM bi.indicator_value WHERE indicator_code = :c ORDER BY evaluation_id",
        c=code,
    ).all()
    user = getpass.getuser()
    assert [tuple(row) for row in kept] == [
        ("district-tool", user, True, 2), ("district-tool", "李四", False, 1), ("calendar-month", user, True, 2),
    ]  # fmt: skip
    star.execute("DELETE FROM ledger.evaluation")
    assert star.execute("SELECT count(*) FROM star.fact_indicator_value").scalar_one() == 0


def test_q02_what_cannot_be_evaluated(star: Star) -> None:
    star.delivery("housing.affordable_project", "2023-12-01", "2023-12-31")
    lots(star, 100, on="2022-01-01")
    star.target("hsg_affordable_units_built", 200)
    keep(star, "2023-12-31")
    answer = {(row["indicator_code"], row["reason"]) for row in ask(star, 2, as_of="2023-12-31")}
    assert len({code for code, _ in answer}) == 44  # all but the one with data and a target
    assert ("hlt_institutions_total", "no_data") in answer
    assert ("gov_typical_work_models", "undeclared") in answer


def test_q03_seats_by_town_stage_and_quarter(star: Star, towns: dict[str, int]) -> None:
    star.delivery("education.seat_change", mode="delta")
    a = star.dimension("school", "A", school_id="A", school_name="甲", area_key=towns["xf"])
    b = star.dimension("school", "B", school_id="B", school_name="乙", area_key=towns["qy"])
    for number, school, stage, kind, seats, on in (
        ("1", a, "小学", "新建", 900, "2021-09-01"),
        ("2", a, "小学", "撤并", 100, "2021-07-20"),
        ("3", a, "初中", "新建", 300, "2022-09-01"),
        ("4", b, "小学", "改扩建", 400, "2021-09-01"),
        ("5", b, "小学", "新建", 999, "2020-09-01"),
        ("6", b, "高中", "新建", 999, "2021-09-01"),
    ):
        star.put("fact_seat_change", change_id=number, school_key=school, stage=stage, change_type=kind, seats=seats,
                 effective_on=on)  # fmt: skip
    star.target("edu_compulsory_seats_added", 3000)
    answer = ask(
        star, 3, as_of="2022-12-31", period_start=date(2021, 1, 1), stages=["小学", "初中"],
        added=["新建", "改扩建", "回收再用"], removed=["撤并"],
    )  # fmt: skip
    table = [
        (r["town_name"], r["stage"], str(r["quarter"]), r["seats"], r["district_so_far"])
        for r in answer
    ]
    assert sorted(table) == sorted([
        ("兴丰街道", "小学", "2021-07-01", 800, 1200),
        ("清源街道", "小学", "2021-07-01", 400, 1200),
        ("兴丰街道", "初中", "2022-07-01", 300, 1500),
    ])  # fmt: skip
    assert (answer[-1]["share_of_target"], answer[-1]["basis"]) == (0.5, "example")


def test_q04_institutions_per_10k_in_two_boundaries(star: Star, towns: dict[str, int]) -> None:
    community = star.area(
        "110115001001",
        "甲社区",
        "community",
        "2016-01-01",
        "2022-01-01",
        parent_area_key=towns["xf"],
    )
    star.area("110115001001", "甲社区", "community", "2022-01-01", parent_area_key=towns["qy"])
    star.put(
        "fact_population_year", area_key=towns["xf"], year=2021, residents=50_000, basis="常住人口"
    )
    star.delivery("health.institution")
    for number, key, until in (
        ("1", community, "infinity"),
        ("2", towns["xf"], "infinity"),
        ("3", towns["xf"], "2021-06-30"),
    ):
        star.dimension("institution", number, "2016-01-01", until, institution_id=number, institution_name="诊所",
                       area_key=key, status="执业")  # fmt: skip
    star.dimension(
        "facility",
        "1",
        facility_id="1",
        facility_name="院",
        facility_type="养老机构",
        area_key=-1,
        status="运营",
    )
    answer = ask(star, 4, year_from=2021, year_to=2021, boundary_on=date(2020, 12, 31))
    table = {
        (r["boundaries"], r["town_name"]): (r["health"], r["elderly"], r["health_per_10k"])
        for r in answer
    }
    assert table == {
        ("then", "兴丰街道"): (2, 0, pytest.approx(0.4)),
        ("then", "未知"): (0, 1, None),
        ("today", "兴丰街道"): (1, 0, pytest.approx(0.2)),
        ("today", "清源街道"): (1, 0, None),  # no residents are known there
        ("today", "未知"): (0, 1, None),
    }


def test_q05_urban_communities_outside_the_circle(star: Star, towns: dict[str, int]) -> None:
    keys = [
        star.area(f"11011500100{n}", f"社区{n}", "community", urban_rural_class="111")
        for n in range(1, 5)
    ]
    star.area("110115001009", "乡社区", "community", urban_rural_class="220")
    star.delivery("civil_affairs.community")
    for key, on in zip(keys, ("2019-01-01", None, "2021-05-01"), strict=False):
        star.put("fact_community_coverage", area_key=key, service_circle_on=on)
    classes = load_plan().statement("civ_15min_circle_urban_coverage").definition["urban_classes"]
    answer = ask(star, 5, as_of=date(2020, 12, 31), urban_classes=classes)
    assert [
        (r["area_code"], r["why"], r["reached_later_on"], r["definition_version"]) for r in answer
    ] == [
        ("110115001002", "未达标", None, "1"),
        ("110115001003", "未达标", date(2021, 5, 1), "1"),
        ("110115001004", "未报", None, "1"),
    ]
    reading = Reading(star.connection, {}, date(2020, 12, 31))
    figure = reading.figure(reading.plan.statement("civ_15min_circle_urban_coverage"))
    assert figure.denominator - figure.numerator == len(answer)  # type: ignore[operator]


def test_q06_three_milestones_by_year(star: Star) -> None:
    star.delivery("housing.affordable_project")
    for project, lot, what, on, units in (
        ("P", "1", "started", "2018-03-01", 100),
        ("P", "1", "completed", "2019-03-01", 100),
        ("P", "2", "completed", "2019-12-31", 40),
        ("Q", "1", "completed", "2019-05-01", 7),
        ("P", "1", "delivered", "2020-03-01", 100),
    ):
        star.put("fact_housing_milestone", project_id=project, lot_id=lot, milestone=what, project_name=f"项目{project}",
                 area_key=-1, units=units, milestone_on=on)  # fmt: skip
    answer = ask(star, 6, from_on="2018-01-01", to_on="2019-12-31")
    assert [(r["year"], r["project_id"], r["started"], r["completed"], r["delivered"]) for r in answer] == [
        (2018, None, 100, 0, 0), (2018, "P", 100, 0, 0),
        (2019, None, 0, 147, 0), (2019, "P", 0, 140, 0), (2019, "Q", 0, 7, 0),
    ]  # fmt: skip


def unit(star: Star, name: str, kind: str = "town") -> int:
    return star.dimension("unit", name, "1900-01-01", unit_name=name, unit_kind=kind, area_key=-1)


def test_q07_scores_and_ranks_with_and_without_exclusions(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    a, b, office = (
        unit(star, "兴丰街道"),
        unit(star, "清源街道"),
        unit(star, "住建委", "department"),
    )
    good = {
        "is_valid_callback": True,
        "is_contacted": True,
        "resolution": "解决",
        "satisfaction": "满意",
    }
    bad = {
        "is_valid_callback": True,
        "is_contacted": False,
        "resolution": "未解决",
        "satisfaction": "不满意",
    }
    star.order("1", "2024-05-19 00:00", unit_key=a, **good)
    star.order("2", "2024-06-18 23:59", unit_key=a, **good | {"satisfaction": "基本满意"})
    star.order("3", "2024-06-01", unit_key=a, **bad, is_excluded=True)
    star.order("4", "2024-06-02", unit_key=b, **good)
    star.order("5", "2024-06-02", unit_key=b, is_valid_callback=False)
    star.order("6", "2024-06-02", unit_key=office, is_valid_callback=False)
    star.order("7", "2024-06-19 00:00", unit_key=a, **bad)  # the next month of this policy
    answer = ask(star, 7, month=date(2024, 6, 1))
    table = {
        (r["policy_code"], r["with_excluded"], r["unit_name"]): (
            r["orders"],
            r["valid"],
            r["score"],
            r["rank"],
        )
        for r in answer
    }
    # 兴丰: 2 of 2 contacted and solved, 1.9 of 2 satisfied: 10 + 50 + 40 * 0.95.
    assert table["district-tool", False, "兴丰街道"] == (2, 2, pytest.approx(98), 2)
    assert table["district-tool", False, "清源街道"] == (2, 1, pytest.approx(100), 1)
    assert table["district-tool", False, "住建委"] == (
        1,
        0,
        None,
        None,
    )  # no callback, no rate, no rank
    assert table["district-tool", True, "兴丰街道"][:3] == (
        3,
        3,
        pytest.approx(10 * 2 / 3 + 50 * 2 / 3 + 40 * 1.9 / 3),
    )
    # By the calendar: orders 2, 7 (not 1); with other weights another score.
    assert table["calendar-month", False, "兴丰街道"][2] == pytest.approx(5 + 25 + 40 * 0.45)
    assert table["jungar-2", False, "兴丰街道"][2] == pytest.approx(15 + 17.5 + 35 * 0.45)
    assert {r["policy_status"] for r in answer} == {"unofficial", "example"}


def test_q07_ranks_by_score_then_volume(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    good = {
        "is_valid_callback": True,
        "is_contacted": True,
        "resolution": "解决",
        "satisfaction": "满意",
    }
    a, b = unit(star, "甲街道"), unit(star, "乙街道")
    star.order("1", "2024-06-02", unit_key=a, **good)
    star.order("2", "2024-06-02", unit_key=b, **good)
    star.order("3", "2024-06-02", unit_key=b, **good)
    answer = [
        r
        for r in ask(star, 7, month=date(2024, 6, 1))
        if r["policy_code"] == "district-tool" and not r["with_excluded"]
    ]
    assert [(r["unit_name"], r["rank"]) for r in answer] == [("乙街道", 1), ("甲街道", 2)]


def test_q07_scores_that_look_alike_rank_alike(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    good = {
        "is_valid_callback": True,
        "is_contacted": True,
        "resolution": "解决",
        "satisfaction": "满意",
    }
    # 3,999 of 4,000 contacted: 99.9975, which is shown as 100.00 and must not rank below it.
    a, b = unit(star, "甲街道"), unit(star, "乙街道")
    star.execute(
        "INSERT INTO star.fact_work_order (order_id, channel_key, category_key, area_key, unit_key, opened_at,"
        " is_valid_callback, is_contacted, resolution, satisfaction, known_from, delivery_id, row_no)"
        " SELECT 'a' || n, -1, -1, -1, :a, '2024-06-02', true, n > 1, '解决', '满意', 1, :d, n"
        " FROM generate_series(1, 4000) n",
        a=a, d=star.delivery_id,
    )  # fmt: skip
    star.order("b", "2024-06-02", unit_key=b, **good)
    answer = [
        (r["unit_name"], r["rank"], round(r["score"], 2))
        for r in ask(star, 7, month=date(2024, 6, 1))
        if r["policy_code"] == "district-tool" and not r["with_excluded"]
    ]
    assert answer == [("甲街道", 1, 100.0), ("乙街道", 2, 100.0)]  # the same score: then by volume


def test_q08_overdue_or_returned_twice(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    heat = star.dimension(
        "category", "供暖", "1900-01-01", category_1="供暖", category_2="暖气不热", is_mapped=True
    )
    for number, closed, returned, urgency in (
        ("1", "2024-01-09", 0, "一般"),  # late
        ("2", "2024-01-08", 2, "一般"),  # in time, returned twice
        ("3", "2024-01-09", 3, "一般"),  # both
        ("4", "2024-01-07", 1, "一般"),
        ("5", None, None, "紧急"),  # still open
    ):
        star.order(number, "2024-01-01", category_key=heat, closed_at=closed, deadline_at="2024-01-08",
                   return_count=returned, urgency=urgency)  # fmt: skip
    star.order(
        "6", "2024-01-01", category_key=heat, urgency="紧急", return_count=0
    )  # without deadline
    star.order("7", "2025-01-01", category_key=heat, deadline_at="2025-01-02")  # another year
    answer = ask(star, 8, from_on=date(2024, 1, 1), to_on=date(2025, 1, 1))
    assert [
        (
            r["category_1"],
            r["urgency"],
            r["orders"],
            r["overdue"],
            r["returned_twice"],
            r["either"],
            r["either_rate"],
        )
        for r in answer
    ] == [
        ("供暖", "一般", 4, 2, 2, 3, 0.75),
        ("供暖", "紧急", 2, 1, 0, 1, 0.5),
    ]


def test_q09_before_and_after_the_manager(star: Star, towns: dict[str, int]) -> None:
    community = star.area("110115001001", "甲社区", "community")
    star.delivery("housing.estate")
    estate = star.estate(
        "1", community, "2016-01-01", "2018-05-10", is_three_no=True, households=400
    )
    star.estate("1", community, "2018-05-10", is_three_no=False, households=400)
    star.estate("2", community, "2016-01-01", is_three_no=False, households=600)
    star.put("fact_property_contract", estate_key=estate, firm_id="F", starts_on="2018-05-10")
    star.delivery("hotline.work_order", mode="delta")
    housing = star.dimension("category", "住房", "1900-01-01", category_1="住房", is_mapped=True)
    for number, opened, values in (
        ("1", "2018-04-15", {}),
        ("2", "2018-04-30 23:00", {"case_id": "C"}),
        ("3", "2018-04-30 23:30", {"case_id": "C"}),  # the same demand
        ("4", "2018-06-01", {}),
        ("5", "2018-06-01", {"category_key": -1}),  # not housing
        ("6", "2018-06-01", {"area_key": towns["xf"]}),  # elsewhere
    ):
        star.order(number, opened, **{"category_key": housing, "area_key": community} | values)
    answer = ask(
        star,
        9,
        months=1,
        period_start=date(2016, 1, 1),
        as_of=date(2020, 12, 31),
        housing_categories=["住房"],
    )
    assert [(str(r["month"]), r["month_offset"], r["cases"], r["per_10k_households"]) for r in answer] == [
        ("2018-04-01", -1, 2, 20), ("2018-05-01", 0, 0, 0), ("2018-06-01", 1, 1, 10),
    ]  # fmt: skip
    assert answer[0]["households"] == 1000


def test_q10_what_changed_since_the_first_publication(star: Star) -> None:
    star.delivery("housing.affordable_project", "2020-12-01", "2020-12-31")
    lots(star, 100)
    keep(star)
    assert ask(star, 10, as_of="2020-12-31") == []
    correction = star.delivery(
        "housing.affordable_project", "2020-12-01", "2020-12-31", mode="correction", file="更正.csv"
    )
    star.forget("fact_housing_milestone", "lot_id = '1'")
    lots(star, 90)
    # Loaded for the indicator's feed, and changes nothing: not named.
    star.delivery("housing.affordable_project", "2020-12-01", "2020-12-31", file="无关.csv")
    star.delivery("health.institution", "2020-12-01", "2020-12-31")
    between = datetime.fromisoformat("2021-01-01T01:30:00+08:00")
    late = star.delivery("housing.affordable_project", "2020-11-01", "2020-11-30", file="补报.csv")
    lots(star, 7, lot="2")
    keep(star)
    keep(
        star, known_at=between
    )  # kept last, known for less: what the later one keeps stays as it is
    answer = {row["indicator_code"]: row for row in ask(star, 10, as_of="2020-12-31")}
    built = answer["hsg_affordable_units_built"]
    assert (built["value_then"], built["value_now"], built["difference"]) == (100, 97, -3)
    assert built["deliveries"] == f"#{correction} correction 更正.csv; #{late} full 补报.csv"
    parts = {name: built[name] for name in CAUSES if built[name] is not None}
    assert parts == {"late_rows": 7, "corrections": -10}
    assert built["definition_then"] == built["definition_now"] == "1"
    assert (
        answer["hlt_institutions_total"]["value_then"],
        answer["hlt_institutions_total"]["value_now"],
    ) == (None, 0)
    assert set(answer) == {"hsg_affordable_units_built", "hlt_institutions_total"}
    assert {row["residual"] for row in answer.values()} == {0}
