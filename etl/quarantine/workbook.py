"""The workbook that a department fills in: its own headers, its own rows, what is wrong, room for what is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from etl import ledger
from etl.context import Context
from etl.contract import Contract, Field
from etl.errors import MinshengError
from etl.progress import report
from etl.quarantine.decide import MESSAGES
from etl.quarantine.entries import Count, Entry, count_entries, stream
from etl.quarantine.notes import Notes, save
from etl.reasons import Reason
from etl.repair import entry_mark, original_rows, warehouse_mark
from etl.repair.answers import ACTIONS, digests
from etl.repair.books import MANIFEST
from etl.repair.original import Original
from etl.validate import names_of_registers
from etl.values.faults import HIDDEN
from etl.workbook import (
    FILL_IN,
    TEXT,
    WRONG,
    Choices,
    as_head_cell,
    printable,
    put,
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
    """Write the open entries into a workbook, a sheet a delivery. Raises MinshengError if there are none.

    The workbook is written as its rows are read; in memory stand the rows of one delivery as they were sent.
    """
    ctx = ctx or Context.of()
    # One state of the ledger from the first entry to the last.
    engine = ctx.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection, TemporaryDirectory() as folder:
        counts = [
            each
            for each in count_entries(
                connection, feed=feed, department=department, delivery_id=delivery_id
            )
            if each.open
        ]
        if not counts:
            raise MinshengError(MESSAGES.reason("nothing_open"))
        book = Workbook(write_only=True)
        cover = book.create_sheet("说明")
        choices = Choices(book)
        sheets: list[_Sheet] = []
        room = MOST
        for each in counts:
            if room:
                sheet = _Sheet(ctx, connection, book, choices, each, min(room, each.open))
                sheets.append(sheet.write(Path(folder)))
                room -= sheet.rows
        left = sum(each.open for each in counts) - (MOST - room)
        _cover(cover, sheets, due, left)
        choices.write()
        manifest = book.create_sheet(MANIFEST)
        manifest.append(["#warehouse", warehouse_mark(ctx.settings.token_key())])
        manifest.sheet_state = "hidden"
        path.parent.mkdir(parents=True, exist_ok=True)
        save(book, path, [sheet.notes for sheet in sheets])
    numbers = tuple(sheet.delivery.delivery_id for sheet in sheets)
    return Exported(path, MOST - room, numbers, left)


class _Sheet:
    """The sheet of one delivery's entries."""

    def __init__(
        self,
        ctx: Context,
        connection: sa.Connection,
        book: Workbook,
        choices: Choices,
        count: Count,
        rows: int,
    ) -> None:
        self._ctx, self._connection, self._choices = ctx, connection, choices
        self.rows = rows
        self.delivery = ledger.get(connection, count.delivery_id)
        self.contract = ledger.contract_of(ctx, connection, self.delivery, anew=True)
        self.due: date | None = None
        self.synthetic = False
        self._known = names_of_registers(connection, self.contract)
        title = sheet_title(f"{self.delivery.delivery_id} {self.contract.name_zh}")
        self.sheet: Any = book.create_sheet(title)
        self._look = _Look(self.sheet)

    def write(self, folder: Path) -> _Sheet:
        """Fill the sheet and close it."""
        file = self.delivery.member or self.delivery.file_name
        report(f"{file} · 导出 / exporting", self.rows)
        asked, wanted = set[str](), []
        for entry in self._entries():
            asked |= _fields_of(entry, self.contract)
            wanted.append(entry.row_no)
            self.due, self.synthetic = entry.due_on, entry.synthetic
        original = original_rows(self._ctx, self._connection, self.delivery, self.contract, wanted)
        shown = [
            self.contract.by_name[name]
            for name in original.table.headers
            if name in self.contract.by_name and self.contract.by_name[name].handling != "drop"
        ]
        shown += [f for f in self.contract.fields if f.name in asked and f not in shown]
        names, heads = ["#entry", "#place", "#wrong"], ["", "原行号 row", "问题 what is wrong"]
        for field in shown:
            names.append(field.name)
            header = original.table.headers.get(field.name, field.title_zh)
            heads.append(header)
            if field.name in asked:
                names.append(f"fix:{field.name}")
                heads.append(f"修正值：{header}")
        names += ["#action", "#shown"]
        heads += ["处理 action", ""]
        self._arrange(names)
        sheet = self.sheet
        sheet.append(self._look.row(names))
        sheet.append(self._look.row(heads, head=True))
        self.notes = Notes(sheet, folder, self.delivery.delivery_id)
        key = self._ctx.settings.token_key()
        for row, entry in enumerate(self._entries(), 3):
            mark = entry_mark(key, entry.delivery, entry.row_no, self.delivery.sha256)
            sheet.append(self._row(row, names, entry, mark, original))
        self._offer(names, shown)
        self.notes.close()
        sheet.close()
        return self

    def _entries(self) -> Iterator[Entry]:
        number = self.delivery.delivery_id
        return stream(self._connection, delivery_id=number, most=self.rows, by_thing=True)

    def _arrange(self, names: Sequence[str]) -> None:
        """What a write-only sheet has to know before its first row."""
        sheet = self.sheet
        sheet.row_dimensions[1].hidden = True
        widths(sheet, [{"#wrong": 44, "#place": 10}.get(name, 18) for name in names])
        for at, name in enumerate(names, 1):
            if name.startswith("fix:"):  # 0001 stays 0001
                sheet.column_dimensions[get_column_letter(at)].number_format = TEXT
        for hidden in ("A", get_column_letter(len(names))):
            sheet.column_dimensions[hidden].hidden = True
        sheet.freeze_panes = "D3"
        sheet.auto_filter.ref = f"A2:{get_column_letter(len(names))}{self.rows + 2}"

    def _row(
        self, row: int, names: Sequence[str], entry: Entry, mark: str, original: Original
    ) -> list[Any]:
        """The cells of an entry; its notes are written down."""
        values = original.rows.get(entry.row_no, {})
        faults = original.faults.get(entry.row_no, [])
        reasons = [Reason.of(each) for each in entry.reasons]
        faulty = _fields_of(entry, self.contract)
        cells: list[Any] = []
        shown: dict[str, str] = {}
        for at, name in enumerate(names, 1):
            if name == "#entry":
                cells.append(mark)
            elif name == "#place":
                cells.append(self._look.cell(entry.row))
            elif name == "#wrong":
                text = "\n".join(_told(each) for each in reasons)
                cells.append(self._look.cell(text, wrapped=True))
            elif name.startswith("fix:"):
                is_asked = name.removeprefix("fix:") in faulty
                cells.append(self._look.cell(None, fill=FILL_IN) if is_asked else None)
            elif name == "#action":
                cells.append(None)
            elif name == "#shown":
                cells.append(digests(shown))
            else:
                lost = next((f["found"] for f in faults if f.get("column") == name), None)
                text = _shown(self.contract.by_name[name], values.get(name) or lost) or ""
                shown[name] = printable(text)
                is_faulty = name in faulty
                if text or is_faulty:
                    cells.append(self._look.cell(text, fill=WRONG if is_faulty else None))
                else:
                    cells.append(None)
                if is_faulty:
                    told = (_told(e, fix=True) for e in reasons if name in _names(e, self.contract))
                    self.notes.add(row, at, "\n".join(told))
        return cells

    def _offer(self, names: Sequence[str], shown: Sequence[Field]) -> None:
        """Drop-downs: what a code list allows, which names a register knows, what can be done with a row."""
        last = self.rows + 2
        by_name = {field.name: field for field in shown}
        for at, name in enumerate(names, 1):
            if name == "#action":
                self._choices.offer(self.sheet, at, list(ACTIONS), first=3, last=last, only=True)
            elif name.startswith("fix:"):
                field = by_name[name.removeprefix("fix:")]
                codes = field.codes if field.vocabulary == "closed" else ()
                values = self._known.get(field.name) or codes
                self._choices.offer(self.sheet, at, values, first=3, last=last)


class _Look:
    """Cells of a write-only sheet; each look is made once, since openpyxl takes longer for it than for the cell."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._styles: dict[Any, Any] = {}

    def cell(
        self, value: str | int | None, *, fill: PatternFill | None = None, wrapped: bool = False
    ) -> Any:
        """A number, or text that stays text, whatever it begins with."""
        cell: Any = WriteOnlyCell(self._sheet)
        put(cell, value)
        is_text = not isinstance(value, int)
        look = (None if fill is None else fill.fgColor.rgb, wrapped, is_text, cell.quotePrefix)
        if look not in self._styles:
            cell.number_format = TEXT if is_text else "General"
            cell.alignment = Alignment(vertical="top", wrap_text=wrapped)
            if fill is not None:
                cell.fill = fill
            self._styles[look] = cell._style
        cell._style = self._styles[look]
        return cell

    def row(self, texts: Sequence[object], *, head: bool = False) -> list[Any]:
        """Values side by side, as they are or as a header."""
        cells = [WriteOnlyCell(self._sheet) for _ in texts]
        for cell, text in zip(cells, texts, strict=True):
            put(cell, text)
            if head:
                as_head_cell(cell)
        return cells


def _shown(field: Field, text: str | None) -> str | None:
    hidden = field.classification == "personal" or field.handling != "keep"
    return HIDDEN if text and hidden else text


def _told(reason: Reason, *, fix: bool = False) -> str:
    """A reason for a clerk, in Chinese: what is wrong, what was found, what is allowed."""
    says_where = reason.header is None or reason.header in reason.message_zh
    parts = [reason.message_zh if says_where else f"{reason.header}：{reason.message_zh}"]
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
    "1. 黄色“修正值”列填写正确的值；红色单元格有批注说明。应当为空的，填 (空)。"
    " Fill in the yellow 修正值 columns; red cells have a note. Write (空) where there should be nothing.",
    "2. 整行有误：同一事物的几行相互矛盾时，在“处理”列对正确的一行选“保留”，其余选“撤回”。"
    " Where rows contradict each other choose 保留 for the right one and 撤回 for the others.",
    "3. 未填写的行仍在隔离中。 Rows left blank stay in quarantine.",
    "4. 保存后放回投放目录（文件名不限），或 minsheng ingest 此文件。"
    " Save it and put it into the landing zone, under any name.",
)


def _cover(sheet: Any, sheets: Sequence[_Sheet], due: date | None, left: int) -> None:
    look = _Look(sheet)
    widths(sheet, (24, 22, 24, 44, 26, 8))
    title = look.row(["隔离数据修正表 / Rows to be repaired"])
    title[0].font = Font(bold=True, size=14)
    sheet.append(title)
    due = due or min((each.due for each in sheets if each.due), default=None)
    sheet.append(look.row(["返回期限 / due", due.isoformat() if due else "—"]))
    synthetic = "含合成数据，不是真实数据 / holds synthetic data, nothing of it is real"
    sheet.append(look.row([synthetic] if any(each.synthetic for each in sheets) else []))
    heads = [
        "工作表 sheet",
        "部门 department",
        "数据源 feed",
        "文件 file",
        "报告期 period",
        "行 rows",
    ]
    sheet.append(look.row(heads, head=True))
    for each in sheets:
        delivery, contract = each.delivery, each.contract
        file = delivery.member or delivery.file_name
        owner = contract.owner or contract.department
        told = [each.sheet.title, owner, contract.name_zh, file, delivery.period, each.rows]
        sheet.append(look.row(told))
    if left:
        more = f"另有 {left} 行未列出，处理完本表后再次导出。 {left} further rows: export again after these."
        sheet.append(look.row([more]))
    for line in ("", *_HOW):
        sheet.append(look.row([line] if line else []))
