"""Cases that came out wrong: what the sheet shows was not what was read. Cell by cell from the star and the quarantine."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from etl.context import Context
from etl.ledger import Delivery
from tests.cases.desk import deliver, query

pytestmark = pytest.mark.slow


def faults(ctx: Context, delivery: Delivery) -> dict[int, list[tuple[str, str, str]]]:
    """Row to column, rule and what was found, of the cells that could not be read."""
    rows = query(
        ctx,
        "SELECT row_no, reasons FROM ledger.quarantine WHERE delivery_id = :d",
        d=delivery.delivery_id,
    )
    return {
        number: [(each["column"], each["rule"], each["found"]) for each in told if "found" in each]
        for number, told in rows
    }


ESTATES = "SELECT estate_id, households, built_year FROM star.dim_estate WHERE valid_to = 'infinity' ORDER BY 1"


def test_01_codes_kept_as_numbers(ctx: Context, files: Path) -> None:
    folder = files / "01-id-number-format"
    assert deliver(ctx, folder / "小区台账2020年第4季度.csv").state == "loaded"
    second = deliver(ctx, folder / "小区台账2021年第1季度.xlsx")
    assert (second.state, second.closed, second.quarantined) == ("loaded", 0, 0)
    assert query(ctx, ESTATES) == [
        ("000100001", 200, 1990), ("000100002", 300, 1990), ("001200345", 400, 1990),
    ]  # fmt: skip


def test_04_a_unit_is_said_once(ctx: Context, files: Path) -> None:
    folder = files / "04-number-format-scaled"
    deliver(ctx, folder / "部门申报2020年12月31日.xlsx")
    values = query(ctx, "SELECT value FROM star.fact_declaration ORDER BY row_no")
    assert values == [(0.39,), (0.1,), (1.0,)]
    deliver(ctx, folder / "常住人口2020年.xlsx")
    assert query(ctx, "SELECT residents FROM star.fact_population_year ORDER BY 1") == [
        (2500,), (90_000,),
    ]  # fmt: skip


def test_10_a_merged_figure(ctx: Context, files: Path) -> None:
    delivery = deliver(ctx, files / "10-merged-figure" / "老旧小区改造_2020年.xlsx")
    assert query(ctx, "SELECT sum(households)::int FROM star.fact_renewal") == [(3500,)]
    assert faults(ctx, delivery) == {2: [("households", "merged", "3000")]}


@pytest.mark.parametrize("spelling", ["正常", "无坐标", "单引号"])
def test_14_cells_without_a_place(ctx: Context, files: Path, spelling: str) -> None:
    name = f"小区台账2021年第1季度_{spelling}.xlsx"
    delivery = deliver(ctx, files / "14-cells-without-place" / name)
    assert [row[:2] for row in query(ctx, ESTATES)] == [("E1", 300)]
    assert faults(ctx, delivery) == {
        2: [("households", "damage", "#N/A")],
        3: [("households", "damage", "=")],
    }


def test_23_noise_of_floats(ctx: Context, files: Path) -> None:
    folder = files / "23-float-noise"
    first = deliver(ctx, folder / "小区台账2021年第1季度.xlsx")
    assert (first.loaded, first.quarantined) == (6, 0)
    assert [row[1] for row in query(ctx, ESTATES)] == [57, 823, 300, 300, 1000, 12]
    deliver(ctx, folder / "常住人口2020年.xlsx")
    assert query(ctx, "SELECT residents FROM star.fact_population_year ORDER BY 1") == [
        (1000,), (79_347,), (90_343,), (123_000,), (123_000,),
    ]  # fmt: skip


def test_29_years_and_months_typed_as_numbers(ctx: Context, files: Path) -> None:
    folder = files / "29-years-and-months-as-numbers"
    first = deliver(ctx, folder / "医疗卫生机构2021年12月.xlsx")
    assert query(ctx, "SELECT registered_on FROM star.dim_institution ORDER BY 1") == [
        (date(2001, 1, 1),), (date(2021, 3, 5),), (date(2021, 3, 5),),  # 20210305, 二〇二一年三月五日
    ]  # fmt: skip
    found = {row: each[0][1:] for row, each in faults(ctx, first).items()}
    assert {row: found[row] for row in (1, 2, 3, 5, 7, 8)} == {
        1: ("precision", "1998"), 2: ("precision", "1998"), 3: ("ambiguous", "2021.1"),
        5: ("precision", "202103"), 7: ("precision", "1998年"), 8: ("type", "5"),
    }  # fmt: skip
    second = deliver(ctx, folder / "老旧小区改造_2020年.xlsx")
    assert faults(ctx, second) == {
        1: [("designated_on", "ambiguous", "2020.1")],
        4: [("designated_on", "precision", "2020")],
        6: [("completed_on", "precision", "2020")],
    }


def test_15_dates_and_figures_under_east_asian_formats(ctx: Context, files: Path) -> None:
    delivery = deliver(ctx, files / "15-cjk-date-formats" / "医疗卫生机构2021年12月.xlsx")
    assert delivery.loaded == 44
    rows = "SELECT DISTINCT registered_on, beds FROM star.dim_institution ORDER BY beds"
    assert query(ctx, rows) == [(date(2021, 3, 5), 10), (date(2021, 3, 5), 150)]


def test_28_text_as_it_is_written(ctx: Context, files: Path, tmp_path: Path) -> None:
    source = files / "28-xlsx-escapes-phonetics" / "学校名录2021年.xlsx"
    shutil.copy(source, tmp_path / source.name)
    delivery = deliver(ctx, tmp_path / source.name)
    names = [
        name for (name,) in query(ctx, "SELECT school_name FROM star.dim_school ORDER BY school_id")
    ]
    assert delivery.state == "loaded"
    assert names[1:5] == ["测试_x000D_小学", "测试第三小学", "测试第四 小学", "测试&小学"]
