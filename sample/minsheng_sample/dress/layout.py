"""What stands around the records: titles, headers of one or two rows, totals, footnotes, sheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from etl.contract import Contract, Field
from minsheng_sample.dress.cells import Cell
from minsheng_sample.dress.style import Style
from minsheng_sample.dress.xlsx import Sheet
from minsheng_sample.timeline import Period, Row

GROUPS: Mapping[str, tuple[tuple[str, int, str], ...]] = {
    "education.school": (("school_category", 2, "办学情况"),),
    "health.institution": (
        ("beds", 2, "规模"),
        ("registered_on", 3, "执业登记情况"),
        ("longitude", 2, "坐标"),
    ),
    "housing.affordable_project": (("started_on", 3, "建设进度"),),
    "housing.estate": (("households", 2, "小区情况"), ("is_three_no", 2, "认定情况")),
    "housing.renewal": (("designated_on", 2, "时间"),),
    "civil_affairs.elderly_facility": (("beds", 3, "床位情况"),),
    "civil_affairs.social_worker_month": (
        ("community_workers", 2, "社区工作者"),
        ("professionals", 2, "社会工作专业人才"),
    ),
}
"""Field, how many columns from it on, and the header over them, where headers have two rows."""

_FOOTNOTES = (
    "注：本表为合成数据，仅供演示，不是任何部门的真实数据。",
    "填报人：合成　　审核人：合成",
)
_BLOCKS = 4


@dataclass
class Laid:
    """The finished sheets, and where each record stands in them."""

    sheets: list[Sheet]
    places: list[tuple[str, int]] = field(default_factory=list)
    """For each record its sheet and its row as the sheet counts, from 1."""
    totals: int = 0


@dataclass(frozen=True)
class Table:
    """Records ready to be laid out."""

    contract: Contract
    fields: Sequence[Field]
    headers: Sequence[str]
    records: Sequence[Sequence[Cell]]
    rows: Sequence[Row]
    """The true rows behind the records, for the totals."""
    period: Period
    miscount: int = 0
    """By how much the grand total is wrong."""


def header_of(item: Field, style: Style, year: int) -> str:
    """The header that a department writes in a year."""
    if style.headers == "name":
        return item.name
    if style.headers == "old":
        old = [head for head in item.history if head.since is not None and head.since <= year]
        if old:
            return max(old, key=lambda head: head.since or 0).text
    return item.title_zh


def lay_out(table: Table, style: Style) -> Laid:
    """All sheets of a delivery."""
    laid = Laid([])
    size = -(-len(table.records) // style.sheets)
    for number in range(style.sheets):
        part = range(number * size, min(len(table.records), (number + 1) * size))
        name = f"第{number + 1}部分" if style.sheets > 1 else "Sheet1"
        _sheet(laid, table, style, name, part, last=number == style.sheets - 1)
    return laid


def _sheet(laid: Laid, table: Table, style: Style, name: str, part: range, *, last: bool) -> None:
    sheet = Sheet(name)
    width = len(table.headers) + bool(style.extra)
    if style.title:
        title = f"大兴区{table.contract.name_zh}（{table.period.label}）（合成数据）"
        sheet.rows.append([title, *[None] * (width - 1)])
        sheet.merged.append((0, 0, 0, width - 1))
    _header(sheet, table, style)
    block = -(-len(part) // _BLOCKS) or 1
    for index in part:
        extra: list[Cell] = [_extra(style.extra, index)] if style.extra else []
        sheet.rows.append([*table.records[index], *extra])
        laid.places.append((name, len(sheet.rows)))
        done = index - part.start + 1
        if style.subtotals and (done % block == 0 or done == len(part)):
            begin = part.start + (done - 1) // block * block
            _total(laid, sheet, table, style, "小计", range(begin, index + 1))
    if style.totals:
        _total(laid, sheet, table, style, "合计", part)
    if style.footnotes and last:
        sheet.rows += [[text, *[None] * (width - 1)] for text in _FOOTNOTES]
    laid.sheets.append(sheet)


def _header(sheet: Sheet, table: Table, style: Style) -> None:
    texts: list[Cell] = [*table.headers, *([style.extra] if style.extra else [])]
    groups = GROUPS.get(table.contract.feed, ()) if style.two_rows else ()
    if not groups:
        sheet.rows.append(texts)
        return
    top, upper, lower = len(sheet.rows), list(texts), [None] * len(texts)
    names = [item.name for item in table.fields]
    grouped: set[int] = set()
    below: list[Cell] = list(lower)
    for first, count, group in groups:
        start = names.index(first)
        for column in range(start, start + count):
            below[column], upper[column] = texts[column], None
            grouped.add(column)
        upper[start] = group
        sheet.merged.append((top, start, top, start + count - 1))
    sheet.merged += [(top, c, top + 1, c) for c in range(len(texts)) if c not in grouped]
    sheet.rows += [upper, below]


def _total(laid: Laid, sheet: Sheet, table: Table, style: Style, word: str, part: range) -> None:
    totals = table.contract.file.totals
    if totals is None:
        return
    line: list[Cell] = [None] * (len(table.headers) + bool(style.extra))
    for column, item in enumerate(table.fields):
        if item.name == totals.field:
            line[column] = word
        elif item.name in totals.sums:
            values = (table.rows[index][item.name] for index in part)
            total = sum(value for value in values if isinstance(value, int))
            total += table.miscount if word == "合计" else 0
            line[column] = total if style.is_sheet else str(total)
    sheet.rows.append(line)
    laid.totals += 1


def _extra(header: str, index: int) -> str:
    # A column that no contract knows must not reach the warehouse, telephone numbers least of all.
    return f"1390000{index % 10000:04d}" if "电话" in header else "合成备注"
