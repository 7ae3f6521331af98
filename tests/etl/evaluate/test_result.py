"""Whether a value agrees with what the plan states: within what the plan's figure may stand for, on both sides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from etl.evaluate.result import IndicatorValue
from etl.plan import load_plan

STATEMENT = load_plan().statements[0]


def value(number: float | None, **statement: Any) -> IndicatorValue:
    return IndicatorValue(
        replace(STATEMENT, **{"value": 100.0, "half_width": 0.5, "comparator": "eq"} | statement),
        number, None, None, None, None, None, "ok", (), None, None, False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("number", "agrees"),
    [(99.4, False), (99.5, True), (100.0, True), (100.5, True), (100.6, False), (1e9, False)],
)
def test_within_the_interval_and_not_beyond_it(number: float, agrees: bool) -> None:
    assert value(number).interval == (99.5, 100.5)
    assert value(number).agrees is agrees


def test_at_least_has_no_upper_bound() -> None:
    assert [value(n, comparator="gte").agrees for n in (99.9, 100.0, 1e9)] == [False, True, True]


def test_without_a_number_there_is_nothing_to_agree_with() -> None:
    assert value(None).agrees is None
    assert value(1.0, value=None).agrees is None
    assert value(1.0, half_width=None).agrees is None
    assert (value(None).difference, value(1.0, value=None).difference) == (None, None)
    assert value(103.0).difference == 3.0
