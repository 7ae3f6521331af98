"""Damage that turned into other characters: each made by the wrong conversion itself."""

from __future__ import annotations

import pyarrow as pa
import pytest

from etl.values.damage import damaged
from etl.values.mojibake import MOST
from etl.values.text import Cells

NAMES = ("兴丰街道", "黄村镇人民政府", "中国（北京）大兴", "不可评", "安定镇", "社会保障卡办理")

WRONG = [
    *((name.encode().decode("gb18030", "ignore"), "UTF-8 read as GBK") for name in NAMES),
    *((name.encode().decode("latin-1"), "UTF-8 read as Latin-1") for name in NAMES),
    *(
        (name.encode().decode("cp1252", "ignore"), "UTF-8 read as Windows-1252")
        for name in NAMES[:1]
    ),
    *((name.encode("gb2312").decode("latin-1"), "GBK read as Latin-1") for name in NAMES),
    *((name.encode("ascii", "replace").decode(), "made ASCII") for name in NAMES),
    ("Se\xf1or".encode("latin-1").decode("gb18030"), "Latin-1 read as GBK"),
    ("M\xfcller".encode("latin-1").decode("gb18030"), "Latin-1 read as GBK"),
    ("\ufffd\ufffd".encode().decode("gb18030"), "replacement characters read as GBK"),
    ("\ufffd".encode().decode("latin-1"), "a replacement character read as Latin-1"),
    (b"\xcc\xcc\xcc\xcc\xcc\xcc".decode("gb18030"), "memory that nobody filled"),
]
RIGHT = [
    *NAMES, "A座", "b座", "x光", "T恤衫", "“×”", "Ångström", "é", "São", "·", "3×5", "真的吗??", "a?b=c", "联通", "铁路",
    "鐵路", "朱镕基", "℃", "№12", "①", "屯留", "烫伤", "——……", "1½", "naïve", "x²+y²", "東趙村", "炭寮村", "山寮村", "鹿寮村",
]  # fmt: skip


@pytest.mark.parametrize(("text", "how"), WRONG)
def test_what_a_wrong_conversion_made_is_damage(text: str, how: str) -> None:
    column = pa.array(["黄村镇", text, None, text])
    values, bad = damaged(Cells(column).cleaned(), Cells(column))
    assert values.to_pylist() == ["黄村镇", None, None, None], how
    assert [(rows.tolist(), cell, reason.code) for rows, cell, reason in bad] == [
        ([1], text, "damage"),
        ([3], text, "damage"),
    ]


@pytest.mark.parametrize("text", RIGHT)
def test_what_reads_as_text_is_none(text: str) -> None:
    column = pa.array([text])
    assert damaged(Cells(column).cleaned(), Cells(column))[1] == []


@pytest.mark.parametrize(
    "text", ["锟斤拷", "兴丰街道".encode().decode("gb18030", "ignore"), "????"]
)
def test_one_cell_of_a_long_column_is_noticed(text: str) -> None:
    column = pa.array([f"黄村镇{n}号" for n in range(MOST)] + [text])
    assert [cell for _, cell, _ in damaged(Cells(column).cleaned(), Cells(column))[1]] == [text]


def test_a_long_column_that_was_read_wrongly_as_a_whole_is_noticed() -> None:
    """Of the characters that this name becomes none is among the rarest: a sample finds them."""
    turned = "经度".encode().decode("gb18030")
    column = pa.array([f"{turned}{n}" for n in range(MOST + 1)])
    assert len(damaged(Cells(column).cleaned(), Cells(column))[1]) == MOST + 1
