"""A small writer of XLSX files whose bytes depend on nothing but the content."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from minsheng_sample.dress.cells import Cell, DayCell, Formula, serial
from minsheng_sample.dress.packing import Entry, zipped

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><b/><sz val="11"/><name val="宋体"/></font></fonts><fills count="1"><fill>'
    '<patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders>'
    '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
    '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs><cellStyles count="1">'
    '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass
class Sheet:
    """A sheet: its rows, and the blocks (first row, first column, last row, last column) that are merged."""

    name: str
    rows: list[list[Cell]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def workbook(sheets: list[Sheet]) -> bytes:
    """The bytes of a workbook."""
    strings: dict[str, int] = {}
    pages = [_page(sheet, strings) for sheet in sheets]
    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": _types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_REL}"><sheets>'
        + "".join(
            f'<sheet name={quoteattr(sheet.name)} sheetId="{n}" r:id="rId{n}"/>'
            for n, sheet in zip(numbers, sheets, strict=True)
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _relations(
            [("worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
            + [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
        ),
        "xl/styles.xml": _STYLES,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">'
        + "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in strings)
        + "</sst>",
        **{f"xl/worksheets/sheet{n}.xml": page for n, page in zip(numbers, pages, strict=True)},
    }
    return zipped([Entry.stored(name, (_HEAD + text).encode()) for name, text in parts.items()])


def _page(sheet: Sheet, strings: dict[str, int]) -> str:
    lines = []
    for number, row in enumerate(sheet.rows, start=1):
        cells = "".join(
            _cell(cell, f"{_letters(c)}{number}", strings) for c, cell in enumerate(row)
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    merges = "".join(
        f'<mergeCell ref="{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"/>'
        for top, left, bottom, right in sheet.merged
    )
    count = len(sheet.merged)
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(lines)}</sheetData>'
        + (f'<mergeCells count="{count}">{merges}</mergeCells>' if count else "")
        + "</worksheet>"
    )


def _cell(cell: Cell, place: str, strings: dict[str, int]) -> str:
    if cell is None or cell == "":
        return ""
    if isinstance(cell, str):
        return f'<c r="{place}" t="s"><v>{strings.setdefault(cell, len(strings))}</v></c>'
    if isinstance(cell, DayCell):
        return f'<c r="{place}" s="1"><v>{serial(cell.day)}</v></c>'
    if isinstance(cell, Formula):
        return f'<c r="{place}"><f>{escape(cell.text)}</f></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def _letters(column: int) -> str:
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def _relations(targets: list[tuple[str, str]]) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{_REL}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(targets, start=1)
        )
        + "</Relationships>"
    )


def _types(sheets: int) -> str:
    parts = [("xl/workbook.xml", "sheet.main"), ("xl/styles.xml", "styles")]
    parts += [("xl/sharedStrings.xml", "sharedStrings")]
    parts += [(f"xl/worksheets/sheet{n}.xml", "worksheet") for n in range(1, sheets + 1)]
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        + "".join(
            f'<Override PartName="/{name}" ContentType="{_TYPE}.{kind}+xml"/>'
            for name, kind in parts
        )
        + "</Types>"
    )
