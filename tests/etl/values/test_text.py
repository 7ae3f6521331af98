"""Cleaning of text, against Python's own unicodedata."""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.values.damage import damaged
from etl.values.marks import MOVED
from etl.values.text import Cells, Placeholders, clean, free_text, normalise

NONE = Placeholders(())
FILLERS = set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
BARRIER = "\ue000"
EDGES = " \t\r\n\v\f\u0085\u00a0\u3000"


def reference(text: str | None) -> str | None:
    if text is None:
        return None
    text = text.translate(dict(zip(map(ord, MOVED), MOVED.values(), strict=True)))
    text = re.sub("(?<=[mM])[²³]", lambda m: "23"["²³".index(m[0])], text)
    text = re.sub(
        r"(?<=[A-Za-z])[₀-₉]+(\.[₀-₉]+)?", lambda m: unicodedata.normalize("NFKC", m[0]), text
    )
    # Each mark gives way to a barrier, which NFKC leaves alone, and comes back after it.
    marks = [c for c in text if is_mark(c)]
    text = "".join(BARRIER if is_mark(c) else c for c in text)
    text = unicodedata.normalize("NFKC", text)
    text = "".join(marks.pop(0) if c == BARRIER else c for c in text)
    text = "".join(c for c in text if not is_invisible(c))
    for pattern in (r'\s*="([^"]*)"\s*', r"\s*'([^']*)'?\s*", r"\s*[`’‘]([0-9A-Za-z][^`’‘]*)"):
        if (match := re.fullmatch(pattern, text, re.ASCII)) is not None:
            text = match[1]
    return text.strip(EDGES) or None


def is_mark(character: str) -> bool:
    """A digit by its kind of decomposition in Unicode, or one without any; not by a list."""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    if "\u2474" <= character <= "\u24b5" or "\u2776" <= character <= "\u2793":
        return True
    raised = kind in ("<circle>", "<super>", "<sub>", "<fraction>")
    return raised and any(c.isdecimal() for c in unicodedata.normalize("NFKC", character))


def is_other_raised(character: str) -> bool:
    """Letters and signs that are circled or raised: on which side they fall is not for this test."""
    kind = unicodedata.decomposition(character).partition(" ")[0]
    return kind in ("<circle>", "<super>", "<sub>") and not is_mark(character)


def is_invisible(character: str) -> bool:
    """Without width by its category: controls and formats, or one of the fillers and variant selectors."""
    if character in "\0\t\n\r\u0085":
        return False
    code = ord(character)
    return (
        (unicodedata.category(character) == "Cc" and character.isascii())
        or character in FILLERS
        or code in (0xAD, 0x61C, 0xFEFF)
        or 0x180B <= code <= 0x180F
        or 0x200B <= code <= 0x200F
        or 0x2028 <= code <= 0x202E
        or 0x2060 <= code <= 0x206F
        or 0xFE00 <= code <= 0xFE0F
        or 0xFFF0 <= code <= 0xFFFB
        or 0xE0000 <= code <= 0xE0FFF
    )


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
        ("①", "①"),
        ("823¹", "823¹"),
        ("12m²", "12m2"),
        ("CO₂", "CO2"),
        ("½", "½"),
        ("𝟏𝟐", "12"),
        ("\u2f00", "一"),  # a Kangxi radical
        ("\ue78d", ","),  # GB18030-2005's place for the vertical comma
        ("\ue81e", "\u9fb4"),
        ('="0001"', "0001"),
        ("'0001", "0001"),
        ("'0001'", "0001"),
        ("O'Brien", "O'Brien"),
        ("`0001", "0001"),
        ("00\u202e01\u2069", "0001"),
        ("葛\U000e0100城", "葛城"),
        ("葛\ufe00城", "葛城"),
        ("00\x0101\x7f", "0001"),
        ("00\ufeff01", "0001"),
    ],
)
def test_by_hand(text: str, expected: str | None) -> None:
    assert clean(pa.array([text]), NONE).to_pylist() == [expected]
    assert normalise(text) == (expected or "")


# Unicode grows: a character that one of the two libraries does not know yet is no test.
characters = st.characters(codec="utf-8", exclude_categories=("Cs", "Cn")).filter(
    lambda character: not is_other_raised(character)
)
common = st.sampled_from("abc黄村镇 \t\n\u3000（）１ａ\u200b\u00a0é\u0301①²½₂m'=\ufe0f\u2066\x02")


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
        None, None, None, None, None, None, None, "无锡", None, None, "--",
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
        ("#WERT!", "damage"),
        ("#¡DIV/0!", "damage"),
        ("#Н/Д", "damage"),
        ("#NV", "damage"),
        ("Err:502", "damage"),
        ("#3楼!", None),
    ],
)
def test_damage(text: str, rule: str | None) -> None:
    values, bad = damaged(Cells(pa.array(["x", text, None])))
    assert [reason.code for _, _, reason in bad] == ([rule] if rule else [])
    assert values.to_pylist() == ["x", None if rule else text, None]
    for rows, found, _ in bad:
        assert (rows.tolist(), found) == ([1], text)
