# ruff: noqa: DTZ001 - spreadsheets know no zones
"""Workbooks written by openpyxl and xlwt, read back."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.worksheet.worksheet import Worksheet

from etl.decode import DecodeProblem, Reading, batches, open_tables
from etl.values import ContentHash, Typer
from tests.etl.decode.factory import Totals, contract, field, read, rows_of
from tests.etl.reasons.told import told

FEED = contract(
    field("code", "编号", required=True),
    field("name", "名称"),
    field("n", "数量", "integer"),
    field("on", "日期", "date"),
    field("at", "时间", "timestamp"),
    footnotes=("^注[:：]", "^填报人"),
    totals=Totals("code", ("合计", "小计"), ("n",)),
)
HEAD = ["编号", "名称", "数量", "日期", "时间"]


def book(path: Path, fill: Callable[[Worksheet], None], title: str = "表1") -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.title = title
    fill(sheet)  # type: ignore[arg-type]
    workbook.save(path)
    return path


def rows(*values: list[Any]) -> Callable[[Worksheet], None]:
    def fill(sheet: Worksheet) -> None:
        for row in values:
            sheet.append(row)

    return fill


def test_cells_are_read_as_text(tmp_path: Path) -> None:
    moment = dt.datetime(2021, 3, 5, 10, 20, 30)
    path = book(
        tmp_path / "a.xlsx",
        rows(
            HEAD,
            ["001", "甲", 3, dt.date(2021, 3, 5), moment],
            [110115001000, 2.5, 0.1, "2021年3月5日", 44260.5],
            ["x", True, -4, None, dt.datetime(2021, 3, 5)],
        ),
    )
    assert rows_of(path, FEED) == [
        (1, "001", "甲", "3", "2021-03-05", "2021-03-05 10:20:30"),
        (2, "110115001000", "2.5", "0.1", "2021年3月5日", "44260.5"),
        (3, "x", "true", "-4", None, "2021-03-05"),
    ]


def test_a_column_of_moments_midnight_and_blanks_among_them(tmp_path: Path) -> None:
    moments = [dt.datetime(2021, 3, 5, n % 24, n % 60, 59) for n in range(50)]
    moments[7] = dt.datetime(2021, 3, 6)
    sent: list[Any] = [*moments, None]
    path = book(tmp_path / "a.xlsx", rows(HEAD, *(["a", "x", 1, None, at] for at in sent)))
    assert [row["at"] for row in read(path, FEED)[1]] == [*map(str, moments), None]
    sent[3] = dt.datetime(2021, 3, 5, 1, 2, 3, 456000)
    path = book(tmp_path / "b.xlsx", rows(HEAD, *(["a", "x", 1, None, at] for at in sent)))
    assert read(path, FEED)[1][3]["at"] == "2021-03-05 01:02:03.456000"


def test_title_merged_and_two_row_header(tmp_path: Path) -> None:
    what = contract(
        field("town", "镇街"),
        field("a", "学位/小学", "integer"),
        field("b", "学位/中学", "integer"),
    )

    def fill(sheet: Worksheet) -> None:
        sheet.append(["大兴区学位统计表（2024年9月）"])
        sheet.merge_cells("A1:C1")
        sheet.append(["镇街", "学位", None])
        sheet.append([None, "小学", "中学"])
        sheet.merge_cells("A2:A3")
        sheet.merge_cells("B2:C2")
        sheet.append(["黄村", 1, 2])

    reading, found = read(book(tmp_path / "a.xlsx", fill), what)
    assert reading.table.title == "大兴区学位统计表（2024年9月）"
    assert reading.table.headers == {"town": "镇街", "a": "学位/小学", "b": "学位/中学"}
    assert found == [{"row_no": 1, "town": "黄村", "a": "1", "b": "2"}]
    assert (reading.segments[0].sheet, reading.segments[0].row_offset) == ("表1", 3)


def test_a_table_that_begins_elsewhere(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for column, text in enumerate(HEAD):
            sheet.cell(5, 3 + column, text)
        sheet.cell(6, 3, "甲")
        sheet.cell(8, 3, "乙")
        sheet.cell(8, 5, 7)

    reading, found = read(book(tmp_path / "a.xlsx", fill), FEED)
    assert [
        (row["row_no"] + reading.segments[0].row_offset, row["code"], row["n"]) for row in found
    ] == [
        (6, "甲", None),
        (8, "乙", "7"),
    ]


def test_a_cell_merged_over_several_rows_says_its_value_in_each(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for row in (HEAD, ["黄村", "一", 1], [None, "二", 2], [None, "三", 3], ["旧宫", "四", 4]):
            sheet.append(row)
        sheet.merge_cells("A2:A4")

    assert [row["code"] for row in read(book(tmp_path / "a.xlsx", fill), FEED)[1]] == [
        "黄村"
    ] * 3 + ["旧宫"]


def test_totals_footnotes_blank_rows(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        rows(
            HEAD,
            ["a", "一", 1],
            [None],
            ["b", "二", 2],
            ["合　计", None, 4],
            [" "],
            ["注：截至月末"],
            ["填报人：某"],
        ),
    )
    reading, found = read(path, FEED)
    assert [(row["row_no"], row["code"]) for row in found] == [(1, "a"), (3, "b")]
    assert reading.totals_dropped == 1
    assert [
        (w["rule"], w["sheet"], w["row"], w["found"], w.get("expected")) for w in told(reading)
    ] == [
        ("note_rows", "表1", 7, "注：截至月末", None),
        ("total_mismatch", "表1", 5, "4", "3"),
    ]


def several(path: Path) -> Path:
    workbook = openpyxl.Workbook()
    first = workbook.active
    assert first is not None
    first.title = "说明"
    first.append(["本表由各镇街填报"])
    for title, start in (("黄村", 1), ("旧宫", 11)):
        sheet = workbook.create_sheet(title)
        if title == "旧宫":
            sheet.append(["旧宫镇"])
        sheet.append(HEAD if title == "黄村" else [HEAD[2], HEAD[0], "备注"])
        for n in range(start, start + 3):
            sheet.append([f"c{n}", "x", n] if title == "黄村" else [n, f"c{n}", "-"])
        sheet.append(["合计", None, 6] if title == "黄村" else [36, "合计"])
    hidden = workbook.create_sheet("草稿")
    hidden.append(HEAD)
    hidden.append(["hidden"])
    hidden.sheet_state = "hidden"
    workbook.save(path)
    return path


def test_several_sheets_each_with_its_own_columns_totals_and_rows(tmp_path: Path) -> None:
    reading, found = read(several(tmp_path / "a.xlsx"), FEED)
    assert [(row["row_no"], row["code"], row["name"], row["n"]) for row in found] == [
        (1, "c1", "x", "1"), (2, "c2", "x", "2"), (3, "c3", "x", "3"),
        (5, "c11", None, "11"), (6, "c12", None, "12"), (7, "c13", None, "13"),
    ]  # fmt: skip
    assert [(s.sheet, s.first_row_no, s.row_offset, s.rows) for s in reading.segments] == [
        ("黄村", 1, 1, 4),
        ("旧宫", 5, -2, 4),
    ]
    assert [w["rule"] for w in told(reading)] == ["sheet_skipped", "unknown_columns"]
    assert reading.totals_dropped == 2


def test_the_contract_names_the_sheets(tmp_path: Path) -> None:
    what = contract(*FEED.fields, sheets=("旧*",))
    assert [row["code"] for row in read(several(tmp_path / "a.xlsx"), what)[1]] == [
        "c11",
        "c12",
        "c13",
        "合计",
    ]
    with pytest.raises(DecodeProblem) as caught:
        open_tables(several(tmp_path / "a.xlsx"), contract(*FEED.fields, sheets=("说明",)))
    assert caught.value.code == "no_sheet"


def test_units_that_differ_between_sheets_are_refused(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for title, header in (("一", "数量（万）"), ("二", "数量")):
        sheet = workbook.create_sheet(title)
        sheet.append(["编号", header])
        sheet.append(["a", 1])
    workbook.save(tmp_path / "a.xlsx")
    with pytest.raises(DecodeProblem) as caught:
        open_tables(tmp_path / "a.xlsx", FEED)
    assert (caught.value.code, caught.value.reason.sheet) == ("mixed_units", "二")


def test_a_data_sheet_without_a_required_column_is_not_skipped(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for title, header in (("一", HEAD), ("二", HEAD[1:])):
        sheet = workbook.create_sheet(title)
        sheet.append(header)
        sheet.append(["a", 1])
    workbook.save(tmp_path / "a.xlsx")
    with pytest.raises(DecodeProblem) as caught:
        open_tables(tmp_path / "a.xlsx", FEED)
    assert (caught.value.code, caught.value.reason.sheet, caught.value.reason.header) == (
        "columns_missing",
        "二",
        "编号",
    )


def test_damage_is_told_and_nothing_is_made_up(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        sheet.append(["标题"])
        sheet.append(HEAD)
        sheet.append(["a", "=B9", 1])
        sheet.append([110115189912310018, "x", "=1+1"])
        sheet.append(["c", "#N/A", "#DIV/0!"])
        sheet.append(["d", '=""', 2])

    path = book(tmp_path / "a.xlsx", fill)
    reading, found = read(path, FEED)
    assert [(row["code"], row["name"], row["n"]) for row in found] == [
        ("a", None, "1"), (None, "x", None), ("c", None, None), ("d", None, "2"),
    ]  # fmt: skip
    told = {
        (row, f["column"]): (f["rule"], f["found"])
        for row, faults in reading.faults.items()
        for f in faults
    }
    assert told == {
        (1, "name"): ("damage", "="),
        (2, "code"): ("damage", "1.1011518991231e+17"),
        (2, "n"): ("damage", "="),
        (3, "name"): ("damage", "#N/A"),
        (3, "n"): ("damage", "#DIV/0!"),
        (4, "name"): ("damage", "="),
    }


def rewritten(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """The workbook with one of its parts changed, as another program would have written it."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def test_a_formula_with_its_result_is_a_value_and_one_that_gives_nothing_is_blank(
    tmp_path: Path,
) -> None:
    path = book(tmp_path / "a.xlsx", rows(HEAD, ["a", "=1&2", "=1+1"], ["b", '=""', 3]))

    def as_excel_saves_it(xml: str) -> str:
        for cell, formula, result in (
            ("B2", "1&amp;2", "12"),
            ("C2", "1+1", "2"),
            ("B3", '""', ""),
        ):
            kind = "" if cell == "C2" else ' t="str"'
            for blank in ("<v></v>", "<v />", "<v/>"):
                found = f'<c r="{cell}"><f>{formula}</f>{blank}</c>'
                xml = xml.replace(found, f'<c r="{cell}"{kind}><f>{formula}</f><v>{result}</v></c>')
        assert xml.count('t="str"') == 2
        return xml

    rewritten(path, "xl/worksheets/sheet1.xml", as_excel_saves_it)
    reading, found = read(path, FEED)
    assert [(row["name"], row["n"]) for row in found] == [("12", "2"), (None, "3")]
    assert not reading.faults


def test_a_cell_far_outside_does_not_eat_the_memory(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", rows(HEAD, ["a", "x", 1]))
    rewritten(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(
            "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
    )
    with pytest.raises(DecodeProblem) as caught:
        open_tables(path, FEED)
    assert (caught.value.code, caught.value.reason.sheet) == ("too_large", "表1")


def test_a_workbook_of_the_1904_epoch_takes_no_serials(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", rows(HEAD, ["a", "x", 1, 44260]))
    assert open_tables(path, FEED).serials
    rewritten(
        path,
        "xl/workbook.xml",
        lambda xml: xml.replace("<workbookPr ", '<workbookPr date1904="1" '),
    )
    assert not open_tables(path, FEED).serials


def test_more_rows_than_a_batch(tmp_path: Path) -> None:
    path = book(
        tmp_path / "a.xlsx",
        rows(HEAD, *([f"c{n}", "x", n] for n in range(9000)), ["合计", None, 40_495_500]),
    )
    reading, found = read(path, FEED)
    assert [row["code"] for row in found] == [f"c{n}" for n in range(9000)]
    assert [row["row_no"] for row in found] == list(range(1, 9001))
    assert (reading.totals_dropped, reading.warnings) == (1, [])


def old_book(path: Path) -> Path:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表1")
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    sheet.write_merge(0, 0, 0, 4, "标题2024年")
    for column, text in enumerate(HEAD):
        sheet.write(1, column, text)
    sheet.write(2, 0, "001")
    sheet.write(2, 1, "甲")
    sheet.write(2, 2, 3)
    sheet.write(2, 3, dt.date(2021, 3, 5), style)
    sheet.write_merge(3, 4, 0, 0, "并")
    sheet.write(3, 2, 110115189912310018)
    sheet.write(4, 2, 1.5)
    workbook.save(str(path))
    return path


def test_xls(tmp_path: Path) -> None:
    reading, found = read(old_book(tmp_path / "a.xls"), FEED)
    assert reading.table.title == "标题2024年"
    assert [tuple(row.values()) for row in found] == [
        (1, "001", "甲", "3", "2021-03-05", None),
        (2, "并", None, None, None, None),
        (3, "并", None, "1.5", None, None),
    ]
    assert {row: [f["rule"] for f in faults] for row, faults in reading.faults.items()} == {
        2: ["damage"]
    }


def test_damage_in_xls(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    workbook.add_sheet("别的")
    sheet = workbook.add_sheet("表1")
    for column, text in enumerate(HEAD):
        sheet.write(0, column, text)
    for row in range(1, 5):
        sheet.write(row, 0, f"r{row}")
    sheet.write(2, 1, xlwt.Formula("1/0"))  # xlwt calculates nothing
    sheet.row(3).set_cell_error(2, 0x2A)
    sheet.row(4).set_cell_error(1, 0x17)
    workbook.save(str(tmp_path / "a.xls"))
    reading, found = read(tmp_path / "a.xls", FEED)
    assert [row["code"] for row in found] == ["r1", "r2", "r3", "r4"]
    assert {
        row: [(f["column"], f["rule"], f["found"]) for f in faults]
        for row, faults in reading.faults.items()
    } == {
        2: [("name", "damage", "=")],
        3: [("n", "damage", "#N/A")],
        4: [("name", "damage", "#REF!")],
    }


def test_a_large_xls(tmp_path: Path) -> None:
    """More than the sectors that the file's first block lists."""
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表1")
    for column, text in enumerate(HEAD):
        sheet.write(0, column, text)
    for row in range(1, 60_001):
        sheet.write(row, 0, f"编号{row:040d}")
        sheet.write(row, 1, f"名称{row * 7:060d}")
    sheet.row(60_000).set_cell_error(2, 0x2A)
    workbook.save(str(tmp_path / "a.xls"))
    assert (tmp_path / "a.xls").stat().st_size > 8 << 20
    reading, found = read(tmp_path / "a.xls", FEED)
    assert (len(found), found[-1]["code"]) == (60_000, f"编号{60_000:040d}")
    assert list(reading.faults) == [60_000]


def test_a_cell_that_speaks_of_encryption_is_no_password(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表1")
    for column, text in enumerate(HEAD):
        sheet.write(0, column, text)
    sheet.write(1, 0, "EncryptedPackage 加密")  # Chinese text makes it UTF-16 in the file
    workbook.save(str(tmp_path / "a.xls"))
    assert "EncryptedPackage".encode("utf-16-le") in (tmp_path / "a.xls").read_bytes()
    _, found = read(tmp_path / "a.xls", FEED)
    assert [row["code"] for row in found] == ["EncryptedPackage 加密"]


def test_other_compound_files_and_noise(tmp_path: Path) -> None:
    old_book(tmp_path / "a.xls")
    whole = (tmp_path / "a.xls").read_bytes()
    renamed = whole.replace("Workbook".encode("utf-16-le"), "WordDocu".encode("utf-16-le"))
    for octets, code in (
        (renamed, "unknown_format"),
        (whole[:600], "damaged"),
        (whole[:8] + bytes(4000), "damaged"),
    ):
        (tmp_path / "b.xls").write_bytes(octets)
        with pytest.raises(DecodeProblem) as caught:
            open_tables(tmp_path / "b.xls", FEED)
        assert caught.value.code == code


def content_of(path: Path) -> str:
    table = open_tables(path, FEED)
    typer = Typer(FEED, b"k", table.headers, serials=table.serials)
    content = ContentHash()
    reading = Reading(table)
    for batch in batches(reading):
        content.update(typer(batch, reading.faults).narrow)
    return content.hexdigest()


def test_the_same_content_as_csv_and_xlsx_has_the_same_hash(tmp_path: Path) -> None:
    moment = dt.datetime(2021, 3, 5, 10, 20, 30)
    book(
        tmp_path / "a.xlsx",
        rows(
            ["标题"],
            HEAD,
            ["001", "（甲）", 3, dt.date(2021, 3, 5), moment],
            [None],
            ["2", None, 1234, None, None],
            ["合计", None, 1237],
        ),
    )
    (tmp_path / "a.csv").write_text(
        '名称,编号,数量,日期,时间\n(甲),001,3,2021年3月5日,2021-03-05 10:20:30\n,2,"1,234",,\n'
    )
    assert content_of(tmp_path / "a.xlsx") == content_of(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_text(
        "名称,编号,数量,日期,时间\n(甲),001,4,2021年3月5日,2021-03-05 10:20:30\n,2,1234,,\n"
    )
    assert content_of(tmp_path / "b.csv") != content_of(tmp_path / "a.csv")
