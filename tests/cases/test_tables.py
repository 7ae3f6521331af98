"""Cases of tables: units around them, raised marks, files joined. Read where they lie, beside the checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from etl.contract import load_contracts
from etl.decode import UNPLACED, DecodeProblem, Reading, batches, open_tables
from etl.values import Typer


@pytest.fixture(scope="session")
def files(shared: Path) -> Path:
    folder = shared / "cases" / "files"
    if not folder.is_dir():
        pytest.skip(f"no cases: {folder} is absent")
    return folder


def read(path: Path, feed: str) -> tuple[list[dict[str, Any]], Reading]:
    contract = load_contracts()[feed]
    table = open_tables(path, contract)
    reading = Reading(table)
    typer = Typer(contract, b"k" * 32, table.headers, serials=table.serials)
    rows = [
        row for batch in batches(reading) for row in typer(batch, reading.faults).narrow.to_pylist()
    ]
    reading.warnings += typer.warnings()
    return rows, reading


@pytest.mark.parametrize("name", ["单位在上", "单位行", "标题括号"])
def test_a_unit_outside_the_cells(files: Path, name: str) -> None:
    rows, reading = read(
        files / "02-unit-line-above-table" / f"常住人口2020年_{name}.xlsx", "reference.population"
    )
    assert [row["residents"] for row in rows] == [120_000, 90_000, 85_000]
    assert [each.code for each in reading.warnings] == ["unit_taken"]


def test_a_raised_digit_is_a_mark(files: Path) -> None:
    path = files / "03-footnote-superscripts" / "小区台账2020年第4季度_上标.xlsx"
    rows, reading = read(path, "housing.estate")
    assert [row["households"] for row in rows] == [823, 823]
    assert [(each.code, each.found) for each in reading.warnings] == [
        ("note_mark.households", "823¹")
    ]


JOINED: dict[str, tuple[list[str], list[tuple[str, int | None]]]] = {
    "a": (["E1", "E2", "E3"], [("repeated_header", 4)]),
    "c": (["E1"], []),
    "d": (["E1"], []),
    "e": (["E1", "E2"], []),
}


@pytest.mark.parametrize("name", JOINED)
def test_files_joined(files: Path, name: str) -> None:
    ids, told = JOINED[name]
    rows, reading = read(
        files / "25-joined-csv" / f"小区台账2021年第1季度_{name}.csv", "housing.estate"
    )
    assert [row["estate_id"] for row in rows] == ids
    assert [(each.code, each.row) for each in reading.warnings] == told


def test_a_second_header_in_another_order_holds(files: Path) -> None:
    _, reading = read(files / "25-joined-csv" / "小区台账2021年第1季度_b.csv", "housing.estate")
    assert [(each.code, each.row) for each in reading.warnings if each.code in UNPLACED] == [
        ("other_header", 3)
    ]


def test_the_row_where_the_encoding_changes(files: Path) -> None:
    with pytest.raises(DecodeProblem) as caught:
        read(files / "25-joined-csv" / "小区台账2021年第1季度_f.csv", "housing.estate")
    assert (caught.value.code, caught.value.reason.row) == ("wrong_encoding", 3)
