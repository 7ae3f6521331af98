"""Bounds of figures: what the rows in quarantine allow, by hand, and against every combination tried."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.evaluate import evaluate
from etl.evaluate.bounds import Amount, of_ratio, of_sum
from etl.preview import withdraw
from tests.etl.load.files import (
    CONTRACT,
    INSTITUTION,
    SEAT,
    STAFF,
    TARGET,
    Desk,
    institution,
    staff,
)

ESTATE = ["小区编码", "小区名称", "社区代码", "户数", "建成年代", "是否三无", "是否老旧小区"]
DAY = date(2025, 12, 31)
CODE = "edu_compulsory_seats_added"


def change(
    number: str, places: Any, day: Any, kind: str = "新建", stage: str = "小学"
) -> list[Any]:
    return [number, "1111000001", stage, kind, places, day, "x"]


def seen(desk: Desk, code: str = CODE, day: date = DAY) -> Any:
    return evaluate(day, settings=desk.ctx.settings)[code]


def test_rows_of_an_ambiguous_day_may_count(desk: Desk) -> None:
    """Issue 11: 100 good places and 900 of an ambiguous day are 100 to 1,000."""
    desk.register()
    rows = [change("C1", 100, "2021-03-01"), change("C2", 900, "03/04/2021")]
    sent = desk.send("学位变动_2021年第1季度.csv", SEAT, rows)
    assert (sent.loaded, sent.quarantined) == (1, 1)
    indicator = seen(desk)
    assert indicator.value == 100
    assert (indicator.bounds.low, indicator.bounds.high, indicator.bounds.is_open) == (
        100,
        1000,
        False,
    )
    assert indicator.provisional
    assert indicator.bounds.entries == 1


def bounds(desk: Desk, code: str = CODE, day: date = DAY, **known: Any) -> tuple[Any, ...]:
    """Value, low, high and the open ends."""
    shown = evaluate(day, settings=desk.ctx.settings, **known)[code]
    return shown.value, shown.bounds.low, shown.bounds.high, shown.bounds.as_dict()["open"]


def sends(desk: Desk, *rows: list[Any], quarter: int = 1, word: str = "") -> Any:
    return desk.send(f"学位变动_2021年第{quarter}季度{word}.csv", SEAT, list(rows))


def test_a_change_of_unknown_kind_adds_or_takes_away(desk: Desk) -> None:
    sends(desk, change("C1", 100, "2021-03-01"), change("C2", 30, "2021-02-01", kind="新健"))
    assert bounds(desk) == (100, 70, 130, [])


def test_a_change_in_an_unknown_stage_counts_or_not(desk: Desk) -> None:
    sends(desk, change("C1", 100, "2021-03-01"), change("C2", 30, "2021-02-01", stage="小学校"))
    assert bounds(desk) == (100, 100, 130, [])


def test_an_amount_that_cannot_be_read_leaves_the_bounds_open(desk: Desk) -> None:
    """A net sum may fall, too; of things that are counted there are never fewer."""
    sends(desk, change("C1", 100, "2021-03-01"), change("C2", "约三十", "2021-02-01"))
    assert bounds(desk) == (100, None, None, ["low", "high"])
    assert bounds(desk, day=date(2020, 12, 31)) == (
        None,
        None,
        None,
        [],
    )  # nothing came of that period


def test_of_rows_that_contradict_each_other_one_counts(desk: Desk) -> None:
    sends(
        desk,
        change("C1", 100, "2021-03-01"),
        change("C2", 20, "2021-02-01"),
        change("C2", 30, "2021-02-01"),
    )
    assert bounds(desk) == (100, 100, 130, [])


def test_a_row_in_quarantine_takes_the_place_of_what_was_believed(desk: Desk) -> None:
    """Read in one stage it is 150 instead of 100, in another it counts nowhere."""
    sends(desk, change("C1", 100, "2021-03-01"), change("C9", 7, "2021-01-05"))
    sends(desk, change("C1", 150, "2021-03-01", stage="小学校"), quarter=2)
    assert bounds(desk) == (107, 7, 157, [])


def test_repaired_they_meet_and_the_past_keeps_its_own(desk: Desk) -> None:
    sends(desk, change("C1", 100, "2021-03-01"), change("C2", 900, "03/04/2021"))
    ((at,),) = desk.ask("SELECT max(at) FROM ledger.commit")
    assert bounds(desk) == (100, 100, 1000, [])
    sends(desk, change("C2", 900, "2021-03-04"), word="_更正")
    assert bounds(desk) == (1000, 1000, 1000, [])
    assert bounds(desk, known_at=at) == (100, 100, 1000, [])
    indicator = evaluate(date(2021, 3, 31), settings=desk.ctx.settings)[CODE]
    assert not indicator.provisional


def test_a_later_snapshot_speaks_instead(desk: Desk) -> None:
    """What was unreadable in March was told in April, and asks nobody any more who reads April."""
    desk.register()
    good = [institution("I1"), institution("I2", "乙")]
    broken = [*institution("I2", "乙")[:5], "执页"]
    desk.send("医疗卫生机构_2021年3月.csv", INSTITUTION, [good[0], broken])
    code = "hlt_institutions_total"
    assert bounds(desk, code, date(2021, 3, 31)) == (1, 1, 2, [])
    desk.send("医疗卫生机构_2021年4月.csv", INSTITUTION, good)
    assert bounds(desk, code, date(2021, 4, 30)) == (2, 2, 2, [])
    assert bounds(desk, code, date(2021, 3, 31)) == (1, 1, 2, [])


def test_a_share_lies_between_none_and_the_whole(desk: Desk) -> None:
    """Certified workers of one town cannot be read, all of another town's row can."""
    desk.register()
    rows = [staff("2021-03", "旧宫镇"), ["2021-03", "青云店镇", 10, "不详", 2, 1]]
    desk.send("社区工作者_2021年3月.csv", STAFF, rows)
    shown = bounds(desk, "civ_community_worker_cert_rate", date(2021, 3, 31))
    assert shown == (pytest.approx(0.1), pytest.approx(1 / 20), pytest.approx(11 / 20), [])


def test_a_row_about_nobody_knows_what_covers_one_more_or_one_fewer(desk: Desk) -> None:
    """A contract whose estate cannot be read: of two estates one is managed, and it may be none or both."""
    desk.register()
    estates = [[f"X{n}", f"小区{n}", "110115006001", 10, 1990, "否", "是"] for n in (1, 2)]
    desk.send("小区台账_2021年第1季度.csv", ESTATE, estates)
    contract = ["物业甲", None, "2020-01-01", None, "市场化"]
    good, lost = ([estate, *contract[:4], "专业物业"] for estate in ("X1", None))
    sent = desk.send("物业合同_2021年第1季度.csv", CONTRACT, [good, lost])
    assert (sent.loaded, sent.quarantined) == (1, 1), sent.reasons
    assert bounds(desk, "hsg_property_mgmt_coverage", date(2021, 3, 31)) == (0.5, 0, 1, [])


def test_the_verdict_hangs_on_rows_in_quarantine(desk: Desk) -> None:
    sends(desk, change("C1", 100, "2021-03-01"), change("C2", 900, "03/04/2021"))
    target = [CODE, "test", "2025-12-31", 500, "gte", "预期性", "user_supplied", "2021-04-01", "1"]
    desk.accepted(desk.send("plan_targets_2021-04-01.csv", TARGET, [target]))
    indicator = evaluate(date(2021, 3, 31), settings=desk.ctx.settings)[CODE]
    assert indicator.target == 500
    assert indicator.status == "不可评"
    reason = next(r for r in indicator.reasons if r.code == "quarantine_sensitive")
    assert "100（达到时序）" in reason.message_zh  # 20 % of the way in 5 % of the time
    assert "1,000（已完成）" in reason.message_zh


def test_entries_are_open_when_they_are(desk: Desk) -> None:
    """The view of all commits agrees with the function of one, also over a repair that is withdrawn."""
    sends(desk, change("C1", 100, "2021-03-01"), change("C2", 900, "03/04/2021"))
    repair = sends(desk, change("C2", 900, "2021-03-04"), word="_更正")
    withdraw(repair.delivery_id, by="李工", reason="错了", ctx=desk.ctx)
    sends(desk, change("C2", 800, "2021-03-04"), word="_更正二")
    asked = "SELECT k.seq, {} FROM ledger.commit AS k CROSS JOIN ledger.quarantine AS q WHERE k.seq > 0 ORDER BY 1, q.row_no"
    by_view = asked.format(
        "EXISTS (SELECT FROM ledger.open_entry AS o WHERE (o.delivery_id, o.row_no) = (q.delivery_id, q.row_no)"
        " AND o.known_from <= k.seq AND k.seq < o.known_to)"
    )
    assert desk.ask(by_view) == desk.ask(asked.format("ledger.is_open(q, k.seq)"))
    assert [is_open for _, is_open in desk.ask(by_view)] == [True, False, True, False]


amounts = st.tuples(st.integers(0, 9).map(float), st.integers(0, 9).map(float))
parts = st.lists(st.lists(amounts, min_size=1, max_size=3), max_size=5)


@given(st.integers(0, 50), st.integers(1, 50), parts)
def test_a_quotients_ends_are_those_of_all_combinations(
    n: int, d: int, parts: list[list[Amount]]
) -> None:
    parts = [[(0.0, 0.0), *part] for part in parts]
    tried = [
        (n + sum(a for a, _ in way)) / (d + sum(b for _, b in way))
        for way in itertools.product(*parts)
    ]
    assert of_ratio(float(n), float(d), parts) == pytest.approx((min(tried), max(tried)))
    sums = [n + sum(a for a, _ in way) for way in itertools.product(*parts)]
    assert of_sum(float(n), parts) == pytest.approx((min(sums), max(sums)))
