"""What goes wrong in a row, as it goes wrong in practice: every kind of damage, and where it may strike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from minsheng_sample.codes import IDENTITY_CARD, broken_uscc, phone
from minsheng_sample.district.order_kinds import NEW_CATEGORY
from minsheng_sample.dress.cells import Cell
from minsheng_sample.timeline import Row, Value

KINDS: Mapping[str, tuple[str, str]] = {
    "negative": ("数量为负数", "a negative quantity"),
    "impossible_order": ("后一日期早于前一日期", "a later date lies before an earlier one"),
    "more_than_whole": ("部分大于总数", "a part is larger than the whole"),
    "unparseable_number": ("数字栏里是文字", "words in a number's place"),
    "unparseable_date": ("日期栏里不是日期", "no date in a date's place"),
    "impossible_date": ("没有这一天", "no such day"),
    "ambiguous_date": ("分不清月和日", "month and day cannot be told apart"),
    "coarse_date": ("日期没有精确到日", "a date without its day"),
    "unknown_unit": ("单位不认识", "an unknown unit"),
    "approximate": ("约数：可以读，按数值入库", "an approximate value, which loads as the number"),
    "long_code_as_number": (
        "长编码被存成数字，尾数丢失",
        "a long code stored as a number, its end lost",
    ),
    "exponent_code": ("编码变成科学计数法", "a code turned into an exponent"),
    "lost_zeros": ("编码末尾的零丢失", "a code that lost its zeros"),
    "bad_check_digit": ("统一社会信用代码校验位不符", "a credit code that fails its check"),
    "bad_pattern": ("编码不合格式", "a code that does not fit its pattern"),
    "unknown_code": ("不在代码表内", "not in the code list"),
    "missing_required": ("必填项为空", "a required value is missing"),
    "swapped_coordinates": ("经纬度填反", "longitude and latitude swapped"),
    "out_of_range": ("超出合理范围", "outside every plausible range"),
    "error_cell": ("Excel 错误值", "an Excel error"),
    "replaced_characters": ("转码时丢失的字符", "characters lost in a conversion"),
    "no_evidence": ("标为官方却没有依据", "called official without evidence"),
    "ragged_row": ("列数不符", "too many columns"),
    "conflicting_key": ("同一主键两行不一致", "two rows of one key that contradict each other"),
    "duplicate_row": ("整行重复", "the same row twice"),
    "unmapped_code": ("新分类代码，待映射", "a code that is not mapped yet"),
    "suspicious_check_digit": ("校验位不符，仅提示", "fails its check, where that only warns"),
    "total_mismatch": ("合计与明细不符", "a total that its rows do not add up to"),
    "missing_town": ("缺一个镇街", "a town is missing"),
    "personal_data": ("误填的个人信息", "personal data entered by mistake"),
    "extra_column": ("契约之外的列", "a column that no contract knows"),
    "late_correction": ("事后更正", "corrected later"),
    "retraction": ("事后撤回", "withdrawn later"),
}
"""Every kind of fault in the history, in Chinese and English."""


@dataclass(frozen=True)
class Fault:
    """One way in which a field of a feed is damaged; the row must be quarantined unless `loads`."""

    kind: str
    field: str
    change: Callable[[Row], Cell]
    fits: Callable[[Row], bool] = lambda _: True
    loads: bool = False
    sheet_only: bool = False
    also: tuple[tuple[str, Callable[[Row], Cell]], ...] = ()
    """Further cells that are wrong together with this one."""


def remarkable(row: Row) -> str:
    """The kind of a true row that is unusual as it stands: it loads, and something should be said."""
    if row.get("category_1") == NEW_CATEGORY[0]:
        return "unmapped_code"
    return "personal_data" if IDENTITY_CARD in str(row.get("content", "")) else ""


def _to(cell: Cell) -> Callable[[Row], Cell]:
    return lambda _: cell


def _has(*names: str) -> Callable[[Row], bool]:
    return lambda row: all(row[name] is not None for name in names)


def _over(field: str, more: int) -> Callable[[Row], Cell]:
    return lambda row: _int(row[field]) + more


def _before(field: str, days: int) -> Callable[[Row], Cell]:
    return lambda row: (_day(row[field]) - timedelta(days=days)).isoformat()


def _int(value: Value) -> int:
    return value if isinstance(value, int) else 0


def _day(value: Value) -> date:
    if not isinstance(value, date):
        raise TypeError(f"{value!r} is no day")
    return value


def _stamp(field: str, hours: int) -> Callable[[Row], Cell]:
    def change(row: Row) -> Cell:
        moment = row[field]
        if not isinstance(moment, datetime):
            raise TypeError(f"{moment!r} is no moment")
        return f"{moment - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}"

    return change


def _number_of(field: str) -> Callable[[Row], Cell]:
    """The code as the number that a spreadsheet makes of it: fifteen digits survive."""
    return lambda row: float(str(row[field]))


def _exponent_of(field: str) -> Callable[[Row], Cell]:
    return lambda row: f"{float(str(row[field])):.5E}"


def _shorter(field: str, count: int) -> Callable[[Row], Cell]:
    return lambda row: str(row[field])[:-count]


FAULTS: Mapping[str, tuple[Fault, ...]] = {
    "reference.division": (
        Fault(
            "lost_zeros",
            "division_code",
            _shorter("division_code", 1),
            lambda r: r["level"] == "村",
        ),
        Fault("missing_required", "parent_code", _to(None), lambda r: r["level"] == "村"),
        Fault("bad_pattern", "urban_rural_class", _to("城镇"), lambda r: r["level"] == "村"),
    ),
    "reference.population": (
        Fault(
            "lost_zeros",
            "division_code",
            _shorter("division_code", 3),
            lambda r: r["division_name"] != "大兴区",
        ),
        Fault("unknown_unit", "residents", _to("8.1打")),
        Fault("unparseable_number", "residents", _to("待统计")),
    ),
    "reference.plan_target": (Fault("no_evidence", "basis", _to("official")),),
    "reference.declaration": (),
    "reference.task": (),
    "education.school": (
        Fault("exponent_code", "school_id", _exponent_of("school_id")),
        Fault("unknown_code", "status", _to("筹建")),
        Fault("missing_required", "division_code", _to(None)),
        Fault(
            "suspicious_check_digit",
            "uscc",
            lambda r: broken_uscc(str(r["uscc"])),
            loads=True,
        ),
        Fault("exponent_code", "division_code", _exponent_of("division_code")),
    ),
    "education.seat_change": (
        Fault("negative", "seats", lambda r: -_int(r["seats"])),
        Fault("ambiguous_date", "effective_on", _to("03/04/2019")),
        Fault("unknown_code", "stage", _to("中学")),
        Fault("unknown_unit", "seats", _to("12班")),
        Fault("unparseable_date", "effective_on", _to("秋季学期")),
        Fault("unparseable_number", "seats", _to("若干")),
    ),
    "health.institution": (
        Fault(
            "swapped_coordinates",
            "longitude",
            lambda r: f"{r['latitude']}",
            also=(("latitude", lambda r: f"{r['longitude']}"),),
        ),
        Fault("negative", "beds", _to(-5)),
        Fault("exponent_code", "division_code", _exponent_of("division_code")),
        Fault("missing_required", "institution_name", _to(None)),
        Fault(
            "impossible_order",
            "deregistered_on",
            _before("registered_on", 40),
            _has("deregistered_on"),
        ),
        Fault("bad_pattern", "category_code", _to("诊所")),
        Fault("impossible_date", "registered_on", _to("2015-02-30")),
        Fault("replaced_characters", "institution_name", _to("示例\ufffd\ufffd诊所")),
        Fault("bad_pattern", "division_code", lambda r: "110228" + str(r["division_code"])[6:]),
        Fault("suspicious_check_digit", "uscc", lambda r: broken_uscc(str(r["uscc"])), loads=True),
    ),
    "housing.affordable_project": (
        Fault("impossible_order", "completed_on", _before("started_on", 90), _has("completed_on")),
        Fault("unparseable_number", "units", _to("见附件")),
        Fault("negative", "units", lambda r: -_int(r["units"])),
        Fault("missing_required", "town", _to(None)),
        Fault("ambiguous_date", "completed_on", _to("5/6/2018"), _has("completed_on")),
    ),
    "housing.estate": (
        Fault("exponent_code", "community_code", _exponent_of("community_code")),
        Fault("out_of_range", "built_year", _to(3019)),
        Fault("unparseable_number", "is_three_no", _to("不详")),
        Fault("missing_required", "estate_name", _to(None)),
        Fault("unknown_unit", "households", _to("3.2栋户")),
        Fault("approximate", "households", lambda r: f"约{r['households']}户", loads=True),
    ),
    "housing.property_contract": (
        Fault("bad_check_digit", "firm_uscc", lambda r: broken_uscc(str(r["firm_uscc"]))),
        Fault("impossible_order", "ends_on", _before("starts_on", 200), _has("ends_on")),
        Fault("impossible_date", "starts_on", _to("2019-02-30")),
        Fault("coarse_date", "ends_on", _to("2022-6"), _has("ends_on")),
        Fault("personal_data", "firm_name", lambda r: f"{r['firm_name']}（联系电话{phone(7)}）"),
    ),
    "housing.renewal": (
        Fault(
            "impossible_order", "completed_on", _before("designated_on", 30), _has("completed_on")
        ),
        Fault("negative", "households", lambda r: -_int(r["households"])),
        Fault("bad_pattern", "community_code", lambda r: "110116" + str(r["community_code"])[6:]),
        Fault("unparseable_number", "households", _to("全部住户")),
    ),
    "civil_affairs.social_organisation": (
        Fault("bad_check_digit", "uscc", lambda r: broken_uscc(str(r["uscc"])), _has("uscc")),
        Fault("missing_required", "founded_on", _to(None)),
        Fault("unknown_code", "organisation_type", _to("商会")),
        Fault(
            "impossible_order", "deregistered_on", _before("founded_on", 9), _has("deregistered_on")
        ),
        Fault("missing_required", "town", _to(None), lambda r: r["is_town_federation"] is True),
    ),
    "civil_affairs.elderly_facility": (
        Fault("more_than_whole", "occupied", _over("beds", 7)),
        Fault("negative", "occupied", _to(-3)),
        Fault("more_than_whole", "nursing_beds", _over("beds", 12)),
        Fault("impossible_order", "closed_on", _before("opened_on", 60), _has("closed_on")),
        Fault("error_cell", "beds", _to("#REF!")),
        Fault("unknown_code", "facility_type", _to("日间照料站")),
    ),
    "civil_affairs.community": (
        Fault("unparseable_date", "service_circle_on", _to("已达标"), _has("service_circle_on")),
        Fault("exponent_code", "community_code", _exponent_of("community_code")),
        Fault("missing_required", "is_urban", _to(None)),
        Fault("out_of_range", "donation_site_on", _to("1819-05-20"), _has("donation_site_on")),
    ),
    "civil_affairs.social_worker_month": (
        Fault("more_than_whole", "certified_community_workers", _over("community_workers", 4)),
        Fault("more_than_whole", "certified_professionals", _over("professionals", 6)),
        Fault("unknown_unit", "professionals", _to("9个组")),
    ),
    "hotline.work_order": (
        Fault("long_code_as_number", "order_id", _number_of("order_id"), sheet_only=True),
        Fault("impossible_order", "closed_at", _stamp("opened_at", 30), _has("closed_at")),
        Fault("unknown_code", "resolution", _to("办理中"), _has("resolution")),
        Fault("missing_required", "category_1", _to(None)),
        Fault("unparseable_date", "opened_at", _to("昨天下午")),
        Fault("impossible_order", "dispatched_at", _stamp("opened_at", 8), _has("dispatched_at")),
        Fault("missing_required", "unit", _to(None)),
        Fault("exponent_code", "order_id", _exponent_of("order_id")),
        Fault("unparseable_number", "return_count", _to("两次")),
    ),
}
"""The faults of each feed, in the order in which deliveries have them."""
