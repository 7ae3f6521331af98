"""Real extracts, every cell against another reader: Python's csv and json, openpyxl, pandas."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest

from tests.etl.decode.factory import contract, field, read

TEXTS = {
    # file: encoding, delimiter
    "civil_affairs/tw_cunli_code.csv": ("utf-8-sig", ","),
    "civil_affairs/tw_village_education_2013.csv": ("utf-16", "\t"),
    "civil_affairs/tw_village_education_2014.csv": ("utf-16", "\t"),
    "civil_affairs/tw_village_education_2017.csv": ("utf-8-sig", ","),
    "civil_affairs/tw_village_education_2020.csv": ("utf-8-sig", ","),
    "education/uk_school_eng_schools.tsv": ("utf-8", "\t"),
    "education/uk_school_eng_schoolsOld.tsv": ("utf-8", "\t"),
    "education/uk_la_maintained_schools.tsv": ("utf-8", "\t"),
    "education/uk_edubase_urn_types.tsv": ("utf-8", "\t"),
    "health/cn_wuhan2020map_hospital.derived.csv": ("utf-8-sig", ","),
    "health/us_cms_hospital_general_2021.csv": ("utf-8-sig", ","),
    "health/uk_inpatients_mha_1011.csv": ("utf-16", ","),
    "hotline/nyc311_tuplex_sample.csv": ("utf-8", ","),
    "hotline/nyc311_tuplex_subset_micro.csv": ("utf-8", ","),
    "hotline/nyc311_tuplex_incident_zip_98k.csv": ("utf-8", ","),
    "hotline/qsv_boston311-100-bad.tsv": ("utf-8", "\t"),
    "hotline/qsv_boston311-100-with-nonascii.csv": ("utf-8", ","),
    "hotline/qsv_boston311-dmy-100.csv": ("utf-8", ","),
    "housing/bj_lianjia_xiaoqu_2019.csv": ("utf-8-sig", ","),
    "housing/sg_hdb_property_2023.csv": ("utf-8-sig", ","),
}


def feed_of(headers: Sequence[str]) -> Any:
    """All columns of a file as text, nothing taken for a footnote."""
    known = {text: f"c{place}" for place, text in enumerate(headers) if text.strip()}
    return contract(*(field(name, text) for text, name in known.items()), placeholders=())


def check(found: list[dict[str, Any]], expected: list[tuple[int, dict[str, str]]]) -> None:
    assert len(found) == len(expected)
    for row, (number, cells) in zip(found, expected, strict=True):
        assert row["row_no"] == number
        for name, text in cells.items():
            assert (row[name] or "") == text, (number, name)


@pytest.mark.parametrize("name", TEXTS)
def test_every_cell_of_a_text(shared: Path, name: str) -> None:
    path = shared / "data" / name
    encoding, delimiter = TEXTS[name]
    with path.open(encoding=encoding, newline="") as stream:
        rows = list(csv.reader(stream, delimiter=delimiter))
    headers = rows[0]
    reading, found = read(path, feed_of(headers))
    names = {place: f"c{place}" for place, text in enumerate(headers) if text.strip()}
    expected = []
    for number, cells in enumerate(rows[1:], 1):
        if len(cells) == len(headers):
            texts = {each: cells[place] for place, each in names.items()}
        else:
            texts = dict.fromkeys(names.values(), "")
        if any(texts.values()) or len(cells) > 1:
            expected.append((number, texts))
    check(found, expected)
    torn = [n for n, cells in enumerate(rows[1:], 1) if len(cells) != len(headers) and any(cells)]
    assert sorted(reading.faults) == torn


@pytest.mark.parametrize(
    ("name", "sheet"),
    [
        ("hotline/cn_tipdm_附件4_留言答复.xlsx", "Sheet1"),
        ("hotline/cn_tipdm_附件2_抽样_一级分类.xlsx", "Sheet1"),
        ("hotline/cn_tipdm_附件1_分类体系.xlsx", "Sheet1"),
        ("education/nyc_dcp_capacity_and_enrollment.xlsx", "24-25 Enrollment"),
        ("education/nyc_dcp_capacity_and_enrollment.xlsx", "25-26 Seats"),
    ],
)
def test_every_cell_of_a_sheet(shared: Path, name: str, sheet: str) -> None:
    path = shared / "data" / name
    workbook = openpyxl.load_workbook(path, read_only=True, data_only=True)
    sheet = sheet if sheet in workbook.sheetnames else workbook.sheetnames[0]
    rows = [[_text(cell) for cell in row] for row in workbook[sheet].iter_rows(values_only=True)]
    headers = rows[0]
    what = feed_of(headers)
    what = contract(*what.fields, sheets=(sheet,))
    reading, found = read(path, what)
    names = {place: f"c{place}" for place, text in enumerate(headers) if text.strip()}
    expected = [
        (number, {each: cells[place] for place, each in names.items()})
        for number, cells in enumerate(rows[1:], 1)
        if any(cell.strip() for cell in cells)
    ]
    check([{k: v.strip() if isinstance(v, str) else v for k, v in row.items()} for row in found],
          [(n, {k: v.strip() for k, v in cells.items()}) for n, cells in expected])  # fmt: skip
    assert [segment.sheet for segment in reading.segments] == [sheet]


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        # The 15 digits that spreadsheets reckon with, as Python's own formatting rounds them.
        return str(int(cell)) if cell.is_integer() else f"{cell:.15g}"
    if hasattr(cell, "hour") and not (cell.hour or cell.minute or cell.second):
        return str(cell.date())
    return str(cell).replace("_x000D_", "\r")  # openpyxl leaves this escape as it is


def test_json_lines(shared: Path) -> None:
    path = shared / "data/hotline/qsv_boston311-100-untrimmed.jsonl"
    records = [json.loads(line) for line in path.read_text().splitlines()]
    keys = list(dict.fromkeys(key for record in records for key in record))
    _, found = read(path, feed_of(keys))
    check(
        found,
        [
            (number, {f"c{place}": _json(record.get(key)) for place, key in enumerate(keys)})
            for number, record in enumerate(records, 1)
        ],
    )


def _json(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def test_one_table_as_csv_json_and_parquet(shared: Path) -> None:
    folder = shared / "data/hotline"
    frame = pd.read_parquet(folder / "qsv_NYC311-5.parquet")
    what = feed_of(list(frame.columns))
    tables = [read(folder / f"qsv_NYC311-5.{form}", what)[1] for form in ("csv", "json", "parquet")]
    assert len(tables[0]) == len(tables[1]) == len(tables[2]) == len(frame) == 5
    for place, column in enumerate(frame.columns):
        values = [
            {row.get(f"c{place}") for row in (a, b)} for a, b in zip(*tables[:2], strict=True)
        ]
        assert all(len(each) == 1 for each in values), column
        for row, value in zip(tables[2], frame[column], strict=True):
            text = row.get(f"c{place}")
            assert (text is None) == bool(pd.isna(value)), column
            if text is not None and isinstance(value, int | float):
                assert float(text) == float(value)
            elif text is not None and not isinstance(value, pd.Timestamp):
                assert text == str(value)
