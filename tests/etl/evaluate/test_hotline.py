"""The hotline's derived measures on orders whose rates were worked out by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from etl.evaluate import Reading
from etl.evaluate.figures import receipt
from tests.warehouse.star import Star

DAY = date(2024, 6, 30)  # the assessment month of the default policy is 2024-05-19 to 2024-06-18


@pytest.fixture
def orders(star: Star) -> Star:
    star.delivery("reference.division", "2023-06-30", "2023-06-30")
    town = star.area("110115001000", "兴丰街道", "town")
    community = star.area("110115001001", "甲社区", "community")
    other = star.area("110115003000", "清源街道", "town")
    star.put("fact_population_year", area_key=town, year=2022, residents=90_000, basis="常住人口")
    star.put("fact_population_year", area_key=town, year=2023, residents=100_000, basis="常住人口")
    star.delivery("hotline.work_order", "2024-05-01", "2024-06-30", mode="delta")
    good = {
        "is_valid_callback": True,
        "is_contacted": True,
        "resolution": "解决",
        "satisfaction": "满意",
    }
    when = {
        "dispatched_at": "2024-06-01 10:30",
        "deadline_at": "2024-06-08 10:00",
        "closed_at": "2024-06-08 10:00",
    }
    star.order("1", "2024-06-01 10:00", **good, **when, case_id="C1", area_key=community, urgency="特急",
               caller_token="t1", category_key=7, return_count=0, is_excluded=False)  # fmt: skip
    star.order("2", "2024-06-01 10:00", **good | {"satisfaction": "基本满意"}, **when | {"closed_at": "2024-06-09"},
               case_id="C1", area_key=community, urgency="一般", caller_token="t1", category_key=7, return_count=2,
               is_excluded=False)  # fmt: skip
    star.order("3", "2024-06-18 23:59:59", **good | {"resolution": "部分解决", "satisfaction": "不满意"},
               area_key=community, caller_token="t1", category_key=7, urgency="特急",
               dispatched_at="2024-06-19 02:00", is_excluded=False)  # fmt: skip
    star.order("4", "2024-05-19 00:00", is_valid_callback=True, is_contacted=False, area_key=town,
               is_excluded=False)  # fmt: skip
    star.order(
        "5",
        "2024-06-02",
        is_valid_callback=False,
        is_contacted=True,
        resolution="解决",
        area_key=other,
    )
    star.order("6", "2024-06-02", **good, area_key=-1, is_excluded=True)
    star.order("7", "2024-06-19 00:00", **good, area_key=town)  # the next month
    star.order(
        "8", "2024-05-18 23:59", **good, area_key=community, caller_token="t1", category_key=7
    )  # the month before
    return star


def value(star: Star, code: str, policy: str | None = None) -> float | None:
    reading = Reading(star.connection, {}, DAY, None, policy)
    return reading.figure(reading.plan.statement(code)).value


def test_three_rates_are_pooled_over_valid_callbacks(orders: Star) -> None:
    # Valid and not excluded: 1, 2, 3, 4.
    assert value(orders, "hot_response_rate") == 3 / 4
    assert (
        value(orders, "hot_resolution_rate") == 2 / 4
    )  # partly resolved counts nothing in this policy
    assert value(orders, "hot_satisfaction_rate") == (1 + 0.9) / 4
    assert value(orders, "hot_composite_score") == pytest.approx(
        100 * (0.1 * 0.75 + 0.5 * 0.5 + 0.4 * 0.475)
    )


def test_another_policy_has_another_month(orders: Star) -> None:
    # June by the calendar: 1, 2, 3 and 7.
    assert value(orders, "hot_response_rate", "calendar-month") == 1
    assert value(orders, "hot_resolution_rate", "calendar-month") == 3 / 4


def test_counts_and_other_rates(orders: Star) -> None:
    assert value(orders, "hot_orders_dispatched") == 3
    assert value(orders, "hot_return_rate") == 1 / 2  # two orders say how often they were returned
    assert value(orders, "hot_exclusion_rate") == 1 / 5  # order 5 does not say
    assert value(orders, "hot_ontime_close_rate") == 1 / 2  # the deadline itself is in time
    # 1: within one hour; 2: within 24; 3: two hours for the most urgent are too long.
    assert value(orders, "hot_ontime_dispatch_rate") == 2 / 3


def test_repeats_are_demands_of_one_caller_place_and_kind(orders: Star) -> None:
    # Demands with a caller: C1 (orders 1 and 2) and 3. Both follow within 30 days: C1 after order 8.
    assert value(orders, "hot_repeat_rate") == 1
    reading = Reading(orders.connection, {}, DAY)
    statement = reading.plan.statement("hot_repeat_rate")
    near = receipt(
        orders.connection, statement, reading.parameters(statement) | {"within_days": 14}
    )
    assert [(row["entity"], row["numerator"]) for row in near] == [("1", 1.0), ("3", 0.0)]
    near = receipt(
        orders.connection, statement, reading.parameters(statement) | {"within_days": 13}
    )
    assert [row["numerator"] for row in near] == [0.0, 0.0]


def test_orders_per_10k_residents(orders: Star) -> None:
    # 兴丰街道: cases C1, 3 and 4 over 100,000; 清源街道 has no residents, so its demand stays out; order 6 is excluded.
    assert value(orders, "hot_orders_per_10k") == pytest.approx(3 * 10_000 / 100_000)


def test_a_case_of_two_towns_is_one(orders: Star) -> None:
    other = orders.area("110115009000", "观音寺街道", "town")
    orders.put(
        "fact_population_year", area_key=other, year=2023, residents=50_000, basis="常住人口"
    )
    before = value(orders, "hot_orders_per_10k")
    assert before == pytest.approx(3 * 10_000 / 150_000)
    # Case C1 is 兴丰街道's already; case D is handled there second, so it is 观音寺街道's.
    orders.order("20", "2024-06-03", area_key=other, case_id="C1")
    town = orders.key("area", "110115001000")
    orders.order("21", "2024-06-03", area_key=town, case_id="D", handling_role="协办")
    orders.order("22", "2024-06-04", area_key=other, case_id="D", handling_role="主办")
    orders.order("23", "2024-06-02", area_key=-1, case_id="D", handling_role="主办")
    assert value(orders, "hot_orders_per_10k") == pytest.approx(4 * 10_000 / 150_000)
    reading = Reading(orders.connection, {}, DAY)
    statement = reading.plan.statement("hot_orders_per_10k")
    rows = receipt(orders.connection, statement, reading.parameters(statement))
    above = Counter((row["area_key"], row["numerator"]) for row in rows if row["numerator"])
    assert above == {(town, 10_000): 3, (other, 10_000): 1}
    below = {row["entity"]: row["denominator"] for row in rows if row["denominator"]}
    assert below == {"兴丰街道": 100_000, "观音寺街道": 50_000}
    # Case D is the row by which the handling town's unit got it first.
    assert [row["entity"] for row in rows if row["area_key"] == other and row["numerator"]] == [
        "22"
    ]


def test_no_orders_no_rate(star: Star) -> None:
    for code in (
        "hot_response_rate",
        "hot_composite_score",
        "hot_repeat_rate",
        "hot_ontime_dispatch_rate",
    ):
        assert value(star, code) is None
    assert value(star, "hot_orders_dispatched") == 0


def test_the_dispatch_standard_was_not_in_force_before_2023(orders: Star) -> None:
    orders.execute("UPDATE star.fact_work_order SET opened_at = opened_at - INTERVAL '2 years'")
    reading = Reading(orders.connection, {}, date(2022, 6, 30))
    assert reading.figure(reading.plan.statement("hot_ontime_dispatch_rate")).value is None
    assert reading.figure(reading.plan.statement("hot_response_rate")).value == 3 / 4
