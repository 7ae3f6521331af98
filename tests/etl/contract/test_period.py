"""Report periods as clerks write them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from etl.contract import Contract, PeriodSource, load_contracts, read_contract, read_period
from etl.contract.period import PATTERNS
from etl.settings import Settings
from tests.etl.contract.conftest import YAML, write

RECEIVED = date(2024, 5, 17)
DECLARED = r"{from: fileName, grain: month, pattern: '(?P<year>20\d{2})-(?P<month>\d{2})'}"


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return load_contracts(Settings.load({}))


def months(year: int, first: int, last: int, day: int) -> tuple[date, date]:
    return date(year, first, 1), date(year, last, day)


@pytest.mark.parametrize(
    ("feed", "name", "expected"),
    [
        ("health.institution", "医疗卫生机构_2020-03.xlsx", months(2020, 3, 3, 31)),
        ("health.institution", "医疗卫生机构202002.csv", months(2020, 2, 2, 29)),
        ("health.institution", "医疗卫生机构２０２０年１２月.csv", months(2020, 12, 12, 31)),
        ("health.institution", "2020年3月医疗卫生机构.xls", months(2020, 3, 3, 31)),
        ("health.institution", "医疗卫生机构20200331.csv", months(2020, 3, 3, 31)),
        ("health.institution", "医疗卫生机构2020.3.csv", months(2020, 3, 3, 31)),
        ("housing.estate", "小区台账2020年第一季度.xlsx", months(2020, 1, 3, 31)),
        ("housing.estate", "小区台账2020年4季度.xlsx", months(2020, 10, 12, 31)),
        ("housing.estate", "小区台账_2020Q2.csv", months(2020, 4, 6, 30)),
        ("housing.estate", "小区台账_2020-q3.csv", months(2020, 7, 9, 30)),
        ("housing.estate", "小区台账_2020-06.csv", months(2020, 4, 6, 30)),
        ("education.school", "2020年学校名录.xlsx", months(2020, 1, 12, 31)),
        ("education.school", "学校名录202009.xlsx", months(2020, 1, 12, 31)),
        ("reference.division", "区划_2023-06-30.csv", (date(2023, 6, 30), date(2023, 6, 30))),
        ("reference.division", "区划20230630.csv", (date(2023, 6, 30), date(2023, 6, 30))),
        ("hotline.work_order", "工单20200315.csv", (date(2020, 3, 15), date(2020, 3, 15))),
        ("hotline.work_order", "工单2020-12.csv", months(2020, 12, 12, 31)),
        ("hotline.work_order", "工单2020年3月.csv", months(2020, 3, 3, 31)),
        ("hotline.work_order", "工单.csv", (RECEIVED, RECEIVED)),
        ("health.institution", "医疗卫生机构.csv", None),
        ("health.institution", "医疗卫生机构2020-13.csv", None),
        ("reference.division", "区划2023-02-30.csv", None),
        ("reference.division", "区划2023-06.csv", None),
        ("housing.estate", "小区台账2020年第五季度.xlsx", None),
    ],
)
def test_periods_in_file_names(
    contracts: dict[str, Contract], feed: str, name: str, expected: tuple[date, date] | None
) -> None:
    assert read_period(contracts[feed], file_name=name, received=RECEIVED) == expected


def test_the_title_and_then_a_column_help_out(contracts: dict[str, Contract]) -> None:
    seats = contracts["education.seat_change"]
    title = "大兴区2020年第二季度学位变动情况表"
    assert read_period(seats, file_name="表.xlsx", title=title, received=RECEIVED) == (
        months(2020, 4, 6, 30)
    )
    for text in ("2020-05-01", "2020年5月1日", "20200501", "2020/5/1 0:00:00"):
        values = {"effective_on": text}
        found = read_period(seats, file_name="表.xlsx", first_values=values, received=RECEIVED)
        assert found == months(2020, 4, 6, 30), text
    assert read_period(seats, file_name="表.xlsx", first_values={}, received=RECEIVED) is None


@pytest.mark.parametrize(
    ("source", "name", "expected"),
    [
        (PeriodSource("fixed", "year", value="2023"), "x", months(2023, 1, 12, 31)),
        (PeriodSource("fixed", "quarter", value="2023-08"), "x", months(2023, 7, 9, 30)),
        (PeriodSource("received", "schoolYear"), "x", (date(2023, 9, 1), date(2024, 8, 31))),
        (
            PeriodSource("fixed", "schoolYear", value="2021-03"),
            "x",
            (date(2020, 9, 1), date(2021, 8, 31)),
        ),
        (PeriodSource("received", "quarter"), "x", months(2024, 4, 6, 30)),
        (PeriodSource("received", "year"), "x", months(2024, 1, 12, 31)),
        (
            PeriodSource("fileName", "year", r"(?P<year>\d{3})年", era="roc"),
            "109年.csv",
            months(2020, 1, 12, 31),
        ),
        (
            PeriodSource("fileName", "half", r"(?P<year>\d{4})年(?P<half>[上下])半年"),
            "2020年下半年",
            months(2020, 7, 12, 31),
        ),
        # The first place that is a date counts, not the first that looks like one.
        (
            PeriodSource("fileName", "month", r"(?P<year>\d{4})(?P<month>\d{2})"),
            "998877_202004",
            months(2020, 4, 4, 30),
        ),
    ],
)
def test_other_sources(
    model: Contract, source: PeriodSource, name: str, expected: tuple[date, date]
) -> None:
    contract = replace(model, period=(source,))
    assert read_period(contract, file_name=name, received=RECEIVED) == expected


@pytest.mark.parametrize(
    ("grain", "text", "expected"),
    [
        ("month", "二〇二〇年三月报表", months(2020, 3, 3, 31)),
        ("month", "2020 年 12 月 报表", months(2020, 12, 12, 31)),
        ("month", "二零二零年十二月", months(2020, 12, 12, 31)),
        ("quarter", "二〇二〇年第三季度", months(2020, 7, 9, 30)),
        ("year", "二〇二〇年度", months(2020, 1, 12, 31)),
        ("half", "2020年上半年", months(2020, 1, 6, 30)),
        ("schoolYear", "2020-2021学年第一学期", (date(2020, 9, 1), date(2021, 8, 31))),
        ("schoolYear", "2020学年", (date(2020, 9, 1), date(2021, 8, 31))),
        ("schoolYear", "二〇二〇学年", (date(2020, 9, 1), date(2021, 8, 31))),
        ("day", "2020年3月5日", (date(2020, 3, 5), date(2020, 3, 5))),
        ("day", "二〇二〇年三月二十五日", (date(2020, 3, 25), date(2020, 3, 25))),
    ],
)
def test_the_grain_decides_how_a_period_is_written(
    tmp_path: Path, grain: str, text: str, expected: tuple[date, date]
) -> None:
    for place in ("fileName", "title"):
        entry = f"{{from: {place}, grain: {grain}}}"
        yaml = YAML.replace(DECLARED, entry)
        assert entry in yaml
        contract = read_contract(write(tmp_path, yaml))
        found = read_period(contract, file_name=text, title=text, received=RECEIVED)
        assert found == expected


def test_a_quarter_may_be_written_as_a_month_of_it_and_years_as_of_the_republic(
    tmp_path: Path,
) -> None:
    entry = "{from: fileName, grain: quarter, written: month}"
    contract = read_contract(write(tmp_path, YAML.replace(DECLARED, entry)))
    found = read_period(contract, file_name="表2020-05.csv", received=RECEIVED)
    assert found == months(2020, 4, 6, 30)
    contract = read_contract(
        write(tmp_path, YAML.replace(DECLARED, "{from: fileName, grain: month, era: roc}"))
    )
    found = read_period(contract, file_name="109年3月.csv", received=RECEIVED)
    assert found == months(2020, 3, 3, 31)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("2020-2021学年", 2020),
        ("2020—2021学年度", 2020),
        ("2020/2021", 2020),
        ("2020学年", 2020),
        ("25-26 Seats", 2025),
        ("24-25 Enrollment", 2024),
        ("名录_2020-21", 2020),
        ("2020-09", None),
        ("2020-09-21", None),
        ("2020-2022", None),
        ("2020年", None),
    ],
)
def test_school_years(contracts: dict[str, Contract], name: str, first: int | None) -> None:
    """As schools write them; from 1 September to 31 August."""
    source = PeriodSource("sheetName", "schoolYear", PATTERNS["schoolYear"])
    feed = replace(contracts["education.school"], period=(source,))
    expected = first and (date(first, 9, 1), date(first + 1, 8, 31))
    assert read_period(feed, file_name="x", sheet_name=name, received=RECEIVED) == expected


@pytest.mark.parametrize(
    ("text", "first"),
    [("2020-2021学年", 2020), ("2020-09-01", 2020), ("2021-08-31", 2020), ("2020", 2020)],
)
def test_the_school_year_of_a_day(contracts: dict[str, Contract], text: str, first: int) -> None:
    source = PeriodSource("column", "schoolYear", field="opened_on")
    feed = replace(contracts["education.school"], period=(source,))
    values = {"opened_on": text}
    told = read_period(feed, file_name="x", first_values=values, received=RECEIVED)
    assert told == (date(first, 9, 1), date(first + 1, 8, 31))
