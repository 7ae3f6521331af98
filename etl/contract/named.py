"""Custom expectations of the domain, usable by name in any contract under `quality`, `type: custom`.

Each becomes a condition on a row, in SQL, which Great Expectations judges like any other; the checks are functions
of schema `star`, their sources stand with them. An empty cell passes: `required` is a rule of its own. Words
follow from the fields' titles and may be replaced by a `description`. docs/rules.md lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from etl.contract.model import SQL_RULE, Field, FieldType, Rule, Severity
from etl.contract.node import Node
from etl.quoting import identifier, string

SYSTEMS = ("WGS84", "GCJ-02", "BD-09", "CGCS2000")
"""Coordinate systems that may be declared; nothing is converted."""


@dataclass(frozen=True)
class Condition:
    """What a named rule demands of a row: SQL on the columns, and its words."""

    sql: str
    columns: tuple[str, ...]
    zh: str
    en: str
    dimension: str = "conformity"
    suffix: str = ""
    """What is added to the id of the rule: the second condition of one entry."""
    severity: Severity | None = None
    """Where it is not the entry's own."""
    registry: str | None = None
    """The register that is asked."""


class Arguments:
    """The `kwargs` of an entry, read against the fields. A fault is noted, and ends the reading."""

    def __init__(
        self, node: Node, columns: Mapping[str, Field], own: Field | None, zone: str
    ) -> None:
        self.node = node
        self.zone = zone
        self._columns = columns
        self._own = own

    def known(self, *names: str) -> Arguments:
        """The arguments, checked to have no name beyond these."""
        self.node.keys(names)
        return self

    def field(self, name: str, *types: FieldType) -> Field:
        """The field whose column an argument names; `column` is a field's own where the rule stands below it."""
        node = self.node.get(name)
        if not node and name == "column" and self._own is not None and self._own.column:
            return self._typed(node, self._own, types)
        return self._of(node, node.needed(), types)

    def fields(self, name: str, *types: FieldType) -> list[Field]:
        """The fields of a list of at least two columns."""
        node = self.node.get(name)
        fields = [self._of(item, item.text(), types) for item in node.items()]
        if len(fields) < 2:
            self.refuse(node, "至少两列 / two columns at least")
        return fields

    def refuse(self, node: Node, expected: str) -> None:
        """Note that an argument is not what was expected, and end the reading."""
        node.wrong(expected)
        raise _Refused

    def _of(self, node: Node, column: str, types: Sequence[FieldType]) -> Field:
        field = self._columns.get(column)
        if field is None:
            node.sink.unknown(node.path, column, self._columns)
            raise _Refused
        return self._typed(node, field, types)

    def _typed(self, node: Node, field: Field, types: Sequence[FieldType]) -> Field:
        if field.type not in types:
            self.refuse(node, f"{'、'.join(types)} 字段 / a field of type {', '.join(types)}")
        return field


class _Refused(Exception):
    """An argument is wrong, and has been noted."""


def named_rules(
    name: str,
    rule_id: str,
    arguments: Arguments,
    severity: Severity,
    dimension: str | None,
    words: tuple[str, str],
) -> list[Rule]:
    """The rules that an entry of this name makes: its own, and those that come with it. None if an argument is wrong."""
    try:
        conditions = NAMED[name](arguments)
    except _Refused:
        return []
    return [
        Rule(
            rule_id + each.suffix,
            SQL_RULE,
            {"condition": each.sql},
            each.severity or severity,
            dimension or each.dimension,
            words[0] if words[0] and not each.suffix else each.zh,
            words[1] if words[1] and not each.suffix else each.en,
            each.columns,
            named=name,
            registry=each.registry,
        )
        for each in conditions
    ]


def _check(function: str, zh: str, en: str) -> Callable[[Arguments], list[Condition]]:
    """A rule that a function of `star` holds for a column of text."""

    def conditions(arguments: Arguments) -> list[Condition]:
        field = arguments.known("column").field("column", "string")
        return [_on(field, f"{function}({_sql(field)})", zh, en)]

    return conditions


def _school(arguments: Arguments) -> list[Condition]:
    """`province`: two digits, if all schools are of one."""
    field = arguments.known("column", "province").field("column", "string")
    zh, en = "类型 2 位、省级代码 2 位、顺序码 6 位", "type (2), province (2), serial (6)"
    condition = f"star.is_school_code({_sql(field)})"
    node = arguments.node.get("province")
    if node:
        province = node.text()
        if not (len(province) == 2 and province.isascii() and province.isdigit()):
            arguments.refuse(node, "'11'（两位省级代码）/ '11': two digits")
        condition += f" AND substr({_sql(field)}, 3, 2) = '{province}'"
        zh, en = zh.replace("2 位、顺", f"{province}、顺"), en.replace("(2), s", f"{province}, s")
    return [
        _on(
            field,
            condition,
            f"应为 10 位学校标识码：{zh}",
            f"must be a school code of ten digits: {en}",
        )
    ]


def _health(arguments: Arguments) -> list[Condition]:
    """`part`: `category` (four characters, the default) or `classification` (all thirteen)."""
    field = arguments.known("column", "part").field("column", "string")
    part = arguments.node.get("part").choice(("category", "classification"), "category")
    words = {
        "category": (
            "应为 WS 218 卫生机构类别代码：一个大写字母（无 I）加 3 位数字",
            "must be a category of WS 218: a capital (no I) and three digits",
        ),
        "classification": (
            "应为 WS 218 卫生机构属性代码（13 位）：行政区划 6 位、登记注册类型 2 位、类别 4 位、分类管理 1 位（1、2、9）",
            "must be a code of WS 218 of thirteen: division (6), type of registration (2), category (4), management class (1, 2, 9)",
        ),
    }[part]
    return [_on(field, f"star.is_health_{part}({_sql(field)})", *words)]


def _division(arguments: Arguments) -> list[Condition]:
    """`date_column`: the day on which the register is asked; one without a day, or without a code, passes."""
    arguments.known("column", "date_column")
    field = arguments.field("column", "string")
    dated = arguments.field("date_column", "date", "timestamp")
    day = f"CAST({_moment(dated, arguments.zone)} AS date)"
    return [
        Condition(
            f"star.is_area_on({_sql(field)}, {day})",
            (field.column or "", dated.column or ""),
            f"{field.title_zh}应为{dated.title_zh}当日有效的区划代码（按区划登记）",
            f"{field.title_en} must be a division code that the register has on the day of {dated.title_en}",
            "consistency",
            registry="area",
        )
    ]


def _order(arguments: Arguments) -> list[Condition]:
    """`column_list`: days and moments in the order of a life. What is empty is skipped, equal days are in order.

    Of two moments one known by its day only, at midnight, is not before another of that day; of days the same
    holds for one known by its month or year only (the field's `precision`).
    """
    fields = arguments.known("column_list").fields("column_list", "date", "timestamp")
    pairs = (_in_order(*pair, arguments.zone) for pair in combinations(fields, 2))
    return [
        Condition(
            " AND ".join(pairs),
            tuple(field.column or "" for field in fields),
            f"{'、'.join(field.title_zh for field in fields)}应依次先后（空的跳过）",
            f"{', '.join(field.title_en for field in fields)} must follow each other in this order (empty ones are skipped)",
            "consistency",
        )
    ]


def _in_order(first: Field, second: Field, zone: str) -> str:
    earlier, later = _moment(first, zone), _moment(second, zone)
    units = {"day": (), "month": ("month",), "year": ("year", "month")}[second.precision]
    if first.type == second.type == "timestamp":
        units = ("day",)
    elif "timestamp" in (first.type, second.type):
        earlier, later = f"date_trunc('day', {earlier})", f"date_trunc('day', {later})"
    if not units:
        return f"{earlier} <= {later}"
    # A day that stands for its month stands at the first: it may be any day of it.
    cases = " ".join(
        f"WHEN {later} = date_trunc('{unit}', {later}) THEN date_trunc('{unit}', {earlier})"
        for unit in units
    )
    return f"CASE {cases} ELSE {earlier} END <= {later}"


def _coordinates(arguments: Arguments) -> list[Condition]:
    """`longitude`, `latitude`, the `system` both are given in, and in the same system the `box` (degrees).

    Comes with a warning, `<id>.swapped`, for what lies in the box once the axes change places.
    """
    arguments.known("longitude", "latitude", "system", "box")
    fields = [arguments.field(axis, "number") for axis in ("longitude", "latitude")]
    node = arguments.node.get("system")
    if node.value not in SYSTEMS:
        arguments.refuse(node, "one of " + ", ".join(SYSTEMS))
    west, east, south, north = _box(arguments)
    x, y = map(_sql, fields)
    inside = f"({x} BETWEEN {west} AND {east} AND {y} BETWEEN {south} AND {north})"
    swapped = f"({y} BETWEEN {west} AND {east} AND {x} BETWEEN {south} AND {north})"
    columns = tuple(field.column or "" for field in fields)
    zh, en = "、".join(f.title_zh for f in fields), " and ".join(f.title_en for f in fields)
    return [
        Condition(
            inside,
            columns,
            f"{zh}（{node.value}）应在 {west}–{east}、{south}–{north} 之内",
            f"{en} ({node.value}) must lie within {west} to {east} and {south} to {north}",
            "accuracy",
        ),
        Condition(
            f"{inside} OR NOT {swapped}",
            columns,
            f"{zh}疑似填反",
            f"{en} seem to have changed places",
            "accuracy",
            ".swapped",
            "warning",
        ),
    ]


def _box(arguments: Arguments) -> tuple[float, float, float, float]:
    """West, east, south, north."""
    box = arguments.node.get("box").keys(("west", "east", "south", "north"))
    limits = [box.get(side).number() for side in ("west", "east", "south", "north")]
    west, east, south, north = (float("nan") if limit is None else limit for limit in limits)
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        arguments.refuse(
            box, "{west: 116.2, east: 116.8, south: 39.4, north: 39.9}（度 / degrees）"
        )
    return west, east, south, north


def _moment(field: Field, zone: str) -> str:
    """A day or moment as the clock on the wall shows it."""
    if field.type == "date":
        return f"CAST({_sql(field)} AS timestamp)"
    return f"({_sql(field)} AT TIME ZONE {string(zone)})"


def _on(field: Field, condition: str, zh: str, en: str, **more: Any) -> Condition:
    """A condition on one column, which is its subject."""
    words = f"{field.title_zh}{zh}", f"{field.title_en} {en}"
    return Condition(condition, (field.column or field.name,), *words, **more)


def _sql(field: Field) -> str:
    """The column of a field, quoted: it may be called like a word of SQL."""
    return identifier(field.column or field.name)


NAMED: Mapping[str, Callable[[Arguments], list[Condition]]] = {
    "expect_column_values_to_be_social_credit_codes": _check(
        "star.is_uscc",
        "应为 18 位统一社会信用代码（GB 32100），末位和第 17 位（组织机构代码，GB 11714）为校验码",
        "must be a unified social credit code (GB 32100) of eighteen characters, both check characters right:"
        " the last, and the seventeenth of the organisation code within (GB 11714)",
    ),
    "expect_column_values_to_be_organisation_codes": _check(
        "star.is_gb11714",
        "应为 9 位组织机构代码（GB 11714），末位为校验码",
        "must be an organisation code (GB 11714) of nine characters, the last a check",
    ),
    "expect_column_values_to_not_hold_identity_numbers": _check(
        "NOT star.has_identity_card",
        "不得含有居民身份证号（18 位，含空格、连字符写法）",
        "must not hold a resident identity number (eighteen characters, also with spaces or hyphens)",
    ),
    "expect_column_values_to_be_divisions_on_date": _division,
    "expect_columns_to_be_in_time_order": _order,
    "expect_coordinates_to_be_in_box": _coordinates,
    "expect_column_values_to_be_school_codes": _school,
    "expect_column_values_to_be_health_institution_codes": _health,
}
"""By the name that a contract writes as `implementation.type`."""
