"""OpenDocument spreadsheets, written by hand as LibreOffice writes them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from etl.decode import DecodeProblem, members, open_tables
from tests.etl.decode.factory import contract, field, read, rows_of
from tests.etl.reasons.told import told

FEED = contract(
    field("code", "编号", required=True),
    field("name", "名称"),
    field("n", "户数", "integer", unit="户"),
    field("rate", "持证率（%）", "number", unit="%"),
    field("on", "日期", "date"),
)
_SPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (
        ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"),
    )
)  # fmt: skip
STYLES = """
<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="9"/></number:number-style>
<number:percentage-style style:name="N2"><number:number number:decimal-places="0" number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>
<number:number-style style:name="N3"><number:number number:decimal-places="0" number:min-integer-digits="7"><number:embedded-text number:position="4">-</number:embedded-text></number:number></number:number-style>
<number:number-style style:name="N4P0"><number:number number:decimal-places="2" number:min-integer-digits="1" number:grouping="true"/></number:number-style>
<number:number-style style:name="N4"><number:text>-</number:text><number:number number:decimal-places="2" number:min-integer-digits="1"/><style:map style:condition="value()&gt;=0" style:apply-style-name="N4P0"/></number:number-style>
<number:date-style style:name="N5"><number:month/><number:text>月</number:text><number:day/><number:text>日</number:text></number:date-style>
<number:number-style style:name="N6"><number:number number:decimal-places="1" number:min-integer-digits="1" number:display-factor="1000"/></number:number-style>
<style:style style:name="base" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="zeros" style:family="table-cell" style:parent-style-name="base"/>
<style:style style:name="percent" style:family="table-cell" style:data-style-name="N2"/>
<style:style style:name="dash" style:family="table-cell" style:data-style-name="N3"/>
<style:style style:name="signed" style:family="table-cell" style:data-style-name="N4"/>
<style:style style:name="part" style:family="table-cell" style:data-style-name="N5"/>
<style:style style:name="thousands" style:family="table-cell" style:data-style-name="N6"/>
<style:style style:name="struck" style:family="table-cell"><style:text-properties style:text-line-through-style="solid"/></style:style>
"""


def cell(value: object = None, *, style: str = "", more: str = "") -> str:
    style = f' table:style-name="{style}"' if style else ""
    if value is None:
        return f"<table:table-cell{style} {more}/>"
    if isinstance(value, int | float):
        kind = f'office:value-type="float" office:value="{value!r}"'
    elif isinstance(value, str) and value.startswith("@"):
        kind = f'office:value-type="date" office:date-value="{value[1:]}"'
    else:
        kind = 'office:value-type="string"'
    return f"<table:table-cell{style} {kind} {more}><text:p>{value}</text:p></table:table-cell>"


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


HEAD = row(*(cell(each.title_zh) for each in FEED.fields))


def write(path: Path, *rows: str, columns: str = "", styles: str = "") -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<office:document-content {_SPACES}><office:automatic-styles>{STYLES}{styles}</office:automatic-styles>"
            f'<office:body><office:spreadsheet><table:table table:name="表1">{columns}{"".join(rows)}'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    return path


def test_what_the_sheet_shows(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.ods",
        HEAD,
        row(cell(100001, style="zeros"), cell(1234567, style="dash"), cell(56.99999999999999),
            cell(0.39, style="percent"), cell("@2021-03-05", style="part")),
        row(cell(-12.5, style="signed"), cell("@2021-03-05", style="part"), cell(12345, style="thousands"),
            cell(39), cell("@1905-06-20")),
    )  # fmt: skip
    assert rows_of(path, FEED) == [
        (1, "000100001", "123-4567", "57", "39", "2021-03-05"),
        (2, "-12.50", "3月5日", "12345", "39", "1998"),
    ]


def test_styles_of_columns_and_rows(tmp_path: Path) -> None:
    columns = (
        '<table:table-column table:default-cell-style-name="zeros"/>'
        '<table:table-column table:number-columns-repeated="9" table:default-cell-style-name="dash"/>'
    )
    head = row(*(cell(each.title_zh) for each in FEED.fields))
    path = write(tmp_path / "a.ods", head, row(cell(1), cell(1234567)), columns=columns)
    assert rows_of(path, FEED)[0][1:3] == ("000000001", "123-4567")


def test_marks(tmp_path: Path) -> None:
    spanned = 'table:number-columns-spanned="1" table:number-rows-spanned="2"'
    covered = "<table:covered-table-cell/>"
    error = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="string" xmlns:calcext="urn:x" '
        'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
    )
    path = write(
        tmp_path / "a.ods",
        HEAD,
        row(cell("a"), cell("甲", more=spanned), cell(3000, more=spanned)),
        row(cell("b"), covered, covered),
        row(cell("c"), cell("丙"), error),
        row(cell("d"), cell("丁"), '<table:table-cell table:formula="of:=SUM(1;2)"/>'),
        row(cell("e"), cell("戊"), cell(5), more='table:visibility="filter" table:number-rows-repeated="2"'),
        row(cell("f", style="struck"), cell("己", style="struck")),
        row('<table:table-cell table:number-columns-repeated="1024"/>',
            more='table:number-rows-repeated="1048000" table:visibility="collapse"'),
    )  # fmt: skip
    reading, rows = read(path, FEED)
    assert [(each["code"], each["name"], each["n"]) for each in rows] == [
        ("a", "甲", "3000"), ("b", "甲", None), ("c", "丙", None), ("d", "丁", None),
        ("e", "戊", "5"), ("e", "戊", "5"), ("f", "己", None),
    ]  # fmt: skip
    assert {n: [(f["rule"], f["found"]) for f in each] for n, each in reading.faults.items()} == {
        2: [("merged", "3000")],
        3: [("damage", "#DIV/0!")],
        4: [("damage", "=")],
    }
    assert [(w["rule"], w["rows"]) for w in told(reading)] == [
        ("hidden_rows", 2),
        ("struck_rows", 1),
    ]


def test_an_ods_is_one_file_to_everybody(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ods", HEAD, row(cell("a")))
    assert members(path) == [None]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.write(path, "名录.ods")
    assert members(tmp_path / "b.zip") == ["名录.ods"]
    assert rows_of(tmp_path / "b.zip", FEED, member="名录.ods")[0][1] == "a"


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        ("content.xml", "<office:x", "damaged"),
        ("META-INF/manifest.xml", "<manifest:encryption-data/>", "password"),
        ("mimetype", "application/vnd.oasis.opendocument.text", "unknown_format"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, part: str, content: str, code: str) -> None:
    path = write(tmp_path / "a.ods", HEAD, row(cell("a")))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = content.encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, octets in parts.items():
            archive.writestr(name, octets)
    with pytest.raises(DecodeProblem) as caught:
        open_tables(path, FEED)
    assert caught.value.code == code


def test_a_rectangle_that_has_no_end(tmp_path: Path) -> None:
    more = 'table:number-rows-repeated="1048576"'
    far = cell("x", more='table:number-columns-repeated="1024"')
    path = write(tmp_path / "a.ods", HEAD, row(far, more=more))
    with pytest.raises(DecodeProblem) as caught:
        open_tables(path, FEED)
    assert caught.value.code == "too_large"
