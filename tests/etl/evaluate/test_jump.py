"""What counts as a jump, worked out by hand."""

from __future__ import annotations

import pytest

from etl.evaluate.jump import Thing, large_rows, mover, unusual


@pytest.mark.parametrize(
    ("series", "now", "whole", "expected"),
    [
        ([160, 161], 1610, 2800, True),  # little history: ten times as many
        ([160, 161], 320, 2800, False),  # twice as many may be
        ([], 1610, 2800, False),  # no history, no verdict
        ([158, 159, 161, 160, 162, 161], 1610, 2800, True),
        ([158, 159, 161, 160, 162, 161], 170, 2800, False),
        ([158, 159, 161, 160, 162, 161], 300, 28_000, False),  # nothing to the whole
        ([100, 300, 120, 290, 110, 305], 120, 1000, False),  # it has always swung
        ([100, 110, 121, 133, 146, 161], 177, 1000, False),  # it has always grown
        ([820, 821, 819, 820, 822, 820], 1640, 820, True),  # a figure doubled
        ([820, 821, 819, 820, 822, 820], 850, 820, False),
        ([820, 821, 819, 820, 822, 820], 100, 820, True),  # down as well as up
        ([5, 5, 5, 5, 5, 5], 12, 30, False),  # a handful
    ],
)
def test_a_series(series: list[float], now: float, whole: float, expected: bool) -> None:
    assert unusual(series, now, whole) is expected


def thing(entity: str, amount: float, town: int = 1) -> Thing:
    return Thing(town, "甲镇", entity, amount, f"#1 {entity}.csv")


def test_a_row_of_a_flow() -> None:
    rows = [thing(f"P{n}", 100 + n) for n in range(12)]
    assert large_rows(rows, []) == []
    slipped = thing("P3", 1030)
    others = [row for row in rows if row.entity != "P3"]
    # Nine times the largest of twelve; or ten times what it was known as before.
    assert large_rows([*others, slipped], []) == [slipped]
    known = {row.key: row.amount for row in rows}
    assert large_rows([*others, slipped], [known]) == [slipped]
    assert large_rows([*others, slipped], [known | {slipped.key: 1030.0}]) == []  # known as that
    assert large_rows([slipped, thing("P4", 60)], []) == []  # too few to say


def test_the_row_that_did_it() -> None:
    before = [thing("甲镇 2022-11", 161), thing("乙镇 2022-11", 300, town=2)]
    now = [thing("甲镇 2022-12", 1610), thing("乙镇 2022-12", 310, town=2)]
    assert mover(now, before, None) == (1449, now[0])  # the month in the name is no other thing
    assert mover(now, before, 2) == (10, now[1])
    assert mover([], before, 1) == (161, before[0])  # one that went
    assert mover(now, now, None) == (0.0, None)
