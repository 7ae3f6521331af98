"""A load query's draft: fields under a target's columns where name and type agree, the rest as remarks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from etl.draft.keys import Key

_FITTING: Mapping[str, tuple[str, ...]] = {
    "text": ("string",),
    "integer": ("integer",),
    "bigint": ("integer",),
    "smallint": ("integer",),
    "double precision": ("integer", "number"),
    "boolean": ("boolean",),
    "date": ("date",),
    "timestamp with time zone": ("timestamp", "date"),
}


_RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric authorization between binary both case cast check collate
    column concurrently constraint create cross current_date current_role current_time current_user default deferrable
    desc distinct do else end except false fetch for foreign freeze from full grant group having ilike in initially
    inner intersect into is isnull join lateral leading left like limit localtime natural not notnull null offset on
    only or order outer overlaps placing primary references returning right select session_user similar some symmetric
    system_user table then to trailing true union unique user using variadic verbose when where window with""".split()
)


@dataclass(frozen=True)
class Query:
    """A load query, and what it asks."""

    text: str
    required: frozenset[str]
    """Fields under columns that the target never leaves empty: a row without one is to be kept out."""
    questions: tuple[tuple[str, str], ...]
    """Columns that the target needs and that no field gives."""


def load_query(
    target: Mapping[str, Any], kinds: Mapping[str, str], key: Key, names: Mapping[str, str]
) -> Query:
    """The text of `<feed>.load.sql`.

    `target` is one of `describe_targets`; `kinds` the logical types of the fields that are kept, by name; `names` the
    fields' names by column.
    """
    parts = [names[column] for column in key.columns] or ["record_id"]
    own = parts[0] if len(parts) == 1 else f"concat_ws(':', {', '.join(map(_sql, parts))})"
    lines, left, questions = [], [], []
    required: set[str] = set()
    # The id of a thing stands twice among the columns of its dimension: as its key, and as an attribute.
    columns = {each["name"]: each for each in reversed(target["columns"])}
    for column in reversed(columns.values()):
        name, kind = column["name"], column["type"]
        given = _given(column, target, kinds, own, parts)
        if given is not None:
            expression, remark = given
            if column["needed"] and expression in kinds:
                required.add(expression)
            suffix = f"  -- {remark}" if remark else ""
            lines.append((f"{_sql(expression)} AS {name}" if expression != name else name, suffix))
        elif column["needed"]:
            lines.append(
                (f"CAST(NULL AS {kind}) AS {name}", f"  -- TODO 必给 needed: {column['meaning']}")
            )
            questions.append(
                (
                    f"目标列 {name} 由哪个字段给出？",
                    f"Which field gives the column {name} of the target?",
                )
            )
        else:
            ids = f"{column['ids']} 的编号 ids; " if column["ids"] else ""
            left.append(f"-- {name} ({kind}): {ids}{column['meaning']}")
    text = "\n".join(_select(lines))
    spare = [name for name in kinds if name not in text.replace(",", " ").split()]
    head = [
        "-- 草稿：由表头与类型对应；逐列看过。 A draft: matched by names and types; look at each column.",
        *(["-- 未填的目标列 columns of the target that are not filled:", *left] if left else []),
        *([f"-- 未用的字段 fields that are not used: {', '.join(spare)}"] if spare else []),
    ]
    text = "\n".join([*head, "", f"-- target: {target['target']}", text, "FROM staging", ""])
    return Query(text, frozenset(required), tuple(questions))


def _sql(name: str) -> str:
    """A field's name as SQL reads it."""
    return f'"{name}"' if name in _RESERVED else name


def _select(lines: Sequence[tuple[str, str]]) -> Iterator[str]:
    yield "SELECT"
    for number, (expression, remark) in enumerate(lines, 1):
        yield f"    {expression}{',' if number < len(lines) else ''}{remark}"


def _given(
    column: Mapping[str, Any],
    target: Mapping[str, Any],
    kinds: Mapping[str, str],
    own: str,
    parts: Sequence[str],
) -> tuple[str, str] | None:
    """The expression for a column of the target, and a remark where it was not simply a field of that name."""
    name, kind = column["name"], column["type"]
    if name == "row_no":
        return name, ""
    if name == "valid_from":
        return None
    thing = str(target["target"]).removeprefix("dim_")
    fits = _FITTING.get(kind, ())
    of_key = name in parts and len(parts) == 1
    if (
        name in kinds
        and (kinds[name] in fits or of_key)
        and (of_key or not column["key"] or len(parts) > 1)
    ):
        return name, ""
    if column["key"] and kind == "text":
        return own, "主键 the key"
    if not column["needed"] or kind != "text":
        return None
    if name in (f"{thing}_id", "registration_no"):
        return own, "主键 the key"
    if name.endswith("_name"):
        named = next(
            (each for each in kinds if each.endswith("name") and kinds[each] == "string"), None
        )
        if named is not None:
            return named, ""
        return own, "TODO 没有名称列，暂用主键 no column of names: the key for now"
    return None
