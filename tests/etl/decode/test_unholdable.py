"""What text can spell and PostgreSQL cannot hold: half characters, NUL, what is written after the last line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.etl.decode.factory import contract, field, read

FEED = contract(
    field("name", "名称", required=True),
    field("phone", "电话", handling="token", classification="personal", column="token"),
    field("n", "数", "integer"),
)
HALVES = (r"\ud83d", r"\ude00", r"\ude00\ud83d", r"x\ud83dy")


def faults(reading: Any) -> dict[int, list[tuple[str, str, str]]]:
    return {
        row: [(f["column"], f["rule"], f["found"]) for f in told]
        for row, told in reading.faults.items()
    }


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.parametrize("lines", [True, False])
def test_half_a_character_is_a_fault_of_its_row(tmp_path: Path, half: str, lines: bool) -> None:
    rows = [
        r'{"名称": "甲\ud83d\ude00", "数": 1}',
        f'{{"名称": "乙{half}", "电话": "{half}", "数": 2}}',
        '{"名称": "丙", "数": 3}',
    ]
    path = tmp_path / ("a.jsonl" if lines else "a.json")
    path.write_text("\n".join(rows) if lines else f"[{','.join(rows)}]")
    reading, found = read(path, FEED)
    assert [row["name"] for row in found] == ["甲😀", None, "丙"]
    assert [row["n"] for row in found] == ["1", "2", "3"]
    assert faults(reading) == {2: [("name", "damage", f"乙{half}"), ("phone", "damage", "***")]}


def test_half_a_character_in_a_name_that_nobody_knows(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(r'[{"名称": "甲", "数": 1, "备\ud83d注\u0000": "x\ud83d"}]')
    reading, found = read(path, FEED)
    assert [row["name"] for row in found] == ["甲"]
    (warning,) = reading.warnings
    assert warning.found == r"备\ud83d注␀"
    json.dumps(warning.as_dict(), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "padding", [b"\0" * 3, b"\x1a", b"\0" * 3_000_000, b"\r\n\x1a", b"\0\x1a\0"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_padding_is_the_end_of_the_file(
    tmp_path: Path, padding: bytes, encoding: str, packed: bool
) -> None:
    if encoding == "utf-16":
        padding = padding.decode().encode("utf-16-le")
    # Not 甲,1: below a header those are the numbers of its columns.
    octets = "名称,数\n壹,1\n贰,2\n".encode(encoding) + padding
    path = tmp_path / "a.csv"
    path.write_bytes(gzip.compress(octets) if packed else octets)
    reading, found = read(path, FEED)
    assert [(row["name"], row["n"]) for row in found] == [("壹", "1"), ("贰", "2")]
    assert faults(reading) == {}


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_padding_after_json(tmp_path: Path, name: str) -> None:
    text = '{"名称": "甲", "数": 1}\n{"名称": "乙", "数": 2}\n'
    path = tmp_path / name
    path.write_text(text if name.endswith("l") else f"[{text.strip().replace(chr(10), ',')}]")
    path.write_bytes(path.read_bytes() + b"\0" * 100 + b"\x1a")
    reading, found = read(path, FEED)
    assert [row["name"] for row in found] == ["甲", "乙"]
    assert faults(reading) == {}


def test_a_nul_near_the_head_does_not_make_a_text_binary(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("名称,数\n甲\0,1\n".encode() + "乙,2\n".encode() * 20)
    _, found = read(path, FEED)
    assert (found[0]["name"], len(found)) == ("甲\0", 21)


def test_a_cell_that_holds_a_nul_amid_a_large_file(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(
        "名称,数\n".encode() + b"x,1\n" * 600_000 + b"\0\0,2\n" + b"y,3\n" * 2 + b"\0" * 9
    )
    _, found = read(path, FEED)
    assert (len(found), found[600_000]["name"]) == (600_003, "\0\0")
