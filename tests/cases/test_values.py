"""Cases of values: marks of notes, words for nothing, closings known by day, cells shown as they were sent."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from etl.context import Context
from tests.cases.desk import deliver, query

pytestmark = pytest.mark.slow

ORDER = (
    "工单编号",
    "案件编号",
    "诉求类型",
    "一级分类",
    "被反映街乡镇",
    "承办单位",
    "来电时间",
    "办结时间",
    "退单次数",
    "更新时间",
)


def found(ctx: Context) -> dict[int, list[tuple[str, str]]]:
    """Row to (rule, what was found) of its reasons."""
    rows = query(ctx, "SELECT row_no, reasons FROM ledger.quarantine ORDER BY 1")
    return {number: [(each["rule"], each["found"]) for each in told] for number, told in rows}


def write(path: Path, *rows: tuple[str, ...]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([ORDER, *rows])
    return path


def order(
    number: str, opened: str, closed: str = "", returns: str = "", case: str = ""
) -> tuple[str, ...]:
    return (
        number,
        case,
        "投诉",
        "其他",
        "兴丰街道",
        "兴丰街道",
        opened,
        closed,
        returns,
        "2021-03-30 10:00:00",
    )


def test_marks_of_notes_are_left_out_and_told(ctx: Context, files: Path) -> None:
    folder = files / "03-footnote-superscripts"
    done = deliver(ctx, folder / "小区台账2020年第4季度.csv")
    households = query(ctx, "SELECT estate_id, households FROM bi.estate ORDER BY 1")
    assert households == [
        ("T0001", 823),
        ("T0002", 823),
        ("T0003", 8),
        ("T0004", 823),
        ("T0007", 823),
    ]
    assert {row: reasons[0][1] for row, reasons in found(ctx).items()} == {
        5: "823[1]",
        6: "823*",
        8: "½",
    }
    assert [each["rows"] for each in done.reasons if each["rule"] == "note_mark.households"] == [4]


def test_words_for_nothing_are_no_case_id(ctx: Context, files: Path) -> None:
    """Five orders that pandas wrote with nan are five demands."""
    deliver(ctx, files / "06-null-words" / "接诉即办工单_2021年4月.csv")
    assert query(ctx, "SELECT order_id, case_id FROM star.fact_work_order ORDER BY 1") == [
        (f"H{n:03}", None) for n in range(5)
    ]


def test_every_word_for_nothing_but_an_error(ctx: Context, files: Path) -> None:
    """By hand from the file: 23 words; #N/A is an error; 未知, 不详 and … are what people wrote."""
    deliver(ctx, files / "06-null-words" / "接诉即办工单_2021年3月.csv")
    loaded = query(
        ctx, "SELECT order_id, case_id FROM star.fact_work_order WHERE case_id IS NOT NULL"
    )
    assert sorted(loaded) == [("G016", "未知"), ("G019", "不详"), ("G021", "...")]
    assert {row: {text for _, text in reasons} for row, reasons in found(ctx).items()} == {
        9: {"#N/A"}
    }


def test_a_closing_known_by_its_day_is_not_before_the_opening(ctx: Context, files: Path) -> None:
    done = deliver(ctx, files / "18-date-only-closing" / "接诉即办工单_2021年3月.csv")
    assert (done.loaded, done.quarantined) == (4, 0)


def test_a_closing_before_the_opening_is_shown_as_it_was_sent(ctx: Context, tmp_path: Path) -> None:
    path = write(
        tmp_path / "接诉即办工单_2021年3月.csv",
        order("A1", "2021年3月5日 下午3点半", "2021/3/5 9:05"),
        order("A2", "2021-03-05 15:30:00", "2021-3-4"),
        order("A3", "2021-03-05 15:30:00", "2021-03-05"),
        order("A4", "2021-03-05 15:30:00", "2021-03-06 晚上2点"),
        order("A5", "2021-03-05 15:30:00", "2021-03-06 24:00", "１，２００"),
    )
    done = deliver(ctx, path)
    assert found(ctx) == {
        1: [("closed_after_opened", "2021/3/5 9:05 | 2021年3月5日 下午3点半")],
        2: [("closed_after_opened", "2021-3-4 | 2021-03-05 15:30:00")],
        4: [("ambiguous", "2021-03-06 晚上2点")],
    }
    assert done.loaded == 2
    assert query(ctx, "SELECT order_id, closed_at AT TIME ZONE 'Asia/Shanghai', return_count"
                      " FROM star.fact_work_order ORDER BY 1")[1][1:] == (
        __import__("datetime").datetime(2021, 3, 7), 1200)  # fmt: skip


def test_unicode_keys_stay_right(ctx: Context, files: Path) -> None:
    done = deliver(ctx, files / "34-unicode-keys" / "学校名录2021年.csv")
    assert done.state == "loaded"
    assert query(ctx, "SELECT count(*) FROM registry.school WHERE school_key > 0")[0][0] >= 2
