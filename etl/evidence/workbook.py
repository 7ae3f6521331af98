"""The workbook of an evidence pack: a sheet of rows for each figure, and live SUM formulas that give the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from etl.evaluate import Receipt
from etl.report import receipt as words
from etl.report.workbook import steady
from etl.workbook import put, sheet_title

RESULTS = "数值 Figures"
_MOST = 100_000
"""Rows of a figure that a sheet lists; above it lists what each file adds."""
_HEAD = ("代码 Code", "指标 Indicator", "数值 Figure", "分子 Numerator", "分母 Denominator", "存档 Kept", "相符 Equal", "工作表 Sheet")  # fmt: skip
_ROWS = ("区划 Area", "对象 Thing", "分子 Numerator", "分母 Denominator", "批次 Delivery", "文件 File", "工作表 Sheet", "行 Row")  # fmt: skip


def make(results: Mapping[str, Any], receipts: Sequence[Receipt]) -> bytes:
    """The workbook's bytes; its first sheet has a row for each figure."""
    book = Workbook(write_only=True)
    front = book.create_sheet(RESULTS)
    note = "含合成或示例数据，不代表任何官方数据 / synthetic or example data, nothing official"
    _append(front, [f"截至 as of {results['as_of']}，提交 commit {results['seq']}", note if results["synthetic"] else None])  # fmt: skip
    _append(front, _HEAD)
    places = {figure["code"]: number for number, figure in enumerate(results["figures"], 3)}
    for receipt, figure in zip(receipts, results["figures"], strict=True):
        code, row = figure["code"], places[figure["code"]]
        name = sheet_title(f"{receipt.statement.position} {code}") if receipt.things else None
        above, below, value = None, None, None
        if figure["made"] == "score" and figure["value"] is not None:
            weighed = "+".join(f"{w!r}*C{places[c]}" for c, w in figure["weights"].items())
            value = f"=100*({weighed})"
        elif name is not None:
            _list(book.create_sheet(name), receipt)
            above = f"=SUM('{name}'!C:C)"
            below = f"=SUM('{name}'!D:D)" if figure["made"] == "ratio" else None
            value = f"=D{row}/E{row}" if below else f"=D{row}"
        elif figure["value"] is not None:
            above, value = "=SUM(0)", f"=D{row}"  # nothing is added up: that is 0
        if figure["value"] is None:
            value = None
        equal = f'=IF(ABS(C{row}-F{row})<=1E-9*MAX(1,ABS(F{row})),"是 yes","否 NO")' if value else None  # fmt: skip
        named = f"{figure['name_zh']} {figure['name_en']}"
        _append(front, [code, named, value, above, below, figure["value"], equal, name], formulas=(2, 3, 4, 6))  # fmt: skip
    return steady(book)


def _list(sheet: Any, receipt: Receipt) -> None:
    _append(sheet, _ROWS)
    count = sum(len(thing["sources"]) for thing in receipt.things)
    if count > _MOST:
        for file in receipt.files:
            _append(sheet, [None, f"{file.rows} 行 rows", file.numerator, file.denominator, file.delivery, file.file, file.sheet, file.lines])  # fmt: skip
        return
    for line in words.lines(receipt.statement, receipt.things):
        _, area, entity, above, below, delivery, _, file, sheet_name, row = line
        _append(sheet, [area, entity, above, below, delivery, file, sheet_name, row])


def _append(sheet: Any, values: Sequence[Any], formulas: Sequence[int] = ()) -> None:
    """A row; text stays text except where a formula of ours is meant."""
    cells = []
    for at, value in enumerate(values):
        cell = WriteOnlyCell(sheet)
        if at in formulas:
            cell.value = value
        else:
            put(cell, value)
        cells.append(cell)
    sheet.append(cells)
