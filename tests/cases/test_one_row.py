"""Cases that came out wrong: one cell failed a whole delivery. Read where they lie, beside the checkout."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.contract import load_contracts
from etl.decode import Reading, batches, open_tables
from etl.ledger import Delivery
from etl.values import Typer
from tests.cases.desk import deliver
from tests.etl.reasons.told import told

pytestmark = pytest.mark.slow

NAME = "接诉即办工单_2021年3月"
INT = "-2147483648 至 2147483647 之间的数"


def star(ctx: Context, columns: str) -> list[tuple[Any, ...]]:
    with ctx.engine.connect() as connection:
        query = f"SELECT order_id, {columns} FROM star.fact_work_order ORDER BY 1"
        return [tuple(row) for row in connection.execute(sa.text(query))]


def reasons(ctx: Context, delivery: Delivery) -> dict[int, list[tuple[str, str, str]]]:
    """Row to (column, what was found, what was expected) of its faults."""
    with ctx.engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT row_no, reasons FROM ledger.quarantine WHERE delivery_id = :d"),
            {"d": delivery.delivery_id},
        )
        return {number: _faults(told) for number, told in rows}


def _faults(told: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (fault["column"], fault["found"], fault["expected_zh"])
        for fault in json.loads(json.dumps(told))
        if "column" in fault
    ]


def test_a_number_beyond_its_column(ctx: Context, files: Path) -> None:
    folder = files / "20-overflow-far-dates"
    first = deliver(ctx, folder / f"{NAME}_a.csv")
    assert (first.state, first.loaded, first.quarantined) == ("loaded", 1, 1)
    assert reasons(ctx, first) == {2: [("return_count", "20210305103000", INT)]}
    second = deliver(ctx, folder / f"{NAME}_b.csv")
    assert (second.state, second.quarantined) == ("loaded", 1)
    assert reasons(ctx, second) == {2: [("extension_days", "4294967295", INT)]}
    assert star(ctx, "return_count, extension_days") == [("G001", 0, 0)]


def test_days_that_nobody_meant_are_told(files: Path) -> None:
    contract = load_contracts()["hotline.work_order"]
    table = open_tables(files / "20-overflow-far-dates" / f"{NAME}_c.csv", contract)
    reading = Reading(table)
    typer = Typer(contract, b"k" * 32, table.headers, received=date(2021, 4, 1))
    rows = [
        row for batch in batches(reading) for row in typer(batch, reading.faults).narrow.to_pylist()
    ]
    assert [row["fault"] for row in rows] == [None] * 5
    counted = {each["rule"]: (each["rows"], each["row_no"], each["found"]) for each in told(typer)}
    assert counted == {
        # G005 is from the year 1000, G007 from 2031, ten years after the file.
        "plausible.opened_at": (2, 3, "1000-01-01 00:00:00"),
        "plausible.deadline_at": (1, 2, "9999-12-31 23:59:59"),
        "plausible.closed_at": (1, 3, "9999-12-31"),
        "plausible.updated_at": (1, 4, "2099-12-31 00:00:00"),
    }


@pytest.mark.parametrize(
    ("what", "column", "expected"),
    [
        ("分类", "category_1", "不超过 800 字节（约 266 个汉字）的名称或编号"),
        ("单位", "unit", "不超过 800 字节（约 266 个汉字）的名称或编号"),
        ("编号", "order_id", "不超过 800 字节（约 266 个汉字）的名称或编号"),
        ("街镇", "town", "不超过 800 字节（约 266 个汉字）的名称或编号"),
    ],
)
def test_a_text_too_long_for_an_index(
    ctx: Context, files: Path, what: str, column: str, expected: str
) -> None:
    done = deliver(ctx, files / "40-long-text-in-keys" / f"{NAME}_{what}.csv")
    assert (done.state, done.loaded, done.quarantined) == ("loaded", 3, 1)
    found = reasons(ctx, done)
    assert [(c, e) for c, _, e in found[4]] == [(column, expected)]
    assert found[4][0][1].startswith("弲雛嘓溦崗赪螈")
    assert found[4][0][1].endswith("…")
    assert [row[0] for row in star(ctx, "row_no")] == ["G000", "G001", "G002"]


HALF = "完整的字符"
NUL = "不含空字符的文本"
JSON_FAULTS = {
    2: [("content", "***", HALF)],
    3: [("exclusion_reason", "重复\\ud83d", HALF)],
    4: [("exclusion_reason", "重复␀诉求", NUL)],
    5: [("content", "***", NUL)],
    6: [("return_count", "1e400", "完整的编号")],
    7: [("return_count", "99999999999999999999", INT)],
}


@pytest.mark.parametrize("ending", ["json", "jsonl"])
def test_half_an_emoji_and_other_things_that_json_can_spell(
    ctx: Context, files: Path, ending: str
) -> None:
    done = deliver(ctx, files / "19-json-surrogates-nul" / f"{NAME}.{ending}")
    assert (done.state, done.loaded, done.quarantined) == ("loaded", 4, 6)
    assert reasons(ctx, done) == JSON_FAULTS
    # G008 says NaN: a word of programs for nothing.
    assert star(ctx, "return_count") == [("G000", 3), ("G001", None), ("G008", None), ("G009", 2)]


@pytest.mark.parametrize("number", range(1, 11))
def test_each_of_them_alone(ctx: Context, files: Path, number: int) -> None:
    done = deliver(ctx, files / "19-json-surrogates-nul" / f"one_{number - 1}_{NAME}.json")
    expected = {1: JSON_FAULTS[number]} if number in JSON_FAULTS else {}
    assert (done.state, reasons(ctx, done)) == ("loaded", expected)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("NUL文本", ("exclusion_reason", "重␀复", NUL)),
        ("NUL时间", ("opened_at", "2021-03-05 10:00:00␀", NUL)),
        ("NUL自由文本", ("content", "***", NUL)),
    ],
)
def test_a_nul_in_a_cell(ctx: Context, files: Path, name: str, fault: tuple[str, str, str]) -> None:
    done = deliver(ctx, files / "19-json-surrogates-nul" / f"{NAME}_{name}.csv")
    assert (done.state, done.loaded, done.quarantined) == ("loaded", 100, 1)
    assert reasons(ctx, done) == {101: [fault]}


@pytest.mark.parametrize("name", ["NUL尾部", "CtrlZ"])
def test_padding_is_the_end_of_the_file(ctx: Context, files: Path, name: str) -> None:
    done = deliver(ctx, files / "19-json-surrogates-nul" / f"{NAME}_{name}.csv")
    assert (done.state, done.staged_rows, done.loaded, done.quarantined) == ("loaded", 101, 101, 0)
    assert star(ctx, "exclusion_reason")[-1] == ("G9999", "重复")


def test_a_nul_in_a_workbook(ctx: Context, files: Path) -> None:
    done = deliver(ctx, files / "28-xlsx-escapes-phonetics" / "学校名录2021年_NUL.xlsx")
    assert (done.state, done.quarantined) == ("loaded", 1)
    ((_, (found,)),) = reasons(ctx, done).items()
    assert found[0] == "school_name"
    assert "␀" in found[1]
    assert found[2] == NUL
