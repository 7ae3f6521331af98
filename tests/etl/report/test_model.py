"""Parts of the report by hand: intervals, hidden cells, breaks of lines, changes, numbers as people read them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from etl.evaluate.receipts import ranges
from etl.plan import load_plan
from etl.report import words
from etl.report.charts import runs
from etl.report.model import Change, FeedState, Point, TownValue, wilson
from etl.report.towns import suppressed

PLAN = load_plan()
RATE, SEATS = PLAN.statement("hot_resolution_rate"), PLAN.statement("edu_compulsory_seats_added")


def test_wilsons_interval() -> None:
    # 8 of 10: Wilson (1927), worked out by hand: centre 0.7167, half width 0.2266
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-3)
    assert wilson(0, 5)[0] == pytest.approx(0)
    assert wilson(5, 5)[1] == pytest.approx(1)


def _cell(key: int, value: float) -> TownValue:
    return TownValue(key, f"镇{key}", value, value, None, "value")


def test_one_small_count_hides_the_next_smallest_too() -> None:
    cells = suppressed([_cell(1, 3), _cell(2, 9), _cell(3, 0), _cell(4, 6)])
    assert [c.state for c in cells] == ["few", "value", "value", "few"]
    two = suppressed([_cell(1, 3), _cell(2, 4), _cell(3, 60)])
    assert [c.state for c in two] == ["few", "few", "value"]


def _point(year: int, value: float | None, version: str = "1", begins: date | None = None) -> Point:
    return Point(date(year, 12, 31), value, value, None, value, value, (), False, version, begins)


def test_a_line_breaks_at_days_without_data_definitions_and_plans() -> None:
    plans = date(2016, 1, 1), date(2021, 1, 1)
    points = [
        _point(2018, 1), _point(2019, 2), _point(2020, None), _point(2021, 3), _point(2022, 4, "2"), _point(2023, 5, "2"),
    ]  # fmt: skip
    assert [[p.on.year for p in run] for run in runs(points)] == [
        [2018, 2019],
        [2021],
        [2022, 2023],
    ]
    flow = [_point(2020, 9, begins=plans[0]), _point(2021, 1, begins=plans[1])]
    assert len(runs(flow)) == 2


def test_a_change_is_two_numbers() -> None:
    change = Change(before_then=10_530, before_now=14_700, now=14_700)
    assert (change.movement, change.revision, change.is_mostly_revision) == (0, 4_170, True)
    assert not Change(100, 101, 110).is_mostly_revision
    assert Change(None, 101, 110).revision is None


@pytest.mark.parametrize(
    ("value", "statement", "sign", "zh"),
    [
        (0.9526, RATE, False, "95.3%"),
        (0.0067, RATE, True, "+0.7 个百分点"),
        (-0.00001, RATE, True, "0"),
        (14_700, SEATS, False, "14,700 个"),
        (None, SEATS, False, "—"),
    ],
)
def test_numbers(value: float | None, statement: words.Statement, sign: bool, zh: str) -> None:
    assert words.amount(value, statement, "zh", sign=sign) == zh


def test_every_parameter_of_every_definition_has_words_in_both_languages() -> None:
    keys = {key for s in PLAN.statements for key in s.definition} - {"query"}
    assert keys
    assert keys <= set(words.PARAMETERS)
    counted = {
        s.definition[k]
        for s in PLAN.statements
        for k in ("numerator", "denominator")
        if k in s.definition
    }
    assert counted <= set(words.COUNTED)
    assert {s.theme for s in PLAN.statements} <= set(words.THEMES)
    assert {s.kind for s in PLAN.statements} <= set(words.KINDS)


def test_missing_periods_that_follow_each_other_are_one() -> None:
    def month(m: int) -> tuple[date, date]:
        return date(2025, m, 1), date(2025, m + 1, 1) - timedelta(days=1)

    months = tuple(month(m) for m in (1, 2, 3, 6, 9, 10))
    feed = FeedState("a.b", "甲", "A", "x", "monthly", None, 12, 6, months, None, None, None, None, None, (), 0)  # fmt: skip
    assert feed.stretches == [
        (date(2025, 1, 1), date(2025, 3, 31), 3),
        (date(2025, 6, 1), date(2025, 6, 30), 1),
        (date(2025, 9, 1), date(2025, 10, 31), 2),
    ]


def test_rows_are_written_as_ranges() -> None:
    assert ranges([7, 5, 6, 9, None]) == "5-7, 9"
    assert ranges([1, 3, 5, 7], most=2) == "1, 3 …"
