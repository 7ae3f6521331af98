"""The workbook that a department fills in: its own headers, its own rows, what is wrong, room for what is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from etl import ledger
from etl.context import Context
from etl.contract import Contract, Field
from etl.errors import MinshengError
from etl.ledger import Delivery
from etl.progress import report
from etl.quarantine.decide import MESSAGES
from etl.quarantine.entries import Entry, count_entries, entries
from etl.reasons import Reason
from etl.repair import entry_mark, original_rows, warehouse_mark
from etl.repair.answers import ACTIONS, MANIFEST
from etl.validate import names_of_registers
from etl.values.faults import HIDDEN
from etl.workbook import (
    FILL_IN,
    TEXT,
    WRONG,
    Choices,
    as_head,
    put,
    put_row,
    sheet_title,
    widths,
)

MOST = 50_000
"""Rows in one workbook; the rest is exported when these are answered."""


@dataclass(frozen=True)
class Exported:
    """What an export holds."""

    path: Path
    rows: int
    deliveries: tuple[int, ...]
    left: int
    """Rows that did not fit; they stay in quarantine and can be exported later."""


def export(
    path: Path,
    *,
    feed: str | None = None,
    department: str | None = None,
    delivery_id: int | None = None,
    due: date | None = None,
    ctx: Context | None = None,
) -> Exported:
    """Write the open entries into a workbook, a sheet a delivery. Raises MinshengError if there are none."""
    ctx = ctx or Context.of()
    with ctx.engine.connect() as connection:
        which = {"feed": feed, "department": department, "delivery_id": delivery_id}
        some = entries(connection, **which, most=MOST)  # type: ignore[arg-type]
        if not some:
            raise MinshengError(MESSAGES.reason("nothing_open"))
        left = count_entries(connection, **which)[1] - len(some)  # type: ignore[arg-type]
        book = Workbook()
        cover = book.worksheets[0]
        choices = Choices(book)
        told = []
        for number, group in groupby(some, lambda each: each.delivery):
            rows = list(group)
            report(f"{rows[0].file} · 导出 / exporting", len(rows))
            told.append(
                _Sheet(ctx, connection, book, choices, ledger.get(connection, number), rows).write()
            )
    synthetic = any(each.synthetic for each in some)
    due = due or min((entry.due_on for entry in some if entry.due_on), default=None)
    _cover(cover, told, due, left, synthetic)
    manifest = book.create_sheet(MANIFEST)
    manifest.append(["#warehouse", warehouse_mark(ctx.settings.token_key())])
    manifest.sheet_state = "hidden"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    numbers = tuple(dict.fromkeys(each.delivery for each in some))
    return Exported(path, len(some), numbers, left)


class _Sheet:
    """The sheet of one delivery's entries."""

    def __init__(
        self,
        ctx: Context,
        connection: sa.Connection,
        book: Workbook,
        choices: Choices,
        delivery: Delivery,
        rows: list[Entry],
    ) -> None:
        self._ctx, self._delivery, self._choices = ctx, delivery, choices
        self._contract = ledger.contract_of(ctx, connection, delivery, anew=True)
        self._known = names_of_registers(connection, self._contract)
        wanted = {each.row_no for each in rows}
        self._original = original_rows(ctx, connection, delivery, self._contract, wanted)
        # Rows that are about the same thing lie side by side.
        self._rows = sorted(rows, key=lambda each: (each.business_key or "", each.row_no))
        self._sheet = book.create_sheet(
            sheet_title(f"{delivery.delivery_id} {self._contract.name_zh}")
        )
        self._faulty = {each.row_no: _fields_of(each, self._contract) for each in self._rows}

    def write(self) -> tuple[Delivery, Contract, int, str]:
        """Fill the sheet; what the cover tells of it."""
        shown = [
            self._contract.by_name[name]
            for name in self._original.table.headers
            if name in self._contract.by_name and self._contract.by_name[name].handling != "drop"
        ]
        asked = {name for names in self._faulty.values() for name in names}
        shown += [f for f in self._contract.fields if f.name in asked and f not in shown]
        names, heads = ["#entry", "#place", "#wrong"], ["", "原行号 row", "问题 what is wrong"]
        for field in shown:
            names.append(field.name)
            header = self._original.table.headers.get(field.name, field.title_zh)
            heads.append(header)
            if field.name in asked:
                names.append(f"fix:{field.name}")
                heads.append(f"修正值：{header}")
        names.append("#action")
        heads.append("处理 action")
        sheet = self._sheet
        put_row(sheet, 1, names)
        put_row(sheet, 2, heads)
        sheet.row_dimensions[1].hidden = True
        sheet.column_dimensions["A"].hidden = True
        as_head(sheet, 2)
        key = self._ctx.settings.token_key()
        for row, entry in enumerate(self._rows, 3):
            mark = entry_mark(key, entry.delivery, entry.row_no, self._delivery.sha256)
            self._row(row, names, entry, mark)
        self._offer(names, shown)
        widths(sheet, [{"#wrong": 44, "#place": 10}.get(name, 18) for name in names])
        sheet.freeze_panes = "D3"
        sheet.auto_filter.ref = f"A2:{get_column_letter(len(names))}{len(self._rows) + 2}"
        return self._delivery, self._contract, len(self._rows), sheet.title

    def _row(self, row: int, names: Sequence[str], entry: Entry, mark: str) -> None:
        sheet = self._sheet
        values = self._original.rows.get(entry.row_no, {})
        faults = self._original.faults.get(entry.row_no, [])
        reasons = [Reason.of(each) for each in entry.reasons]
        faulty = self._faulty[entry.row_no]
        for at, name in enumerate(names, 1):
            cell = sheet.cell(row, at)
            cell.alignment = Alignment(vertical="top", wrap_text=name == "#wrong")
            if name == "#entry":
                cell.value = mark
            elif name == "#place":
                cell.value = entry.row
            elif name == "#wrong":
                put(cell, "\n".join(_told(each) for each in reasons))
            elif name.startswith("fix:"):
                cell.number_format = TEXT  # 0001 stays 0001
                if name.removeprefix("fix:") in faulty:
                    cell.fill = FILL_IN
            elif name != "#action":
                lost = next((f["found"] for f in faults if f.get("column") == name), None)
                text = _shown(self._contract.by_name[name], values.get(name) or lost)
                cell.number_format = TEXT
                put(cell, text)
                if name in faulty:
                    cell.fill = WRONG
                    cell.comment = Comment(
                        "\n".join(_told(e, fix=True) for e in reasons if name in _names(e, self._contract)),
                        "minsheng", width=320, height=120,
                    )  # fmt: skip

    def _offer(self, names: Sequence[str], shown: Sequence[Field]) -> None:
        """Drop-downs: what a code list allows, which names a register knows, what can be done with a row."""
        last = len(self._rows) + 2
        by_name = {field.name: field for field in shown}
        for at, name in enumerate(names, 1):
            if name == "#action":
                self._choices.offer(self._sheet, at, list(ACTIONS), first=3, last=last, only=True)
            elif name.startswith("fix:"):
                field = by_name[name.removeprefix("fix:")]
                codes = field.codes if field.vocabulary == "closed" else ()
                values = self._known.get(field.name) or codes
                self._choices.offer(self._sheet, at, values, first=3, last=last)


def _shown(field: Field, text: str | None) -> str | None:
    hidden = field.classification == "personal" or field.handling != "keep"
    return HIDDEN if text and hidden else text


def _told(reason: Reason, *, fix: bool = False) -> str:
    """A reason for a clerk, in Chinese: what is wrong, what was found, what is allowed."""
    parts = [f"{reason.header or ''}：{reason.message_zh}" if reason.header else reason.message_zh]
    if reason.found is not None:
        parts.append(f"实际：{reason.found}")
    if reason.expected_zh is not None:
        parts.append(f"应为：{reason.expected_zh}")
    if fix and reason.fix_zh:
        parts.append(f"处理：{reason.fix_zh}")
    return "；".join(parts)


def _names(reason: Reason, contract: Contract) -> set[str]:
    """The fields that a reason is about."""
    by_column = {field.column: field.name for field in contract.fields if field.column}
    told = [reason.column] if reason.column else list(reason.details.get("columns", ()))
    return {name for each in told if (name := by_column.get(each, each)) in contract.by_name}


def _fields_of(entry: Entry, contract: Contract) -> set[str]:
    """The fields of which somebody has to say what is right; all of them where the row as a whole was not read."""
    reasons = [Reason.of(each) for each in entry.reasons]
    if any(reason.column == "" for reason in reasons):
        return {field.name for field in contract.fields if field.handling == "keep"}
    return {name for reason in reasons for name in _names(reason, contract)}


_HOW = (
    "1. 黄色“修正值”列填写正确的值；红色单元格有批注说明。 Fill in the yellow 修正值 columns; red cells have a note.",
    "2. 整行有误：同一事物的几行相互矛盾时，在“处理”列对正确的一行选“保留”，其余选“撤回”。"
    " Where rows contradict each other choose 保留 for the right one and 撤回 for the others.",
    "3. 未填写的行仍在隔离中。 Rows left blank stay in quarantine.",
    "4. 保存后放回投放目录（文件名不限），或 minsheng ingest 此文件。"
    " Save it and put it into the landing zone, under any name.",
)


def _cover(
    sheet: Worksheet,
    told: Sequence[tuple[Delivery, Contract, int, str]],
    due: date | None,
    left: int,
    synthetic: bool,
) -> None:
    sheet.title = "说明"
    lines: list[Sequence[object]] = [
        ["隔离数据修正表 / Rows to be repaired"],
        ["返回期限 / due", due.isoformat() if due else "—"],
        ["含合成数据，不是真实数据 / holds synthetic data, nothing of it is real"]
        if synthetic
        else [],
        ["工作表 sheet", "部门 department", "数据源 feed", "文件 file", "报告期 period", "行 rows"],
    ]
    for delivery, contract, rows, title in told:
        file = delivery.member or delivery.file_name
        owner = contract.owner or contract.department
        lines.append([title, owner, contract.name_zh, file, delivery.period, rows])
    if left:
        lines.append(
            [
                f"另有 {left} 行未列出，处理完本表后再次导出。 {left} further rows: export again after these."
            ]
        )
    lines += [[], *([line] for line in _HOW)]
    for row, line in enumerate(lines, 1):
        put_row(sheet, row, line)
    sheet["A1"].font = Font(bold=True, size=14)
    as_head(sheet, 4)
    widths(sheet, (24, 22, 24, 44, 26, 8))
