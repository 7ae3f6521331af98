"""Status by the rules of the domain, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from etl.evaluate.status import (
    BEHIND,
    DONE,
    NEARLY,
    NO_TARGET,
    NOT_EVALUABLE,
    ON_SCHEDULE,
    Judgement,
    Step,
    Target,
    elapsed,
    judge,
    pick_target,
)
from etl.plan import load_plan

PLAN = load_plan()
SINCE, MIDDLE, END = date(2020, 12, 31), date(2023, 7, 2), date(2025, 12, 31)
FLOW = PLAN.statement("edu_compulsory_seats_added")
STOCK = PLAN.statement("hlt_institutions_total")
RATE = PLAN.statement("civ_community_worker_cert_rate")


def target(
    value: float, *steps: tuple[date, float], nature: str = "预期性", version: str = "1"
) -> Target:
    return Target(
        "p", (*(Step(*step) for step in steps), Step(END, value)), "gte", nature, "example", version
    )


def judged(
    statement: Any,
    value: float | None,
    wanted: Target | None,
    day: date = MIDDLE,
    present: bool = True,
) -> Judgement:
    return judge(
        statement, value, wanted, present=present, day=day, since=SINCE, thresholds=PLAN.thresholds
    )


def test_time_is_the_elapsed_share_of_the_plan() -> None:
    assert elapsed(target(1), 0, date(2023, 7, 2), SINCE) == pytest.approx(913 / 1826)
    assert elapsed(target(1), 0, END, SINCE) == 1
    assert elapsed(target(1), 0, date(2026, 12, 31), SINCE) == 1


def test_yearly_milestones_bend_the_way() -> None:
    # From 100 to 200, but 150 already after the first year.
    wanted = target(200, (date(2021, 12, 31), 150))
    assert elapsed(wanted, 100, date(2021, 12, 31), SINCE) == pytest.approx(0.5)
    assert elapsed(wanted, 100, date(2021, 7, 2), SINCE) == pytest.approx(0.5 * 183 / 365)
    assert elapsed(wanted, 100, END, SINCE) == 1


def test_flows_begin_at_nothing_in_2021() -> None:
    judgement = judged(FLOW, 12_000, target(24_000))
    assert (judgement.progress, judgement.status) == (
        0.5,
        ON_SCHEDULE,
    )  # the 24,000 of 2016 to 2020 are no baseline
    assert judged(FLOW, 24_000, target(24_000)).status == DONE


@pytest.mark.parametrize(
    ("value", "nature", "status"),
    [
        (923, "预期性", DONE),
        (873, "预期性", ON_SCHEDULE),  # 50 of 100 at half time
        (866, "预期性", NEARLY),  # 43: at least 0.8 of the time
        (866, "约束性", BEHIND),  # amber is for expected targets only
        (850, "预期性", BEHIND),
        (800, "预期性", BEHIND),  # regressing
    ],
)
def test_levels(value: float, nature: str, status: str) -> None:
    assert judged(STOCK, value, target(923, nature=nature)).status == status


def test_lower_is_better_works_with_the_same_formula() -> None:
    lower = replace(STOCK, direction="lower", value=100.0, half_width=0.0)
    assert judged(lower, 75, target(50)).progress == 0.5
    assert judged(lower, 50, target(50)).status == DONE
    assert judged(lower, 110, target(50)).status == BEHIND


def test_keeping_what_was_reached() -> None:
    cover = PLAN.statement("hsg_property_mgmt_coverage")
    assert judged(cover, 1.0, target(1.0)).status == DONE
    fallen = judged(cover, 0.99, target(1.0))
    assert (fallen.status, fallen.progress) == (BEHIND, None)
    assert fallen.time_progress == pytest.approx(0.5, abs=0.001)


def test_the_comparator_decides_what_is_reached() -> None:
    cover = PLAN.statement("hsg_property_mgmt_coverage")  # 100 % at the baseline
    kept = judged(cover, 0.991, target(0.95))
    assert (kept.status, kept.progress, kept.reasons[0].code) == (DONE, 1.0, "maintain")
    assert judged(cover, 0.949, target(0.95)).status == BEHIND
    ceiling = replace(target(900), comparator="lte")
    assert judged(STOCK, 880, ceiling).status == ON_SCHEDULE  # a gain is meant: 823 to 900
    neutral = replace(STOCK, direction="neutral")
    assert judged(neutral, 800, replace(target(820), comparator="lte")).status == DONE
    assert judged(neutral, 822, replace(target(820), comparator="lte")).status != DONE
    lower = replace(STOCK, direction="lower", value=100.0, half_width=0.0)
    assert judged(lower, 104, replace(target(105), comparator="lte")).status == DONE
    assert judged(lower, 106, replace(target(105), comparator="lte")).status == BEHIND
    assert judged(STOCK, 930, replace(target(923), comparator="eq")).status == DONE


def test_an_aim_without_baseline_has_no_progress() -> None:
    aim = PLAN.statement("civ_donation_site_coverage")
    judgement = judged(aim, 0.8, target(1.0))
    assert (judgement.status, judgement.progress, judgement.reasons[0].code) == (
        NOT_EVALUABLE,
        None,
        "no_baseline",
    )
    assert judged(aim, 1.0, target(1.0)).status == DONE


def test_without_target_there_is_none_and_never_nought() -> None:
    judgement = judged(STOCK, 900, None)
    assert (judgement.status, judgement.progress, judgement.time_progress) == (
        NO_TARGET,
        None,
        None,
    )


def test_without_data_nothing_is_judged() -> None:
    assert judged(STOCK, None, target(900), present=False).status == NOT_EVALUABLE
    assert judged(STOCK, None, None, present=False).status == NOT_EVALUABLE


def test_another_definition_breaks_the_series() -> None:
    judgement = judged(STOCK, 900, target(923, version="2"))
    assert (judgement.status, judgement.reasons[0].code) == (NOT_EVALUABLE, "definition_changed")


def test_data_from_before_the_plan_are_not_judged() -> None:
    judgement = judged(STOCK, 823, target(923), day=SINCE)
    assert (judgement.status, judgement.reasons[0].code) == (NOT_EVALUABLE, "before_plan")


def test_qualitative_statements_have_no_colour() -> None:
    word = PLAN.statement("party_so_coverage_trend")
    assert judged(word, None, None).status == NO_TARGET
    assert judged(word, None, target(1)).reasons[0].code == "qualitative"
    assert judged(word, None, None, present=False).status == NOT_EVALUABLE


def test_milestones_are_done_pending_or_missed() -> None:
    stone = PLAN.statement("civ_two_committee_election_done")
    assert judged(stone, 1, target(1)).status == DONE
    assert judged(stone, 0, target(1)).reasons[0].code == "milestone_pending"
    assert judged(stone, 0, target(1), day=END).status == BEHIND


def test_rounding_of_the_baseline_can_flip_the_status() -> None:
    # 39 % may be 38.5 to 39.5 %: on schedule from one, nearly from the other.
    def codes(value: float) -> list[str]:
        return [reason.code for reason in judged(RATE, value, target(0.49)).reasons]

    assert codes(0.4398) == ["rounding_sensitive"]
    assert codes(0.48) == []


def test_official_targets_come_before_examples_and_plans_are_not_mixed() -> None:
    def row(plan: str, basis: str, on: str, value: float) -> SimpleNamespace:
        return SimpleNamespace(
            plan_code=plan, basis=basis, target_on=date.fromisoformat(on), target_value=value,
            comparator="gte", nature="预期性", definition_version="1",
        )  # fmt: skip

    rows = [
        row("a", "example", "2025-12-31", 1),
        row("b", "official", "2025-12-31", 2),
        row("b", "official", "2023-12-31", 1.5),
        row("c", "official", "2025-12-31", 3),
        row("b", "official", "2020-12-31", 9),  # the last plan's
    ]
    chosen = pick_target(rows, SINCE)
    assert chosen is not None
    assert [step.value for step in chosen.steps] == [1.5, 2]
    assert pick_target([], SINCE) is None
