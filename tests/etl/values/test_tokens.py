"""Tokens, against Python's hmac."""

from __future__ import annotations

import hmac

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.values.tokens import Tokeniser, canonical


def reference(key: bytes, value: str) -> str:
    return hmac.new(key, value.encode(), "sha256").hexdigest()[:32]


@given(
    st.binary(min_size=1, max_size=100),
    st.lists(st.none() | st.text(min_size=1, max_size=80), max_size=8),
)
def test_tokens_are_hmac(key: bytes, values: list[str | None]) -> None:
    found = Tokeniser(key).column(pa.array(values, pa.string())).to_pylist()
    assert found == [
        None if value is None else reference(key, canonical(value)) for value in values
    ]


@given(st.lists(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), min_size=1, max_size=30))
def test_phone_numbers_take_the_short_way_to_the_same_tokens(values: list[str]) -> None:
    assert Tokeniser(b"key").column(pa.array(values)).to_pylist() == [
        reference(b"key", v) for v in values
    ]


@pytest.mark.parametrize(
    "written",
    [
        "138 0013 8000",
        "138-0013-8000",
        "+86 13800138000",
        "8613800138000",
        "008613800138000",
        "(138)00138000",
    ],
)
def test_one_number_however_written_is_one_token(written: str) -> None:
    tokens = Tokeniser(b"key")
    assert tokens.token(written) == tokens.token("13800138000")


def test_other_numbers_and_other_keys_differ() -> None:
    values = ["13800138000", "13800138001", "010-88886666", "张三", "86138001380001"]
    tokens = [Tokeniser(key).token(value) for key in (b"a", b"b") for value in values]
    assert len(set(tokens)) == len(tokens)
    assert all(len(token) == 32 and token[:3] != "138" for token in tokens)
