"""A delivery beside those before it: rows, codes and towns that always came, shares of codes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.context import Context
from etl.ledger import Delivery
from etl.settings import Settings
from etl.stage.history import LEAST, always_there, shift, usual_rows
from tests.etl.load.files import INSTITUTION, STAFF, Desk, staff


@pytest.fixture
def desk(ingest_settings: Settings, tmp_path: Path) -> Desk:
    return Desk(Context.of(ingest_settings), tmp_path)


def snapshot(rows: int, month: int, *, shut: int = 0) -> list[list[object]]:
    """So many institutions, with other beds every month; the first ones are shut."""
    return [
        [f"A{n}", "甲", month, "110115006001", "2010-01-01", "注销" if n < shut else "执业"]
        for n in range(rows)
    ]


def rules(delivery: Delivery) -> list[tuple[str, str]]:
    return [(r["rule"], r["severity"]) for r in delivery.reasons]


def test_few_before_are_no_history() -> None:
    assert usual_rows([100] * LEAST, "full") is None
    assert usual_rows([100] * (LEAST + 1), "full") is not None


def test_a_steady_snapshot_may_change_by_a_tenth() -> None:
    low, high = usual_rows([1000] * 12, "full") or (0, 0)
    assert (round(low), round(high)) == (900, 1111)


def test_growth_is_usual_and_one_freak_does_not_widen_it() -> None:
    """A tenth more each time: the last had 1000, so 1100 is expected, and a tenth less or more than that."""
    growing = [1000 / 1.1**n for n in range(12)]
    assert [round(n) for n in usual_rows([round(n) for n in growing], "full") or ()] == [990, 1222]
    freak = [round(n) for n in growing]
    freak[5] = 10  # one broken snapshot gives two wild steps of eleven
    low, high = usual_rows(freak, "full") or (0, 0)
    assert (round(low, -1), round(high, -1)) == (990, 1220)


def test_events_may_double() -> None:
    assert [round(n) for n in usual_rows([500] * 10, "delta") or ()] == [250, 1000]
    wild = [100, 900, 80, 1500, 300, 50, 2000, 400, 120, 700]
    low, high = usual_rows(wild, "delta") or (0, 0)
    assert low < 10 < 5000 < high


@given(
    st.lists(st.dictionaries(st.sampled_from("abcde"), st.integers(1, 50)), min_size=1, max_size=5)
)
def test_what_always_came_and_how_far_shares_moved(deliveries: list[dict[str, int]]) -> None:
    """Against a second way: each row as an element of a list."""
    always = [v for v in "abcde" if all(v in each for each in deliveries)]
    assert sorted(always_there(deliveries)) == always
    first, last = Counter(deliveries[0]), Counter(deliveries[-1])
    if first and last:
        n, m = first.total(), last.total()
        common = sum(min(first[v] * m, last[v] * n) for v in "abcde")
        assert shift(first, last) == pytest.approx(1 - common / (n * m))


def test_a_town_that_always_reported_is_missed(desk: Desk) -> None:
    desk.register()
    towns = ("旧宫地区办事处", "青云店镇")
    months = [f"{2020 + n // 12}-{n % 12 + 1:02d}" for n in range(LEAST + 1)]
    for month in months[:-1]:
        name = f"社区工作者月报_{month[:4]}年{int(month[5:])}月.csv"
        done = desk.send(name, STAFF, [staff(month, town) for town in towns])
        assert done.state == "loaded", done.reasons
        assert "value_gone" not in {r["rule"] for r in done.reasons}
    last = months[-1]
    short = desk.send(
        f"社区工作者月报_{last[:4]}年{int(last[5:])}月.csv", STAFF, [staff(last, towns[0])]
    )
    [reason] = [r for r in short.reasons if r["rule"] == "value_gone"]
    assert (reason["found"], reason["severity"]) == ("青云店镇", "warning")


def test_a_snapshot_is_held_by_its_own_history(desk: Desk) -> None:
    """A fifth less would pass the fixed share of 70 %; this feed never changes by more than one row."""
    desk.register()
    for n in range(LEAST + 1):
        rows = snapshot(100 + n % 2, n)
        sent = desk.send(f"医疗卫生机构2020年{n + 1}月.csv", INSTITUTION, rows)
        assert sent.state == "loaded", sent.reasons
    held = desk.send("医疗卫生机构2020年12月.csv", INSTITUTION, snapshot(80, 12))
    assert (held.state, rules(held)) == ("held", [("rows_unusual", "error")])
    assert held.reasons[0]["found"] == "80"
    more = desk.send("医疗卫生机构2021年1月.csv", INSTITUTION, snapshot(130, 13))
    assert more.state == "loaded"
    assert ("rows_unusual", "warning") in rules(more)


def test_codes_that_change_their_shares_are_told(desk: Desk) -> None:
    desk.register()
    for n in range(LEAST):
        desk.send(f"医疗卫生机构2020年{n + 1}月.csv", INSTITUTION, snapshot(120, n))
    done = desk.send("医疗卫生机构2020年12月.csv", INSTITUTION, snapshot(120, 12, shut=60))
    [reason] = [r for r in done.reasons if r["rule"] == "shares_shifted"]
    assert "执业 100%→50%" in reason["found"]
