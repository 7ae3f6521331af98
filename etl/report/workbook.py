"""附表.xlsx: a cover, a sheet of notes, one table a sheet with one header row; no merged cell, no blank cell without a mark."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from etl.report import tables
from etl.report.model import Report
from etl.workbook import HEAD, put

NOTHING = "—"
"""Marks a cell that has nothing to say."""
_NOTES = (
    ("—", "没有这一项，或不适用"),
    ("暂定", "按印出的精度仍可能改变，由隔离行的界限和缺报决定"),
    ("下限、上限", "隔离行不计或全计（按可读的部分）时的值；不定的一端为“—”，并写在“不定的一端”"),
    ("比率", "一律为0至1，不写成百分数"),
    ("无目标", "没有人给出目标值；不计入任何达标率"),
    ("不足5，不显示", "人员及其行为的数不足5的格；只有一格不足时，次小的一格也不显示"),
    ("没有数据", "该报而未报；与0不同"),
    ("边界", "按今日区划"),
)


def make(report: Report) -> bytes:
    """The workbook's bytes; the same report gives the same bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    cover = book.create_sheet("封面")
    evaluation = report.evaluation
    lines = [
        ("名称", "大兴区“十四五”社会治理规划评估 · 附表"),
        ("数据截至", evaluation.as_of.isoformat()),
        ("版本", report.version("zh")),
        ("编制／审核／批准", "／".join(report.people)),
        ("发布说明", (report.issue.override_why or "—") if report.issue else "—"),
        ("边界", "按今日区划"),
        ("性质", "含合成或示例数据，不代表任何官方数据" if evaluation.synthetic else "—"),
    ]
    _table(cover, ("项目", "内容"), lines)
    _table(book.create_sheet("说明"), ("标记", "含义"), _NOTES)
    for name, columns in tables.TABLES.items():
        sheet = book.create_sheet(tables.TITLES[name][0])
        listed = [[row[column] for column in columns] for row in tables.rows(report, name)]
        _table(sheet, [label for label, _ in columns.values()], listed)
    return steady(book)


def _table(sheet: Any, head: Any, lines: Any) -> None:
    for column, label in enumerate(head, 1):
        cell = sheet.cell(1, column)
        put(cell, label)
        cell.font, cell.fill = Font(bold=True), HEAD
        sheet.column_dimensions[get_column_letter(column)].width = 14
    for number, line in enumerate(lines, 2):
        for column, value in enumerate(line, 1):
            put(sheet.cell(number, column), _shown(value))
    sheet.freeze_panes = "A2"


def _shown(value: Any) -> Any:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "是" if value else "否"
    return value


def steady(book: Workbook) -> bytes:
    """A workbook's bytes without the time of writing, so that only what is in it decides."""
    raw = io.BytesIO()
    book.save(raw)
    out = io.BytesIO()
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != "docProps/core.xml":
                target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)
            else:
                text = source.read(name).decode()
                head, _, rest = text.partition("<dcterms:created")
                _, _, tail = rest.partition("</dcterms:modified>")
                target.writestr(zipfile.ZipInfo(name), head + tail, zipfile.ZIP_DEFLATED)
    return out.getvalue()
