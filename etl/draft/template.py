"""The blank workbook of a feed: the department's headers, drop-downs, formats, and what each column means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from etl.contract import Contract, Field, matches_any, read_period
from etl.decode.sheets import NOTES
from etl.workbook import (
    FILL_IN,
    TEXT,
    Choices,
    as_head,
    put,
    put_row,
    sheet_title,
    widths,
)

PERIODS = {
    "day": "2020年3月31日",
    "month": "2020年3月",
    "quarter": "2020年第1季度",
    "half": "2020年上半年",
    "schoolYear": "2020学年",
    "year": "2020年",
}
"""How a period of each grain is usually written."""

_TYPES = {
    "string": "文字 text",
    "date": "日期 date",
    "timestamp": "日期时间 time",
    "integer": "整数 whole number",
    "number": "数字 number",
    "boolean": "是否 yes or no",
}
_FORMATS = {"date": "yyyy-mm-dd", "timestamp": "yyyy-mm-dd hh:mm:ss", "integer": "0"}
_EXAMPLES = {
    "date": {"day": "2020-03-31", "month": "2020-03", "year": "2020"},
    "timestamp": {"day": "2020-03-31 14:30:00", "month": "2020-03", "year": "2020"},
    "integer": {"day": "120"},
    "number": {"day": "120.5"},
    "boolean": {"day": "是 / 否"},
}
_ROC = {"day": "109-03-31", "month": "109年3月", "year": "109"}
_HEADS = (
    "列 column", "含义 meaning", "Meaning in English", "必填 required", "类型 type", "写法举例 form", "单位 unit",
    "允许值 allowed", "说明 remarks",
)  # fmt: skip
_ODD = re.compile(r'[<>:"/\\|?*\[\]]')


def header_in_use(field: Field) -> str:
    """The newest header under which a field is sent: the synonym of the latest year, else its title."""
    dated = [header for header in field.history if header.since is not None]
    text = max(dated, key=lambda each: each.since or 0).text if dated else field.title_zh
    return re.sub(r"#\d+$", "", text)


def asked(contract: Contract) -> list[Field]:
    """The fields that a department fills in: not what is dropped, nor what no column holds."""
    fields = [field for field in contract.fields if field.value_from is None]
    if not contract.file.header:
        return fields  # known by their place alone: all of them
    return [
        each for each in fields if each.handling != "drop" or each.required or each.must_be_sent
    ]


def file_name(contract: Contract) -> str:
    """A name under which the filled workbook is recognised: it still has to be given its period."""
    for glob in contract.file.names:
        for end in (".xlsx", ""):
            stem = glob.removesuffix("*") if glob.endswith("*") else glob
            name = _ODD.sub("", stem).strip("._- ") + end
            if name.endswith(".xlsx") and matches_any(name, [glob]):
                return name
    return f"{_ODD.sub('', contract.name_zh)}.xlsx"


def write_template(
    contract: Contract, path: Path, names: Mapping[str, Sequence[str]] | None = None
) -> Path:
    """Write the workbook; `names`: by field, what its register knows. Filled in, it is an extract like any other."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = _sheet_name(contract)
    notes = book.create_sheet(NOTES)
    choices = Choices(book)
    _rows(sheet, contract, choices, names or {})
    choices.write()
    _notes(notes, contract, names or {})
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def period_line(contract: Contract) -> str | None:
    """The line above the header that asks for the period; None where none is read from there."""
    if (example := _example(contract, "title")) is None:
        return None
    blank = re.sub(r"\d", "_", example).replace("____年", "______年")
    titled = f"{blank} {contract.name_zh}"
    # Unfilled it must not say a period: a feed may have a year in its name.
    unread = read_period(contract, file_name="", title=titled, received=date(2020, 1, 1))
    by_receipt = any(source.source in ("received", "fixed") for source in contract.period)
    return titled if unread is None or by_receipt else blank


def _example(contract: Contract, source: str) -> str | None:
    """A period as it can be read from there; None where nothing usual is read."""
    only = [each for each in contract.period if each.source == source]
    for each in only:
        for grain in (each.grain, *PERIODS):
            text = PERIODS[grain] if each.era is None else PERIODS[grain].replace("2020", "109")
            lone = replace(contract, period=(each,))
            name = text if source == "fileName" else ""
            if read_period(lone, file_name=name, title=text, received=date(2020, 1, 1)):
                return text
    return None


def _sheet_name(contract: Contract) -> str:
    for glob in contract.file.sheets:
        name = sheet_title(re.sub(r"[*?]", "", glob)) or sheet_title(contract.name_zh)
        if matches_any(name, [glob]):
            return name
    return sheet_title(contract.name_zh) or "1"


def _rows(
    sheet: Worksheet, contract: Contract, choices: Choices, names: Mapping[str, Sequence[str]]
) -> None:
    fields = asked(contract)
    line = period_line(contract)
    head = 1 if line is None else 2
    if line is not None:
        put(sheet.cell(1, 1), line)
        sheet["A1"].font, sheet["A1"].fill = Font(bold=True, size=14), FILL_IN
    put_row(sheet, head, [header_in_use(field) for field in fields])
    as_head(sheet, head)
    widths(sheet, [max(12, min(30, 2 * len(header_in_use(field)) + 4)) for field in fields])
    for at, field in enumerate(fields, 1):
        if field.required:
            sheet.cell(head, at).fill = FILL_IN
        sheet.column_dimensions[get_column_letter(at)].number_format = _format(field)
        offered = list(names.get(field.name) or field.codes)
        if field.type == "boolean":
            offered = ["是", "否"]
        only = field.vocabulary == "closed" and not field.aliases and field.name not in names
        choices.offer(sheet, at, offered, first=head + 1, only=only and bool(field.codes))
    sheet.freeze_panes = f"A{head + 1}"


def _format(field: Field) -> str:
    # What Excel would make a day of its own (2020-03, 109-03-31) is kept as it is typed.
    if field.precision != "day" or field.era is not None:
        return TEXT
    return _FORMATS.get(field.type, "General" if field.type == "number" else TEXT)


def _notes(sheet: Worksheet, contract: Contract, names: Mapping[str, Sequence[str]]) -> None:
    above = [[f"{contract.name_zh} / {contract.name_en}  v{contract.version}"], *_lines(contract)]
    for row, line in enumerate(above, 1):
        put_row(sheet, row, line)
    sheet["A1"].font = Font(bold=True, size=14)
    head = len(above) + 2
    put_row(sheet, head, _HEADS)
    as_head(sheet, head)
    row = head
    for row, field in enumerate(asked(contract), head + 1):
        put_row(sheet, row, _note(field, names.get(field.name, ())))
        for cell in sheet[row]:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = TEXT
    rules = [rule for rule in contract.rules if not rule.generated]
    if rules:
        put_row(sheet, row + 2, ["还须满足 Also checked"])
        as_head(sheet, row + 2)
    for place, rule in enumerate(rules, row + 3):
        kind = "不满足则不入库 / kept out" if rule.severity == "error" else "提醒 / warned of"
        put_row(sheet, place, [rule.text_zh, rule.text_en, "", kind])
    widths(sheet, (22, 30, 30, 12, 14, 24, 10, 48, 40))
    sheet.freeze_panes = None


def _lines(contract: Contract) -> Iterator[list[str]]:
    file, title = _example(contract, "fileName"), _example(contract, "title")
    globs = "、".join(contract.file.names)
    yield [
        f"文件名：{globs}；保存后放入投放目录。 File name: {globs}; put it into the landing zone."
    ]
    if file is not None:
        yield [
            f"文件名中写明报告期，如 {file}。 Write the period into the file name, such as {file}."
        ]
    if title is not None:
        yield [
            f"或在首行写明报告期，如 {title}。 Or write the period into the first row, such as {title}."
        ]
    yield [
        "黄色表头必填；一行一条，不写合计行。 Yellow headers are required; a row a record, no total row."
    ]
    for field in contract.fields:
        if field.value_from is not None and field.value_from.source in ("sheetName", "fileName"):
            zh, en = (
                ("工作表名称", "the sheet's name")
                if field.value_from.source == "sheetName"
                else ("文件名", "the file's name")
            )
            yield [f"{field.title_zh}取自{zh}。 {field.title_en} is taken from {en}."]


def _note(field: Field, known: Sequence[str]) -> list[str]:
    meaning, _, english = field.description.partition("。")
    if not english.strip():
        meaning, english = field.description, ""
    needed = "是 yes" if field.required else "列须有 column" if field.must_be_sent else ""
    form = (_ROC if field.era else _EXAMPLES.get(field.type, {})).get(field.precision, "")
    if field.codes:
        form = field.codes[0]
    elif field.shape[0]:
        form = " / ".join(field.shape)
    elif known:
        form = known[0]
    return [
        header_in_use(field),
        f"{field.title_zh}。{meaning}" if meaning else field.title_zh,
        f"{field.title_en}. {english.strip()}".strip() if english.strip() else field.title_en,
        needed,
        _TYPES[field.type],
        form,
        field.unit or "",
        _allowed(field, known),
        _remarks(field),
    ]


def _allowed(field: Field, known: Sequence[str]) -> str:
    if field.codes:
        labels = (
            code if field.code_labels[code] == code else f"{code}（{field.code_labels[code]}）"
            for code in field.codes
        )
        return "、".join(labels) + (" …" if field.vocabulary == "open" else "")
    parts = []
    if known:
        parts.append(f"下拉所列 {len(known)} 个名称 / the {len(known)} names of the drop-down")
    low, high = field.minimum, field.maximum
    if low is not None or high is not None:
        parts.append(f"{'' if low is None else low} – {'' if high is None else high}")
    if field.max_length is not None:
        parts.append(f"≤ {field.max_length} 字 characters")
    if field.pattern and not field.shape[0]:
        parts.append(field.pattern)
    return "；".join(parts)


def _remarks(field: Field) -> str:
    parts = []
    if field.key_position is not None:
        parts.append("主键：不得重复 / key: never twice")
    elif field.unique:
        parts.append("不得重复 / never twice")
    if field.classification == "personal":
        words = {
            "drop": "不入库 / is not kept",
            "token": "仅以密钥摘要入库 / kept as a keyed token only",
            "restricted": "进受限区，到期删除 / restricted, deleted when it expires",
        }
        parts.append(f"个人信息，{words.get(field.handling, '')}")
    return "；".join(parts)
