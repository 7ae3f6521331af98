"""Names of files as text, whatever bytes a sender wrote."""

from __future__ import annotations

import json
import os
import random
from pathlib import PurePath

import pytest

from etl.sources.names import readable, readable_path, shown


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        ("学校名录2021年.csv".encode(), "学校名录2021年.csv"),
        ("学校名录2021年.csv".encode("gbk"), "学校名录2021年.csv"),
        ("学校.csv".encode("gbk"), "学校.csv"),  # also UTF-8 by chance: ѧУ
        ("联通.csv".encode("gbk"), "联通.csv"),
        ("Отчет.csv".encode(), "Отчет.csv"),
        ("café.csv".encode(), "café.csv"),
        ("㐀镕😀.csv".encode("gb18030"), "㐀镕😀.csv"),
        ("🏫学校.csv".encode(), "🏫学校.csv"),
        ("学校 .csv. ".encode(), "学校 .csv. "),
        (b"caf\xe9.csv", r"caf\xe9.csv"),
        (b"a\\x\xff", r"a\\x\xff"),
        (b"a\nb\x1b[31m.csv", r"a\x0ab\x1b[31m.csv"),
        ("a\u2028b\u202ec.csv".encode(), r"a\u2028b\u202ec.csv"),
        (b"\xed\xa0\x80.csv", r"\xed\xa0\x80.csv"),  # a surrogate is no character in UTF-8 either
    ],
)
def test_utf8_then_gb18030_then_the_bytes(octets: bytes, text: str) -> None:
    assert readable(octets) == text
    assert readable(os.fsdecode(octets)) == text


def test_any_name_can_be_stored_shown_and_logged() -> None:
    chosen = random.Random(9)
    for _ in range(5_000):
        octets = bytes(chosen.randrange(1, 256) for _ in range(chosen.randrange(1, 256)))
        text = readable(os.fsdecode(octets))
        assert json.dumps(text, ensure_ascii=False).encode("utf-8")
        assert text.isprintable() or "\n" not in text
        assert len(text.splitlines()) == 1
        assert "\x00" not in text


def test_each_part_of_a_path_by_itself() -> None:
    path = os.fsdecode("教育".encode("gbk") + "/学校.csv".encode())
    assert readable_path(path) == PurePath("教育/学校.csv")


def test_a_message_shows_both_ends_of_a_long_path() -> None:
    text = shown("/zone/" + "很长/" * 500 + "学校.csv")
    assert text.startswith("/zone/")
    assert text.endswith("学校.csv")
    assert len(text) < 320


def test_a_path_that_is_not_long_is_shown_whole() -> None:
    assert shown("x" * 300) == "x" * 300
    assert shown("x" * 301) == "x" * 150 + " … " + "x" * 150
