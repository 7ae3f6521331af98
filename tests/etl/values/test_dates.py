# ruff: noqa: DTZ001 - local times of the contract's zone
"""Dates and times as departments write them; expectations made by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.reasons import Reason
from etl.values.dates import DateParser
from etl.values.faults import AMBIGUOUS_DATE, AMBIGUOUS_TIME

DAY = DateParser(time=False)
TIME = DateParser(time=True)
FIFTH = datetime(2021, 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        "2021-03-05",
        "2021-3-5",
        "2021/3/5",
        "2021/03/05",
        "2021.3.5",
        "20210305",
        "2021年3月5日",
        "2021年03月05日",
        "2021年 3 月 5 日",
        "2021年3月5号",
        "2021-03-05 00:00:00",
        "2021-03-05T00:00:00",
    ],
)
def test_one_day_many_ways(text: str) -> None:
    assert DAY(text) == FIFTH


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-03-05 14:30:15", datetime(2021, 3, 5, 14, 30, 15)),
        ("2021-03-05T14:30:15", datetime(2021, 3, 5, 14, 30, 15)),
        ("2021/3/5 14:30", datetime(2021, 3, 5, 14, 30)),
        ("2021/3/5 9:05", datetime(2021, 3, 5, 9, 5)),
        ("2021-03-05 14:30:15.25", datetime(2021, 3, 5, 14, 30, 15, 250_000)),
        ("2021年3月5日14时30分", datetime(2021, 3, 5, 14, 30)),
        ("2021年3月5日 14时30分15秒", datetime(2021, 3, 5, 14, 30, 15)),
        ("2021-03-05 02:30:00 PM", datetime(2021, 3, 5, 14, 30)),
        ("2021-03-05 12:00:00 AM", datetime(2021, 3, 5)),
        ("2021-03-05 下午2:30", datetime(2021, 3, 5, 14, 30)),
        ("2021-03-05 上午9:30", datetime(2021, 3, 5, 9, 30)),
        ("20210305 14:30:15", datetime(2021, 3, 5, 14, 30, 15)),
        ("20210305T143015", datetime(2021, 3, 5, 14, 30, 15)),
        ("20210305143015", datetime(2021, 3, 5, 14, 30, 15)),
        ("2021-03-05 1430", datetime(2021, 3, 5, 14, 30)),
        ("20210305T143015.25+0700", datetime(2021, 3, 5, 15, 30, 15, 250_000)),
        # A moment with its offset becomes the contract zone's local time.
        ("2021-03-05T14:30:15Z", datetime(2021, 3, 5, 22, 30, 15)),
        ("2021-03-05T14:30:15+08:00", datetime(2021, 3, 5, 14, 30, 15)),
        ("2021-03-05 20:30:00-0500", datetime(2021, 3, 6, 9, 30)),
        ("2021-03-05", FIFTH),
        # As people say it.
        ("2021-03-05 中午12点", datetime(2021, 3, 5, 12)),
        ("2021-03-05 中午1点", datetime(2021, 3, 5, 13)),
        ("2021-03-05 中午12:30", datetime(2021, 3, 5, 12, 30)),
        ("2021年3月5日下午3点半", datetime(2021, 3, 5, 15, 30)),
        ("2021年3月5日 15点半", datetime(2021, 3, 5, 15, 30)),
        ("2021年3月5日 下午3点一刻", datetime(2021, 3, 5, 15, 15)),
        ("2021年3月5日 下午3点整", datetime(2021, 3, 5, 15)),
        ("2021年3月5日 下午3点钟", datetime(2021, 3, 5, 15)),
        ("2021年3月5日 下午3点20", datetime(2021, 3, 5, 15, 20)),
        ("2021-03-05 凌晨3点", datetime(2021, 3, 5, 3)),
        ("2021-03-05 凌晨12点", FIFTH),
        ("2021-03-05 早上8点", datetime(2021, 3, 5, 8)),
        ("2021-03-05 晚上8:05", datetime(2021, 3, 5, 20, 5)),
        ("2021-03-05 晚8点", datetime(2021, 3, 5, 20)),
        ("2021-03-05 深夜11点", datetime(2021, 3, 5, 23)),
        ("2021-03-05 下午12:30", datetime(2021, 3, 5, 12, 30)),
        ("2021-03-05 上午12:30", datetime(2021, 3, 5, 0, 30)),
        ("二〇二一年三月五日下午三点二十分", datetime(2021, 3, 5, 15, 20)),
        # The midnight at the end of a day begins the next.
        ("2021-03-05 晚上12点", datetime(2021, 3, 6)),
        ("2021-03-05 24:00", datetime(2021, 3, 6)),
        ("2021-12-31T24:00:00", datetime(2022, 1, 1)),
        ("2021-03-05T14:30:15+08", datetime(2021, 3, 5, 14, 30, 15)),
        ("2021-03-05 06:30:15 GMT", datetime(2021, 3, 5, 14, 30, 15)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert TIME(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "二三十月五日",
        "二〇二一年二三十月五日",
        "2021-02-29",
        "2021-02-30",
        "2021-13-01",
        "2021-00-10",
        "2021-04-31",
        "20210231",
        "0021-03-05",
        "2021-03/05",
        "2021-03-05x",
        "2021-03-051",
        "2021030512",
        "202103051430",
        "20210305240100",
        "2021-03-05143015",
        "昨天",
        "44260",
        "110115189912310018",
        "",
        "2021-03-05 25:00:00",
        "2021-03-05 10:60",
        "2021-03-05 13:00 AM",
        "2021-03-05 24:01",
        "2021-03-05 25点",
    ],
)
def test_impossible_or_unreadable(text: str) -> None:
    for parser in (DAY, TIME):
        found = parser(text)
        assert isinstance(found, Reason)
        assert found.code == "type"


@pytest.mark.parametrize(
    "text",
    ["晚上2点", "上午12点", "夜里12点", "半夜1点", "中午8点", "凌晨9点", "早上12点", "傍晚1点"],
)
def test_an_hour_that_may_be_either_of_two_is_never_guessed(text: str) -> None:
    assert TIME(f"2021-03-05 {text}") is AMBIGUOUS_TIME


@pytest.mark.parametrize("text", ["2021-03-05 24:00", "2021-03-05 晚上12点"])
def test_a_date_is_the_day_that_is_written(text: str) -> None:
    assert DAY(text) == FIFTH


@pytest.mark.parametrize(
    "text", ["3/5/2021", "05/03/2021", "21/3/5", "5.3.2021", "05-03-21", "1/2/2021 10:00"]
)
def test_day_or_month_first_is_never_guessed(text: str) -> None:
    assert DAY(text) is AMBIGUOUS_DATE


def test_declared_formats_are_read_and_two_that_disagree_are_not() -> None:
    assert DateParser(time=False, formats=("%d/%m/%Y",))("05/03/2021") == FIFTH
    american = DateParser(time=True, formats=("%m/%d/%Y %I:%M:%S %p",))
    assert american("03/05/2021 02:30:00 PM") == datetime(2021, 3, 5, 14, 30)
    both = DateParser(time=False, formats=("%d/%m/%Y", "%m/%d/%Y"))
    assert both("05/03/2021") is AMBIGUOUS_DATE
    assert both("25/03/2021") == datetime(2021, 3, 25)
    assert both("03/03/2021") == datetime(2021, 3, 3)
    assert both("2021-03-05") == FIFTH


@pytest.mark.parametrize(
    "text", ["2021-3", "2021-03", "2021/3", "2021.3", "2021年3月", "2021年3月份", "202103"]
)
def test_months_only_where_the_contract_takes_them(text: str) -> None:
    assert DateParser(time=False, precision="month")(text) == datetime(2021, 3, 1)
    found = DAY(text)
    assert isinstance(found, Reason)
    assert found.code == "precision"


@pytest.mark.parametrize("text", ["2021", "2021年", "2021年度"])
def test_years_only_where_the_contract_takes_them(text: str) -> None:
    assert DateParser(time=False, precision="year")(text) == datetime(2021, 1, 1)
    assert isinstance(DateParser(time=False, precision="month")(text), Reason)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("109/3/5", date(2020, 3, 5)),
        ("109.3.5", date(2020, 3, 5)),
        ("109年3月5日", date(2020, 3, 5)),
        ("民国109年3月5日", date(2020, 3, 5)),
        ("民國99年12月31日", date(2010, 12, 31)),
        ("1090305", date(2020, 3, 5)),
        ("990305", date(2010, 3, 5)),
        ("2020-03-05", date(2020, 3, 5)),
    ],
)
def test_republican_years(text: str, day: date) -> None:
    found = DateParser(time=False, roc=True)(text)
    assert isinstance(found, datetime)
    assert found.date() == day


def test_republican_years_alone() -> None:
    year = DateParser(time=False, roc=True, precision="year")
    assert [year(text) for text in ("109", "民國106年", "2017")] == [
        datetime(2020, 1, 1), datetime(2017, 1, 1), datetime(2017, 1, 1),
    ]  # fmt: skip
    assert isinstance(DAY("109/3/5"), Reason)


def test_excel_serials_only_where_they_can_be() -> None:
    serial = DateParser(time=False, serials=True)
    assert serial("44260") == FIFTH
    declared = DateParser(time=False, formats=("excel",))
    assert declared("1") == datetime(1900, 1, 1)
    assert declared("59") == datetime(1900, 2, 28)
    assert isinstance(declared("60"), Reason)  # Excel's 29 February 1900
    assert declared("61") == datetime(1900, 3, 1)
    # Typed as a number, but a year and a month: not 1905 and 2453.
    assert isinstance(serial("2005"), Reason)
    month = DateParser(time=False, serials=True, precision="month")
    assert month("202103") == datetime(2021, 3, 1)
    assert isinstance(month("2021.1"), Reason)  # what a spreadsheet makes of 2021.10
    assert month("2021.3") == datetime(2021, 3, 1)
    assert isinstance(serial("44260.5"), Reason)
    assert DateParser(time=True, serials=True)("44260.604166666664") == datetime(2021, 3, 5, 14, 30)
    assert DateParser(time=False, formats=("excel",))("44260") == FIFTH
    assert serial("20210305") == FIFTH  # eight digits are a date as it is written


@given(st.dates(date(1928, 1, 1), date(2118, 12, 31)))
def test_serials_count_days(day: date) -> None:
    number = (day - date(1899, 12, 30)).days
    found = DateParser(time=False, serials=True)(str(number))
    assert found == datetime.combine(day, datetime.min.time())


@given(st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31)))
def test_iso_moments_come_back(moment: datetime) -> None:
    assert TIME(moment.isoformat(" ")) == moment
    assert TIME(moment.isoformat()) == moment


@given(st.dates(date(1000, 1, 1), date(9999, 12, 31)), st.sampled_from(["-", "/", "."]))
def test_days_come_back_with_or_without_zeros(day: date, mark: str) -> None:
    plain = mark.join(map(str, (f"{day.year:04d}", day.month, day.day)))
    assert DAY(plain) == datetime.combine(day, datetime.min.time())
    assert DAY(f"{day.year}年{day.month}月{day.day}日") == DAY(plain)
    assert DAY(f"{day.year}{day.month:02d}{day.day:02d}") == DAY(plain)


@given(st.text(max_size=20))
def test_nothing_makes_it_fail(text: str) -> None:
    for parser in (DAY, TIME, DateParser(time=True, roc=True, serials=True, precision="year")):
        found = parser(text)
        assert isinstance(found, datetime | Reason)
        if isinstance(found, datetime):
            assert timedelta(0) <= found - datetime(1000, 1, 1)
