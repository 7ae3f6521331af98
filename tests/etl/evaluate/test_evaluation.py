"""A whole evaluation: what is said of each statement, as known when, kept how, with which receipt."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import sqlalchemy as sa

from etl.evaluate import Evaluation, Reading, save
from etl.evaluate.coverage import Schedule
from etl.evaluate.figures import receipt
from etl.evaluate.known import BEIJING
from etl.plan import load_plan
from tests.warehouse.star import Star

KEYS = [
    "code", "name_zh", "name_en", "unit", "value", "numerator", "denominator", "baseline", "half_width", "target",
    "progress", "time_progress", "status", "reasons", "completeness", "quarantined_share", "provisional",
    "bounds", "definition_version",
]  # fmt: skip
SCHEDULES = {
    "health.institution": Schedule("health.institution", "full", "monthly", ("dim_institution",)),
    "education.seat_change": Schedule("education.seat_change", "delta", "quarterly"),
    "civil_affairs.social_worker_month": Schedule(
        "civil_affairs.social_worker_month", "delta", "monthly"
    ),
}
HEALTH = "hlt_institutions_total"


def evaluation(
    star: Star, as_of: str | None = None, known_at: str | None = None, **options: bool
) -> Evaluation:
    reading = Reading(
        star.connection,
        SCHEDULES,
        date.fromisoformat(as_of) if as_of else None,
        datetime.fromisoformat(known_at).replace(tzinfo=BEIJING) if known_at else None,
    )
    return reading.evaluation(**options)


def codes(evaluated: Evaluation, code: str) -> list[str]:
    return [reason.code for reason in evaluated[code].reasons]


def institutions(star: Star, count: int, since: str, prefix: str = "A") -> None:
    for number in range(count):
        star.dimension(
            "institution", f"{prefix}{number}", since, institution_id=str(number), institution_name="诊所",
            area_key=-1, status="执业",
        )  # fmt: skip


def test_an_empty_warehouse_says_so(star: Star) -> None:
    evaluated = evaluation(star)
    assert evaluated.to_json()["as_of"] == "2020-12-31"
    assert evaluated.to_json()["known_at"] is None
    assert len(evaluated.indicators) == 45
    assert evaluated.by_status() == {"不可评": 45}
    assert evaluated[HEALTH].value is None
    assert codes(evaluated, HEALTH)[:2] == ["no_data", "missing_deliveries"]
    assert codes(evaluated, "edu_learning_city_demo_title") == ["undeclared", "no_target"]
    assert not evaluated.synthetic


def test_the_shape_is_stable(star: Star) -> None:
    star.delivery("health.institution", "2020-12-01", "2020-12-31", at="2021-01-08T09:00:00")
    institutions(star, 2, "2020-12-31")
    evaluated = evaluation(star, hotline=True).to_json()
    assert list(evaluated) == ["as_of", "known_at", "indicators"]
    assert evaluated["known_at"] == "2021-01-08T09:00:00+08:00"
    assert len(evaluated["indicators"]) == len(load_plan().statements)
    assert all(list(entry) == KEYS for entry in evaluated["indicators"])
    health = next(entry for entry in evaluated["indicators"] if entry["code"] == HEALTH)
    assert (health["unit"], health["value"], health["baseline"], health["half_width"]) == (
        "家",
        2.0,
        823.0,
        0.0,
    )
    assert health["status"] == "无目标"
    assert health["target"] is None
    assert health["reasons"] == [
        {"code": "no_target", "zh": "没有目标值", "en": "there is no target"}
    ]
    rate = next(
        entry
        for entry in evaluated["indicators"]
        if entry["code"] == "civ_community_worker_cert_rate"
    )
    assert rate["unit"] == "rate"


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2020-12-01", "2020-12-31", "2020-12-31"),
        ("2021-02-01", "2021-02-28", "2021-02-28"),
        ("2021-02-01", "2021-02-20", "2021-01-31"),
        ("2021-01-01", "2021-12-31", "2021-06-30"),  # a yearly list promises more than it holds
        ("2900-01-01", "2900-01-31", "2021-06-30"),  # a date that nobody can have seen
    ],
)
def test_the_day_is_the_last_month_end_that_data_cover(
    star: Star, start: str, end: str, expected: str
) -> None:
    if expected == "2021-06-30":
        star.delivery("health.institution", "2021-06-01", "2021-06-30")
    star.delivery("reference.plan_target", "2025-01-01", "2025-01-31")
    star.delivery("education.seat_change", start, end, mode="delta")
    assert str(evaluation(star).as_of) == expected


def test_one_early_file_does_not_move_the_day(star: Star) -> None:
    for feed in ("health.institution", "housing.renewal", "housing.estate"):
        star.delivery(feed, "2021-06-01", "2021-06-30")
    star.delivery("health.institution", "2021-07-01", "2021-07-31")
    assert str(evaluation(star).as_of) == "2021-06-30"
    star.delivery("housing.renewal", "2021-07-01", "2021-07-31")  # now most feeds are there
    assert str(evaluation(star).as_of) == "2021-07-31"


def test_at_the_baseline_day_the_value_is_held_against_the_plan(star: Star) -> None:
    star.delivery("health.institution", "2020-12-01", "2020-12-31")
    institutions(star, 823, "2020-12-31")
    evaluated = evaluation(star)
    assert evaluated.at_baseline
    assert (evaluated[HEALTH].difference, evaluated[HEALTH].agrees, evaluated[HEALTH].interval) == (
        0,
        True,
        (823, 823),
    )
    later = evaluation(star, "2021-12-31")
    assert not later.at_baseline
    assert (
        later[HEALTH].completeness == 0
    )  # the list of December 2020 says nothing of December 2021


def test_status_completeness_and_quarantine_together(star: Star) -> None:
    star.delivery("health.institution", "2023-06-01", "2023-06-30", rows=1000)
    star.quarantine(20)
    institutions(star, 850, "2023-06-30")
    star.delivery("reference.plan_target", "2021-01-01", "2021-01-31")
    star.target(HEALTH, 923)
    indicator = evaluation(star, "2023-06-30")[HEALTH]
    assert (indicator.value, indicator.target, indicator.progress) == (850, 923, 0.27)
    assert indicator.time_progress == pytest.approx(911 / 1826)
    assert (indicator.completeness, indicator.quarantined_share, indicator.provisional) == (
        0.98,
        0.02,
        True,
    )
    # Of these entries nothing was kept by which they could be read: the bound is open, and with it the verdict.
    assert indicator.bounds.as_dict() == {"low": 850, "high": None, "open": ["high"], "entries": 20}
    assert indicator.status == "不可评"
    assert [reason.code for reason in indicator.reasons] == [
        "quarantine_sensitive",
        "open_quarantine",
        "example_target",
    ]
    star.execute("UPDATE ledger.quarantine SET resolved_by = :d", d=star.delivery_id)
    indicator = evaluation(star, "2023-06-30")[HEALTH]
    assert (indicator.status, indicator.provisional) == ("滞后", False)


def test_time_progress_is_that_of_the_data(star: Star) -> None:
    star.delivery("health.institution", "2023-06-01", "2023-06-30")
    institutions(star, 850, "2023-06-30")
    star.target(HEALTH, 923)
    indicator = evaluation(star, "2023-07-20")[HEALTH]
    assert indicator.time_progress == pytest.approx(911 / 1826)


def test_too_little_data_is_no_status_but_a_finished_flow_is_finished(star: Star) -> None:
    code = "edu_compulsory_seats_added"
    star.delivery("education.seat_change", "2021-01-01", "2021-03-31", mode="delta")
    star.put(
        "fact_seat_change", change_id="1", school_key=-1, stage="小学", change_type="新建", seats=500,
        effective_on="2021-03-01",
    )  # fmt: skip
    star.target(code, 1000)
    evaluated = evaluation(star, "2021-12-31")
    assert evaluated[code].completeness == 0.25
    assert (evaluated[code].value, evaluated[code].progress, evaluated[code].status) == (
        500,
        0.5,
        "不可评",
    )
    assert codes(evaluated, code)[0] == "incomplete"
    star.target("hsg_affordable_units_built", 1)
    star.execute("UPDATE star.fact_target SET target_value = 400")
    assert evaluation(star, "2021-12-31")[code].status == "已完成"


def test_missing_towns_never_fall_silently(star: Star) -> None:
    star.delivery("reference.division", "2020-06-30", "2020-06-30")
    towns = [star.area(f"11011500{n}000", f"镇{n}", "town") for n in range(1, 5)]
    star.area("110115403000", "开发区", "town", unit_type="统计类似乡级单位")  # expected of nobody
    star.delivery("civil_affairs.social_worker_month", "2020-12-01", "2020-12-31", mode="delta")
    for key in towns[:3]:
        star.put("fact_social_worker_month", area_key=key, month="2020-12-01", professionals=100,
                 community_workers=10, certified_community_workers=4)  # fmt: skip
    evaluated = evaluation(star)
    indicator = evaluated["civ_social_work_professionals"]
    assert (indicator.value, indicator.completeness, indicator.provisional) == (300, 0.75, True)
    assert "missing_towns" in codes(evaluated, "civ_social_work_professionals")
    assert evaluated["civ_social_work_certified"].value is None  # nobody filled the column in


def test_declarations_carry_what_no_feed_counts(star: Star) -> None:
    star.delivery("reference.declaration", "2020-12-01", "2020-12-31")
    star.declare("gov_typical_work_models", 17)
    star.declare("gov_typical_work_models", 12, on="2019-12-31")  # the newest one stands
    star.declare("party_so_coverage_trend", None, text_as_stated="显著提升")
    star.declare("civ_psych_service_centres", 5, definition_version="9")
    star.declare("cul_24h_library_first", 1, basis="example")
    star.declare("gov_auxiliary_staff_downshifted", 9000, on="2021-06-30")
    evaluated = evaluation(star)
    assert (
        evaluated["gov_typical_work_models"].value,
        evaluated["gov_typical_work_models"].agrees,
    ) == (
        17,
        True,
    )
    assert evaluated["gov_typical_work_models"].status == "无目标"
    assert evaluated["party_so_coverage_trend"].status == "无目标"
    assert evaluated["civ_psych_service_centres"].status == "不可评"
    assert codes(evaluated, "civ_psych_service_centres")[0] == "definition_changed"
    assert evaluated["gov_auxiliary_staff_downshifted"].value is None  # declared later than the day
    assert evaluated.synthetic  # one declaration is an example


def test_synthetic_is_the_delivery_not_its_name(star: Star) -> None:
    star.delivery("health.institution", "2020-12-01", "2020-12-31", file="合成氨企业医务室.csv")
    assert not evaluation(star).synthetic
    star.delivery("health.institution", "2020-12-01", "2020-12-31", synthetic=True)
    evaluated = evaluation(star)
    assert evaluated.synthetic
    assert "synthetic_data" in codes(evaluated, HEALTH)
    assert "synthetic_data" not in codes(evaluated, "edu_compulsory_seats_added")


def test_as_known_at_an_earlier_moment(star: Star) -> None:
    star.delivery(
        "health.institution", "2020-12-01", "2020-12-31", at="2021-01-08T09:00:00", rows=100
    )
    institutions(star, 3, "2020-12-31")
    star.quarantine(1)
    first = star.delivery_id
    later = star.delivery(
        "health.institution",
        "2020-12-01",
        "2020-12-31",
        mode="correction",
        at="2021-02-01T09:00:00",
    )
    institutions(star, 1, "2020-12-31", "B")
    star.execute(
        "UPDATE ledger.quarantine SET resolved_by = :r WHERE delivery_id = :d", r=later, d=first
    )
    star.declare("gov_typical_work_models", 17)
    now, then = evaluation(star), evaluation(star, "2020-12-31", "2021-01-31T00:00:00")
    assert (now[HEALTH].value, now[HEALTH].quarantined_share, now[HEALTH].provisional) == (
        4,
        0,
        False,
    )
    assert (then[HEALTH].value, then[HEALTH].quarantined_share, then[HEALTH].provisional) == (
        3,
        0.01,
        True,
    )
    assert then["gov_typical_work_models"].value is None
    assert then.seq == 1
    before = evaluation(star, "2020-12-31", "2021-01-01T00:00:00")
    assert (before.seq, before[HEALTH].value) == (0, None)


def test_the_receipt_leads_to_file_sheet_and_row(star: Star) -> None:
    number = star.delivery("health.institution", "2020-12-01", "2020-12-31", file="名录.xlsx")
    institutions(star, 2, "2020-12-31")
    for segment, (sheet, first, offset) in enumerate((("一", 1, 3), ("二", 2, 1)), 1):
        star.execute(
            "INSERT INTO ledger.segment VALUES (:d, :n, :sheet, :first, :offset, 1)",
            d=number, n=segment, sheet=sheet, first=first, offset=offset,
        )  # fmt: skip
    reading = Reading(star.connection, SCHEDULES)
    statement = reading.plan.statement(HEALTH)
    rows = receipt(star.connection, statement, reading.parameters(statement))
    assert sum(row["numerator"] for row in rows) == reading.figure(statement).value
    places = [
        (s["file"], s["sheet"], s["row"], s["row_no"]) for row in rows for s in row["sources"]
    ]
    assert places == [("名录.xlsx", "一", 4, 1), ("名录.xlsx", "二", 3, 2)]
    assert {row["area_name"] for row in rows} == {"未提供"}


def test_kept_once_and_never_changed(star: Star) -> None:
    star.delivery("health.institution", "2020-12-01", "2020-12-31")
    institutions(star, 5, "2020-12-31")
    evaluated = evaluation(star, hotline=True)
    number = save(star.connection, evaluated)
    assert save(star.connection, evaluated) is None
    rows = star.execute(
        "SELECT indicator_code, value, status, reasons, as_of FROM bi.indicator_value WHERE evaluation_id = :n",
        n=number,
    ).all()
    assert len(rows) == len(load_plan().statements)
    health = next(row for row in rows if row.indicator_code == HEALTH)
    assert (health.value, health.status, health.as_of) == (5, "无目标", date(2020, 12, 31))
    assert health.reasons[0]["code"] == "no_target"
    star.delivery("health.institution", "2021-01-01", "2021-01-31")
    assert save(star.connection, evaluation(star)) is not None


def test_two_readings_of_one_transaction_agree(star: Star) -> None:
    star.delivery("health.institution", "2020-12-01", "2020-12-31")
    assert isinstance(star.connection, sa.Connection)
    assert evaluation(star).to_json() == evaluation(star).to_json()
