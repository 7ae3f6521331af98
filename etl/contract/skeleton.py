"""A contract to begin with, from a file: its headers become fields, its cells tell their types."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from etl.contract.model import Contract, normal_header

LOOKED_AT = 300
"""Rows from which types are told."""

_INTEGER = re.compile(r"[-+]?\d{1,15}")
_NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?%?")
_DATE = re.compile(r"(19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?")
_TIMESTAMP = re.compile(_DATE.pattern + r"[ T]\d{1,2}:\d{2}(:\d{2})?.*")


def head_of(file: Path) -> list[list[str]]:
    """The first rows of a text file or of a workbook's first sheet with rows, cells as text."""
    if file.suffix.lower() in (".xlsx", ".xlsm", ".xls", ".ods"):
        from python_calamine import CalamineWorkbook

        book = CalamineWorkbook.from_path(str(file))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(nrows=LOOKED_AT)
            if rows:
                return [[_text(cell) for cell in row] for row in rows]
        return []
    data = file.open("rb").read(2_000_000)
    text = _decoded(data)
    delimiter = max(",\t;|", key=text.split("\n", 1)[0].count)
    return list(islice(csv.reader(text.splitlines(), delimiter=delimiter), LOOKED_AT))


def contract_text(feed: str, rows: Sequence[Sequence[str]], known: Sequence[Contract]) -> str:
    """The YAML of a contract for these rows; fields that a known contract has keep their name there."""
    header = _header_at(rows)
    titles = [title.strip() for title in rows[header]]
    body = [list(row) for row in rows[header + 1 :]]
    names = _names(titles, known)
    fields = []
    keyed = False
    for place, (title, name) in enumerate(zip(titles, names, strict=True)):
        if not title:
            continue
        cells = [row[place].strip() for row in body if place < len(row) and row[place].strip()]
        is_key = not keyed and len(cells) > 0 and len(set(cells)) == len(body)
        keyed = keyed or is_key
        more = ", primaryKey: true" if is_key else ""
        kind = "string" if is_key else _kind(cells)
        fields.append(
            f"      - {{name: {name}, businessName: {_quoted(title)}, logicalType: {kind}, classification: internal{more}}}"
        )
    if not keyed and fields:
        fields[0] = fields[0].replace("}", ", primaryKey: true}")
    department, _, stem = feed.partition(".")
    return TEMPLATE.format(feed=feed, department=department, name=stem, fields="\n".join(fields))


TEMPLATE = """\
apiVersion: v3.2.0
kind: DataContract
id: {feed}
name: {name}                       # 中文名称 / the name in Chinese
version: '1.0.0'
status: draft
domain: {department}
description: {{purpose: 待填写 to be written}}
team: {{name: 待填写}}
slaProperties:
  - {{property: frequency, value: monthly}}
customProperties:
  - {{property: mode, value: delta}}    # full 全量, delta 增量, window 滚动窗口
  - property: period
    value:
      - {{from: fileName, grain: month}}
      - {{from: received, grain: month}}
  - {{property: file, value: {{names: ['{name}*']}}}}
schema:
  - name: {name}
    properties:
{fields}
"""


def load_text(target: dict[str, Any], names: Sequence[str]) -> str:
    """A load query for a target: its columns as remarks, those that a field is called like filled in."""
    filled, open_ = [], []
    for column in target["columns"]:
        if column["name"] == "row_no" or column["name"] in names:
            filled.append(f"    {column['name']}")
        else:
            needed = "必给 needed; " if column["needed"] else ""
            ids = f"编号 ids of {column['ids']}; " if column["ids"] else ""
            open_.append(
                f"-- {column['name']} ({column['type']}): {needed}{ids}{column['meaning']}"
            )
    return (
        f"-- {target['target']}: 用“字段 AS 列”补上需要的列 / give the columns that you fill as `field AS column`:\n"
        + "\n".join(open_)
        + f"\n\n-- target: {target['target']}\nSELECT\n"
        + ",\n".join(filled)
        + "\nFROM staging\n"
    )


def field_names(text: str) -> list[str]:
    """The names of the fields of a contract that `contract_text` wrote."""
    return re.findall(r"^      - \{name: (\w+),", text, re.MULTILINE)


def _header_at(rows: Sequence[Sequence[str]]) -> int:
    """The first of the fullest rows."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows[:20]]
    return filled.index(max(filled))


def _names(titles: Sequence[str], known: Sequence[Contract]) -> list[str]:
    names: dict[str, str] = {}
    for contract in known:
        for field in contract.fields:
            for header in field.headers:
                names.setdefault(normal_header(header), field.name)
    result: list[str] = []
    for place, title in enumerate(titles, 1):
        name = names.get(normal_header(title)) or re.sub(
            r"\W+", "_", title.lower(), flags=re.ASCII
        ).strip("_")
        if (
            not re.fullmatch(r"[a-z][a-z0-9_]*", name)
            or name in result
            or name in ("row_no", "fault")
        ):
            name = f"field_{place}"
        result.append(name)
    return result


def _kind(cells: Sequence[str]) -> str:
    for kind, pattern in (("timestamp", _TIMESTAMP), ("date", _DATE), ("number", _NUMBER)):
        if cells and all(pattern.fullmatch(cell) for cell in cells):
            codes = any(re.match(r"0\d", cell) for cell in cells)
            whole = all(_INTEGER.fullmatch(cell) for cell in cells)
            return (
                "string"
                if codes and kind == "number"
                else "integer"
                if kind == "number" and whole
                else kind
            )
    return "string"


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            if error.start > len(data) - 4:  # cut in the middle of a character
                return data[: error.start].decode(encoding)
    return data.decode("utf-8", errors="replace")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\n", " ") + "'"
