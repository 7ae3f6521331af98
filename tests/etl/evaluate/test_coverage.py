"""Completeness, quarantine and what is still to come, worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from etl.evaluate import evaluate
from etl.evaluate.coverage import Coverage, Schedule, cover
from etl.evaluate.periods import uncovered, windows
from etl.evaluate.score import assessment_month, composite
from etl.plan import load_plan
from tests.etl.load.files import INSTITUTION, SEAT, Desk, seats

PLAN = load_plan()
SEATS = "edu_compulsory_seats_added"
START, END = date(2016, 1, 1), date(2020, 12, 31)


@pytest.mark.parametrize(
    ("cadence", "first", "last", "count", "edge"),
    [
        ("monthly", "2016-01-01", "2020-12-31", 60, ("2016-01-01", "2016-01-31")),
        ("monthly", "2020-11-15", "2020-12-30", 1, ("2020-11-01", "2020-11-30")),
        ("quarterly", "2016-01-01", "2020-12-31", 20, ("2016-01-01", "2016-03-31")),
        ("quarterly", "2016-02-10", "2016-08-01", 2, ("2016-01-01", "2016-03-31")),
        ("yearly", "2016-01-01", "2020-12-30", 4, ("2016-01-01", "2016-12-31")),
        ("weekly", "2020-12-01", "2020-12-31", 4, ("2020-11-30", "2020-12-06")),
        ("daily", "2020-12-30", "2020-12-31", 2, ("2020-12-30", "2020-12-30")),
    ],
)
def test_windows(cadence: str, first: str, last: str, count: int, edge: tuple[str, str]) -> None:
    spans = windows(cadence, date.fromisoformat(first), date.fromisoformat(last))
    assert len(spans) == count
    assert tuple(str(day) for day in spans[0]) == edge


def test_irregular_feeds_have_no_windows() -> None:
    assert windows("irregular", START, END) == []


def arrival(feed: str, start: str, end: str, **values: Any) -> SimpleNamespace:
    given = {"mode": "delta", "is_loaded": True, "rows": 100, "open_rows": 0, "delivery_id": 1}
    given["received_on"] = date.fromisoformat(end) + timedelta(7)
    return SimpleNamespace(
        feed=feed,
        period_start=date.fromisoformat(start),
        period_end=date.fromisoformat(end),
        **given | values,
    )


def covered(
    code: str, deliveries: list[Any], mode: str, cadence: str, as_of: date = END
) -> Coverage:
    statement = PLAN.statement(code)
    schedules = {feed: Schedule(feed, mode, cadence) for feed in statement.feeds}
    return cover(statement, schedules, deliveries, start=START, as_of=as_of)


def test_a_flow_of_deltas_needs_every_period() -> None:
    feed = "education.seat_change"
    years = [arrival(feed, f"{y}-01-01", f"{y}-12-31") for y in (2016, 2017, 2018)]
    quarters = [
        arrival(feed, "2019-01-01", "2019-03-31", open_rows=7),
        arrival(feed, "2020-10-01", "2020-12-31"),
    ]
    coverage = covered("edu_compulsory_seats_added", years + quarters, "delta", "quarterly")
    assert (coverage.expected, coverage.loaded) == (20, 14)  # a file for a year is four quarters
    assert coverage.completeness == pytest.approx(0.7)
    assert coverage.quarantined_share == pytest.approx(7 / 500)
    assert coverage.lacks
    assert coverage.missing[0] == (feed, date(2019, 6, 30))
    words = [reason.message_zh for reason in coverage.reasons()]
    assert words == ["education.seat_change 缺6期（2019-06-30..2020-09-30）", "7行尚在隔离"]


def test_a_flow_of_snapshots_needs_the_last_one() -> None:
    feed = "housing.affordable_project"
    coverage = covered(
        "hsg_affordable_units_built",
        [arrival(feed, "2020-12-01", "2020-12-31", mode="full")],
        "full",
        "monthly",
    )
    assert (coverage.expected, coverage.loaded, coverage.lacks) == (1, 1, False)
    late = covered(
        "hsg_affordable_units_built",
        [arrival(feed, "2020-11-01", "2020-11-30", mode="full")],
        "full",
        "monthly",
    )
    assert (late.completeness, late.data_until) == (0, date(2020, 11, 30))


def test_a_stock_in_the_middle_of_a_month_needs_the_month_before() -> None:
    feed = "health.institution"
    sent = [arrival(feed, "2020-11-01", "2020-11-30", mode="full")]
    assert (
        covered("hlt_institutions_total", sent, "full", "monthly", date(2020, 12, 15)).completeness
        == 1
    )


def test_corrections_are_no_period_but_their_quarantine_counts() -> None:
    feed = "health.institution"
    sent = [
        arrival(feed, "2020-12-01", "2020-12-31", mode="full", rows=90),
        arrival(feed, "2020-12-01", "2020-12-31", mode="correction", rows=10, open_rows=5),
    ]
    assert covered("hlt_institutions_total", sent, "full", "monthly").quarantined_share == 0.05
    assert covered("hlt_institutions_total", sent[1:], "full", "monthly").loaded == 0


def test_held_deliveries_are_lacking() -> None:
    feed = "health.institution"
    sent = [arrival(feed, "2020-12-01", "2020-12-31", is_loaded=False, delivery_id=17)]
    coverage = covered("hlt_institutions_total", sent, "full", "monthly")
    assert (coverage.loaded, coverage.lacks, coverage.waiting) == (0, True, ((feed, 17),))
    assert "#17" in [reason.message_zh for reason in coverage.reasons()][-1]


def test_a_register_holds_until_the_next_one() -> None:
    statement = PLAN.statement("civ_town_so_federation_coverage")
    schedules = {
        "civil_affairs.social_organisation": Schedule(
            "civil_affairs.social_organisation", "full", "monthly"
        ),
        "reference.division": Schedule("reference.division", "full", "irregular"),
    }
    sent = [
        arrival("civil_affairs.social_organisation", "2020-12-01", "2020-12-31", mode="full"),
        arrival("reference.division", "2018-10-31", "2018-10-31", mode="full"),
    ]
    coverage = cover(statement, schedules, sent, start=START, as_of=END)
    assert (coverage.expected, coverage.loaded, coverage.data_until) == (2, 2, END)


def days(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


def test_the_days_between() -> None:
    month = days("2020-12-01", "2020-12-31")
    assert uncovered(month, []) == [month]
    assert uncovered(month, [days("2020-11-01", "2021-01-05")]) == []
    parts = [days("2020-12-20", "2020-12-25"), days("2020-12-05", "2020-12-05")]
    assert uncovered(month, parts) == [
        days("2020-12-01", "2020-12-04"),
        days("2020-12-06", "2020-12-19"),
        days("2020-12-26", "2020-12-31"),
    ]
    touching = [days("2020-12-01", "2020-12-15"), days("2020-12-10", "2020-12-31")]
    assert uncovered(month, touching) == []


def test_daily_files_of_a_monthly_feed_cover_their_days() -> None:
    feed = "housing.renewal"
    daily = [arrival(feed, f"2020-12-{n:02d}", f"2020-12-{n:02d}") for n in range(1, 32)]
    sent = [arrival(feed, "2016-01-01", "2020-11-30"), daily[0]]
    coverage = covered("hsg_power_retrofit_households", sent, "delta", "monthly")
    assert (coverage.expected, coverage.loaded) == (60, 60)
    assert coverage.completeness == pytest.approx((59 + 1 / 31) / 60)
    assert [reason.message_zh for reason in coverage.reasons()] == [
        "housing.renewal 缺30天（2020-12-02..2020-12-31）"
    ]
    assert coverage.lacks
    whole = covered("hsg_power_retrofit_households", [sent[0], *daily], "delta", "monthly")
    assert (whole.completeness, whole.lacks) == (1, False)


def test_a_period_covers_no_further_than_its_arrival() -> None:
    feed = "health.institution"
    early = arrival(feed, "2020-12-01", "2020-12-31", mode="full", received_on=date(2020, 12, 10))
    coverage = covered("hlt_institutions_total", [early], "full", "monthly")
    assert coverage.data_until == date(2020, 12, 10)
    assert coverage.completeness == pytest.approx(10 / 31)
    assert [reason.code for reason in coverage.reasons()] == ["missing_days"]
    never = arrival(feed, "2062-12-01", "2062-12-31", mode="full", received_on=date(2026, 11, 28))
    assert covered("hlt_institutions_total", [never], "full", "monthly").loaded == 0
    # A snapshot taken in the middle of its month is the month's.
    dated = arrival(feed, "2020-12-15", "2020-12-15", mode="full")
    assert covered("hlt_institutions_total", [dated], "full", "monthly").completeness == 1


def test_a_day_without_a_register_is_read_from_the_next() -> None:
    feed = "health.institution"
    before = arrival(feed, "2018-12-01", "2018-12-31", mode="full")
    after = arrival(feed, "2020-12-01", "2020-12-31", mode="full", open_rows=3)
    coverage = covered(
        "hlt_institutions_total", [before, after], "full", "monthly", date(2019, 6, 30)
    )
    assert (coverage.completeness, coverage.valid_on, coverage.lacks) == (1, END, True)
    assert (coverage.open_rows, coverage.data_until) == (3, date(2019, 6, 30))
    assert coverage.missing == ()
    assert next(reason.code for reason in coverage.reasons()) == "basis_later_register"
    alone = covered("hlt_institutions_total", [before], "full", "monthly", date(2019, 6, 30))
    assert (alone.completeness, alone.valid_on) == (0, None)  # the one before says nothing of it


def test_towns_that_did_not_report_lower_completeness() -> None:
    coverage = Coverage(1, 1, (), (), 22, 0, END, missing_towns=2, expected_towns=20)
    assert coverage.completeness == pytest.approx(0.9)
    assert coverage.lacks
    assert [reason.code for reason in coverage.reasons()] == ["missing_towns"]


@pytest.mark.parametrize(
    ("policy", "as_of", "first", "after"),
    [
        ("district-tool", "2025-12-31", "2025-11-19", "2025-12-19"),
        ("district-tool", "2025-12-18", "2025-11-19", "2025-12-19"),  # the month ends on the 18th
        ("district-tool", "2025-12-17", "2025-10-19", "2025-11-19"),
        ("district-tool", "2026-01-05", "2025-11-19", "2025-12-19"),
        ("calendar-month", "2025-12-31", "2025-12-01", "2026-01-01"),
        ("calendar-month", "2025-12-30", "2025-11-01", "2025-12-01"),
        ("calendar-month", "2026-01-31", "2026-01-01", "2026-02-01"),
    ],
)
def test_assessment_months(policy: str, as_of: str, first: str, after: str) -> None:
    month = assessment_month(PLAN.policy(END, policy), date.fromisoformat(as_of))
    assert (str(month.first), str(month.after)) == (first, after)


def test_the_score_is_weighed_once_and_empty_without_a_rate() -> None:
    policy = PLAN.policy(END, "district-tool")
    assert composite(policy, (0.98, 0.9, 0.8)) == pytest.approx(9.8 + 45 + 32)
    assert composite(policy, (0.98, None, 0.8)) is None


def test_a_row_of_the_delivery_register_says_that_there_was_nothing(desk: Desk) -> None:
    """By the name that people use, for its days and no others, and not for a register."""
    head = ["数据源", "起始日", "终止日", "情况", "填报人"]
    desk.send("学位变动_2021年第1季度.csv", SEAT, [[*seats("C1", 100)[:5], "2021-01-05", "x"]])
    there = evaluate(date(2021, 9, 30), settings=desk.ctx.settings)
    assert there[SEATS].completeness == pytest.approx(1 / 3)
    signed = desk.send(
        "报送登记_2021年.csv", head,
        [
            ["学位变动", "2021-04-01", "2021-06-30", "空报", "填报人"],
            ["health.institution", "2021-01-01", "2021-12-31", "空报", "填报人"],
            ["学位变动", "2021-09-30", "2021-07-01", "空报", "填报人"],
        ],
    )  # fmt: skip
    assert (signed.loaded, signed.quarantined) == (2, 1)
    after = evaluate(date(2021, 9, 30), settings=desk.ctx.settings)
    assert (after[SEATS].value, after[SEATS].completeness) == (100, pytest.approx(2 / 3))
    assert after["hlt_institutions_total"].value is None
    assert (
        after["hlt_institutions_total"].completeness == there["hlt_institutions_total"].completeness
    )


def test_nothing_to_report_is_no_missing_period(desk: Desk) -> None:
    """A feed of events says 空报 by a file with a header and no rows; a register without rows is refused."""
    desk.send("学位变动_2021年第1季度.csv", SEAT, [[*seats("C1", 100)[:5], "2021-01-05", "x"]])
    missing = evaluate(date(2021, 6, 30), settings=desk.ctx.settings)[SEATS]
    assert "missing_deliveries" in {reason.code for reason in missing.reasons}
    nothing = desk.send("学位变动_2021年第2季度.csv", SEAT, [])
    assert (nothing.state, nothing.rows) == ("loaded", 0)
    assert [reason["rule"] for reason in nothing.reasons] == ["nothing_to_report"]
    there = evaluate(date(2021, 6, 30), settings=desk.ctx.settings)[SEATS]
    assert (there.value, there.completeness, there.provisional) == (100, 1, False)
    refused = desk.send("医疗卫生机构_2021年3月.csv", INSTITUTION, [])
    assert (refused.state, refused.reasons[0]["rule"]) == ("rejected", "no_rows")
