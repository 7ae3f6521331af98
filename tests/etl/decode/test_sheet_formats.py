# ruff: noqa: DTZ001 - spreadsheets know no zones
"""What the sheet shows is what is read: one table of cells, as XLSX by openpyxl and as XLS by xlwt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from etl.decode import Reading, batches, open_tables
from etl.decode.cells import UNIT_TWICE, figure
from etl.decode.number_format import number_format
from etl.values import Typer
from tests.etl.decode.factory import contract, field

FEED = contract(
    field("code", "编号", required=True),
    field("residents", "常住人口（万人）", "integer", unit="人"),
    field("households", "户数", "integer", unit="户"),
    field("rate", "持证率（%）", "number", unit="%"),
    field("share", "占比", "number", unit="%"),
    field("plain", "数", "number"),
    field("month", "月份", "date", precision="month"),
    field("on", "日期", "date"),
    field("year", "年份", "integer", unit="年"),
    field("is", "是否", "boolean"),
)
Cell = tuple[Any, str]
"""A value and its number format."""
Write = Callable[[Path, dict[str, Cell]], Path]


def xlsx(folder: Path, cells: dict[str, Cell]) -> Path:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for place, each in enumerate(FEED.fields, 1):
        sheet.cell(1, place, each.title_zh)
        value, code = cells.get(each.name, ("x" if each.name == "code" else None, "General"))
        cell = sheet.cell(2, place, value)
        cell.number_format = code
    workbook.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def xls(folder: Path, cells: dict[str, Cell]) -> Path:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表1")
    for place, each in enumerate(FEED.fields):
        sheet.write(0, place, each.title_zh)
        value, code = cells.get(each.name, ("x" if each.name == "code" else None, "General"))
        style = xlwt.XFStyle()
        style.num_format_str = code
        sheet.write(1, place, value, style)
    workbook.save(str(folder / "a.xls"))
    return folder / "a.xls"


def typed(path: Path) -> tuple[dict[str, Any], list[tuple[str, str, str]]]:
    """The row as it is staged, and its faults: column, rule, what was found."""
    reading = Reading(open_tables(path, FEED))
    typer = Typer(FEED, b"k" * 32, reading.table.headers, serials=reading.table.serials)
    (row,) = [
        row for batch in batches(reading) for row in typer(batch, reading.faults).narrow.to_pylist()
    ]
    import json

    faults = json.loads(row.pop("fault") or "[]")
    return row, [(f["column"], f["rule"], f["found"]) for f in faults]


@pytest.mark.parametrize("write", [xlsx, xls])
@pytest.mark.parametrize(
    ("name", "value", "code", "expected"),
    [
        # Text takes what is shown.
        ("code", 100001, "000000000", "000100001"),
        ("code", 1234567, "000-0000", "123-4567"),
        ("code", 110115001003, "General", "110115001003"),
        ("code", 110115001003, "0", "110115001003"),
        ("code", 110115001003, "@", "110115001003"),
        ("code", "000100001", "@", "000100001"),
        ("code", 56.99999999999999, "General", "57"),
        ("code", 56.99999999999999, "0", "57"),
        ("code", 2020.1, "0.00", "2020.10"),
        ("code", 7, '"A"000', "A007"),
        ("code", 1200, "#,##0", "1200"),
        ("code", dt.datetime(2021, 3, 5), "yyyy/m/d", "2021-03-05"),
        ("code", dt.datetime(2021, 3, 5), 'm"月"d"日"', "3月5日"),
        ("code", dt.datetime(2021, 3, 1), 'yyyy"年"m"月"', "2021年3月"),
        # Figures are the value at 15 digits.
        ("households", 56.99999999999999, "General", 57),
        ("households", 299.99999999999994, "0", 300),
        ("households", 823.0000000000001, "0.0", 823),
        ("households", 1200, "#,##0", 1200),
        ("households", 150, '0"户"', 150),
        ("households", 56.4, "0", None),
        ("plain", 0.57999999999999996, "0.0", 0.58),
        ("residents", 12.299999999999999, "General", 123_000),
        # The unit is said once, by the header or by the format.
        ("residents", 2500, "0!.0,", 2500),
        ("residents", 2500, '0!.0,"万"', 2500),
        ("residents", 25000, "0!.0000", 25000),
        ("residents", 9, "0", 90_000),
        ("residents", 12.3, '0.0"万"', 123_000),
        ("households", 2500, '0!.0,"万"', 2500),
        ("households", 2500, "0!.0,", 2500),
        ("households", 1.2, '0.0"万"', 12_000),
        ("plain", 1.2, '0.0"万"', None),
        ("plain", 2500, '0!.0,"万"', 2500.0),
        ("rate", 0.39, "0%", 0.39),
        ("rate", 0.3912, "0.0%", 0.3912),
        ("rate", 39, "General", 0.39),
        ("rate", 39, '0"%"', 0.39),
        ("rate", 10, "0", 0.1),
        ("share", 0.39, "0%", 0.39),
        ("share", 0.39, "General", 0.39),
        ("plain", 0.39, "0%", 0.39),
        # Years and months are those that were typed.
        ("month", 2020.1, "0.00", dt.date(2020, 10, 1)),
        ("month", 2020.1, "General", None),
        ("month", 2020.03, "0.00", dt.date(2020, 3, 1)),
        ("month", 202010, "0", dt.date(2020, 10, 1)),
        ("month", 202010, "yyyy/m/d", dt.date(2020, 10, 1)),
        ("month", 44260, "0.00", dt.date(2021, 3, 5)),
        ("on", 1998, "yyyy/m/d", None),
        ("on", 1998, "General", None),
        ("on", dt.datetime(2021, 3, 5), 'm"月"d"日"', dt.date(2021, 3, 5)),
        ("year", 1998, "yyyy/m/d", 1998),
        ("year", 1998, 'General"年"', 1998),
        ("year", 1998, "0", 1998),
        ("is", 1, '[=1]"是";[=0]"否"', True),
        ("is", 0, '"是";;"否"', False),
        ("is", 1, "General", True),
    ],
)
def test_a_cell(
    tmp_path: Path, write: Write, name: str, value: Any, code: str, expected: Any
) -> None:
    row, faults = typed(write(tmp_path, {name: (value, code)}))
    assert row[name] == expected
    assert [column for column, _, _ in faults] == ([name] if expected is None else [])


@pytest.mark.parametrize("write", [xlsx, xls])
@pytest.mark.parametrize(
    ("name", "value", "code", "fault"),
    [
        ("on", 1998, "yyyy/m/d", ("on", "precision", "1998")),
        ("on", 202103, "yyyy/m/d", ("on", "precision", "202103")),
        ("month", 2020.1, "0.0", ("month", "ambiguous", "2020.1")),
        ("residents", 2500, "0.0,", ("residents", "unit", "2500")),
        ("rate", 0.39, '0.0"万"', ("rate", "unit", "0.39")),
        ("residents", 0.39, "0%", ("residents", "unit", "0.39")),
        ("plain", 1.2, '0.0"万"', ("plain", "unit", "1.2万")),
    ],
)
def test_a_cell_that_cannot_be_meant(
    tmp_path: Path, write: Write, name: str, value: Any, code: str, fault: tuple[str, str, str]
) -> None:
    row, faults = typed(write(tmp_path, {name: (value, code)}))
    assert (row[name], faults) == (None, [fault])


def test_days_counted_from_1904(tmp_path: Path) -> None:
    path = xlsx(tmp_path, {})
    workbook = openpyxl.load_workbook(path)
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    sheet = workbook.active
    assert sheet is not None
    for place, value in ((8, 1998), (9, 2005), (7, dt.datetime(2021, 3, 5))):
        cell = sheet.cell(2, place, value)
        cell.number_format = "yyyy/m/d"
    workbook.save(path)
    row, faults = typed(path)
    assert (row["month"], row["year"]) == (dt.date(2021, 3, 5), 2005)
    assert faults == [("on", "precision", "1998")]


def test_header_and_title_as_shown(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append([dt.datetime(2021, 3, 1)])
    sheet["A1"].number_format = 'yyyy"年"m"月"'
    sheet.append(["编号", 2020])
    sheet["B2"].number_format = '0"年"'
    sheet.append(["a", 5])
    workbook.save(tmp_path / "a.xlsx")
    what = contract(field("code", "编号"), field("n", "2020年", "integer"))
    table = open_tables(tmp_path / "a.xlsx", what)
    assert (table.title, table.headers) == ("2021年3月", {"code": "编号", "n": "2020年"})


def test_a_figure_is_worked_out_exactly() -> None:
    """0.0035 % of a percentage: decimals, not floats."""
    rate = FEED.by_name["rate"]
    assert figure(0.000035, number_format("0.0000%"), rate, Decimal("0.01")) == "0.0035"
    assert figure(3, number_format("0.0,"), rate, Decimal(10_000)) is UNIT_TWICE
