"""The rules that a contract's fields imply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from etl.contract.key import KEY_RULE
from etl.contract.model import SQL_RULE, Field, Register, Rule, Severity
from etl.quoting import identifier, string

_UNIQUE = "expect_column_values_to_be_unique"
_UNIQUE_TOGETHER = "expect_compound_columns_to_be_unique"


def generated_rules(fields: Sequence[Field], key: Sequence[str]) -> list[Rule]:
    """What follows from the fields: typed values, required ones, key, codes, patterns, ranges."""
    staged = [field for field in fields if field.column]
    keyed = [field for name in key for field in staged if field.name == name]
    rules = [
        Rule(
            "fault",
            "expect_column_values_to_be_null",
            {"column": "fault"},
            "error",
            "conformity",
            "有的值读不出来（类型、日期、数字或文件损坏）",
            "a value cannot be read (type, date, number or damage)",
            ("fault",),
            generated=True,
        )
    ]
    rules += [_required(field) for field in staged if field.required]
    rules.append(_key(keyed))
    for field in staged:
        rules += _value_rules(field, is_key=keyed == [field])
    return rules


def _required(field: Field) -> Rule:
    return _of(
        field,
        "required",
        "expect_column_values_to_not_be_null",
        {},
        "completeness",
        ("不能为空", "must not be empty"),
    )


def _key(fields: Sequence[Field]) -> Rule:
    columns = tuple(field.column or "" for field in fields)
    kwargs: dict[str, Any] = {"column_list": list(columns)}
    if len(columns) == 1:
        kwargs = {"column": columns[0]}
    return Rule(
        KEY_RULE,
        _UNIQUE if len(columns) == 1 else _UNIQUE_TOGETHER,
        kwargs,
        "error",
        "uniqueness",
        f"{'、'.join(field.title_zh for field in fields)}在一次报送内不能重复",
        f"{', '.join(field.title_en for field in fields)} must be unique within a delivery",
        columns,
        generated=True,
    )


def _value_rules(field: Field, is_key: bool) -> Iterator[Rule]:
    if field.unique and not is_key:
        yield _of(field, "unique", _UNIQUE, {}, "uniqueness", ("不能重复", "must be unique"))
    if field.codes:
        yield _codes(field)
    if field.register:
        yield _registered(field, field.register)
    if field.pattern:
        yield _of(
            field,
            "pattern",
            "expect_column_values_to_match_regex",
            {"regex": f"^$|{field.pattern}" if field.is_optional_key else field.pattern},
            "conformity",
            (
                f"格式应为：{field.shape[0] or field.pattern}",
                f"must look like this: {field.shape[1] or field.pattern}",
            ),
        )
    if field.minimum is not None or field.maximum is not None:
        yield _range(field)
    if field.is_optional_key:
        field = replace(field, min_length=None)
    if field.min_length is not None or field.max_length is not None:
        yield _length(field)


def _codes(field: Field) -> Rule:
    listed = "、".join(field.codes)
    is_open = field.vocabulary == "open"
    return _of(
        field,
        "codes",
        "expect_column_values_to_be_in_set",
        {"value_set": [*field.codes, *([""] if field.is_optional_key else [])]},
        "conformity",
        (f"代码未收录，待映射（已收录：{listed}）", f"is not mapped yet (known: {listed})")
        if is_open
        else (f"应为：{listed}", f"must be one of: {listed}"),
        "warning" if is_open else "error",
    )


_LEVEL_WORDS = {
    "district": ("区县", "district"),
    "town": ("镇街", "town"),
    "community": ("社区", "community"),
    "village": ("村", "village"),
    "virtual": ("虚拟单位", "virtual unit"),
}


def _registered(field: Field, register: Register) -> Rule:
    """The names that the register knows are put in when the rule is judged: they change as it does."""
    words = [_LEVEL_WORDS[level] for level in register.levels] or [("区划", "area")]
    zh = "、".join(word[0] for word in words)
    en = " or ".join(word[1] for word in words)
    return _of(
        field,
        "register",
        "expect_column_values_to_be_in_set",
        {"value_set": []},
        "consistency",
        (
            f"应为区划登记中的{zh}（名称、别名或代码），合计行不是{zh}",
            f"must be a {en} of the register (its name, an alias or its code); a total is none",
        ),
        register.severity,
    )


def _range(field: Field) -> Rule:
    low, high = field.minimum, field.maximum
    texts = _limits(
        low,
        high,
        ("应在 {} 至 {} 之间", "不应小于 {}", "不应大于 {}"),
        ("must be between {} and {}", "must be at least {}", "must be at most {}"),
    )
    if field.type in ("integer", "number"):
        kwargs = {"min_value": low, "max_value": high}
        expectation = "expect_column_values_to_be_between"
    else:
        # GX judges a range of days, but writes them as Python when asked for the rows.
        limits = [(">=", low), ("<=", high)]
        condition = " AND ".join(
            f"{identifier(str(field.column))} {sign} {string(str(day))}"
            for sign, day in limits
            if day
        )
        kwargs, expectation = {"condition": condition}, SQL_RULE
    return _of(field, "range", expectation, kwargs, "accuracy", texts)


def _length(field: Field) -> Rule:
    low, high = field.min_length, field.max_length
    texts = _limits(
        low,
        high,
        ("应为 {}–{} 个字", "不应少于 {} 个字", "不应超过 {} 个字"),
        (
            "must have {} to {} characters",
            "must have at least {} characters",
            "must have at most {} characters",
        ),
    )
    expectation = "expect_column_value_lengths_to_be_between"
    kwargs = {"min_value": low, "max_value": high}
    return _of(field, "length", expectation, kwargs, "conformity", texts)


def _limits(
    low: Any, high: Any, zh: tuple[str, str, str], en: tuple[str, str, str]
) -> tuple[str, str]:
    """The words for both limits, for the lower one alone, or for the upper one alone."""
    which = 1 if high is None else 2 if low is None else 0
    given = [limit for limit in (low, high) if limit is not None]
    return zh[which].format(*given), en[which].format(*given)


def _of(
    field: Field,
    name: str,
    expectation: str,
    kwargs: Mapping[str, Any],
    dimension: str,
    texts: tuple[str, str],
    severity: Severity = "error",
) -> Rule:
    """A rule on one field; GX rules name its column, SQL rules speak of it themselves."""
    column = field.column or ""
    return Rule(
        f"{name}.{field.name}",
        expectation,
        kwargs if expectation == SQL_RULE else {"column": column, **kwargs},
        severity,
        dimension,
        f"{field.title_zh}{texts[0]}",
        f"{field.title_en} {texts[1]}",
        (column,),
        generated=True,
    )
