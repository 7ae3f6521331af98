"""JSON documents of the shapes that exports have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from etl.decode import DecodeProblem, open_tables
from tests.etl.decode.factory import contract, field, read, rows_of

FEED = contract(
    field("id", "编号", required=True), field("name", "名称"), field("n", "数量", "integer")
)
RECORDS = [{"编号": "001", "名称": "甲", "数量": 110115189912310018}, {"编号": "2", "数量": 1.50}]
EXPECTED = [(1, "001", "甲", "110115189912310018"), (2, "2", None, "1.50")]
TEXT = '[{"编号": "001", "名称": "甲", "数量": 110115189912310018}, {"编号": "2", "数量": 1.50}]'


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize(
    "text", [TEXT, f'{{"code": 0, "data": {{"rows": {TEXT}, "tags": ["x"]}}}}', f"\n  {TEXT}\n"]
)
def test_a_list_of_objects_wherever_it_lies(tmp_path: Path, text: str, encoding: str) -> None:
    assert rows_of(write(tmp_path / "a.json", text, encoding), FEED) == EXPECTED


def test_the_path_that_the_contract_names(tmp_path: Path) -> None:
    text = f'{{"a": {{"rows": {TEXT}}}, "longer": [1, 2, 3, 4]}}'
    what = contract(*FEED.fields, record_path="$.a.rows")
    assert rows_of(write(tmp_path / "a.json", text), what) == EXPECTED
    with pytest.raises(DecodeProblem) as caught:
        open_tables(
            write(tmp_path / "b.json", TEXT.replace("[", '{"x": [').replace("]", "]}")), what
        )
    assert (caught.value.code, caught.value.reason.expected_zh) == ("no_records", "$.a.rows")


def test_rows_below_a_header_row(tmp_path: Path) -> None:
    text = json.dumps([["名称", "编号", "数量"], ["甲", "001", 5], ["乙", "2"]], ensure_ascii=False)
    reading, found = read(write(tmp_path / "a.json", text), FEED)
    assert [tuple(row.values()) for row in found] == [(1, "001", "甲", "5"), (2, "2", "乙", None)]
    assert reading.segments[0].row_offset == 1


def test_nested_objects_are_columns_with_a_dot(tmp_path: Path) -> None:
    what = contract(field("id"), field("town", "place.town"))
    text = json.dumps([{"id": 1, "place": {"town": "黄村"}}, {"id": 2, "place": None}])
    assert rows_of(write(tmp_path / "a.json", text), what) == [(1, "1", "黄村"), (2, "2", None)]


def test_what_is_no_object_among_objects_is_a_blank_row(tmp_path: Path) -> None:
    assert [
        row[0]
        for row in rows_of(
            write(tmp_path / "a.json", '[{"编号": "1", "名称": "x"}, 5, {"编号": "3"}]'), FEED
        )
    ] == [1, 3]


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        (TEXT[:-30], "truncated", 1),
        ('[{"编号": "1",\n "名称" "x"}]', "bad_json", 2),
        ("[]", "no_rows", None),
        ('{"code": 0,\n "message": "ok"}', "no_records", None),
        ('[{"a": 1,\n "b": 2}]', "header_missing", None),
        ('[{"名称": "x",\n "数量": 2}]', "columns_missing", 1),
        ("[" * 100_000, "bad_json", None),
    ],
)
def test_problems(tmp_path: Path, text: str, code: str, row: int | None) -> None:
    with pytest.raises(DecodeProblem) as caught:
        open_tables(write(tmp_path / "a.json", text), FEED)
    assert (caught.value.code, caught.value.reason.row) == (code, row)


def test_the_size_is_limited(tmp_path: Path) -> None:
    what: Any = contract(*FEED.fields, max_megabytes=1)
    with pytest.raises(DecodeProblem) as caught:
        open_tables(write(tmp_path / "a.json", TEXT + " " * 2**20), what)
    assert (caught.value.code, caught.value.reason.expected_zh) == ("too_large", "≤ 1 MB")
