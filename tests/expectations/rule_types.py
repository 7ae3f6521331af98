"""Each type of rule that contracts know: how a contract says it, rows that pass and fail, and a check in pandas.

The checks know nothing of PostgreSQL or of `etl`: test_rule_types.py holds Great Expectations' verdict against them.
`python -m tests.expectations.rule_types > docs/rules.md` writes the table.
"""

from __future__ import annotations

import re
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from etl.contract import Contract, read_contract
from etl.contract.model import Rule

Row = dict[str, Any]
Check = Callable[[pd.DataFrame], pd.Series]
"""True for each row that is right; for a rule on a whole delivery the same for all."""

LOAD = """\
-- The rows by their key.

-- target: dim_school
SELECT
    row_no,
    id AS school_id,
    id AS school_name,
    NULL AS school_category,
    NULL AS running_type,
    NULL AS uscc,
    '110115000000' AS area_id,
    NULL AS status
FROM staging
"""


@dataclass(frozen=True)
class Case:
    """A type of rule with its rows; `rule` is the id that the rule gets, `shown` how the table calls the type."""

    shown: str
    rule: str
    passes: Sequence[Row]
    fails: Sequence[Row]
    check: Check
    fields: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    quality: Mapping[str, Any] | None = None
    below: str | None = None
    """The field below which the entry stands; else below the schema object."""
    severity: str = "error"
    whole: bool = False
    """Whether the rule is on the delivery: the rows that pass are one delivery, those that fail another."""
    together: bool = False
    """Whether rows make sense together only (a key, a count): the failing ones come after the passing ones."""


def column(check: Callable[[Any], bool], name: str = "c") -> Check:
    """A check of each filled cell of a column."""
    return lambda frame: frame[name].map(lambda cell: _empty(cell) or bool(check(cell)))


def _empty(cell: Any) -> bool:
    return cell is None or cell is pd.NaT or (isinstance(cell, float) and cell != cell)


def cells(*values: Any, name: str = "c") -> list[Row]:
    return [{name: value} for value in values]


def named(name: str, **kwargs: Any) -> dict[str, Any]:
    """A custom entry without words: it has its own."""
    return {"type": "custom", "engine": "greatExpectations", "implementation": {"type": name, "kwargs": kwargs}}  # fmt: skip


def gx(name: str, **kwargs: Any) -> dict[str, Any]:
    return named(name, **kwargs) | {"description": "GX 的期望 / an expectation of GX"}


def library(metric: str, **more: Any) -> dict[str, Any]:
    return {"type": "library", "metric": metric, "description": "标准的度量 / a metric of the standard"} | more  # fmt: skip


TEXT = {"c": {"logicalType": "string"}}
NUMBER = {"c": {"logicalType": "integer"}}


# Second implementations, from the standards and not from the SQL.


def organisation_code(code: str) -> bool:
    """GB 11714: base 36 digits times 3, 7, 9, 10, 5, 8, 4, 2, to 11."""
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", code):
        return False
    total = sum(int(digit, 36) * weight for digit, weight in zip(code, (3, 7, 9, 10, 5, 8, 4, 2), strict=False))  # fmt: skip
    wanted = 11 - total % 11
    return code[8] == {10: "X", 11: "0"}.get(wanted, str(wanted))


def social_credit_code(code: str) -> bool:
    """GB 32100: powers of 3 to 31 as weights, over an alphabet without I, O, S, V, Z."""
    alphabet = [c for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" if c not in "IOSVZ"]
    if len(code) != 18 or any(c not in alphabet for c in code):
        return False
    total = sum(alphabet.index(c) * pow(3, place, 31) for place, c in enumerate(code[:17]))
    return (total + alphabet.index(code[17])) % 31 == 0 and organisation_code(code[8:17])


PROVINCES = {
    *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81, 82,
}  # fmt: skip


def school_code(code: str) -> bool:
    return len(code) == 10 and code.isascii() and code.isdigit() and int(code[2:4]) in PROVINCES


def health_category(code: str) -> bool:
    return (
        len(code) == 4 and code[0] in "ABCDEFGHJKLMNOPQ" and all(c in "0123456789" for c in code[1:])
    )  # fmt: skip


def health_classification(code: str) -> bool:
    return (
        len(code) == 13
        and code[:8].isascii()
        and code[:8].isdigit()
        and int(code[:2]) in PROVINCES
        and health_category(code[8:12])
        and code[12] in "129"
    )


def identity_check(digits: str) -> str:
    """GB 11643 by ISO 7064, MOD 11-2: the check of seventeen digits."""
    remainder = 0
    for digit in digits:
        remainder = (remainder + int(digit)) * 2 % 11
    return "10X98765432"[remainder]


def identity_number(digits: str) -> bool:
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    place = int(digits[:2])
    return (
        (place in PROVINCES or place == 83)
        and born.year >= 1800
        and born <= datetime.now(timezone(timedelta(hours=8))).date()
        and identity_check(digits[:17]) == digits[17].upper()
    )


BETWEEN = " \t\n-\u00ad\u200b\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
OTHER_NUMBER = re.compile(
    r"(工单|订单|流水|受理|案件|事项|合同|批文|文件|发票|档案|登记|备案)(编?号|编?号码|编码|单号)?[\s:#(]*$"
)


def no_identity_number(text: str) -> bool:
    """Letter by letter from each place where digits begin."""
    plain = unicodedata.normalize("NFKC", text)
    for start, first in enumerate(plain):
        before = plain[:start]
        if not re.match("[0-9]", first) or re.search("[0-9]$", before):
            continue
        glued = re.search("[A-Za-z]+$", before)
        if OTHER_NUMBER.search(before) or (
            glued and glued.group().lower() not in ("id", "no", "card", "sfz", "sfzh")
        ):
            continue
        digits, gap, place = "", 0, start
        while place < len(plain) and len(digits) < 18:
            letter = plain[place]
            if letter in "0123456789" or (len(digits) == 17 and letter in "Xx"):
                digits, gap = digits + letter, 0
            elif letter in BETWEEN and gap < 3:
                gap += 1
            else:
                break
            place += 1
        after = plain[place : place + 1]
        if len(digits) == 18 and not re.match("[0-9A-Za-z]", after) and identity_number(digits):
            return False
    return True


AREAS = [
    # code, level, first and last but one day: two registers, of 2020-06-30 and 2021-10-31
    ("110115006000", "town", "2020-06-30", None),
    ("110115006200", "village", "2020-06-30", "2021-10-31"),
    ("110115006003", "village", "2020-06-30", None),
    ("110115006004", "village", "2021-10-31", None),
]
"""What the register of areas knows in these tests."""


def division_on(frame: pd.DataFrame) -> pd.Series:
    known = pd.DataFrame(AREAS, columns=["code", "level", "since", "until"])
    began = known.groupby("level")["since"].transform("min")
    known["since"] = known["since"].where(known["since"] > began, "0000-00-00")
    known["until"] = known["until"].fillna("9999-99-99")
    return pd.Series(
        [
            _empty(code)
            or _empty(day)
            or bool(((known.code == code.ljust(12, "0")) & (known.since <= day[:10]) & (day[:10] < known.until)).any())
            for code, day in zip(frame["c"], frame["d"], strict=True)
        ]
    )  # fmt: skip


def in_order(*names: str) -> Check:
    """ISO texts of equal length sort like their days."""

    def check(frame: pd.DataFrame) -> pd.Series:
        return frame[list(names)].apply(
            lambda row: (filled := [cell for cell in row if not _empty(cell)]) == sorted(filled),
            axis=1,
        )

    return check


def by_month(frame: pd.DataFrame) -> pd.Series:
    """Started, completed: the second one is a month if it is a first."""
    return pd.Series(
        [
            _empty(a) or _empty(b) or a <= b or (b.endswith("-01") and a[:7] <= b[:7])
            for a, b in zip(frame["c"], frame["d"], strict=True)
        ]
    )


def by_clock(frame: pd.DataFrame) -> pd.Series:
    """Moments in Beijing; midnight is a day."""
    opened, closed = (
        pd.to_datetime(frame[name], utc=True, format="ISO8601").dt.tz_convert("Asia/Shanghai")
        for name in "cd"
    )
    midnight = closed == closed.dt.normalize()
    return (opened <= closed) | (midnight & (opened.dt.normalize() <= closed))  # fmt: skip


BOX = {"west": 116.206, "east": 116.737, "south": 39.433, "north": 39.842}
PLACES = {"c": {"logicalType": "number"}, "d": {"logicalType": "number"}}


def at(*pairs: tuple[float | None, float | None]) -> list[Row]:
    return [{"c": x, "d": y} for x, y in pairs]


def inside(frame: pd.DataFrame) -> pd.Series:
    x, y = frame["c"].astype(float), frame["d"].astype(float)
    outside = (x < BOX["west"]) | (x > BOX["east"]) | (y < BOX["south"]) | (y > BOX["north"])
    return ~outside


def not_swapped(frame: pd.DataFrame) -> pd.Series:
    turned = frame.rename(columns={"c": "d", "d": "c"})
    return inside(frame) | ~(inside(turned) & frame.notna().all(axis=1))


CASES: list[Case] = [
    Case(
        "（自动）读取 / by itself: reading",
        "fault",
        [{"fault": None}],
        [{"fault": '[{"column": "c"}]'}],
        lambda frame: frame["fault"].isna(),
    ),
    Case(
        "required",
        "required.c",
        cells("x"),
        cells(None),
        lambda frame: frame["c"].notna(),
        fields={"c": {"logicalType": "string", "required": True}},
    ),
    Case(
        "primaryKey",
        "key",
        [{"id": "1"}],
        [{"id": "2"}, {"id": "2"}],
        lambda frame: ~frame["id"].duplicated(keep=False),
        together=True,
    ),
    Case(
        "primaryKey（多列 / of several）",
        "key",
        [{"id": "1", "c": "x"}, {"id": "1", "c": "y"}],
        [{"id": "2", "c": "x"}, {"id": "2", "c": "x"}],
        lambda frame: ~frame.duplicated(["id", "c"], keep=False),
        fields={"c": {"logicalType": "string", "primaryKey": True, "primaryKeyPosition": 2}},
        together=True,
    ),
    Case(
        "unique",
        "unique.c",
        cells("x"),
        cells("y", "y"),
        lambda frame: ~frame["c"].duplicated(keep=False),
        fields={"c": {"logicalType": "string", "unique": True}},
        together=True,
    ),
    Case(
        "enum",
        "codes.c",
        cells("公办", None),
        cells("公立", ""),
        column(lambda cell: cell in ("公办", "民办")),
        fields={"c": {"logicalType": "string", "enum": [{"value": "公办"}, {"value": "民办"}]}},
    ),
    Case(
        "enum（开放 / open）",
        "codes.c",
        cells("公办"),
        cells("公立"),
        column(lambda cell: cell == "公办"),
        fields={
            "c": {
                "logicalType": "string",
                "enum": [{"value": "公办"}],
                "customProperties": [{"property": "vocabulary", "value": "open"}],
            }
        },
        severity="warning",
    ),
    Case(
        "logicalTypeOptions.pattern",
        "pattern.c",
        cells("A1", None),
        cells("A12", "a1"),
        column(lambda cell: re.search(r"^[A-Z]\d$", cell) is not None),
        fields={"c": {"logicalType": "string", "logicalTypeOptions": {"pattern": r"^[A-Z]\d$"}}},
    ),
    Case(
        "logicalTypeOptions.minLength, maxLength",
        "length.c",
        cells("二字", "三个字"),
        cells("字", "四个汉字", ""),
        column(lambda cell: 2 <= len(cell) <= 3),
        fields={
            "c": {"logicalType": "string", "logicalTypeOptions": {"minLength": 2, "maxLength": 3}}
        },
    ),
    Case(
        "logicalTypeOptions.minimum, maximum",
        "range.c",
        cells(0, 10, None),
        cells(-1, 11),
        column(lambda cell: 0 <= cell <= 10),
        fields={
            "c": {"logicalType": "integer", "logicalTypeOptions": {"minimum": 0, "maximum": 10}}
        },
    ),
    Case(
        "logicalTypeOptions.minimum, maximum（日期 / days）",
        "range.c",
        cells("2020-01-01", "2020-12-31", None),
        cells("2019-12-31", "2021-01-01"),
        column(lambda cell: "2020-01-01" <= cell <= "2020-12-31"),
        fields={
            "c": {
                "logicalType": "date",
                "logicalTypeOptions": {"minimum": "2020-01-01", "maximum": "2020-12-31"},
            }
        },
    ),
    Case(
        "register",
        "register.c",
        cells("110115006000", None),
        cells("110115006200", "旧宫"),
        column(lambda cell: (cell, "town") in [(code, level) for code, level, *_ in AREAS]),
        fields={
            "c": {
                "logicalType": "string",
                "customProperties": [
                    {"property": "register", "value": {"of": "area", "levels": ["town"]}}
                ],
            }
        },
    ),
    Case(
        "type: custom, expect_column_values_to_be_between",
        "asked",
        cells(5, None),
        cells(6),
        column(lambda cell: cell <= 5),
        fields=NUMBER,
        quality=gx("expect_column_values_to_be_between", column="c", max_value=5),
    ),
    Case(
        "type: custom, expect_column_pair_values_a_to_be_greater_than_b",
        "asked",
        [{"c": 2, "d": 2}, {"c": None, "d": 3}],
        [{"c": 1, "d": 2}],
        lambda frame: ~(frame["c"] < frame["d"]),
        fields=NUMBER | {"d": {"logicalType": "integer"}},
        quality=gx(
            "expect_column_pair_values_a_to_be_greater_than_b",
            column_A="c", column_B="d", or_equal=True, ignore_row_if="either_value_is_missing",
        ),
    ),
    Case(
        "type: sql",
        "asked",
        [{"c": 1, "d": 2}, {"c": 9, "d": None}],
        [{"c": 3, "d": 2}],
        lambda frame: ~(frame["c"] > frame["d"]),
        fields=NUMBER | {"d": {"logicalType": "integer"}},
        quality={"type": "sql", "query": "c <= d", "mustBe": True, "description": "条件 / a condition"},
    ),
    Case(
        "type: library, nullValues",
        "asked",
        cells("x"),
        cells(None),
        lambda frame: frame["c"].notna(),
        fields=TEXT,
        quality=library("nullValues", mustBe=0),
        below="c",
    ),
    Case(
        "type: library, duplicateValues",
        "asked",
        cells("x"),
        cells("y", "y"),
        lambda frame: ~frame["c"].duplicated(keep=False),
        fields=TEXT,
        quality=library("duplicateValues", mustBe=0),
        below="c",
        together=True,
    ),
    Case(
        "type: library, invalidValues（validValues）",
        "asked",
        cells("x", None),
        cells("z"),
        column(lambda cell: cell in ("x", "y")),
        fields=TEXT,
        quality=library("invalidValues", mustBe=0, arguments={"validValues": ["x", "y"]}),
        below="c",
    ),
    Case(
        "type: library, invalidValues（pattern）",
        "asked",
        cells("x1", None),
        cells("1x"),
        column(lambda cell: re.search("^x", cell) is not None),
        fields=TEXT,
        quality=library("invalidValues", mustBe=0, arguments={"pattern": "^x"}),
        below="c",
    ),
    Case(
        "type: library, rowCount",
        "asked",
        [{"id": "1"}, {"id": "2"}],
        [{"id": "1"}],
        lambda frame: pd.Series([len(frame) >= 2] * len(frame)),
        quality=library("rowCount", mustBeGreaterThan=1),
        whole=True,
    ),
    Case(
        "expect_column_values_to_be_social_credit_codes",
        "asked",
        cells("91350100M000100Y43", "51110115XX0000019H", "52110115XX0000019E", None),
        # The check, the organisation's own check with the outer one put right, the alphabet, case, length.
        cells("91350100M000100Y44", "91350100M000100Y56", "91350100M000200Y4T", "9135O100M000100Y43",
              "91350100m000100y43", "91350100M000100Y4", ""),
        column(social_credit_code),
        fields=TEXT,
        quality=named("expect_column_values_to_be_social_credit_codes", column="c"),
    ),
    Case(
        "expect_column_values_to_be_organisation_codes",
        "asked",
        cells("M000100Y4", None),
        cells("M000100Y5", "M000100Y", "M00O100Y4", "m000100y4"),
        column(organisation_code),
        fields=TEXT,
        quality=named("expect_column_values_to_be_organisation_codes"),
        below="c",
    ),
    Case(
        "expect_column_values_to_be_school_codes",
        "asked",
        cells("2111000001", "1131012345", None),
        cells("211100001", "21110000012", "2199000001", "A111000001", ""),
        column(school_code),
        fields=TEXT,
        quality=named("expect_column_values_to_be_school_codes", column="c"),
    ),
    Case(
        "expect_column_values_to_be_school_codes（province: '11'）",
        "asked",
        cells("2111000001"),
        cells("2112000001"),
        column(lambda cell: school_code(cell) and cell[2:4] == "11"),
        fields=TEXT,
        quality=named("expect_column_values_to_be_school_codes", column="c", province="11"),
    ),
    Case(
        "expect_column_values_to_be_health_institution_codes",
        "asked",
        cells("A100", "Q900", None),
        cells("I100", "R100", "A10", "a100", "A1000", "医院"),
        column(health_category),
        fields=TEXT,
        quality=named("expect_column_values_to_be_health_institution_codes", column="c"),
    ),
    Case(
        "expect_column_values_to_be_health_institution_codes（part: classification）",
        "asked",
        cells("11011511A1001"),
        cells("11011511A1003", "99011511A1001", "1101151A1001", "11011511I1001", "A100"),
        column(health_classification),
        fields=TEXT,
        quality=named(
            "expect_column_values_to_be_health_institution_codes", column="c", part="classification"
        ),
    ),
    Case(
        "expect_column_values_to_not_hold_identity_numbers",
        "asked",
        cells(
            "无", None, "",
            "工单编号：110115189912310018",  # an order's number, the text says
            "GD110115189912310018",
            "202003011234567890",  # no province 20
            "110115189912310017",  # check
            "110115189902300019",  # no such day
            "110115209912310013",  # not born yet
            "1101151899123100181", "电话13800138000，楼号110115",
        ),
        cells(
            "110115189912310018",
            "11011518991231019X", "11011518991231019x",
            "证件110115 18991231 0018。", "1101-1518-9912-3100-18",
            "身份证１１０１１５１８９９１２３１００１８",
            "ID:110115189912310018", "张三 110115189912310018 13800138000",
            "工单20200301-1，身份证110115189912310018",
        ),
        column(no_identity_number),
        fields=TEXT,
        quality=named("expect_column_values_to_not_hold_identity_numbers", column="c"),
    ),
    Case(
        "expect_column_values_to_be_divisions_on_date",
        "asked",
        [
            {"c": "110115006200", "d": "2021-10-30"},
            {"c": "110115006200", "d": "2010-01-01"},  # before the first register: what it lists counts
            {"c": "110115006004", "d": "2021-10-31"},
            {"c": "110115006", "d": "2024-01-01"},
            {"c": None, "d": "2020-01-01"},
            {"c": "110115006004", "d": None},
        ],
        [
            {"c": "110115006200", "d": "2021-10-31"},
            {"c": "110115006004", "d": "2021-10-30"},
            {"c": "110115006004", "d": "2010-01-01"},
            {"c": "110115006999", "d": "2021-01-01"},
            {"c": "旧宫镇", "d": "2021-01-01"},
            {"c": "", "d": "2021-01-01"},
        ],
        division_on,
        fields=TEXT | {"d": {"logicalType": "date"}},
        quality=named("expect_column_values_to_be_divisions_on_date", column="c", date_column="d"),
    ),
    Case(
        "expect_columns_to_be_in_time_order",
        "asked",
        [
            {"c": "2017-03-01", "d": "2019-06-01", "e": "2019-06-01"},
            {"c": "2017-03-01", "d": None, "e": "2019-10-01"},
            {"c": None, "d": None, "e": "2019-10-01"},
            {"c": None, "d": None, "e": None},
        ],
        [
            {"c": "2017-03-02", "d": "2017-03-01", "e": None},
            {"c": "2019-10-02", "d": None, "e": "2019-10-01"},
            {"c": "2017-03-01", "d": "2019-06-01", "e": "2018-10-01"},
        ],
        in_order("c", "d", "e"),
        fields={name: {"logicalType": "date"} for name in "cde"},
        quality=named("expect_columns_to_be_in_time_order", column_list=["c", "d", "e"]),
    ),
    Case(
        "expect_columns_to_be_in_time_order（precision: month）",
        "asked",
        [{"c": "2017-03-15", "d": "2017-03-01"}, {"c": "2017-03-15", "d": "2017-03-15"}],
        [{"c": "2017-03-15", "d": "2017-03-14"}, {"c": "2017-04-01", "d": "2017-03-01"}],
        by_month,
        fields={"c": {"logicalType": "date"},
                "d": {"logicalType": "date", "customProperties": [{"property": "precision", "value": "month"}]}},
        quality=named("expect_columns_to_be_in_time_order", column_list=["c", "d"]),
    ),
    Case(
        "expect_columns_to_be_in_time_order（timestamp）",
        "asked",
        [
            {"c": "2020-03-01 08:00+08", "d": "2020-03-01 08:00+08"},
            {"c": "2020-03-01 08:00+08", "d": "2020-02-29 16:00+00"},  # that day
        ],
        [
            {"c": "2020-03-01 08:00+08", "d": "2020-03-01 07:59+08"},
            {"c": "2020-03-01 08:00+08", "d": "2020-02-29 15:59+00"},
        ],
        by_clock,
        fields={name: {"logicalType": "timestamp"} for name in "cd"},
        quality=named("expect_columns_to_be_in_time_order", column_list=["c", "d"]),
    ),
    Case(
        "expect_coordinates_to_be_in_box（system: GCJ-02）",
        "asked",
        at((116.34, 39.73), (116.206, 39.842), (None, None), (None, 39.73)),
        at((39.73, 116.34), (116.34, 39.9), (116.2, 39.73), (None, 39.9), (0, 0)),
        inside,
        fields=PLACES,
        quality=named("expect_coordinates_to_be_in_box", longitude="c", latitude="d", system="GCJ-02", box=BOX),
    ),
    Case(
        "expect_coordinates_to_be_in_box（.swapped）",
        "asked.swapped",
        at((116.34, 39.73), (116.34, 39.9), (39.73, None)),
        at((39.73, 116.34)),
        not_swapped,
        fields=PLACES,
        quality=named("expect_coordinates_to_be_in_box", longitude="c", latitude="d", system="WGS84", box=BOX),
        severity="warning",
    ),
]  # fmt: skip


def contract_of(case: Case, folder: Path) -> Contract:
    """A contract with a key `id`, the fields of the case and its entry."""
    public = {"classification": "public"}
    properties = [
        {"name": name, "businessName": f"栏{name}"} | public | dict(options)
        for name, options in case.fields.items()
    ]
    for each in properties:
        own = each.get("customProperties", [])
        each["customProperties"] = [
            {"property": "englishName", "value": f"Column {each['name']}"}, *own,
        ]  # fmt: skip
    key = {"name": "id", "businessName": "编号", "logicalType": "string", "primaryKey": True,
           "primaryKeyPosition": 1} | public  # fmt: skip
    table: dict[str, Any] = {"name": "rows", "properties": [key, *properties]}
    if case.quality:
        place = next((each for each in properties if each["name"] == case.below), table)
        place["quality"] = [{"id": "asked"} | dict(case.quality)]
    document = {
        "apiVersion": "v3.2.0", "kind": "DataContract", "id": "education.rows", "name": "样例", "version": "1.0.0",
        "status": "active", "domain": "education", "team": {"name": "测试组"},
        "slaProperties": [{"property": "frequency", "value": "monthly"}],
        "customProperties": [
            {"property": "mode", "value": "delta"},
            {"property": "period", "value": [{"from": "fileName", "grain": "month"}]},
            {"property": "file", "value": {"names": ["样例*"]}},
        ],
        "schema": [table],
    }  # fmt: skip
    path = folder / "education" / "rows.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    path.with_suffix(".load.sql").write_text(LOAD, encoding="utf-8")
    return read_contract(path)


def rule_of(case: Case, contract: Contract) -> Rule:
    [rule] = [each for each in contract.rules if each.id == case.rule]
    return rule


def table() -> str:
    """docs/rules.md."""
    lines = [
        "# Types of rules 规则类型",
        "",
        "What a contract can demand, by the name under which it does: a property of a field, a metric of the standard, SQL, an",
        "expectation of Great Expectations, or one of the domain ([adding-a-feed.md](adding-a-feed.md#rules)). Great Expectations judges",
        "all of them on PostgreSQL. Made from `tests/expectations/rule_types.py`, which holds each row here against a second check in",
        "pandas; a dash is an empty cell, and an empty cell passes everything but `required` and `nullValues`.",
        "",
        "契约可以提出的全部规则。每种规则都由 Great Expectations 在 PostgreSQL 中判定，并与 pandas 中独立写成的检查逐行对照；“–”为空值。",
        "",
        "| 规则 rule | 内容 | meaning | 通过 passes | 不通过 fails |",
        "|---|---|---|---|---|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            rule = rule_of(case, contract_of(case, Path(folder)))
            cells = (f"`{case.shown}`" if case.shown.isascii() else case.shown, rule.text_zh, rule.text_en, _shown(case.passes), _shown(case.fails))  # fmt: skip
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def _shown(rows: Sequence[Row]) -> str:
    return "; ".join(
        " ".join(
            "–" if cell is None else f"`{cell}`" if cell != "" else "`''`" for cell in row.values()
        )
        for row in rows
    )


if __name__ == "__main__":
    sys.stdout.write(table())
