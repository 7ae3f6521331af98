"""A row that equals the sum of the others is a total whatever it is called; files and sums made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from etl.contract import load_contracts
from etl.decode import adding_up
from tests.etl.decode.factory import Totals, contract, field, read
from tests.etl.reasons import told as reasons

STAFF = contract(
    field("month", "月份", "date", required=True, precision="month"),
    field("town", "镇街", required=True),
    field("workers", "人数", "integer"),
    field("certified", "持证", "integer"),
    totals=Totals("town", ("合计", "全区"), ("workers", "certified"), ("month",)),
)
HEAD = "月份,镇街,人数,持证\n"
JANUARY = "2021-01,兴丰街道,10,4\n2021-01,旧宫镇,20,5\n2021-01,亦庄镇,30,6\n"


def towns(tmp_path: Path, text: str, what: Any = STAFF) -> tuple[Any, list[str]]:
    path = tmp_path / "a.csv"
    path.write_text(HEAD + text)
    reading, rows = read(path, what)
    return reading, [row["town"] for row in rows]


def told(reading: Any) -> list[tuple[Any, ...]]:
    return [(w["rule"], w.get("row"), w.get("found")) for w in reasons.told(reading)]


@pytest.mark.parametrize("name", ["大兴区", "区里", "D-01"])
@pytest.mark.parametrize("place", ["above", "below"])
def test_a_total_under_any_name_goes_and_is_told(tmp_path: Path, name: str, place: str) -> None:
    total = f"2021-01,{name},60,15\n"
    text = total + JANUARY if place == "above" else JANUARY + total
    reading, found = towns(tmp_path, text)
    assert found == ["兴丰街道", "旧宫镇", "亦庄镇"]
    assert reading.totals_dropped == 1
    assert told(reading) == [("total_row", 2 if place == "above" else 5, name)]


@pytest.mark.parametrize(
    "name",
    ["total", "Total", "ＴＯＴＡＬ", "区合计", "累计", "合 计：", "全区合计", "sum", "合计数", "Grand Total", "大兴区合计", "全区"],
)  # fmt: skip
def test_words_for_a_total(tmp_path: Path, name: str) -> None:
    reading, found = towns(tmp_path, f"{JANUARY}2021-01,{name},60,15\n")
    assert (found, reading.totals_dropped, told(reading)) == (
        ["兴丰街道", "旧宫镇", "亦庄镇"],
        1,
        [],
    )


def test_each_month_adds_up_by_itself(tmp_path: Path) -> None:
    february = JANUARY.replace("2021-01", "2021-02").replace("10,4", "11,4")
    reading, found = towns(
        tmp_path, JANUARY + february + "2021-01,大兴区,60,15\n2021-02,大兴区,61,15\n"
    )
    assert (len(found), reading.totals_dropped) == (6, 2)
    assert told(reading) == [("total_row", 8, "大兴区"), ("total_row", 9, "大兴区")]


def test_a_total_by_name_and_one_by_its_numbers(tmp_path: Path) -> None:
    """60 twice: the one called 合计 agrees with its detail, from which the other was taken."""
    reading, found = towns(tmp_path, "2021-01,大兴区,60,15\n" + JANUARY + "2021-01,合计,60,15\n")
    assert (len(found), reading.totals_dropped) == (3, 2)
    assert told(reading) == [("total_row", 2, "大兴区")]


def test_one_total_under_two_names(tmp_path: Path) -> None:
    reading, found = towns(tmp_path, f"2021-01,大兴区,60,15\n{JANUARY}2021-01,区本级,60,15\n")
    assert (len(found), reading.totals_dropped) == (3, 2)


def test_a_total_without_its_month_where_there_is_only_one(tmp_path: Path) -> None:
    reading, found = towns(tmp_path, JANUARY + ",大兴区,60,15\n")
    assert (len(found), reading.totals_dropped) == (3, 1)


@pytest.mark.parametrize(
    "text",
    [
        # One number of two does not agree.
        JANUARY + "2021-01,大兴区,60,16\n",
        # Two towns with the same numbers are no total of one another.
        "2021-01,旧宫镇,20,5\n2021-01,亦庄镇,20,5\n",
        # Nothing to add.
        "2021-01,旧宫镇,0,0\n2021-01,亦庄镇,0,0\n2021-01,兴丰街道,0,0\n",
        "2021-01,旧宫镇,5,1\n2021-01,亦庄镇,5,1\n2021-01,兴丰街道,0,0\n2021-01,安定镇,0,0\n",
        # 30 = 10 + 20 in the one column that is filled: chance.
        "2021-01,旧宫镇,10,\n2021-01,亦庄镇,20,\n2021-01,兴丰街道,30,\n",
        # The sum of another month.
        JANUARY + "2021-02,安定镇,60,15\n2021-02,礼贤镇,1,1\n",
    ],
)
def test_what_is_no_total(tmp_path: Path, text: str) -> None:
    reading, found = towns(tmp_path, text)
    assert (len(found), reading.totals_dropped, reading.warnings) == (text.count("\n"), 0, [])


def test_sheets_add_up_by_themselves(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, name in enumerate(("一月", "二月"), 1):
        sheet = book.create_sheet(name)
        sheet.append(["月份", "镇街", "人数", "持证"])
        for town, workers, certified in [
            ("大兴区", 60, 15),
            ("甲", 10, 4),
            ("乙", 20, 5),
            ("丙", 30, 6),
        ]:
            sheet.append([f"2021-0{number}", town, workers, certified])
    path = tmp_path / "a.xlsx"
    book.save(path)
    reading, rows = read(path, STAFF)
    assert [row["row_no"] for row in rows] == [2, 3, 4, 6, 7, 8]
    assert [(w["sheet"], w["row"]) for w in reasons.told(reading)] == [("一月", 2), ("二月", 2)]
    assert reading.totals_dropped == 2


def test_a_table_too_long_for_towns_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding_up, "MOST", 3)
    reading, found = towns(tmp_path, JANUARY + "2021-01,大兴区,60,15\n")
    assert (found[-1], reading.totals_dropped) == ("大兴区", 0)


def test_the_district_among_residents_is_an_area_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "常住人口2021.csv"
    path.write_text(
        "区划代码,区划名称,年份,常住人口,口径\n110115000000,大兴区,2021,30,普查\n"
        "110115001000,兴丰街道,2021,10,普查\n110115007000,旧宫地区,2021,20,普查\n"
    )
    reading, rows = read(path, load_contracts()["reference.population"])
    assert ([row["residents"] for row in rows], reading.totals_dropped) == (["30", "10", "20"], 0)


def test_staff_by_town_says_by_what_it_adds_up(tmp_path: Path) -> None:
    path = tmp_path / "社工2021-01.csv"
    path.write_text(
        "月份,镇街,社区工作者数,持证社区工作者数,专业人才数,持证专业人才数\n"
        "2021-01,旧宫镇,10,1,2,1\n2021-01,亦庄镇,20,2,3,2\n2021-01,大兴区,30,3,5,3\n"
    )
    reading, rows = read(path, load_contracts()["civil_affairs.social_worker_month"])
    assert ([row["town"] for row in rows], reading.totals_dropped) == (["旧宫镇", "亦庄镇"], 1)
