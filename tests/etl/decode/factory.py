"""Small contracts for the tests of reading, and shorthand for what was read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from etl.contract.model import Contract, Field, FileOptions, Header, Totals
from etl.decode import Reading, batches, open_tables

__all__ = ["Totals", "contract", "field", "read", "rows_of"]


def field(name: str, title: str | None = None, kind: str = "string", **options: Any) -> Field:
    title = title or name
    texts = [title, name, *options.pop("synonyms", ())]
    handling = options.get("handling", "keep")
    column = options.pop("column", name if handling == "keep" else None)
    return Field(
        name=name,
        title_zh=title,
        title_en=name,
        type=kind,
        column=column,
        history=tuple(Header(text) for text in dict.fromkeys(texts)),
        **options,
    )


def contract(*fields: Field, **options: Any) -> Contract:
    return Contract(
        feed="test.feed",
        department="test",
        version="1.0.0",
        status="active",
        name_zh="测试",
        name_en="Test",
        owner="测试组",
        purpose="",
        usage="",
        limitations="",
        mode="delta",
        modes=(),
        period=(),
        file=FileOptions(names=("*",), **options),
        cadence="monthly",
        deadline_days=None,
        fields=fields,
        rules=(),
        loads=(),
        path=Path("test.yaml"),
        yaml_text="",
        load_text="",
        hash="",
    )


def read(path: Path, what: Contract, **options: Any) -> tuple[Reading, list[dict[str, Any]]]:
    """A file read to its end, and its rows."""
    reading = Reading(open_tables(path, what, **options))
    rows = [row for batch in batches(reading) for row in batch.to_pylist()]
    return reading, rows


def rows_of(path: Path, what: Contract, **options: Any) -> list[tuple[Any, ...]]:
    """The rows as tuples: row_no, then the fields."""
    return [tuple(row.values()) for row in read(path, what, **options)[1]]
