"""The feeds that the histories are about: load queries in plain Python, file names, headers, bad cells, small key spaces.

`hotline.model_order` is `hotline.work_order` under another name, whose files may also be windows or snapshots
(`model_feeds` writes its contract).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.settings import ROOT
from tests.etl.load.model import SINCE_EVER, Feed, Period, Place, StarRow, Unit, Value

Values = Mapping[str, Value]


def _place(value: Value) -> Value:
    return None if value is None else Place(value)


# ------------------------------------------------------------------------------ load queries
def institution(v: Values) -> list[StarRow]:
    area = _place(v["division_code"])
    values = (v["institution_id"], v["institution_name"], v["beds"], area, v["registered_on"])
    key = (f"{v['institution_id']}@{v['registered_on']}",)
    return [StarRow("dim_institution", key, (*values, v["status"]))]


def school(v: Values) -> list[StarRow]:
    area = _place(v["division_code"])
    values = (v["school_id"], v["school_name"], v["school_category"], area, v["status"])
    return [StarRow("dim_school", (v["school_id"],), values)]


def seat_change(v: Values) -> list[StarRow]:
    values = (v["school_id"], v["stage"], v["change_type"], v["seats"])
    values = (*values, v["effective_on"], v["document_no"])
    return [StarRow("fact_seat_change", (v["change_id"],), values)]


def work_order(v: Values) -> list[StarRow]:
    names = (v["channel"], v["category_1"], _place(v["town"]), Unit(v["unit"]))
    values = (*names, v["opened_at"], v["return_count"], v["updated_at"])
    return [StarRow("fact_work_order", (v["order_id"],), values)]


def order_members(v: Values) -> list[StarRow]:
    unit = str(v["unit"])
    town = re.search("(街道|地区|镇)(办事处|人民政府)?$", unit)
    kind = "town" if town else "department" if unit.endswith("委") else "other"
    area = Place(re.sub("(办事处|人民政府)$", "", unit)) if town else None
    rows = [
        StarRow("dim_category", (v["category_1"],), (v["category_1"], True)),
        StarRow("dim_unit", (Unit(unit),), (unit, kind, area)),
    ]
    if v["channel"] is not None:
        rows.append(StarRow("dim_channel", (v["channel"],), (v["channel"],)))
    return rows


def affordable_project(v: Values) -> list[StarRow]:
    days = (("started", v["started_on"]), ("completed", v["completed_on"]))
    return [
        StarRow(
            "fact_housing_milestone",
            (v["project_id"], v["lot_id"], milestone),
            (v["project_name"], _place(v["town"]), v["units"], on),
        )
        for milestone, on in (*days, ("delivered", v["delivered_on"]))
        if on is not None
    ]


def property_contract(v: Values) -> list[StarRow]:
    key = (v["estate_id"], v["firm_uscc"] or v["firm_name"], v["starts_on"])
    values = (v["ends_on"], v["firm_name"], v["management_mode"])
    return [StarRow("fact_property_contract", key, values)]


def social_worker_month(v: Values) -> list[StarRow]:
    values = (v["community_workers"], v["professionals"])
    return [StarRow("fact_social_worker_month", (_place(v["town"]), v["month"]), values)]


def population(v: Values) -> list[StarRow]:
    values = (v["residents"], v["basis"])
    return [StarRow("fact_population_year", (_place(v["division_code"]), v["year"]), values)]


LEVELS = {"区县": "district", "镇街": "town", "社区": "community", "村": "village"}


def division(v: Values) -> list[StarRow]:
    code, name = v["division_code"], str(v["division_name"])
    values = (code, name, LEVELS.get(str(v["level"])), _place(v["parent_code"]))
    rows = [StarRow("dim_area", (Place(code),), values)]
    if v["level"] == "镇街":
        unit = re.sub("(街道|地区)办事处$", r"\1", name)
        rows.append(StarRow("dim_unit", (f"town:{code}",), (unit, "town", Place(code))))
    return rows


def names_of_divisions(rows: list[Values]) -> list[tuple[type, str, str]]:
    """Towns and districts by name and alias, in every form; towns are units, too."""

    def names(v: Values) -> list[str]:
        return [n for n in (str(v["division_name"]), *str(v["aliases"] or "").split(";")) if n]

    districts = [name for v in rows if v["level"] == "区县" for name in names(v)]
    names_told: list[tuple[type, str, str]] = []
    for v in rows:
        code = str(v["division_code"])
        if v["level"] == "区县":
            names_told += [(Place, name, code) for name in names(v)]
        if v["level"] == "镇街":
            for form in {form for name in names(v) for form in forms(name, districts)}:
                names_told += [(Place, form, code), (Unit, form, f"town:{code}")]
    return names_told


def forms(name: str, districts: list[str]) -> set[str]:
    """How the name of a place is written: with and without its office, below its district or not."""
    if not districts:
        return {name}
    street = "街道" if re.search("街道办(事处)?$", name) else ""
    bare = re.sub("(人民政府|政府|街道办事处|办事处|街道办)$", street, name)
    written = {name, bare, f"{bare}人民政府", f"{bare}办事处"}
    if (re.search("(街道|地区|镇|乡)$", bare) and len(bare) > 3) or re.search("..(镇|乡)$", bare):
        written.add(re.sub("(街道|地区|镇|乡)$", "", bare))
    return written | {f"{district}{form}" for district in districts for form in written}


def last_day(period: Period) -> str:
    return period.end


def september(period: Period) -> str:
    return f"{period.start[:4]}-09-01"


# ------------------------------------------------------------------------------ columns of the star
AREA = ("area_key", "area")
COLUMNS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "dim_institution": (
        ("institution_key",),
        ("institution_id", "institution_name", "beds", "area_key", "registered_on", "status"),
    ),
    "dim_school": (
        ("school_key",),
        ("school_id", "school_name", "school_category", "area_key", "status"),
    ),
    "dim_area": (("area_key",), ("area_code", "area_name", "area_level", "parent_area_key")),
    "dim_category": (("category_key",), ("category_1", "is_mapped")),
    "dim_channel": (("channel_key",), ("channel_name",)),
    "dim_unit": (("unit_key",), ("unit_name", "unit_kind", "area_key")),
    "fact_seat_change": (
        ("change_id",),
        ("school_key", "stage", "change_type", "seats", "effective_on", "document_no"),
    ),
    "fact_work_order": (
        ("order_id",),
        (
            "channel_key",
            "category_key",
            "area_key",
            "unit_key",
            "opened_at",
            "return_count",
            "source_at",
        ),
    ),
    "fact_housing_milestone": (
        ("project_id", "lot_id", "milestone"),
        ("project_name", "area_key", "units", "milestone_on"),
    ),
    "fact_property_contract": (
        ("estate_key", "firm_id", "starts_on"),
        ("ends_on", "firm_name", "management_mode"),
    ),
    "fact_social_worker_month": (
        ("area_key", "month"),
        ("community_workers", "professionals"),
    ),
    "fact_population_year": (("area_key", "year"), ("residents", "basis")),
}
"""Of each table: the key columns and the columns that the model compares, in its order."""


# ------------------------------------------------------------------------------ what histories choose from
@dataclass(frozen=True)
class Space:
    """How a feed's files look, and the few values that its histories use."""

    feed: Feed
    file_name: str
    headers: Mapping[str, str]
    periods: tuple[Period, ...]
    keys: tuple[dict[str, Value], ...]
    choices: Mapping[str, tuple[Value, ...]]
    bad: Mapping[str, str | None]
    """A cell that fails, by field; None: an empty one."""
    weights: Mapping[str, int]
    """How often which mode."""
    total: str = ""
    """The field that says 合计 in a row of totals."""


def months(year: int, *numbers: int) -> tuple[Period, ...]:
    last = {1: 31, 2: 29, 3: 31, 4: 30}
    return tuple(
        Period(f"{year}年{n}月", f"{year}-{n:02d}-01", f"{year}-{n:02d}-{last[n]}") for n in numbers
    )


def years(*numbers: int) -> tuple[Period, ...]:
    return tuple(Period(f"{n}年", f"{n}-01-01", f"{n}-12-31") for n in numbers)


QUARTERS = (
    Period("2020年第1季度", "2020-01-01", "2020-03-31"),
    Period("2020年第2季度", "2020-04-01", "2020-06-30"),
)
SPANS = (
    *QUARTERS,
    Period("2020年上半年", "2020-01-01", "2020-06-30"),
    Period("2020年", "2020-01-01", "2020-12-31"),
)
ORDER_SPANS = (
    *months(2024, 1, 2),
    Period("2024-01-31", "2024-01-31", "2024-01-31"),
    Period("2024-02-10", "2024-02-10", "2024-02-10"),
    Period("2024年第1季度", "2024-01-01", "2024-03-31"),
)
DAYS = (
    Period("2020年1月31日", "2020-01-31", "2020-01-31"),
    Period("2020年6月30日", "2020-06-30", "2020-06-30"),
)
USCC = ("91350100M000100Y43", "91110115MA01ABCD6E")
FULL = {"full": 60, "correction": 25, "retraction": 15}
DELTA = {"delta": 62, "correction": 22, "retraction": 16}
TOWNS = ("旧宫镇", "旧宫地区", "青云店镇")
ORDER_HEADERS = {
    "order_id": "工单编号",
    "category_1": "一级分类",
    "channel": "数据来源",
    "town": "被反映街乡镇",
    "unit": "承办单位",
    "opened_at": "来电时间",
    "return_count": "退单次数",
    "updated_at": "更新时间",
}
ORDER_CHOICES: dict[str, tuple[Value, ...]] = {
    "category_1": ("住房保障", "交通出行"),
    "channel": ("网络平台", None),
    "town": TOWNS,
    "unit": ("旧宫镇人民政府", "旧宫镇", "区教委"),
    "opened_at": ("2024-01-02 08:00:00",),
    "return_count": (0, 1, 2),
    "updated_at": (
        "2024-01-20 10:00:00",
        "2024-01-31 12:00:00",
        "2024-02-05 10:00:00",
        None,
        "2099-01-01 00:00:00",
    ),
}
ORDER_BAD: dict[str, str | None] = {
    "order_id": None,
    "return_count": "abc",
    "opened_at": "不详",
    "updated_at": "不详",
}


def _order_feed(name: str) -> Feed:
    return Feed(
        name,
        "delta",
        ("order_id",),
        frozenset({"town"}),
        work_order,
        derived=order_members,
        source_time="updated_at",
        hold_volume=False,
    )


_SPACES = (
    Space(
        Feed(
            "health.institution",
            "full",
            ("institution_id", "registered_on"),
            frozenset({"division_code"}),
            institution,
            days={"dim_institution": last_day},
        ),
        "医疗机构",
        {
            "institution_id": "机构登记号",
            "institution_name": "机构名称",
            "beds": "床位",
            "division_code": "区划",
            "registered_on": "执业登记日期",
            "status": "状态",
        },
        months(2020, 1, 2, 3),
        tuple(
            {"institution_id": i, "registered_on": on}
            for i, on in (("I1", "2010-01-01"), ("I1", "2011-05-05"), ("I2", "2010-01-01"))
        ),
        {
            "institution_name": ("甲", "乙"),
            "beds": (1, 20, None),
            "division_code": ("110115006001",),
            "status": ("执业",),
        },
        {"registered_on": "1800-01-01", "institution_id": None, "beds": "约十张", "status": "不明"},
        FULL,
        total="institution_id",
    ),
    Space(
        Feed(
            "education.school",
            "full",
            ("school_id",),
            frozenset({"division_code"}),
            school,
            days={"dim_school": september},
        ),
        "学校名录",
        {
            "school_id": "学校标识码",
            "school_name": "学校名称",
            "school_category": "学校类别",
            "division_code": "驻地区划代码",
            "status": "状态",
        },
        years(2019, 2020, 2021),
        tuple({"school_id": f"11110000{n:02d}"} for n in (1, 2, 3)),
        {
            "school_name": ("旧名", "新名"),
            "school_category": ("小学", None),
            "division_code": ("110115006000",),
            "status": ("正常",),
        },
        {"school_id": "111100002", "status": "不明"},
        FULL,
    ),
    Space(
        Feed("education.seat_change", "delta", ("change_id",), frozenset(), seat_change),
        "学位变动",
        {
            "change_id": "变动编号",
            "school_id": "学校标识码",
            "stage": "学段",
            "change_type": "变动类型",
            "seats": "学位数",
            "effective_on": "启用日期",
            "document_no": "批文号",
        },
        SPANS,
        tuple({"change_id": c} for c in ("C1", "C2", "C3")),
        {
            "school_id": ("1111000001",),
            "stage": ("小学",),
            "change_type": ("新建",),
            "seats": (100, 200, 300),
            "effective_on": ("2020-01-05",),
            "document_no": ("x", None),
        },
        {"change_id": "变" * 41, "seats": "abc"},
        DELTA,
        total="change_id",
    ),
    Space(
        _order_feed("hotline.work_order"),
        "工单",
        ORDER_HEADERS,
        ORDER_SPANS,
        tuple({"order_id": o} for o in ("W1", "W2", "W3")),
        ORDER_CHOICES,
        ORDER_BAD,
        DELTA,
    ),
    Space(
        _order_feed("hotline.model_order"),
        "模型工单",
        ORDER_HEADERS,
        ORDER_SPANS,
        tuple({"order_id": o} for o in ("W1", "W2", "W3")),
        ORDER_CHOICES | {"town": ("青云店镇",)},
        ORDER_BAD,
        {"delta": 35, "window": 30, "full": 15, "correction": 12, "retraction": 8},
    ),
    Space(
        Feed(
            "housing.affordable_project",
            "full",
            ("project_id", "lot_id"),
            frozenset({"town"}),
            affordable_project,
            registered={"town": "town"},
            hold_resave=False,
        ),
        "保障房",
        {
            "project_id": "项目编号",
            "project_name": "项目名称",
            "lot_id": "楼栋编号",
            "town": "镇街",
            "units": "套数",
            "started_on": "开工日期",
            "completed_on": "竣工日期",
            "delivered_on": "交付日期",
        },
        months(2020, 1, 2, 3),
        tuple(
            {"project_id": p, "lot_id": lot}
            for p, lot in (("P1", "L1"), ("P1", "L2"), ("P2", "L1"))
        ),
        {
            "project_name": ("某项目", None),
            "town": TOWNS,
            "units": (100, 120),
            "started_on": ("2018-01-01", None),
            "completed_on": ("2020-01-05", "2020-02-01", None),
            "delivered_on": ("2020-03-01", None),
        },
        {"lot_id": None, "units": "abc", "completed_on": "1991-13-01"},
        FULL,
    ),
    Space(
        Feed(
            "housing.property_contract",
            "full",
            ("estate_id", "firm_name", "starts_on"),
            frozenset(),
            property_contract,
            hold_resave=False,
        ),
        "物业合同",
        {
            "estate_id": "小区编码",
            "firm_name": "物业企业",
            "firm_uscc": "统一社会信用代码",
            "starts_on": "合同开始日期",
            "ends_on": "合同结束日期",
            "management_mode": "管理方式",
        },
        (*QUARTERS, Period("2020年第3季度", "2020-07-01", "2020-09-30")),
        tuple(
            {"estate_id": e, "firm_name": f, "starts_on": "2020-01-01"}
            for e, f in (
                ("E1", "甲物业"),
                ("E1", "甲物业有限公司"),
                ("E1|甲", "乙"),
                ("E1", "甲|乙"),
            )
        ),
        {
            "firm_uscc": (USCC[0], None),
            "ends_on": ("2025-01-01", None),
            "management_mode": (None,),
        },
        {"starts_on": "不详", "estate_id": None, "ends_on": "1999-01-01"},
        FULL,
    ),
    Space(
        Feed(
            "civil_affairs.social_worker_month",
            "delta",
            ("month", "town"),
            frozenset({"town"}),
            social_worker_month,
            registered={"town": "town"},
            own_time="month",
        ),
        "社工月报",
        {
            "month": "月份",
            "town": "镇街",
            "community_workers": "社区工作者数",
            "professionals": "专业人才数",
        },
        months(2020, 1, 2, 3),
        tuple(
            {"month": m, "town": t}
            for m in ("2020-01-01", "2020-02-01")
            for t in ("旧宫镇", "旧宫地区", "青云店镇")
        ),
        {"community_workers": (10, 12), "professionals": (2, None)},
        {"town": None, "month": "不详", "community_workers": "abc"},
        DELTA,
    ),
    Space(
        Feed(
            "reference.population",
            "full",
            ("division_code", "year"),
            frozenset({"division_code"}),
            population,
            own_time="year",
            scope=("year",),
        ),
        "常住人口",
        {
            "division_code": "区划代码",
            "year": "年份",
            "residents": "常住人口",
            "basis": "口径",
        },
        years(2019, 2020, 2021),
        tuple(
            {"division_code": f"110115{a}000", "year": y}
            for y in (2019, 2020)
            for a in ("006", "101", "007")
        ),
        {"residents": (90, 100, 110), "basis": ("普查",)},
        {"division_code": "12", "year": "不详", "residents": "abc"},
        FULL,
    ),
    Space(
        Feed(
            "reference.division",
            "full",
            ("division_code",),
            frozenset({"division_code", "parent_code"}),
            division,
            days={"dim_area": last_day, "dim_unit": lambda _: SINCE_EVER},
            hold_resave=False,
            aliases=names_of_divisions,
        ),
        "区划登记",
        {
            "division_code": "区划代码",
            "division_name": "名称",
            "parent_code": "上级代码",
            "level": "级别",
            "aliases": "别名",
        },
        DAYS,
        (),
        {},
        {"level": "不明"},
        {"full": 100},
    ),
)
SPACES: dict[str, Space] = {space.feed.name: space for space in _SPACES}
FEEDS: dict[str, Feed] = {name: space.feed for name, space in SPACES.items()}

_MODES = """\
customProperties:
  - property: modes
    value:
      - {pattern: 更正, mode: correction}
      - {pattern: 撤回, mode: retraction}
      - {pattern: 窗口, mode: window}
      - {pattern: 全量, mode: full}
"""


def model_feeds(folder: Path) -> Path:
    """A folder for MINSHENG_FEEDS with the contract of `hotline.model_order`."""
    source = ROOT / "expectations" / "hotline"
    target = folder / "hotline"
    target.mkdir(parents=True)
    text = (source / "work_order.yaml").read_text(encoding="utf-8")
    text = text.replace("id: hotline.work_order", "id: hotline.model_order")
    text = text.replace("'*工单*', '接诉即办*', '12345*'", "'模型工单*'")
    text = text.replace("hotline_work_order*", "hotline_model_order*")
    text = text.replace("hotline.work_order*", "hotline.model_order*")
    text = text.replace("customProperties:\n", _MODES, 1)
    (target / "model_order.yaml").write_text(text, encoding="utf-8")
    load = (source / "work_order.load.sql").read_text(encoding="utf-8")
    (target / "model_order.load.sql").write_text(load, encoding="utf-8")
    return folder


def words(mode: str, feed: Feed) -> str:
    """How a file name says the mode."""
    words: dict[str, str] = {"correction": "更正", "retraction": "撤回", "window": "窗口"}
    if mode == "full" and feed.mode != "full":
        return "全量"
    return words.get(mode, "")


def cell(space: Space, name: str, values: Values, fault: str) -> Any:
    """What stands in the file."""
    return space.bad[name] if name == fault else values.get(name)
