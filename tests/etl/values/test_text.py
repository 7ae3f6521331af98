"""Cleaning of text, against Python's own unicodedata."""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.values.damage import damaged
from etl.values.text import Cells, Placeholders, clean, free_text, normalise

NONE = Placeholders(())
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
EDGES = " \t\r\n\v\f\u0085\u00a0\u3000"


def reference(text: str | None) -> str | None:
    if text is None:
        return None
    return INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip(EDGES) or None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("北京（大兴）", "北京(大兴)"),
        ("１２３ＡＢＣ", "123ABC"),
        ("\u3000 黄村镇 \u3000", "黄村镇"),
        ("黄\u200b村", "黄村"),
        ("\ufeff黄村", "黄村"),
        (" a ", "a"),
        ("a ", "a"),
        (" a", "a"),
        ("a\nb", "a\nb"),
        ("\t\r\n", None),
        ("", None),
        ("亲\u00a0属", "亲 属"),
        ("東趙村", "東趙村"),  # glyphs are not unified
        ("①", "1"),
    ],
)
def test_by_hand(text: str, expected: str | None) -> None:
    assert clean(pa.array([text]), NONE).to_pylist() == [expected]
    assert normalise(text) == (expected or "")


# Unicode grows: a character that one of the two libraries does not know yet is no test.
characters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cn"))
common = st.sampled_from("abc黄村镇 \t\n\u3000（）１ａ\u200b\u00a0é\u0301")


@given(st.lists(st.none() | st.text(common | characters, max_size=8), max_size=20))
def test_any_column_as_unicodedata_does_it(values: list[str | None]) -> None:
    column = pa.array(values, pa.string())
    assert clean(column, NONE).to_pylist() == [reference(value) for value in values]


@given(
    st.lists(st.none() | st.text(common, max_size=6), min_size=3, max_size=20), st.integers(1, 2)
)
def test_a_slice_is_cleaned_as_a_whole_column(values: list[str | None], start: int) -> None:
    column = pa.array(values, pa.string())[start:]
    assert clean(column, NONE).to_pylist() == [reference(value) for value in values[start:]]


def test_what_is_clean_is_not_copied() -> None:
    column = pa.array(["DX20240001", None, "黄村镇", "a b"])
    assert clean(column, NONE) is column


def test_placeholders_become_null_in_whatever_width() -> None:
    words = Placeholders(("-", "—", "无", "N/A", "Not Available"))
    column = pa.array(
        ["-", "－", "—", "无", "Ｎ/Ａ", " 无 ", "Not Available", "无锡", "n/a", None, "--"]
    )
    assert clean(column, words).to_pylist() == [
        None, None, None, None, None, None, None, "无锡", "n/a", None, "--",
    ]  # fmt: skip


def test_free_text_stays_as_sent_but_for_its_edges() -> None:
    words = Placeholders(("无",))
    column = pa.array([" 市民（张）反映：\n第二行\u3000", "无", "a\0b", "", None, "，"])
    assert free_text(column, words).values.to_pylist() == [
        "市民（张）反映：\n第二行",
        None,
        "a\0b",
        None,
        None,
        "，",
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("1.10115E+17", "damage"),
        ("1.1e+17", "damage"),
        ("5E+5", "damage"),
        ("#N/A", "damage"),
        ("#REF!", "damage"),
        ("####", "damage"),
        ("黄村\ufffd", "damage"),
        ("a\0b", "damage"),
        ("1E5", None),
        ("A+B", None),
        ("#3楼", None),
        ("E+", None),
        ("##", None),
    ],
)
def test_damage(text: str, rule: str | None) -> None:
    values, bad = damaged(Cells(pa.array(["x", text, None])))
    assert [reason.code for _, _, reason in bad] == ([rule] if rule else [])
    assert values.to_pylist() == ["x", None if rule else text, None]
    for rows, found, _ in bad:
        assert (rows.tolist(), found) == ([1], text)
