"""JSON lines, against Python's json."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.decode import DecodeProblem
from tests.etl.decode.factory import contract, field, read, rows_of

FEED = contract(
    field("id", "编号", required=True),
    field("name", "名称"),
    field("n", "数量", "integer"),
    field("x", "比率", "number"),
    field("b", "是否", "boolean"),
)


def lines(path: Path, *records: Any, encoding: str = "utf-8") -> Path:
    text = "".join(
        (r if isinstance(r, str) else json.dumps(r, ensure_ascii=False)) + "\n" for r in records
    )
    path.write_bytes(text.encode(encoding))
    return path


def test_plain_records(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        {"id": "001", "name": "黄\n村", "n": 5, "x": 0.1, "b": True, "other": [1]},
        {"n": -1, "id": "2"},
        {"id": "3", "name": None, "n": None, "x": 2.5, "b": False},
    )
    reading, found = read(path, FEED)
    assert reading.table.format == "lines"
    assert reading.table.unknown == ("other",)
    assert [tuple(row.values()) for row in found] == [
        (1, "001", "黄\n村", "5", "0.1", "true"),
        (2, "2", None, "-1", None, None),
        (3, "3", None, None, "2.5", "false"),
    ]


def test_chinese_keys_nested_ones_and_dates_stay_text(tmp_path: Path) -> None:
    what = contract(
        field("id", "编号"), field("town", "地点.镇街"), field("at", "时间", "timestamp")
    )
    path = lines(
        tmp_path / "a.jsonl",
        {"编号": "1", "地点": {"镇街": "黄村", "x": 1}, "时间": "2024-01-01"},
        {"编号": "2", "地点": {}, "时间": "2024-01-01T10:00:00Z"},
    )
    assert rows_of(path, what) == [
        (1, "1", "黄村", "2024-01-01"),
        (2, "2", None, "2024-01-01T10:00:00Z"),
    ]


def test_ids_sent_as_numbers_keep_all_their_digits(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        '{"id": 110115189912310018, "name": "x"}',
        '{"id": 1.10, "name": "x"}',
        '{"id": 123456789012345678901234567890, "name": "x"}',
    )
    assert [row[1] for row in rows_of(path, FEED)] == [
        "110115189912310018", "1.10", "123456789012345678901234567890",
    ]  # fmt: skip


def test_decimals_as_ids_keep_their_zeros(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", '{"id": 1.10, "name": "x"}', '{"id": 2.50, "name": "x"}')
    assert [row[1] for row in rows_of(path, FEED)] == ["1.10", "2.50"]


def test_two_objects_on_a_line_are_no_record(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl", {"id": "1", "name": "x"}, '{"id": "2"}{"id": "3"}', {"id": "4"}
    )
    reading, found = read(path, FEED)
    assert [(row["row_no"], row["id"]) for row in found] == [(1, "1"), (2, None), (3, "4")]
    assert list(reading.faults) == [2]


def test_types_that_change_half_way(tmp_path: Path) -> None:
    """The first lines say integer; a later block has text, decimals and nested things."""
    records: list[Any] = [{"id": f"{n}", "name": "x" * 60, "n": n} for n in range(60_000)]
    records += [
        {"id": 7, "n": "8"},
        {"id": "8", "n": 1.50},
        {"id": ["a"], "n": {"k": 1}},
        {"id": True},
    ]
    reading, found = read(lines(tmp_path / "a.jsonl", *records), FEED)
    assert [row["n"] for row in found[:60_000]] == [str(n) for n in range(60_000)]
    assert [(row["row_no"], row["id"], row["n"]) for row in found[60_000:]] == [
        (60_001, "7", "8"),
        (60_002, "8", "1.5"),
        (60_003, '["a"]', None),
        (60_004, "true", None),
    ]
    assert not reading.faults


def test_lines_that_are_no_objects_keep_their_places(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl", {"id": "1", "name": "x"}, "{bad", "", "[1]", {"id": "5", "name": "x"}
    )
    reading, found = read(path, FEED)
    assert [(row["row_no"], row["id"]) for row in found] == [
        (1, "1"),
        (2, None),
        (4, None),
        (5, "5"),
    ]
    assert {row: [f["rule"] for f in faults] for row, faults in reading.faults.items()} == {
        2: ["bad_record"],
        4: ["bad_record"],
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = lines(tmp_path / "a.jsonl", {"id": "1", "name": "黄村镇"}, encoding=encoding)
    assert rows_of(path, FEED)[0][:3] == (1, "1", "黄村镇")


def test_recognised_without_the_extension_and_with_crlf(tmp_path: Path) -> None:
    path = tmp_path / "archived"
    path.write_bytes(b'{"id": "1", "name": "x"}\r\n{"id": "2", "name": "y"}')
    reading, found = read(path, FEED)
    assert reading.table.format == "lines"
    assert [row["id"] for row in found] == ["1", "2"]


def test_missing_keys_are_told(tmp_path: Path) -> None:
    with pytest.raises(DecodeProblem) as caught:
        read(lines(tmp_path / "a.jsonl", {"name": "x", "n": 1}), FEED)
    assert (caught.value.code, caught.value.reason.header) == ("columns_missing", "编号")


json_text = st.text(st.characters(codec="utf-8"), max_size=8)
values = st.fixed_dictionaries(
    {"id": json_text.map(lambda t: "k" + t)},
    optional={
        "name": st.none() | json_text,
        "n": st.none() | st.integers(-(2**70), 2**70) | json_text,
        "x": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "b": st.none() | st.booleans(),
    },
)


@given(st.lists(values, min_size=1, max_size=15), st.booleans())
def test_any_records_come_back_as_json_reads_them(
    records: list[dict[str, Any]], ascii_only: bool
) -> None:
    records[0] |= {"name": "x"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.jsonl")
        path.write_text(
            "\n".join(json.dumps(r, ensure_ascii=ascii_only) for r in records), newline=""
        )
        found = read(path, FEED)[1]
    for record, row in zip(records, found, strict=True):
        for name in ("id", "name", "n"):
            sent = record.get(name)
            assert row.get(name) == (None if sent in (None, "") else str(sent))
        if "x" in row:
            assert row["x"] is None if record.get("x") is None else float(row["x"]) == record["x"]
        if "b" in row:
            assert row["b"] == {None: None, True: "true", False: "false"}[record.get("b")]
