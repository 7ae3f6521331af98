"""The fields of a contract, read from the properties of its schema object."""

from __future__ import annotations

import re
from typing import Any, get_args

from etl.contract.model import (
    RECEIVED,
    Classification,
    Field,
    FieldType,
    Handling,
    Header,
    Register,
    Severity,
    Spelling,
    ValueFrom,
    normal_header,
)
from etl.contract.node import Node
from etl.contract.options import read_time_zone
from etl.contract.shape import in_words

CUSTOM = frozenset(
    {
        "englishName",
        "handling",
        "tokenName",
        "vocabulary",
        "aliases",
        "formats",
        "era",
        "unit",
        "plausible",
        "precision",
        "shape",
        "register",
        "valueFrom",
        "mustBeSent",
        "filledIfSent",
        "placeholders",
        "spelling",
        "timeZone",
    }
)
"""Custom properties that a field may have."""

SYNONYM_CUSTOM = frozenset({"year", "layout"})
"""Custom properties that a synonym may have."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_RESERVED = frozenset({"row_no", "fault"})
_SCALED = ("integer", "number")
_DATED = ("date", "timestamp")


def read_fields(table: Node) -> tuple[Field, ...]:
    """All fields of the schema object, in the order of the staging columns."""
    fields = [read_field(node) for node in table.get("properties").items()]
    if not fields:
        table.sink.add(f"{table.path}.properties", "[]", "至少一个字段 / at least one field")
    _check_together(fields, table)
    return tuple(fields)


def read_field(node: Node) -> Field:
    """One field with its defaults filled in."""
    custom = node.custom(CUSTOM)
    name = node.get("name").needed()
    if name and (not _NAME.fullmatch(name) or name in _RESERVED):
        node.get("name").wrong(
            "小写字母、数字、下划线，且非保留名 / a lower-case name, not reserved"
        )
    kind: FieldType = node.get("logicalType").choice(get_args(FieldType), "string")
    if not node.get("logicalType"):
        node.get("logicalType").wrong("one of " + ", ".join(get_args(FieldType)))
    title_zh = node.get("businessName").text(name)
    title_en = custom.get("englishName").text(name.replace("_", " ").capitalize())
    key_position = node.get("primaryKeyPosition").integer(1)
    is_key = node.get("primaryKey").flag()
    if is_key and key_position is None:
        key_position = 1
    if key_position is not None and not is_key:
        node.get("primaryKey").wrong(
            "true（已有 primaryKeyPosition）/ true, as a position is given"
        )
    classification, handling = _protection(node, custom)
    required = node.get("required").flag(is_key)
    if is_key and not required and (kind != "string" or custom.get("register")):
        node.get("required").wrong(
            "true；只有 string 主键可为空 / true: only a text may be an empty part of a key"
        )
    codes, labels = _codes(node, kind)
    options = node.get("logicalTypeOptions").keys(_options(kind))
    minimum, maximum = _range(options, kind)
    pattern = options.get("pattern").regex()
    zone = custom.get("timeZone")
    by_row = isinstance(zone.value, dict) and _only(custom, "timeZone", kind, ("timestamp",))
    return Field(
        name=name,
        title_zh=title_zh,
        title_en=title_en,
        type=kind,
        column=_column(name, handling, custom),
        description=node.get("description").text(),
        required=required,
        key_position=key_position,
        unique=node.get("unique").flag(),
        classification=classification,
        handling=handling,
        codes=codes,
        code_labels=labels,
        vocabulary=custom.get("vocabulary").choice(("closed", "open"), "closed"),
        aliases=_aliases(custom, codes),
        history=_history(node, title_zh, name, title_en),
        pattern=pattern,
        shape=bilingual(custom.get("shape")) if custom.get("shape") else in_words(pattern or ""),
        minimum=minimum,
        maximum=maximum,
        min_length=options.get("minLength").integer(),
        max_length=options.get("maxLength").integer(1),
        formats=custom.get("formats").texts() if _only(custom, "formats", kind, _DATED) else (),
        era="roc" if _only(custom, "era", kind, _DATED) and _era(custom) else None,
        unit=custom.get("unit").text() or None if _only(custom, "unit", kind, _SCALED) else None,
        precision=custom.get("precision").choice(("day", "month", "year"), "day"),
        register=_register(custom.get("register"), kind, handling),
        must_be_sent=custom.get("mustBeSent").flag(),
        filled_if_sent=_filled_if_sent(custom.get("filledIfSent"), required, handling),
        placeholders=custom.get("placeholders").texts(),
        value_from=_value_from(custom.get("valueFrom"), kind, handling),
        spelling=_spelling(custom.get("spelling"), kind),
        time_zone=read_time_zone(zone)
        if not by_row and _only(custom, "timeZone", kind, ("timestamp",))
        else None,
        zone_field=zone.keys(("field",)).get("field").needed() if by_row else None,
        plausible=_plausible(custom.get("plausible"))
        if _only(custom, "plausible", kind, _DATED)
        else None,
    )


REGISTERS = ("area",)
"""Registers whose names a field may be resolved by."""
LEVELS = ("district", "town", "community", "village", "virtual")


def _register(node: Node, kind: FieldType, handling: Handling) -> Register | None:
    """`register: {of: area, levels: [town], severity: error}`: the field names a thing of that register."""
    if not node:
        return None
    node.keys(("of", "levels", "severity"))
    if kind != "string" or handling != "keep":
        node.wrong("仅用于保留的 string 字段 / on a string field that is kept")
        return None
    registry = node.get("of").choice(REGISTERS, "area")
    levels = node.get("levels").texts()
    for level in levels:
        if level not in LEVELS:
            node.sink.unknown(f"{node.path}.levels", level, LEVELS)
    severity: Severity = node.get("severity").choice(("error", "warning"), "error")
    return Register(registry, levels, severity)


SOURCES = ("sheetName", "fileName", "title", "field", "rowNumber", "rowContent")
"""Where a value may come from that has no column of its own."""


def _value_from(node: Node, kind: FieldType, handling: Handling) -> ValueFrom | None:
    """`valueFrom: {source: sheetName, pattern: '(?P<value>.+)镇'}`, `{source: rowContent, of: [street, house_no]}`."""
    if not node:
        return None
    node.keys(("source", "pattern", "of"))
    if not node.get("source"):
        node.get("source").wrong("one of " + ", ".join(SOURCES))
    source = node.get("source").choice(SOURCES, "sheetName")
    of, made = node.get("of").texts(), source in ("field", "rowNumber", "rowContent")
    if of and not made:
        node.get("of").wrong(f"不用于 {source} / nothing, if the source is {source}")
    if node.get("pattern") and made:
        node.get("pattern").wrong(f"不用于 {source} / nothing, if the source is {source}")
    if source == "field" and len(of) != 1:
        node.get("of").wrong("恰好一个字段 / exactly one field")
    if handling != "keep":
        node.wrong("仅用于保留的字段 / on a field that is kept")
    if source == "rowContent" and kind != "string":
        node.wrong("仅用于 string / on a string field only")
    return ValueFrom(source, node.get("pattern").regex(), of)  # type: ignore[arg-type]


def _check_value_from(fields: list[Field], table: Node) -> None:
    """The fields that values are made of are there, kept, and not made from them in turn."""
    names = {field.name: field for field in fields}
    for index, field in enumerate(fields):
        if field.value_from is None:
            continue
        place = f"{table.path}.properties[{index}].customProperties[valueFrom].of"
        for name in field.value_from.of:
            other = names.get(name)
            if other is None:
                table.sink.unknown(place, name, names)
            elif other.handling != "keep":
                table.sink.add(place, name, "保留的字段 / a field that is kept")
            elif other.is_made or (field.value_from.source == "field" and other.value_from):
                table.sink.add(place, name, "来自文件的字段 / a field that the file gives")


def _filled_if_sent(node: Node, required: bool, handling: Handling) -> bool:
    if node and required:
        node.wrong("仅用于非必填字段 / nothing, as the field is required")
    if node and handling not in ("keep", "token"):
        node.wrong("仅用于保留的字段 / on a field that is kept")
    return node.flag()


def _spelling(node: Node, kind: FieldType) -> Spelling | None:
    """`spelling: {drop: [号], case: upper, pad: 6}`, of a text."""
    if not node:
        return None
    node.keys(("drop", "case", "pad"))
    if kind != "string":
        node.wrong("仅用于 string / on a string field only")
    case = node.get("case").choice(("upper", "lower"), "upper") if node.get("case") else None
    return Spelling(node.get("drop").texts(), case, node.get("pad").integer(1))  # type: ignore[arg-type]


def _options(kind: FieldType) -> tuple[str, ...]:
    return ("pattern", "minLength", "maxLength") if kind == "string" else ("minimum", "maximum")


def bilingual(node: Node) -> tuple[str, str]:
    """A text written 中文 / English, as its two parts."""
    zh, slash, en = node.text().partition(" / ")
    if node and not (slash and zh.strip() and en.strip()):
        node.wrong("中文 / English（中间用“ / ”）/ Chinese, then ' / ', English")
    return zh.strip(), en.strip()


def _protection(node: Node, custom: Node) -> tuple[Classification, Handling]:
    place = node.get("classification")
    classification: Classification = place.choice(get_args(Classification), "internal")
    if not place:
        place.wrong("one of " + ", ".join(get_args(Classification)))
    handling: Handling = custom.get("handling").choice(get_args(Handling), "keep")
    if classification == "personal" and handling == "keep":
        custom.get("handling").wrong(
            "one of drop, token, restricted",
            "个人信息不得原样入库 / personal data never enters the warehouse as it is",
        )
    return classification, handling


def _column(name: str, handling: Handling, custom: Node) -> str | None:
    token = custom.get("tokenName")
    if handling == "token":
        column = token.needed()
        if column and (not _NAME.fullmatch(column) or column in _RESERVED):
            token.wrong("小写列名 / a lower-case column name")
        return column or name
    if token:
        token.wrong("仅用于 handling: token / nothing, unless handling is token")
    return name if handling == "keep" else None


def _codes(node: Node, kind: FieldType) -> tuple[tuple[str, ...], dict[str, str]]:
    labels: dict[str, str] = {}
    place = node.get("enum")
    if place and kind != "string":
        place.wrong("代码表只用于 string / an enum on a string field only")
    for item in place.items():
        code = item.get("value").needed()
        if code in labels:
            item.get("value").wrong("不重复的代码 / a code not given before")
        if code:
            labels[code] = item.get("label").text(code)
    return tuple(labels), labels


def _aliases(custom: Node, codes: tuple[str, ...]) -> dict[str, str]:
    aliases = custom.get("aliases").pairs()
    for sent, canonical in aliases.items():
        if codes and canonical not in codes:
            custom.sink.add(
                f"{custom.path}[aliases].{sent}", canonical, "one of " + ", ".join(codes)
            )
    return aliases


def _history(node: Node, title_zh: str, name: str, title_en: str) -> tuple[Header, ...]:
    headers = [Header(title_zh, locale="zh"), Header(name), Header(title_en, locale="en")]
    for item in node.get("synonyms").items():
        custom = item.custom(SYNONYM_CUSTOM)
        headers.append(
            Header(
                item.get("synonym").needed(),
                since=custom.get("year").integer(1900),
                locale=item.get("locale").text() or None,
                source=item.get("source").text() or None,
                layout=custom.get("layout").text() or None,
            )
        )
    by_text = {(header.layout, header.text): header for header in reversed(headers) if header.text}
    return tuple(by_text.values())[::-1]


def _range(options: Node, kind: FieldType) -> tuple[Any, Any]:
    if kind in _SCALED:
        return options.get("minimum").number(), options.get("maximum").number()
    if kind in _DATED:
        return _date(options.get("minimum")), _date(options.get("maximum"))
    return None, None


def _date(node: Node) -> str | None:
    text = node.text() or None
    if text and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        node.wrong("YYYY-MM-DD")
    return text


def _plausible(node: Node) -> tuple[str | None, str | None]:
    node.keys(("from", "to"))
    last = node.get("to")
    return _date(node.get("from")), RECEIVED if last.value == RECEIVED else _date(last)


def _only(custom: Node, name: str, kind: FieldType, kinds: tuple[str, ...]) -> bool:
    place = custom.get(name)
    if place and kind not in kinds:
        place.wrong(f"仅用于 / only on {', '.join(kinds)}")
        return False
    return bool(place)


def _era(custom: Node) -> bool:
    return custom.get("era").choice(("roc",), "roc") == "roc"


def _check_together(fields: list[Field], table: Node) -> None:
    path = f"{table.path}.properties"
    places: dict[tuple[str | None, str], tuple[int, str]] = {}
    for index, field in enumerate(fields):
        for header in field.history:
            place = header.layout, normal_header(header.text)
            known = places.setdefault(place, (index, field.name))
            if known[0] != index:
                table.sink.add(
                    f"{path}[{index}]",
                    header.text,
                    f"未被 {known[1]} 使用的表头 / a header that {known[1]} does not have",
                )
    _check_value_from(fields, table)
    for what in ("name", "column"):
        seen: set[str] = set()
        for index, field in enumerate(fields):
            value = getattr(field, what)
            if value and value in seen:
                table.sink.add(f"{path}[{index}].{what}", value, "不重复 / not given before")
            seen.add(value or "")
    positions = sorted(f.key_position for f in fields if f.key_position is not None)
    if positions != list(range(1, len(positions) + 1)) or not positions:
        table.sink.add(
            path,
            f"primaryKeyPosition {positions}",
            "主键位置 1, 2, … 各一 / key positions 1, 2, ... once each",
            "给主键字段写 primaryKey: true 和 primaryKeyPosition / mark the key fields",
        )
    keyed = [(n, f) for n, f in enumerate(fields) if f.key_position is not None]
    if all(field.is_optional_key for _, field in keyed):
        for index, _ in keyed:
            expected = "true（主键至少一部分必填）/ true: one part of the key is required"
            table.sink.add(f"{path}[{index}].required", "false", expected)
    names = {field.name: field for field in fields}
    for index, field in enumerate(fields):
        zoned = names.get(field.zone_field or field.name)
        if zoned is None:
            table.sink.unknown(
                f"{path}[{index}].customProperties[timeZone].field", str(field.zone_field), names
            )
        elif field.zone_field and (zoned.type != "string" or zoned.column != zoned.name):
            expected = "保留的 string 字段 / a string field that is kept"
            table.sink.add(
                f"{path}[{index}].customProperties[timeZone].field", zoned.name, expected
            )
    for index, field in enumerate(fields):
        if field.key_position is not None and field.handling in ("drop", "restricted"):
            table.sink.add(f"{path}[{index}]", field.handling, "主键须保留 / a key that is kept")
