"""What a load query may fill: each target's columns under the names that a SELECT gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from etl.database.views import column_texts
from etl.load.targets import Target, read_targets

_OTHERS = {
    "is_mapped": "分类是否在本区的目录中 / whether the category is in the district's list",
    "caller_token": "来电号码的密钥摘要 / keyed token of the caller's number",
}
"""Columns that stand in no view."""


def describe_targets(connection: sa.Connection) -> list[dict[str, Any]]:
    """All targets by name, each with `columns`: name, type, whether it is needed, meaning, and which ids it wants."""
    targets, words = read_targets(connection), column_texts()
    comments = {
        row.name: row.text or ""
        for row in connection.execute(
            sa.text(
                "SELECT relname AS name, obj_description(oid, 'pg_class') AS text FROM pg_class"
                " WHERE relnamespace = 'star'::regnamespace AND relkind IN ('r', 'p')"
            )
        )
    }
    return [
        {
            "target": name,
            "kind": target.kind,
            "meaning": comments.get(name, ""),
            "columns": list(_columns(target, words)),
        }
        for name, target in sorted(targets.items())
    ]


def _columns(target: Target, words: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if target.kind == "fact":
        yield _column("row_no", "integer", "文件中的第几行 / row of the file", needed=True)
    for column in target.columns:
        registry = target.refs.get(column)
        is_key = column in target.business_key
        needed = is_key or (column in target.required and not registry)
        stem = column.removesuffix("_key")
        yield _column(
            f"{stem}_id" if registry else column,
            "text" if registry else target.types.get(column, ""),
            words.get(column)
            or words.get(f"{stem}_id")
            or _OTHERS.get(column)
            or _ids_of(registry),
            needed=needed,
            ids=registry,
            key=is_key,
        )
    if target.kind == "dimension":
        yield _column(
            "row_no",
            "integer",
            "文件中的第几行；SELECT DISTINCT 的派生成员不写 / row of the file; not for derived members",
        )
        yield _column(
            "valid_from",
            "date",
            "自何日起如此；缺省为期末 / since when; default: the last day of the period",
        )


def _ids_of(registry: str | None) -> str:
    return f"{registry} 的编号 / id of the {registry}" if registry else ""


def _column(
    name: str,
    kind: str,
    meaning: str,
    *,
    needed: bool = False,
    ids: str | None = None,
    key: bool = False,
) -> dict[str, Any]:
    return {
        "name": name,
        "type": kind,
        "needed": needed,
        "key": key,
        "ids": ids,
        "meaning": meaning,
    }
