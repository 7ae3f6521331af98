"""What formats show of numbers; the shown texts are what Excel 2019 and WPS display (thousands separators left out)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.decode.number_format import exact, number_format, plain


@pytest.mark.parametrize(
    ("code", "number", "text"),
    [
        ("000000000", 100001, "000100001"),
        ("000-0000", 1234567, "123-4567"),
        ("00000.0000", 1.5, "00001.5000"),
        ('"A"000', 7, "A007"),
        ('"第"0"号"', 5, "第5号"),
        ("0", 56.99999999999999, "57"),
        ("General", 56.99999999999999, "57"),
        ("G/通用格式", 0.1, "0.1"),
        ('General"年"', 2020, "2020年"),
        ("0.00", 2020.1, "2020.10"),
        ("0.00_ ", 2020.1, "2020.10"),
        ("0.##", 1.5, "1.5"),
        ("0.5", 0.125, "0.5"),
        ("0", 2.5, "3"),
        ("0", -2.5, "-3"),
        ("0%", 0.39, "39%"),
        ("0.00%", 0.3912, "39.12%"),
        ('0"%"', 39, "39%"),
        ("#,##0", 1234567, "1234567"),
        ("#,##0.00;[Red]-#,##0.00", -1234.5, "-1234.50"),
        ("0_);[红色]\\(0\\)", -7, "(7)"),
        ('_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', 0, "-"),
        ('[>=100]0"m²";0', 150, "150m²"),
        ('[>=100]0"m²";0', 15, "15"),
        ('[=1]"是";[=0]"否"', 1, "是"),
        ('[=1]"是";[=0]"否"', 0, "否"),
        ("0!.0,", 2500, "0.3"),
        ('0!.0,"万"', 2500, "0.3万"),
        ("0!.0000", 12345, "1.2345"),
        ("0.0,", 12345, "12.3"),
        ("0.00,,", 2500000, "2.50"),
        ("[$¥-804]#,##0", 150, "¥150"),
        # What shows less than is stored, or nothing, or other digits: the number itself.
        ("0.00E+00", 110115001003, "110115001003"),
        ("# ?/?", 1.5, "1.5"),
        ("@", 110115001003, "110115001003"),
        (";;;", 5, "5"),
        ("[DBNum2]0", 150, "150"),
        ("", 1e-7, "0.0000001"),
    ],
)
def test_shown(code: str, number: float, text: str) -> None:
    assert number_format(code).show(number) == text


@pytest.mark.parametrize(
    ("code", "divisor", "unit"),
    [
        ("0!.0,", 10_000, None),
        ("0\\.0,", 10_000, None),
        ('0"."0,', 10_000, None),
        ('0!.0,"万"', 10_000, 10_000),
        ("0!.0000", 10_000, None),
        ("0.0,,", 1_000_000, None),
        ("0.0万", 1, 10_000),
        ('0.00"亿元"', 1, 10**8),
        ("0%", Decimal("0.01"), Decimal("0.01")),
        ('0"%"', 1, Decimal("0.01")),
        ("#,##0", 1, None),
        ('0"床"', 1, None),
        ('"万"0', 1, None),
        ('0"千克"', 1, None),
        ('0"千人"', 1, 1000),
        ('0.0"‰"', 1, Decimal("0.001")),
        ('0.0"个百分点"', 1, None),
    ],
)
def test_the_unit_of_a_format(code: str, divisor: Decimal, unit: Decimal | None) -> None:
    section = number_format(code).section(Decimal(1))
    assert (section.divisor, section.unit) == (divisor, unit)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ('yyyy"年"m"月"', "2021年3月"),
        ('[$-804]yyyy"年"m"月";@', "2021年3月"),
        ('m"月"d"日"', "3月5日"),
        ("yyyy\\-mm", "2021-03"),
        ("mmm-yy", None),
        ("yy.mm", None),
        ("h:mm", None),
    ],
)
def test_a_part_of_a_day(code: str, text: str | None) -> None:
    form = number_format(code)
    assert (form.is_date, form.is_whole_date) == (True, False)
    assert form.show_date(dt.date(2021, 3, 5)) == text


@pytest.mark.parametrize(
    "code", ["yyyy/m/d", 'yyyy"年"m"月"d"日"', "d-mmm-yy", "yyyy/m/d h:mm", "m-d-yy"]
)
def test_a_whole_day(code: str) -> None:
    assert number_format(code).is_whole_date


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=5))
def test_fifteen_digits_lose_nothing_that_was_typed(number: Decimal) -> None:
    assert Decimal(plain(exact(float(number)))) == number


@given(st.text(alphabet='0#?.,%;"\\!_*[]@eE+-/ymdhs 万年General<>=1', max_size=12))
def test_no_code_is_refused(code: str) -> None:
    for number in (0.0, 1.5, -1234.567):
        assert number_format(code).show(number)
