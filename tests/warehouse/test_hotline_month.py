"""The hotline's assessment month by unit, against pandas on random orders, and its edges by hand."""

from __future__ import annotations

import random
from datetime import date, timedelta
from math import sqrt
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from tests.warehouse.star import Star

MONTH = date(2024, 6, 1)
RATES = ("response", "resolution", "satisfaction")


def ask(star: Star, policy: str = "district-tool", excluded: bool = False) -> dict[str, Any]:
    """Rows by unit, as a reader gets them."""
    star.execute("SET LOCAL ROLE minsheng_reader")
    try:
        query = sa.text("SELECT * FROM bi.hotline_month(:m, :p, :x)")
        rows = star.connection.execute(query, {"m": MONTH, "p": policy, "x": excluded}).mappings()
        return {row["unit_name"]: dict(row) for row in rows}
    finally:
        star.execute("RESET ROLE")


def unit(star: Star, name: str, kind: str = "town") -> int:
    return star.dimension("unit", name, "1900-01-01", unit_name=name, unit_kind=kind, area_key=-1)


def wilson(hits: float, n: int) -> tuple[float, float]:
    z, p = 1.959963984540054, hits / n
    middle, width = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - width) / (1 + z * z / n), (middle + width) / (1 + z * z / n)


@pytest.mark.parametrize("excluded", [False, True])
def test_as_pandas_counts_it(star: Star, excluded: bool) -> None:
    rng = random.Random(5)
    star.delivery("hotline.work_order", mode="delta")
    units = {unit(star, f"镇{n}", "town" if n < 4 else "department"): f"镇{n}" for n in range(6)}
    rows = []
    for number in range(400):
        opened = pd.Timestamp("2024-05-10") + timedelta(hours=rng.randrange(24 * 50))
        row = {
            "unit_key": rng.choice(list(units)[:5]),  # the last one has no orders
            "is_valid_callback": rng.random() < 0.8,
            "is_contacted": rng.random() < 0.9,
            "resolution": rng.choice(["解决", "部分解决", "未解决", None]),
            "satisfaction": rng.choice(["满意", "基本满意", "不满意", None]),
            "is_excluded": rng.choice([True, False, None]),
            "return_count": rng.choice([0, 1, 2, None]),
            "extension_days": rng.choice([0, 3, None]),
        }
        star.order(str(number), str(opened), **row)
        rows.append({**row, "opened": opened})
    frame = pd.DataFrame(rows)
    first, after = pd.Timestamp("2024-05-19"), pd.Timestamp("2024-06-19")
    frame = frame[(frame.opened >= first) & (frame.opened < after)]
    if not excluded:
        frame = frame[frame.is_excluded.ne(True)]
    answer = ask(star, excluded=excluded)
    assert len(answer) == 6
    for key, name in units.items():
        mine, row = frame[frame.unit_key == key], answer[name]
        valid = mine[mine.is_valid_callback]
        assert (row["orders"], row["valid"]) == (len(mine), len(valid))
        if valid.empty:
            assert row["score"] is None
            assert row["rank"] is None
            continue
        hits = (
            valid.is_contacted.sum(),
            (valid.resolution == "解决").sum(),
            (valid.satisfaction == "满意").sum() + 0.9 * (valid.satisfaction == "基本满意").sum(),
        )
        for rate, hit in zip(RATES, hits, strict=True):
            low, high = wilson(float(hit), len(valid))
            shown = (row[f"{rate}_rate"], row[f"{rate}_low"], row[f"{rate}_high"])
            assert shown == pytest.approx((hit / len(valid), low, high))
        score = sum(w * h for w, h in zip((10, 50, 40), hits, strict=True)) / len(valid)
        assert row["score"] == pytest.approx(score)
        known = mine.return_count.notna().sum()
        assert row["return_known"] == known
        assert row["return_rate"] == pytest.approx((mine.return_count > 0).sum() / known)
    towns = sorted(
        (r for r in answer.values() if r["rank"] and r["unit_kind"] == "town"),
        key=lambda r: r["rank"],
    )
    assert [r["score"] for r in towns] == sorted((r["score"] for r in towns), reverse=True)


def test_few_callbacks_have_no_rank_and_very_few_no_rates(star: Star) -> None:
    star.delivery("hotline.work_order", mode="delta")
    good = {
        "is_valid_callback": True,
        "is_contacted": True,
        "resolution": "解决",
        "satisfaction": "满意",
    }
    for name, count in (("四", 4), ("五", 5), ("九", 9), ("十", 10)):
        key = unit(star, name)
        for number in range(count):
            star.order(f"{name}{number}", "2024-06-02", unit_key=key, **good)
    shown = {name: (row["valid"], row["score"], row["rank"]) for name, row in ask(star).items()}
    assert shown == {
        "四": (4, None, None),
        "五": (5, 100, None),
        "九": (9, 100, None),
        "十": (10, 100, 1),
    }


def test_the_policy_of_the_first_day_counts_the_whole_month(star: Star) -> None:
    """One that changes on the 1st of June does not change the assessment month that began on the 19th of May."""
    star.delivery("hotline.work_order", mode="delta")
    star.execute(
        "UPDATE plan.score_policy SET valid_to = '2024-06-01' WHERE policy_code = 'district-tool'"
    )
    assert ask(star) == {}
    unit(star, "甲")
    (row,) = ask(star).values()
    assert (row["first_on"], row["after_on"], row["orders"]) == (
        date(2024, 5, 19),
        date(2024, 6, 19),
        0,
    )
    star.execute(
        "UPDATE plan.score_policy SET valid_to = '2024-05-01' WHERE policy_code = 'district-tool'"
    )
    assert ask(star) == {}


def test_a_grade_is_the_highest_whose_limit_the_score_reaches(star: Star) -> None:
    """Limits are reached from below; without ten callbacks, or limits in the policy, there is none."""
    star.delivery("hotline.work_order", mode="delta")
    star.execute(
        """UPDATE plan.score_policy SET grades = '{"乙": 80, "丙": 0, "甲": 90}' WHERE policy_code = 'district-tool'"""
    )
    good = {
        "is_valid_callback": True,
        "is_contacted": True,
        "resolution": "解决",
        "satisfaction": "满意",
    }
    for name, resolved, count in (
        ("甲镇", 10, 10),
        ("乙镇", 8, 10),
        ("丙镇", 0, 10),
        ("九件", 9, 9),
    ):
        key = unit(star, name)
        for number in range(count):
            order = good if number < resolved else good | {"resolution": "未解决"}
            star.order(f"{name}{number}", "2024-06-02", unit_key=key, **order)
    shown = {name: (row["score"], row["grade"]) for name, row in ask(star).items()}
    assert shown == {
        "甲镇": (100, "甲"),
        "乙镇": (90, "甲"),
        "丙镇": (50, "丙"),
        "九件": (100, None),
    }
    assert {row["grade"] for row in ask(star, "jungar-2").values()} == {None}
