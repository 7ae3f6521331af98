# ruff: noqa: DTZ001 - spreadsheets know no zones
"""One table, however it is written: the same content of every format and encoding, whatever only decorates it.

Content is compared as it is staged (the typed columns and their hash), so the tests hold reading and typing together.
LibreOffice, where it is installed (`soffice`), writes XLSX, XLS and ODS again from what openpyxl wrote.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from etl.decode import Reading, batches, open_tables
from etl.values import ContentHash, Typer
from tests.etl.decode import test_ods as ods
from tests.etl.decode.factory import contract, field

FEED = contract(
    field("code", "编号", required=True),
    field("name", "名称"),
    field("households", "户数", "integer", unit="户"),
    field("residents", "常住人口（万人）", "number", unit="人"),
    field("rate", "持证率（%）", "number", unit="%"),
    field("on", "日期", "date"),
    field("at", "时间", "timestamp"),
    field("is", "是否", "boolean"),
    encodings=("utf-8", "gb18030", "utf-16"),
)
TITLES = [each.title_zh for each in FEED.fields]
Row = tuple[Any, ...]
# Characters that every one of the encodings has, and xlwt can write.
_NAMES = st.text("黄村镇西紅門大興區一二三甲乙丙AbC 12-", min_size=1, max_size=12)
_ROWS = st.lists(
    st.tuples(
        st.from_regex(r"[0-9]{9}", fullmatch=True),
        _NAMES.map(str.strip).filter(lambda text: text.strip("- ") != ""),
        st.none() | st.integers(0, 50_000),
        st.none() | st.decimals(0, 300, places=4),
        st.none() | st.decimals(0, 100, places=2),
        st.none() | st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)),
        st.none()
        | st.datetimes(dt.datetime(1950, 1, 1), dt.datetime(2100, 1, 1)).map(
            lambda at: at.replace(microsecond=0)
        ),
        st.none() | st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


def content(path: Path) -> tuple[str, list[dict[str, Any]]]:
    """The hash of what is staged, and the rows, to see by eye where they differ."""
    reading = Reading(open_tables(path, FEED))
    typer = Typer(FEED, b"k" * 32, reading.table.headers, serials=reading.table.serials)
    digest, rows = ContentHash(), []
    for batch in batches(reading):
        typed = typer(batch, reading.faults)
        digest.update(typed.narrow)
        rows += [
            {n: v for n, v in row.items() if n != "row_no"} for row in typed.narrow.to_pylist()
        ]
    return digest.hexdigest(), rows


def meant(rows: list[Row]) -> list[dict[str, Any]]:
    """The rows as they should be staged, worked out here from what was drawn."""
    return [
        {
            "code": code,
            "name": name,
            "households": households,
            "residents": None if residents is None else float(residents * 10_000),
            "rate": None if rate is None else float(rate / 100),
            "on": on,
            "at": at,
            "is": yes,
            "fault": None,
        }
        for code, name, households, residents, rate, on, at, yes in rows
    ]


def plain(value: Any) -> Any:
    """A value as a text file holds it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    return str(value)


def as_csv(encoding: str) -> Callable[[Path, list[Row]], Path]:
    def write(folder: Path, rows: list[Row]) -> Path:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([TITLES, *([plain(value) for value in row] for row in rows)])
        path = folder / f"{encoding}.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write


def as_lines(folder: Path, rows: list[Row]) -> Path:
    path = folder / "a.jsonl"
    records = [dict(zip(TITLES, map(plain, row), strict=True)) for row in rows]
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_text(text, encoding="utf-8")
    return path


def as_parquet(folder: Path, rows: list[Row]) -> Path:
    path = folder / "a.parquet"
    kinds = [pa.string(), pa.string(), pa.int64(), pa.float64(), pa.float64(), pa.date32(),
             pa.timestamp("us"), pa.bool_()]  # fmt: skip
    columns = [
        pa.array([float(v) if isinstance(v, Decimal) else v for v in column], kind)
        for column, kind in zip(zip(*rows, strict=True), kinds, strict=True)
    ]
    pq.write_table(pa.table(dict(zip(TITLES, columns, strict=True))), path)
    return path


def filled(rows: list[Row]) -> tuple[openpyxl.Workbook, Worksheet]:
    """The rows with types of their own: codes as numbers under a format of zeros, rates as percentages."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)
    sheet.append(TITLES)
    for row in rows:
        code, name, households, residents, rate, on, at, yes = row
        share = None if rate is None else float(rate / 100)
        sheet.append([int(code), name, households, residents, share, on, at, yes])
        sheet.cell(sheet.max_row, 1).number_format = "000000000"
        sheet.cell(sheet.max_row, 5).number_format = "0.00%"
    return workbook, sheet


def as_xlsx(folder: Path, rows: list[Row]) -> Path:
    workbook, _ = filled(rows)
    workbook.save(folder / "a.xlsx")
    return folder / "a.xlsx"


def as_xls(folder: Path, rows: list[Row]) -> Path:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表1")
    formats = [
        "000000000",
        "General",
        "0",
        "0.0000",
        "0.00%",
        "yyyy/m/d",
        "yyyy/m/d h:mm:ss",
        "General",
    ]
    styles = [xlwt.easyxf(num_format_str=code) for code in formats]
    for place, title in enumerate(TITLES):
        sheet.write(0, place, title)
    for number, row in enumerate(rows, 1):
        code, name, households, residents, rate, on, at, yes = row
        share = None if rate is None else float(rate / 100)
        for place, value in enumerate([int(code), name, households, residents, share, on, at, yes]):
            if value is not None:
                sheet.write(number, place, value, styles[place])
    workbook.save(str(folder / "a.xls"))
    return folder / "a.xls"


def as_ods(folder: Path, rows: list[Row]) -> Path:
    lines = [ods.row(*map(ods.cell, TITLES))]
    for code, name, households, residents, rate, on, at, yes in rows:
        lines.append(
            ods.row(
                ods.cell(int(code), style="zeros"),
                ods.cell(name),
                ods.cell(households),
                ods.cell(None if residents is None else float(residents)),
                ods.cell(None if rate is None else float(rate / 100), style="percent"),
                ods.cell(None if on is None else f"@{on}"),
                ods.cell(None if at is None else f"@{at.isoformat()}"),
                ods.cell(None if yes is None else plain(yes)),
            )
        )
    return ods.write(folder / "a.ods", *lines)


ENCODINGS = ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16")
WRITERS = [*map(as_csv, ENCODINGS), as_lines, as_parquet, as_xlsx, as_xls, as_ods]


@settings(max_examples=30)
@given(_ROWS)
def test_every_format_and_encoding_reads_the_same(rows: list[Row]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        read = [content(write(Path(folder), rows)) for write in WRITERS]
    for _, staged in read:
        assert staged == meant(rows)
    assert len({digest for digest, _ in read}) == 1


@pytest.mark.slow
@settings(max_examples=4)
@given(_ROWS)
def test_libreoffice_writes_the_same(rows: list[Row]) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = as_xlsx(folder, rows)
        for form in ("ods", "xls", "xlsx"):
            subprocess.run(
                [office, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless",
                 "--convert-to", form, "--outdir", str(folder / form), str(source)],
                check=True, capture_output=True, timeout=120,
            )  # fmt: skip
            assert content(folder / form / f"a.{form}")[1] == meant(rows), form


def hidden(sheet: Worksheet) -> None:
    sheet.row_dimensions[2].hidden = True
    sheet.column_dimensions["B"].hidden = True


def struck(sheet: Worksheet) -> None:
    for cell in sheet[2]:
        cell.font = Font(strike=True)


def painted(sheet: Worksheet) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            cell.fill = PatternFill("solid", fgColor="FFFF00")
            cell.font = Font(bold=True, color="FF0000")
    sheet.freeze_panes = "B2"


def separated(sheet: Worksheet) -> None:
    for row in sheet.iter_rows(min_row=2):
        row[2].number_format = '[Red]_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ '
        row[3].number_format = "#,##0.0"


def in_ten_thousands(sheet: Worksheet) -> None:
    for row in sheet.iter_rows(min_row=2):
        row[2].number_format = '0!.0,"万"'


def in_chinese(sheet: Worksheet) -> None:
    for row in sheet.iter_rows(min_row=2):
        row[5].number_format = '[$-804]yyyy"年"m"月"d"日"'
        row[6].number_format = "m-d"


def filtered(sheet: Worksheet) -> None:
    sheet.auto_filter.ref = f"A1:H{sheet.max_row}"
    sheet.auto_filter.add_filter_column(0, ["x"])
    hidden(sheet)


def titled(sheet: Worksheet) -> None:
    sheet.insert_rows(1, 2)
    sheet["A1"] = "大兴区小区情况表"
    sheet.merge_cells("A1:H1")


def moved(sheet: Worksheet) -> None:
    sheet.insert_cols(1, 2)


def blank(sheet: Worksheet) -> None:
    sheet.insert_rows(3)


DECORATIONS = [
    hidden, struck, painted, separated, in_ten_thousands, in_chinese, filtered, blank, titled, moved
]  # fmt: skip
"""Whatever moves rows or columns stands last: the others name places."""


@settings(max_examples=30)
@given(_ROWS, st.sets(st.integers(0, len(DECORATIONS) - 1)))
def test_what_only_decorates_changes_nothing(rows: list[Row], chosen: set[int]) -> None:
    workbook, sheet = filled(rows)
    for number in sorted(chosen):
        DECORATIONS[number](sheet)
    with tempfile.TemporaryDirectory() as folder:
        workbook.save(Path(folder) / "a.xlsx")
        assert content(Path(folder) / "a.xlsx")[1] == meant(rows)
