"""Totals are compared before they go; sums made by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.etl.decode.factory import Totals, contract, field, read
from tests.etl.reasons.told import told

FEED = contract(
    field("town", "镇街", required=True),
    field("name", "名称", required=True),
    field("units", "套数", "integer", unit="套"),
    field("homes", "户数", "integer"),
    totals=Totals("town", ("合计", "总计", "小计"), ("units", "homes")),
)
HEAD = "镇街,名称,套数,户数\n"


def read_text(tmp_path: Path, text: str, what: Any = FEED) -> tuple[Any, list[dict[str, Any]]]:
    path = tmp_path / "a.csv"
    path.write_text(text)
    return read(path, what)


def mismatches(reading: Any) -> list[tuple[Any, ...]]:
    return [
        (w["row"], w["header"], w["found"], w["expected"])
        for w in told(reading)
        if w["rule"] == "total_mismatch"
    ]


def test_a_true_total_goes_without_a_word(tmp_path: Path) -> None:
    reading, rows = read_text(tmp_path, HEAD + "黄村,一,1,10\n旧宫,二,2,20\n合计,,3,30\n")
    assert [row["name"] for row in rows] == ["一", "二"]
    assert (reading.totals_dropped, reading.warnings) == (1, [])


def test_a_false_total_goes_too_and_both_numbers_are_told(tmp_path: Path) -> None:
    reading, rows = read_text(
        tmp_path, "标题,,,\n" + HEAD + '黄村,一,1,10\n旧宫,二,"1,000",20\n合 计：,,1002,30\n'
    )
    assert len(rows) == 2
    assert reading.totals_dropped == 1
    assert mismatches(reading) == [(5, "套数", "1002", "1001")]


def test_subtotals_count_from_the_last_one(tmp_path: Path) -> None:
    text = HEAD + "黄村,一,1,\n黄村,二,2,\n小计,,3,\n旧宫,三,4,\n旧宫镇小计,,4,\n总计,,7,\n"
    reading, rows = read_text(tmp_path, text)
    assert ([row["row_no"] for row in rows], reading.totals_dropped, reading.warnings) == (
        [1, 2, 4],
        3,
        [],
    )
    reading, _ = read_text(tmp_path, text.replace("小计,,4", "小计,,5"))
    assert mismatches(reading) == [(6, "套数", "5", "4")]


def test_a_total_may_stand_above_its_detail(tmp_path: Path) -> None:
    reading, rows = read_text(
        tmp_path, HEAD + "合计,,7,\n小计,,3,\n黄村,一,1,\n黄村,二,2,\n小计,,4,\n旧宫,三,4,\n"
    )
    assert (len(rows), reading.totals_dropped, mismatches(reading)) == (3, 3, [])
    reading, _ = read_text(tmp_path, HEAD + "合计,,8,\n黄村,一,1,\n旧宫,三,4,\n")
    assert mismatches(reading) == [(2, "套数", "8", "5")]


def test_units_blanks_and_unreadable_values(tmp_path: Path) -> None:
    text = HEAD + "黄村,一,0.5万套,-\n旧宫,二,不详,20\n合计,,5000,\n"
    reading, _ = read_text(tmp_path, text)
    assert (reading.totals_dropped, mismatches(reading)) == (1, [])


def test_the_label_in_the_first_column_though_it_is_no_field(tmp_path: Path) -> None:
    reading, rows = read_text(
        tmp_path, "序号,镇街,名称,套数,户数\n1,黄村,一,1,\n2,旧宫,二,2,\n合计,,,3,\n"
    )
    assert (len(rows), reading.totals_dropped, mismatches(reading)) == (2, 1, [])


def test_totals_far_apart_in_a_large_file(tmp_path: Path) -> None:
    """Sums run on over batches."""
    detail = "".join(f"黄村,n{n},{n % 7},1{'x' * 0}\n" for n in range(120_000))
    total = sum(n % 7 for n in range(120_000))
    pad = "".join(f"旧宫,{'长' * 40},0,0\n" for _ in range(40_000))
    reading, rows = read_text(
        tmp_path, HEAD + f"合计,,{total},120000\n" + detail + pad + f"总计,,{total},120000\n"
    )
    assert (len(rows), reading.totals_dropped, reading.warnings) == (160_000, 2, [])
    assert len({row["row_no"] for row in rows}) == 160_000


def test_without_totals_in_the_contract_the_row_is_no_town_either(tmp_path: Path) -> None:
    plain = contract(field("town", "镇街"), field("name", "名称"))
    reading, rows = read_text(tmp_path, "镇街,名称\n黄村,一\n合计,\n", plain)
    assert [row["town"] for row in rows] == ["黄村"]
    assert [(each.code, each.row, each.rows) for each in reading.warnings] == [("total_rows", 3, 1)]


def test_a_torn_total_is_a_total(tmp_path: Path) -> None:
    reading, rows = read_text(tmp_path, HEAD + "黄村,一,1,10\n合计,1\n")
    assert (len(rows), reading.totals_dropped, dict(reading.faults)) == (1, 1, {})
