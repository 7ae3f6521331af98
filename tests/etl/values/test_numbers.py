"""Numbers as departments write them; expectations made by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.reasons import Reason
from etl.values.faults import APPROXIMATE, EXPONENT_CELL
from etl.values.numbers import header_scale, parse_boolean, parse_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("1200", 1200),
        ("-5", -5),
        ("+5", 5),
        ("−5", -5),
        ("1,234,567", 1234567),
        ("3.0", 3),
        ("12.", 12),
    ],
)
def test_plain_whole_numbers(text: str, number: int) -> None:
    assert parse_number(text, unit=None, integer=True) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2.4万", 24000),
        ("2.4万个", 24000),
        ("823家", 823),
        ("3千", 3000),
        ("1.5百万", 1_500_000),
        ("7百", 700),
        ("12万人", 120_000),
        ("1亿", 10**8),
        ("0.33十万", 33_000),
        ("约3000", 3000),
        ("3000余户", 3000),
        ("2万多", 20_000),
        ("3000左右", 3000),
        ("1,200套", 1200),
    ],
)
def test_quantities_are_scaled_to_one(text: str, number: int) -> None:
    assert parse_number(text, unit="个", integer=True) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("39%", 0.39), ("0.39", 0.39), ("39.50%", 0.395), ("5‰", 0.005), ("100%", 1.0)],
)
def test_percent_is_a_share_of_one(text: str, number: float) -> None:
    assert parse_number(text, unit="%", integer=False) == number


def test_a_field_of_all_kinds_takes_quantities_and_rates() -> None:
    assert parse_number("39%", unit="1", integer=False) == 0.39
    assert parse_number("2.4万", unit="1", integer=False) == 24000.0


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("3.5", "type"),
        ("1,23", "type"),
        ("12,34,567", "type"),
        ("一百", "type"),
        ("5-6", "type"),
        ("万", "type"),
        ("", "type"),
        (".", "type"),
        ("0x1F", "type"),
        ("nan", "type"),
        ("inf", "type"),
        ("1_000", "type"),
        ("１２", "type"),
        ("9223372036854775808", "range"),
        ("1.10115E+11", "damage"),
        ("1e3", "damage"),
        ("2万", "unit"),
        ("823家", "unit"),
        ("39%", "unit"),
        ("约3000", "approximate"),
        ("3000余", "approximate"),
    ],
)
def test_what_is_no_plain_whole_number_is_refused(text: str, rule: str) -> None:
    found = parse_number(text, unit=None, integer=True)
    assert isinstance(found, Reason)
    assert found.code == rule


def test_units_do_not_mix_with_rates() -> None:
    assert isinstance(parse_number("2万", unit="%", integer=False), Reason)
    assert isinstance(parse_number("39%", unit="个", integer=False), Reason)
    assert parse_number("约39%", unit="%", integer=False) is APPROXIMATE
    assert parse_number("1E5", unit=None, integer=False) == 1e5
    assert parse_number("1E5", unit=None, integer=True) is EXPONENT_CELL


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_every_whole_number_comes_back(number: int) -> None:
    assert parse_number(str(number), unit=None, integer=True) == number
    assert parse_number(f"{number:,}", unit=None, integer=True) == number


@given(st.decimals(0, 10**6, places=4))
def test_ten_thousands_are_exact(number: Decimal) -> None:
    assert parse_number(f"{number}万", unit="人", integer=True) == int(number * 10_000)


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("常住人口", "1"),
        ("常住人口(万人)", "10000"),
        ("常住人口(单位:万人)", "10000"),
        ("常住人口(千人)", "1000"),
        ("户数(户)", "1"),
        ("面积(平方米)", "1"),
        ("持证率(%)", "0.01"),
        ("金额(亿元)", "100000000"),
        ("名称(全称)", "1"),
        ("床位(张)", "1"),
        ("人口[万]", "10000"),
    ],
)
def test_the_unit_in_a_header_scales_its_column(header: str, scale: str) -> None:
    assert header_scale(header) == Decimal(scale)


def test_a_header_scale_multiplies_but_not_twice_a_percent() -> None:
    assert parse_number("12.3", unit="人", integer=True, scale=Decimal(10_000)) == 123_000
    assert parse_number("39", unit="%", integer=False, scale=Decimal("0.01")) == 0.39
    assert parse_number("39%", unit="%", integer=False, scale=Decimal("0.01")) == 0.39


@pytest.mark.parametrize("word", ["是", "有", "Y", "yes", "1", "TRUE", "√"])
def test_yes(word: str) -> None:
    assert parse_boolean(word) is True


@pytest.mark.parametrize("word", ["否", "无", "N", "no", "0", "false", "×"])
def test_no(word: str) -> None:
    assert parse_boolean(word) is False


@pytest.mark.parametrize("word", ["也许", "2", "", "是否"])
def test_neither_yes_nor_no(word: str) -> None:
    assert isinstance(parse_boolean(word), Reason)
