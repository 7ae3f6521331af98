"""What stands around a table changes nothing, or holds the delivery; and no row is lost without a word."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.contract.model import Contract
from etl.decode import UNPLACED, Reading, batches, open_tables
from etl.values import Typer
from tests.etl.decode import test_ods as ods
from tests.etl.decode.factory import Totals, contract, field

HEAD = ["镇街", "年月", "社工人数", "满意率"]
ROWS = [
    ["黄村镇", "2021-01", "12", "0.5"],
    ["旧宫镇", "2021-01", "9", "0.25"],
    ["青云店镇", "2021-01", "8", ""],
]


def what(totals: bool = False) -> Contract:
    return contract(
        field("town", "镇街", required=True, key_position=1),
        field("month", "年月", "date", required=True, precision="month"),
        field("workers", "社工人数", "integer", required=True, unit="人"),
        field("rate", "满意率", "number", unit="%"),
        totals=Totals("town", ("合计",), ("workers",)) if totals else None,
        footnotes=(r"^注[:：]",),
    )


def write(path: Path, rows: list[list[str]]) -> None:
    """As a CSV, or the kind of workbook that the name asks for; figures as numbers in that."""
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.worksheets[0].append([typed(text) for text in row])
        book.save(path)
    elif path.suffix == ".xls":
        old = xlwt.Workbook()
        sheet = old.add_sheet("表1")
        for number, row in enumerate(rows):
            for place, text in enumerate(row):
                if text:
                    sheet.write(number, place, typed(text))
        old.save(str(path))
    else:
        ods.write(path, *(ods.row(*(ods.cell(typed(text)) for text in row)) for row in rows))


def typed(text: str) -> str | float | None:
    """A cell as a clerk types it: what looks like a number is one."""
    return float(text) if text.replace(".", "", 1).isdecimal() else text or None


def read(path: Path, rows: list[list[str]], of: Contract) -> tuple[Reading, list[dict[str, Any]]]:
    write(path, rows)
    table = open_tables(path, of)
    reading = Reading(table)
    typer = Typer(of, b"k" * 32, table.headers, serials=table.serials)
    typed = [
        row for batch in batches(reading) for row in typer(batch, reading.faults).narrow.to_pylist()
    ]
    return reading, typed


def figures(typed: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(row["town"], row["workers"], row["rate"]) for row in typed]


def expected(scale: int = 1) -> list[tuple[Any, ...]]:
    return [
        (town, int(workers) * scale, float(rate) if rate else None)
        for town, _, workers, rate in ROWS
    ]


def held(reading: Reading) -> list[str]:
    return [each.code for each in reading.warnings if each.code in UNPLACED]


def told(reading: Reading) -> dict[str, tuple[int | None, int | None]]:
    return {each.code: (each.row, each.rows) for each in reading.warnings}


UNITS = [
    ([["大兴区社工（单位：百人）"]], []),
    ([["大兴区社工"], ["", "", "", "单位：百人"]], []),
    ([["大兴区社工"], ["计量单位：百人、%"]], []),
    ([], [["", "", "（百人）", ""]]),
    ([], [["", "", "百人", ""]]),
    ([], [["单位", "", "百人", "—"]]),
    ([], [["单位：百人", "", "", ""]]),
    ([], [["甲", "乙", "1", "2"], ["", "", "百人", ""]]),
]


@pytest.mark.parametrize(("above", "below"), UNITS)
def test_a_unit_outside_the_cells_scales_its_column(
    tmp_path: Path, above: list[list[str]], below: list[list[str]]
) -> None:
    reading, typed = read(tmp_path / "a.csv", [*above, HEAD, *below, *ROWS], what())
    workers = [row["workers"] for row in typed]
    assert workers == [1200, 900, 800]
    assert "unit_taken" in told(reading)
    assert not held(reading)


@pytest.mark.parametrize("title", ["单位：万元", "单位：亿元、公顷"])
def test_a_unit_of_no_column_holds(tmp_path: Path, title: str) -> None:
    reading, _ = read(tmp_path / "a.csv", [[title], HEAD, *ROWS], what())
    assert "unit_unplaced" in held(reading)


@pytest.mark.parametrize("title", ["填报单位：大兴区民政局", "单位：人", "单位负责人：张三"])
def test_an_organisation_or_the_contracts_own_unit_changes_nothing(
    tmp_path: Path, title: str
) -> None:
    reading, typed = read(tmp_path / "a.csv", [[title], HEAD, *ROWS], what())
    assert figures(typed) == expected()
    assert not held(reading)


@pytest.mark.parametrize(
    "header", ["社工人数①", "社工人数¹", "社工人数（人）", "社工人数（人）②", "社工人数*"]
)
def test_a_header_with_the_mark_of_a_note(tmp_path: Path, header: str) -> None:
    _, typed = read(tmp_path / "a.csv", [[*HEAD[:2], header, HEAD[3]], *ROWS], what())
    assert figures(typed) == expected()


NOTES = [
    ["注：不含流动人口"],
    ["注1：不含流动人口"],
    ["资料来源：大兴区统计局"],
    ["数据来源:民政局", "", "", ""],
    ["填报人：张三", "", "审核人：李四", ""],
    ["填报人：", "张三", "", ""],
    ["① 为常住口径"],
    ["第 1 页 共 3 页"],
    ["Source: statistics office"],
    ["（以下空白）"],
    ["", "", "第1页，共1页", ""],
    ["", "", "", "2021年3月31日"],
    ["(3 rows affected)"],
    ["已选择 3 行。"],
]


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("place", [1, 3])
def test_a_note_is_told_and_left_out(tmp_path: Path, note: list[str], place: int) -> None:
    rows = [HEAD, *ROWS[:place], note, *ROWS[place:]]
    reading, typed = read(tmp_path / "a.csv", rows, what())
    assert figures(typed) == expected()
    assert told(reading)["note_rows"] == (place + 2, 1)
    assert not held(reading)


def test_what_follows_a_note_belongs_to_it(tmp_path: Path) -> None:
    notes = [["注：一、不含流动人口；"], ["二、含离岗人员。"]]
    reading, typed = read(tmp_path / "a.csv", [HEAD, *ROWS, *notes], what())
    assert figures(typed) == expected()
    assert told(reading)["note_rows"] == (5, 2)


def test_a_row_that_begins_like_a_note_is_data(tmp_path: Path) -> None:
    row = ["注：镇", "2021-01", "5", ""]
    reading, typed = read(tmp_path / "a.csv", [HEAD, *ROWS, row], what())
    assert figures(typed)[-1] == ("注:镇", 5, None)
    assert "note_rows" not in told(reading)


def test_a_row_that_begins_like_a_note_and_lacks_a_cell_is_not_eaten(tmp_path: Path) -> None:
    row = ["注：镇", "", "5", "0.5"]
    _, typed = read(tmp_path / "a.csv", [HEAD, *ROWS, row], what())
    assert figures(typed)[-1] == ("注:镇", 5, 0.5)


@pytest.mark.parametrize("declared", [True, False])
@pytest.mark.parametrize(
    "row",
    [
        ["合计", "", "29", ""],
        ["总 计", "", "29", ""],
        ["", "合计", "29", ""],
        ["共计", "2021-01", "29", ""],
    ],
)
def test_totals_are_no_towns(tmp_path: Path, row: list[str], declared: bool) -> None:
    for rows in ([HEAD, *ROWS, row], [HEAD, row, *ROWS]):
        reading, typed = read(tmp_path / "a.csv", rows, what(declared))
        assert figures(typed) == expected()
        assert reading.totals_dropped == 1


@pytest.mark.parametrize("word", ["全区", "全市", "全区合计", "累计"])
def test_a_total_under_another_word(tmp_path: Path, word: str) -> None:
    reading, typed = read(
        tmp_path / "a.csv", [HEAD, *ROWS, [word, "", "29", ""]], what(totals=True)
    )
    assert figures(typed) == expected()
    assert reading.totals_dropped == 1


def test_a_header_again_is_told_also_behind_a_byte_order_mark(tmp_path: Path) -> None:
    again = ["\ufeff镇街", *HEAD[1:]]
    reading, typed = read(tmp_path / "a.csv", [HEAD, *ROWS[:1], again, *ROWS[1:], HEAD], what())
    assert figures(typed) == expected()
    assert told(reading)["repeated_header"] == (3, 2)


def test_a_header_in_another_order_holds(tmp_path: Path) -> None:
    other = [HEAD[0], HEAD[2], HEAD[1], HEAD[3]]
    reading, _ = read(
        tmp_path / "a.csv", [HEAD, *ROWS, other, ["安定镇", "5", "2021-01", ""]], what()
    )
    assert held(reading) == ["other_header"]
    assert told(reading)["other_header"] == (5, 1)


def test_a_second_table_below_holds(tmp_path: Path) -> None:
    other = [[], ["项目", "内容", "金额", "备注"], ["补贴", "社工", "100", ""]]
    reading, _ = read(tmp_path / "a.csv", [HEAD, *ROWS, *other], what())
    assert held(reading) == ["other_header"]
    assert told(reading)["other_header"][0] == 6


@pytest.mark.parametrize("text", ["本表数据由各镇提供，仅供参考。", "大兴区统计局编印，请勿外传"])
def test_a_sentence_that_is_no_known_note_holds(tmp_path: Path, text: str) -> None:
    reading, typed = read(tmp_path / "a.csv", [HEAD, *ROWS, [text, "", "", ""]], what())
    assert held(reading) == ["unplaced_rows"]
    assert len(typed) == len(ROWS) + 1, "it is not eaten either"


@pytest.mark.parametrize(
    "row",
    [["平均", "", "9.67", ""], ["同比：", "", "0.05", ""], ["其中：城镇", "2021-01", "5", "0.5"], ["", "", "29", ""]],
)  # fmt: skip
def test_a_statistic_a_part_or_a_figure_without_a_key_is_no_thing(
    tmp_path: Path, row: list[str]
) -> None:
    """Each would be a town of its own, or a row without a key, which keeps whatever has vanished alive."""
    reading, typed = read(tmp_path / "a.csv", [HEAD, *ROWS, row], what())
    assert held(reading) == ["unplaced_rows"]
    assert len(typed) == len(ROWS) + 1, "it is not eaten either"


def test_lines_of_a_form_that_nobody_filled(tmp_path: Path) -> None:
    """Numbered in advance: not a row without a key each."""
    numbered = [[str(n), *row] for n, row in enumerate(ROWS, 1)]
    rows = [["序号", *HEAD], *numbered, ["4", "", "", "", ""], ["5", "", "", "", ""]]
    reading, typed = read(tmp_path / "a.csv", rows, what())
    assert figures(typed) == expected()
    assert told(reading)["note_rows"] == (5, 2)
    assert not held(reading)


def test_a_key_alone_is_data(tmp_path: Path) -> None:
    reading, typed = read(tmp_path / "a.csv", [HEAD, *ROWS, ["安定镇", "", "", ""]], what())
    assert typed[-1]["town"] == "安定镇"
    assert not held(reading)


def test_the_first_order_is_no_second_header(tmp_path: Path) -> None:
    """Its cells read like names of fields that the file lacks: ONTIME, 电话."""
    orders = contract(
        field("order_id", "单号", required=True, key_position=1),
        field("opened_at", "时间", "timestamp", required=True),
        field("ontime", "是否按时"),
        field("phone", "电话"),
    )
    rows = [["单号", "时间", "来电方式", "on_time"], ["1", "2021-01-01 08:00", "电话", "ONTIME"],
            ["2", "2021-01-02 08:00", "网站", "OVERDUE"]]  # fmt: skip
    _, typed = read(tmp_path / "a.csv", rows, orders)
    assert [row["order_id"] for row in typed] == ["1", "2"]


BLANK = st.lists(st.just([""] * 4), max_size=2)
ABOVE = st.sampled_from(
    [
        [["大兴区社工一览表"]],
        [["2021年1月"], ["填报单位：大兴区民政局"]],
        [["附件1", "", "", "内部"]],
    ]
)
BELOW = st.lists(
    st.sampled_from([*NOTES, ["合计", "", "29", ""], HEAD, ["", "", "人", ""],
                     ["本表由各镇填报，仅供参考。"], ["项目", "内容", "金额", "备注"]]),
    max_size=3,
)  # fmt: skip


@settings(
    derandomize=True,
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    above=ABOVE,
    unit=st.sampled_from([None, "above", "below"]),
    middle=BELOW,
    at=st.integers(0, 3),
    end=BELOW,
    blank=BLANK,
    kind=st.sampled_from(["csv", "xlsx", "xls", "ods"]),
)
def test_random_surroundings_change_nothing_or_hold(
    tmp_path: Path, above: list[list[str]], unit: str | None, middle: list[list[str]], at: int,
    end: list[list[str]], blank: list[list[str]], kind: str,
) -> None:  # fmt: skip
    rows = [*blank, *above]
    rows += [["单位：百人"]] if unit == "above" else []
    top = len(rows)
    rows.append(HEAD)
    rows += [["", "", "百人", ""]] if unit == "below" else []
    body = [*ROWS[:at], *middle, *ROWS[at:], *blank, *end]
    reading, typed = read(tmp_path / f"a.{kind}", [*rows, *body], what())
    taken = sum(
        each.rows or 0
        for each in reading.warnings
        if each.code in ("note_rows", "repeated_header", "total_rows")
    )
    header = reading.segments[0].row_offset - top
    filled = sum(any(row) for row in [*rows, *body][top + header :])
    assert len(typed) + taken == filled, "every row is accounted for"
    if held(reading):
        return
    scale = 100 if unit else 1
    assert figures([row for row in typed if row["workers"] is not None]) == expected(scale)
    assert len(typed) == len(ROWS)
