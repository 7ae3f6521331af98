# ruff: noqa: DTZ001 - local times of the contract's zone
"""Parquet of every type that a database exports."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.decode import DecodeProblem, open_tables
from tests.etl.decode.factory import contract, field, read

FEED = contract(field("id", "编号", required=True), field("v", "值"))


def values_of(tmp_path: Path, column: pa.Array) -> tuple[list[Any], dict[int, Any]]:
    path = tmp_path / "a.parquet"
    ids = pa.array([f"k{n}" for n in range(len(column))])
    pq.write_table(pa.table({"编号": ids, "值": column}), path)
    reading, rows = read(path, FEED)
    assert reading.table.format == "parquet"
    assert [row["id"] for row in rows] == ids.to_pylist()
    return [row["v"] for row in rows], {
        row: [f["rule"] for f in faults] for row, faults in reading.faults.items()
    }


MOMENT = dt.datetime(2024, 5, 6, 7, 8, 9)


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array(["a", None, "黄村"]), ["a", None, "黄村"]),
        (pa.array(["a", None], pa.large_string()), ["a", None]),
        (pa.array(["a", None, "a"]).dictionary_encode(), ["a", None, "a"]),
        (pa.array([1, None, 110115189912310018]), ["1", None, "110115189912310018"]),
        (pa.array([1, None], pa.int8()), ["1", None]),
        (
            pa.array([1.0, 0.1, None, float("nan"), 110115001000.0]),
            ["1", "0.1", None, None, "110115001000"],
        ),
        (pa.array([0.5], pa.float32()), ["0.5"]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([Decimal("1.50"), None]), ["1.50", None]),
        (pa.array([MOMENT, None]), ["2024-05-06 07:08:09", None]),
        (pa.array([MOMENT], pa.timestamp("ns")), ["2024-05-06 07:08:09"]),
        (pa.array([MOMENT.replace(microsecond=5)]), ["2024-05-06 07:08:09.000005"]),
        (pa.array([MOMENT], pa.timestamp("ms", "UTC")), ["2024-05-06 15:08:09"]),
        (pa.array([MOMENT.replace(tzinfo=ZoneInfo("Asia/Shanghai"))]), ["2024-05-06 07:08:09"]),
        (pa.array([dt.date(2024, 5, 6), None]), ["2024-05-06", None]),
        (pa.array([["a"], None]), ['["a"]', None]),
        (pa.array([{"k": 1}]), ['{"k": 1}']),
        (pa.nulls(2), [None, None]),
        (pa.array([b"ab", None]), ["ab", None]),
    ],
)
def test_every_type_as_text(tmp_path: Path, column: pa.Array, texts: list[Any]) -> None:
    assert values_of(tmp_path, column) == (texts, {})


def test_a_floating_id_too_long_is_damage(tmp_path: Path) -> None:
    assert values_of(tmp_path, pa.array([1.0, 1.10115189912310018e17])) == (
        ["1", None],
        {2: ["damage"]},
    )


def test_many_rows_and_dropped_columns_not_read(tmp_path: Path) -> None:
    what = contract(field("id"), field("phone", handling="drop"), field("v", kind="integer"))
    path = tmp_path / "a.parquet"
    size = 50_000
    pq.write_table(
        pa.table(
            {
                "v": range(size),
                "extra": ["x"] * size,
                "phone": ["1"] * size,
                "id": list(map(str, range(size))),
            }
        ),
        path,
        row_group_size=7_000,
    )
    reading, rows = read(path, what)
    assert [row["row_no"] for row in rows] == list(range(1, size + 1))
    assert [row["v"] for row in rows] == [str(n) for n in range(size)]
    assert set(rows[0]) == {"row_no", "id", "v"}
    assert reading.table.unknown == ("extra",)
    assert (reading.segments[0].row_offset, reading.segments[0].rows) == (0, size)


def test_truncated_or_damaged(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"编号": ["a"] * 1000, "值": list(map(str, range(1000)))}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DecodeProblem) as caught:
        open_tables(path, FEED)
    assert caught.value.code == "truncated"
    broken = bytearray(whole)
    broken[20:400] = bytes(380)
    path.write_bytes(broken)
    with pytest.raises(DecodeProblem) as caught:
        read(path, FEED)
    assert caught.value.code == "damaged"


def test_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": ["x"], "b": ["y"]}), path)
    with pytest.raises(DecodeProblem) as caught:
        open_tables(path, FEED)
    assert (caught.value.code, caught.value.reason.found) == ("header_missing", "a | b")
