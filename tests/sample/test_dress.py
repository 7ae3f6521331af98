from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from minsheng_sample.dress.cells import DayCell, Formula, full_width, render, serial
from minsheng_sample.dress.locked import locked_workbook
from minsheng_sample.dress.packing import Entry, gzipped, zeros, zipped
from minsheng_sample.dress.style import Style
from minsheng_sample.dress.xlsx import Sheet, workbook

from etl.contract import load_contracts


def test_a_workbook_reads_back() -> None:
    sheet = Sheet(
        "第1部分",
        [["题", None], ["码", 12], ["甲<&>", 1.5], [DayCell(date(2020, 3, 1)), None]],
        [(0, 0, 0, 1)],
    )
    book = openpyxl.load_workbook(io.BytesIO(workbook([sheet, Sheet("空")])))
    page = book["第1部分"]
    assert [[cell.value for cell in row] for row in page.rows] == [
        ["题", None],
        ["码", 12],
        ["甲<&>", 1.5],
        [datetime(2020, 3, 1), None],  # noqa: DTZ001
    ]
    assert [str(block) for block in page.merged_cells.ranges] == ["A1:B1"]
    assert book.sheetnames == ["第1部分", "空"]


def test_a_formula_has_no_stored_value() -> None:
    content = workbook([Sheet("a", [[Formula("A2+1")]])])
    assert openpyxl.load_workbook(io.BytesIO(content))["a"]["A1"].value == "=A2+1"
    assert openpyxl.load_workbook(io.BytesIO(content), data_only=True)["a"]["A1"].value is None


def test_archives_read_back() -> None:
    content = b"line\n" * 50_000
    assert gzip.decompress(gzipped(content)) == content
    assert gzip.decompress(gzipped(b"")) == b""
    packed = zipped([Entry.stored("表.csv", content, "gbk"), Entry.stored("表2.csv", b"", "utf-8")])
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert names[0].encode("cp437").decode("gbk") == "表.csv"
    assert names[1] == "表2.csv"


def test_zeros_inflate_to_what_they_say() -> None:
    packed, checksum = zeros(1_000_000)
    content = zlib.decompress(packed, wbits=-15)
    assert set(content) == {0}
    assert len(content) == 1 + 258 * (999_999 // 258)
    assert zlib.crc32(content) == checksum
    assert len(content) > 150 * len(packed)


def test_a_locked_workbook_is_known_as_one(tmp_path: Path) -> None:
    from python_calamine import CalamineError, CalamineWorkbook

    path = tmp_path / "a.xlsx"
    path.write_bytes(locked_workbook())
    with pytest.raises(CalamineError, match=r"(?i)password"):
        CalamineWorkbook.from_path(path)


def test_serials_are_those_of_excel() -> None:
    assert serial(date(2020, 1, 1)) == 43831
    assert serial(date(1900, 3, 1)) == 61


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (Style(), "2019-03-05"),
        (Style(dates="slash"), "2019/3/5"),
        (Style(dates="dot"), "2019.3.5"),
        (Style(dates="compact"), "20190305"),
        (Style(dates="chinese"), "2019年3月5日"),
        (Style(dates="month"), "2019-3"),
        (Style(dates="chinese_month"), "2019年3月"),
        (Style("xlsx", dates="serial"), 43529),
        (Style("xlsx", dates="cell"), DayCell(date(2019, 3, 5))),
    ],
)
def test_a_date_is_written_in_every_way(style: Style, expected: object) -> None:
    field = load_contracts()["education.seat_change"].by_name["effective_on"]
    assert render(date(2019, 3, 5), field, style, 0, "启用日期") == expected


def test_a_month_is_written_only_where_the_contract_takes_one() -> None:
    field = load_contracts()["health.institution"].by_name["registered_on"]
    assert render(date(2019, 3, 5), field, Style(dates="month"), 0, "") == "2019-03-05"


def test_a_header_in_ten_thousands_scales_its_numbers() -> None:
    field = load_contracts()["reference.population"].by_name["residents"]
    assert render(212_750, field, Style("xlsx"), 0, "常住人口（万人）") == "21.275"


def test_odd_rows_are_written_in_an_odd_way() -> None:
    field = load_contracts()["education.seat_change"].by_name["seats"]
    style = Style("xlsx", numbers="words", odd=2)
    assert render(450, field, style, 0, "学位数") == 450
    assert render(450, field, style, 1, "学位数") == "450个"
    assert render(12_000, field, style, 1, "学位数") == "1.2万个"
    assert full_width("A-1") == "Ａ－１"
