"""The rules that a contract spells out under `quality`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from etl.contract.fields import bilingual
from etl.contract.model import SQL_RULE, Field, Rule, Severity
from etl.contract.named import NAMED, Arguments, named_rules
from etl.contract.node import Node

DIMENSIONS = (
    "accuracy",
    "completeness",
    "conformity",
    "consistency",
    "coverage",
    "timeliness",
    "uniqueness",
)
"""What a rule can be about, in the standard's words."""

_COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list")
_NOT_COLUMNS = re.compile(r"'(?:[^']|'')*'|::\s*\w+|(?:\w+\.)?\w+\s*\(")
_KEYWORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "is",
        "null",
        "true",
        "false",
        "between",
        "in",
        "like",
        "similar",
        "to",
        "distinct",
        "from",
        "case",
        "when",
        "then",
        "else",
        "end",
        "any",
        "all",
        "array",
        "date",
        "timestamp",
        "interval",
        "extract",
        "year",
        "month",
        "day",
        "current_date",
        "collate",
    ]
)
_LIMITS = {
    "mustBeGreaterOrEqualTo": ("min_value", 0),
    "mustBeGreaterThan": ("min_value", 1),
    "mustBeLessOrEqualTo": ("max_value", 0),
    "mustBeLessThan": ("max_value", -1),
}


def declared_rules(
    node: Node, fields: Sequence[Field], own: Field | None = None, *, zone: str = "UTC"
) -> list[Rule]:
    """The `quality` entries of the schema object, or of one field. `zone`: in which the feed's moments are days."""
    staged = {field.column: field for field in fields if field.column}
    return [
        rule
        for entry in node.get("quality").items()
        for rule in (
            _named(entry, staged, own, zone)
            if _type_of(entry) in NAMED
            else _declared(entry, staged.keys() | {"fault"}, own)
        )
    ]


def _type_of(entry: Node) -> str:
    """What a custom entry wants to be judged by."""
    return str(entry.get("implementation").get("type").value)


def _named(entry: Node, staged: dict[str, Field], own: Field | None, zone: str) -> list[Rule]:
    """An expectation of the domain: its words and dimension may be left to it."""
    rule_id = (entry.get("id") if entry.get("id") else entry.get("name")).needed()
    entry.get("type").choice(("custom",), "custom")
    entry.get("engine").choice(("greatExpectations",), "greatExpectations")
    implementation = entry.get("implementation").keys(("type", "kwargs"))
    severity: Severity = entry.get("severity").choice(("error", "warning"), "error")
    dimension = entry.get("dimension").choice(DIMENSIONS, "") or None
    words = bilingual(entry.get("description"))
    arguments = Arguments(implementation.get("kwargs"), staged, own, zone)
    return named_rules(_type_of(entry), rule_id, arguments, severity, dimension, words)


def _declared(entry: Node, columns: Collection[str], own: Field | None) -> list[Rule]:
    rule_id = (entry.get("id") if entry.get("id") else entry.get("name")).needed()
    kind = entry.get("type").choice(("custom", "sql", "library"), "library")
    severity: Severity = entry.get("severity").choice(("error", "warning"), "error")
    dimension = entry.get("dimension").choice(DIMENSIONS, "consistency")
    entry.get("description").needed()
    text_zh, text_en = bilingual(entry.get("description"))
    read = {"custom": _custom, "sql": _sql, "library": _library}[kind]
    parts = read(entry, own)
    if parts is None:
        return []
    expectation, kwargs, used = parts
    for name in used:
        if name not in columns:
            entry.sink.unknown(f"{entry.path}.columns", str(name), map(str, columns))
    return [Rule(rule_id, expectation, kwargs, severity, dimension, text_zh, text_en, used)]


def _custom(entry: Node, own: Field | None) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    entry.get("engine").choice(("greatExpectations",), "greatExpectations")
    implementation = entry.get("implementation").keys(("type", "kwargs"))
    name = implementation.get("type").needed()
    kwargs = implementation.get("kwargs").value
    if not re.fullmatch(r"expect_[a-z_]+", name):
        implementation.get("type").wrong("expect_...（GX 期望）/ a GX expectation, expect_...")
        return None
    kwargs = dict(kwargs) if isinstance(kwargs, dict) else {}
    if any(isinstance(kwargs.get(limit), str) for limit in ("min_value", "max_value")):
        implementation.get("kwargs").wrong(
            "数字的上下限 / limits that are numbers",
            "日期上下限写在字段的 logicalTypeOptions / put limits of days in logicalTypeOptions",
        )
    if own is not None:
        kwargs.setdefault("column", own.column)
    used: list[str] = []
    for argument in _COLUMN_ARGUMENTS:
        value = kwargs.get(argument)
        used += value if isinstance(value, list) else [value] if value else []
    return name, kwargs, tuple(used)


def _sql(entry: Node, own: Field | None) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    condition = entry.get("query").needed()
    level = entry.custom({"level"}).get("level")
    if level.choice(("row",), "row") != "row":
        level.wrong("row（逐行条件）/ row: a condition on each row")
    if entry.get("mustBe").value is not True:
        entry.get("mustBe").wrong("true")
    if "{" in condition or "}" in condition:
        entry.get("query").wrong(
            "不含花括号的条件 / a condition without braces",
            "改用 star 中的函数 / use a function of schema star instead",
        )
    words = re.findall(r"[a-z_]\w*", _NOT_COLUMNS.sub(" ", condition.lower()))
    used = tuple(dict.fromkeys(word for word in words if word not in _KEYWORDS))
    if not used:
        entry.get("query").wrong("用到列的条件 / a condition on columns")
    return SQL_RULE, {"condition": condition.strip()}, used


def _library(entry: Node, own: Field | None) -> tuple[str, dict[str, Any], tuple[str, ...]] | None:
    metric = entry.get("metric").needed()
    if metric == "rowCount":
        limits = {}
        for operator, (argument, shift) in _LIMITS.items():
            if entry.get(operator):
                limits[argument] = (entry.get(operator).integer() or 0) + shift
        if not limits:
            entry.wrong("one of " + ", ".join(_LIMITS))
        return "expect_table_row_count_to_be_between", limits, ()
    if own is None or own.column is None:
        entry.get("metric").wrong(
            "rowCount（其余写在字段下）/ rowCount; others stand below a field"
        )
        return None
    if entry.get("mustBe").value != 0:
        entry.get("mustBe").wrong("0")
    column = {"column": own.column}
    arguments = entry.get("arguments").keys(("validValues", "pattern"))
    if metric == "nullValues":
        return "expect_column_values_to_not_be_null", column, (own.column,)
    if metric == "duplicateValues":
        return "expect_column_values_to_be_unique", column, (own.column,)
    if metric == "invalidValues" and arguments.get("pattern"):
        pattern = arguments.get("pattern").regex()
        return "expect_column_values_to_match_regex", {**column, "regex": pattern}, (own.column,)
    if metric == "invalidValues" and arguments.get("validValues"):
        values = list(arguments.get("validValues").texts())
        return "expect_column_values_to_be_in_set", {**column, "value_set": values}, (own.column,)
    entry.get("metric").wrong(
        "nullValues, duplicateValues, invalidValues (arguments: pattern or validValues), rowCount"
    )
    return None
