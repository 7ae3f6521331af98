"""What a sheet says beyond its values: damage however its XML is spelt, hidden and struck-out rows, merged figures."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from etl.decode import DecodeProblem, open_tables
from tests.etl.decode.factory import contract, field, read
from tests.etl.reasons.told import told

FEED = contract(
    field("code", "编号", required=True),
    field("name", "名称"),
    field("n", "户数", "integer", unit="户"),
    field("year", "年份", "integer", unit="年"),
)
HEAD = ["编号", "名称", "户数", "年份"]
ROWS = [["a", "甲", 1, 2019], ["b", "乙", 2, 2020], ["c", "丙", 3, 2021]]


def book(path: Path, fill: Callable[[Worksheet], None], rows: list[list[Any]] = ROWS) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for row in (HEAD, *rows):
        sheet.append(row)
    fill(sheet)  # type: ignore[arg-type]
    workbook.save(path)
    return path


def found(path: Path, what: Any = FEED) -> tuple[list[tuple[Any, ...]], dict[int, list[Any]]]:
    reading, rows = read(path, what)
    return [tuple(row.values()) for row in rows], {
        row: [(f["column"], f["rule"], f["found"]) for f in faults]
        for row, faults in reading.faults.items()
    }


def respelt(path: Path, spell: Callable[[str], str]) -> Path:
    """The same workbook with the XML of its sheet written in another way."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    part = "xl/worksheets/sheet1.xml"
    parts[part] = spell(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, octets in parts.items():
            archive.writestr(name, octets)
    return path


def damaged(sheet: Worksheet) -> None:
    sheet["C2"] = "#N/A"
    sheet["C3"] = "=SUM(1,2)"
    sheet["D4"] = "#REF!"


def without_places(xml: str) -> str:
    return re.sub(r'(<(?:row|c)[^>]*?) r="[^"]*"', r"\1", xml)


def without_row_places(xml: str) -> str:
    return re.sub(r'(<row[^>]*?) r="[^"]*"', r"\1", xml)


def prefixed(xml: str) -> str:
    xml = re.sub(r"<(/?)(\w)", r"<\1x:\2", xml.partition("<worksheet")[2].join(("<worksheet", "")))
    return xml.replace(" xmlns=", " xmlns:x=")


@pytest.mark.parametrize(
    "spell",
    [
        lambda xml: xml,
        lambda xml: xml.replace('"', "'"),
        without_places,
        without_row_places,
        lambda xml: without_places(xml).replace('"', "'"),
        prefixed,
        lambda xml: re.sub(r'(\w)="', r'\1 = "', xml),
        lambda xml: xml.replace("<f>", "<f\n>").replace("><", ">\n<"),
        lambda xml: xml.replace("<sheetData>", '<!-- <c r="B9" t="e"><v>#N/A</v></c> --><sheetData>'),
    ],
    ids=["plain", "apostrophes", "no r", "no r of rows", "neither", "prefix", "blanks", "lines", "comment"],
)  # fmt: skip
def test_damage_however_it_is_spelt(tmp_path: Path, spell: Callable[[str], str]) -> None:
    # Each kind of damage alone as well: one must not be seen only because the other is.
    path = respelt(book(tmp_path / "e.xlsx", lambda sheet: sheet.__setitem__("C2", "#N/A")), spell)
    assert found(path)[1] == {1: [("n", "damage", "#N/A")]}
    path = respelt(book(tmp_path / "f.xlsx", lambda sheet: sheet.__setitem__("C2", "=A1")), spell)
    assert found(path)[1] == {1: [("n", "damage", "=")]}
    path = respelt(book(tmp_path / "a.xlsx", damaged), spell)
    rows, faults = found(path)
    assert rows == [
        (1, "a", "甲", None, "2019"),
        (2, "b", "乙", None, "2020"),
        (3, "c", "丙", "3", None),
    ]
    assert faults == {
        1: [("n", "damage", "#N/A")],
        2: [("n", "damage", "=")],
        3: [("year", "damage", "#REF!")],
    }


def test_values_that_are_spelt_as_character_data(tmp_path: Path) -> None:
    def spell(xml: str) -> str:
        xml = xml.replace("<v>2</v>", "<v><![CDATA[2]]></v>")
        text = '<c r="B4" t="str"><f>A1</f><v><![CDATA[丙<&]]></v></c>'
        return re.sub(r'<c r="B4".*?</c>', text, xml)

    path = respelt(book(tmp_path / "a.xlsx", lambda sheet: None), spell)
    assert found(path) == (
        [(1, "a", "甲", "1", "2019"), (2, "b", "乙", "2", "2020"), (3, "c", "丙<&", "3", "2021")],
        {},
    )


def test_a_sheet_that_is_no_xml(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", damaged)
    respelt(path, lambda xml: xml.replace("</row>", "</rov>", 1))
    with pytest.raises(DecodeProblem) as caught:
        open_tables(path, FEED)
    assert caught.value.code == "damaged"


def test_styles_too_large_to_be_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = book(tmp_path / "a.xlsx", damaged)
    monkeypatch.setattr("etl.decode.xlsx._LARGEST_TREE", 1000)
    with pytest.raises(DecodeProblem) as caught:
        open_tables(path, FEED)
    assert caught.value.code == "zip_bomb"


def test_a_figure_merged_over_several_rows_counts_once(tmp_path: Path) -> None:
    def fill(sheet: Worksheet) -> None:
        for area in ("B2:B3", "C2:C3", "D2:D4"):
            sheet.merge_cells(area)

    rows, faults = found(book(tmp_path / "a.xlsx", fill))
    assert rows == [
        (1, "a", "甲", "1", "2019"),
        (2, "b", "甲", None, "2019"),
        (3, "c", "丙", "3", "2019"),
    ]
    assert faults == {2: [("n", "merged", "1")]}


def test_a_merged_key_is_no_figure_and_an_empty_merge_none(tmp_path: Path) -> None:
    keyed = contract(
        field("code", "编号"),
        field("n", "户数", "integer", key_position=1),
        field("year", "年份", "integer"),
    )

    def fill(sheet: Worksheet) -> None:
        sheet["D2"] = sheet["D3"] = None
        sheet.merge_cells("C2:C4")
        sheet.merge_cells("D2:D3")

    rows, faults = found(book(tmp_path / "a.xlsx", fill), keyed)
    assert [row[2:] for row in rows] == [("1", None), ("1", None), ("1", "2021")]
    assert faults == {}


def test_rows_below_a_table_that_a_merge_covers_are_none(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", lambda sheet: sheet.merge_cells("C4:C6"))
    rows, faults = found(path)
    assert (len(rows), faults) == (3, {})


def hide(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[9].hidden = True
    sheet.column_dimensions["B"].hidden = True
    sheet.auto_filter.ref = "A1:D4"


def flat(path: Path) -> Path:
    """Its fourth row made as high as nothing, which hides it, too."""
    return respelt(
        path, lambda xml: xml.replace('<row r="4"', '<row ht="0" customHeight="1" r="4"')
    )


def strike(sheet: Worksheet) -> None:
    for cell in sheet[3]:
        cell.font = Font(strike=True)
    sheet["C4"].font = Font(strike=True)


def test_hidden_rows_count_and_are_told(tmp_path: Path) -> None:
    reading, rows = read(flat(book(tmp_path / "a.xlsx", hide)), FEED)
    assert [row["code"] for row in rows] == ["a", "b", "c"]
    assert [(w["rule"], w.get("rows"), w.get("found")) for w in told(reading)] == [
        ("hidden_rows", 2, None),
        ("hidden_columns", None, "名称"),
    ]


def test_struck_out_rows_count_and_are_told(tmp_path: Path) -> None:
    reading, rows = read(book(tmp_path / "a.xlsx", strike), FEED)
    assert [row["code"] for row in rows] == ["a", "b", "c"]
    assert [(w["rule"], w.get("rows")) for w in told(reading)] == [
        ("struck_rows", 1),
        ("struck_cells", 1),
    ]


def test_a_contract_that_does_not_count_them(tmp_path: Path) -> None:
    what = contract(*FEED.fields, hidden_rows="skip", struck_rows="skip")
    path = book(tmp_path / "a.xlsx", lambda sheet: (strike(sheet), damaged(sheet)))  # type: ignore[arg-type, return-value]
    reading, rows = read(path, what)
    assert [(row["row_no"], row["code"]) for row in rows] == [(1, "a"), (3, "c")]
    assert (list(reading.faults), reading.segments[0].rows) == ([1, 3], 3)
    assert [(w["rule"], w["rows"]) for w in told(reading)] == [
        ("struck_rows_skipped", 1),
        ("struck_cells", 1),
    ]
    reading, rows = read(flat(book(tmp_path / "b.xlsx", hide)), what)
    assert [(row["row_no"], row["code"]) for row in rows] == [(1, "a")]
    assert told(reading)[0]["rule"] == "hidden_rows_skipped"


def test_hidden_and_struck_out_in_xls(tmp_path: Path) -> None:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表1")
    struck = xlwt.easyxf("font: struck_out on")
    for number, row in enumerate((HEAD, *ROWS)):
        for place, value in enumerate(row):
            sheet.write(number, place, value, struck if number == 1 else xlwt.XFStyle())
    sheet.row(2).hidden = True
    sheet.col(3).hidden = True
    sheet.write_merge(4, 5, 2, 2, 7)
    sheet.write(4, 0, "d")
    sheet.write(5, 0, "e")
    workbook.save(str(tmp_path / "a.xls"))
    reading, rows = read(tmp_path / "a.xls", FEED)
    assert [(row["code"], row["n"]) for row in rows] == [
        ("a", "1"), ("b", "2"), ("c", "3"), ("d", "7"), ("e", None)
    ]  # fmt: skip
    assert {row: [f["rule"] for f in faults] for row, faults in reading.faults.items()} == {
        5: ["merged"]
    }
    assert [(w["rule"], w.get("rows"), w.get("found")) for w in told(reading)] == [
        ("hidden_rows", 1, None),
        ("struck_rows", 1, None),
        ("hidden_columns", None, "年份"),
    ]
