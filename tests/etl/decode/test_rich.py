"""Runs of rich text: raised ones are marks, struck-out ones are void, wherever a workbook keeps its strings."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import olefile
import pytest
import xlwt
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from etl.decode.biff_strings import Fonts, rich_string, rich_strings
from etl.decode.marks import Rich
from tests.etl.decode import test_ods as ods
from tests.etl.decode.factory import contract, field, read
from tests.etl.reasons.told import told

WHAT = contract(field("id", "编号"), field("n", "户数", "integer"), field("a", "面积（m²）"))


def raised(text: str, mark: str, rest: str = "") -> CellRichText:
    return CellRichText(text, TextBlock(InlineFont(vertAlign="superscript"), mark), rest)


def book(path: Path) -> Path:
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["编号", raised("户数", "1"), raised("面积（m", "2", "）")])
    sheet.append(["8231", raised("823", "1"), "1"])
    sheet.append(["2", "8231", raised("5", "[2]")])
    sheet.append(["3", 9, "x"])
    workbook.save(path)
    return path


def test_raised_digits_are_superscripts(tmp_path: Path) -> None:
    _, rows = read(book(tmp_path / "a.xlsx"), WHAT)
    assert [(row["id"], row["n"], row["a"]) for row in rows] == [
        ("8231", "823¹", "1"), ("2", "8231", "5²"), ("3", "9", "x"),
    ]  # fmt: skip


def test_the_same_from_shared_strings(tmp_path: Path) -> None:
    """As Excel writes them; the plain 8231 beside the raised one stays."""
    path = tmp_path / "b.xlsx"
    strings = ["编号", "户数", "面积（m²）", "8231", "x"]
    si = "".join(f"<si><t>{text}</t></si>" for text in strings)
    si += "<si><r><t>823</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>1</t></r><rPh sb='0' eb='1'><t>7</t></rPh></si>"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rows = ((0, 1, 2), (3, 5, 4), (3, 3, 4))
    data = "".join(
        "<row>" + "".join(f'<c t="s"><v>{n}</v></c>' for n in row) + "</row>" for row in rows
    )
    with zipfile.ZipFile(book(tmp_path / "a.xlsx")) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = (
                    f'<worksheet xmlns="{main}"><sheetData>{data}</sheetData></worksheet>'.encode()
                )
            elif name == "[Content_Types].xml":
                kind = (
                    "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
                )
                part = part.replace(
                    b"</Types>",
                    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode(),
                )
            elif name == "xl/_rels/workbook.xml.rels":
                kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
                part = part.replace(
                    b"</Relationships>",
                    f'<Relationship Id="s9" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'.encode(),
                )
            if name != "xl/sharedStrings.xml":
                new.writestr(name, part)
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}">{si}</sst>')
    _, found = read(path, WHAT)
    assert [(row["id"], row["n"]) for row in found] == [("8231", "823¹"), ("8231", "8231")]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["ods", "xls"])
def test_the_same_as_libreoffice_writes_it(tmp_path: Path, kind: str) -> None:
    source = book(tmp_path / "a.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", tmp_path, source]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    _, rows = read(tmp_path / f"a.{kind}", WHAT)
    assert [(row["id"], row["n"], row["a"]) for row in rows] == [
        ("8231", "823¹", "1"), ("2", "8231", "5²"), ("3", "9", "x"),
    ]  # fmt: skip


def test_an_xls_whose_strings_go_on_in_other_records(tmp_path: Path) -> None:
    """Some 2,000 texts, narrow and wide, fill several records: texts and runs are cut anywhere."""
    plain, up = xlwt.Font(), xlwt.Font()
    up.escapement = xlwt.Font.ESCAPEMENT_SUPERSCRIPT
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表")
    for column, text in enumerate(["编号", "户数", "面积（m²）"]):
        sheet.write(0, column, text)
    for n in range(1, 2001):
        sheet.write(n, 0, f"{'村' * (n % 7)}A{n}")
        sheet.write_rich_text(n, 1, [(f"{n}", plain), (f"{n % 9 + 1}", up)])
        sheet.write(n, 2, f"{n}{n % 9 + 1}")
    path = tmp_path / "a.xls"
    workbook.save(str(path))
    _, rows = read(path, WHAT)
    assert [(row["id"], row["n"], row["a"]) for row in rows] == [
        (f"{'村' * (n % 7)}A{n}", f"{n}{'¹²³⁴⁵⁶⁷⁸⁹'[n % 9]}", f"{n}{n % 9 + 1}")
        for n in range(1, 2001)
    ]


def test_a_string_that_goes_on_wider_than_it_began() -> None:
    """By hand, as [MS-XLS] 2.5.293 has it: the record that continues letters begins with how wide they are."""
    head = struct.pack("<II", 2, 2)
    plain = struct.pack("<HB", 2, 0) + b"51"
    rich = struct.pack("<HBH", 5, 0x08, 2) + b"82"
    more = b"\1" + "3村1".encode("utf-16-le") + struct.pack("<HH", 1, 6) + struct.pack("<H", 4)
    chunks = [head + plain + rich, more, struct.pack("<H", 7)]
    assert runs(rich_strings(chunks, Fonts({7}, ()))) == [(1, "823村¹")]
    assert runs(rich_strings(chunks, Fonts({6}, ()))) == [(1, "8²³村1")]
    with pytest.raises(ValueError, match="strings"):
        rich_strings(chunks[:2], Fonts({7}, ()))


def runs(rich: dict[int, Rich]) -> list[tuple[int, str]]:
    return [(number, "".join(text for text, _ in each.runs)) for number, each in rich.items()]


def struck(*parts: str | tuple[str]) -> CellRichText:
    """Parts in brackets are struck out, the others have a font of their own."""
    return CellRichText(
        *(TextBlock(InlineFont(strike=isinstance(part, tuple)), "".join(part)) for part in parts)
    )


def struck_book(path: Path) -> Path:
    """By row: a part struck out before, behind, within; all of it; none of it; a struck cell of which a part is not."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.append(["编号", struck("户数", ("（旧）",)), "面积（m²）"])
    sheet.append(["a", struck(("800",), "823"), struck("西", ("红",), "门")])
    sheet.append(["b", struck("12", ("3",)), "x"])
    sheet.append(["c", struck(("4",), ("5",)), "x"])
    sheet.append(["d", struck("6", "7"), "strike"])
    sheet.append(["e", CellRichText("80", TextBlock(InlineFont(b=True), "91")), "x"])
    sheet["B6"].font = Font(strike=True)
    workbook.save(path)
    return path


READ = [
    ("a", "823", "西门"),
    ("b", "12", "x"),
    ("c", "45", "x"),
    ("d", "67", "strike"),
    ("e", "91", "x"),
]
WHOLE = [
    ("a", "800823", "西红门"),
    ("b", "123", "x"),
    ("c", "45", "x"),
    ("d", "67", "strike"),
    ("e", "8091", "x"),
]
TOLD = [("struck_cells", 1, None), ("struck_runs_skipped", 3, "800823")]


def rows_and_warnings(
    path: Path, **options: Any
) -> tuple[list[tuple[str, ...]], list[tuple[Any, ...]]]:
    what = contract(*WHAT.fields, **options)
    reading, rows = read(path, what)
    return (
        [(row["id"], row["n"], row["a"]) for row in rows],
        [(each["rule"], each.get("rows"), each.get("found")) for each in told(reading)],
    )


def test_a_part_that_is_struck_out_is_left_out_and_told(tmp_path: Path) -> None:
    path = struck_book(tmp_path / "a.xlsx")
    assert rows_and_warnings(path) == (READ, TOLD)


def test_a_contract_that_reads_it_with_the_rest(tmp_path: Path) -> None:
    workbook = load_workbook(struck_book(tmp_path / "a.xlsx"), rich_text=True)
    workbook.active["B1"] = "户数"
    workbook.save(tmp_path / "a.xlsx")
    path = tmp_path / "a.xlsx"
    assert rows_and_warnings(path, struck_runs="count") == (
        WHOLE, [("struck_cells", 1, None), ("struck_runs", 3, "800823")],
    )  # fmt: skip


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize("kind", ["ods", "xls", "xlsx"])
def test_struck_out_parts_as_libreoffice_writes_them(tmp_path: Path, kind: str) -> None:
    source = struck_book(tmp_path / "a.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        tmp_path / "to",
        source,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert rows_and_warnings(tmp_path / "to" / f"a.{kind}") == (READ, TOLD)


def test_a_part_of_a_record_with_its_own_text(tmp_path: Path) -> None:
    """RSTRING: as older programs write rich text, without a table of strings. By hand, of two widths."""
    runs = struct.pack("<HHHHH", 2, 0, 7, 3, 0)
    narrow = struct.pack("<HB", 6, 0) + b"800823" + runs
    rich = rich_string(narrow, Fonts((), {7}))
    assert rich is not None
    assert rich.runs == (("800", True), ("823", False))
    wide = struct.pack("<HB", 4, 1) + "红西门1".encode("utf-16-le") + struct.pack("<HHH", 1, 3, 7)
    rich = rich_string(wide, Fonts({7}, ()))
    assert rich is not None
    assert "".join(text for text, _ in rich.runs) == "红西门¹"


def with_rstring(path: Path) -> None:
    """The text of the last cell in its own record instead of the table; the file's padding gives the room."""
    with olefile.OleFileIO(str(path), write_mode=True) as container:
        stream = container.openstream("Workbook").read()
        place, fonts = 0, 0
        while stream[place : place + 2] + stream[place + 4 : place + 8] != b"\xfd\0\1\0\1\0":
            kind, size = struct.unpack_from("<HH", stream, place)
            if kind == 0x31:
                fonts += 1
                if stream[place + 6] & 8:
                    struck_font = fonts - 1 + (fonts > 4)
            place += 4 + size
        body = stream[place + 4 : place + 10] + struct.pack("<HB", 6, 0) + b"800823"
        body += struct.pack("<HHHHH", 2, 0, struck_font, 3, 0)
        record = struct.pack("<HH", 0xD6, len(body)) + body
        changed = stream[:place] + record + stream[place + 14 :]
        assert not changed[len(stream) :].strip(b"\0")
        container.write_stream("Workbook", changed[: len(stream)])


def test_records_with_their_own_text_in_an_xls(tmp_path: Path) -> None:
    """xlwt writes LABELSST; each is made the RSTRING of the same text."""
    font = xlwt.Font()
    font.struck_out = True
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表")
    for column, text in enumerate(["编号", "户数", "面积（m²）"]):
        sheet.write(0, column, text)
    sheet.write(1, 0, "a")
    sheet.write_rich_text(1, 1, [("800", font), ("823", xlwt.Font())])
    workbook.save(str(tmp_path / "a.xls"))
    with_rstring(tmp_path / "a.xls")
    assert rows_and_warnings(tmp_path / "a.xls") == (
        [("a", "823", None)], [("struck_runs_skipped", 1, "800823")],
    )  # fmt: skip


def test_spans_of_an_ods(tmp_path: Path) -> None:
    """A span within a span, a style with a parent, a paragraph more, a struck cell with a part that is not."""
    text = '<style:style style:name="{}" style:family="text" {}><style:text-properties {}/></style:style>'
    styles = (
        text.format("T1", "", 'style:text-line-through-style="solid"')
        + text.format("T2", 'style:parent-style-name="T1"', "")
        + text.format("T3", "", 'style:text-line-through-style="none"')
    )

    def cell(xml: str, style: str = "") -> str:
        return ods.cell("TEXT", style=style).replace("<text:p>TEXT</text:p>", xml)

    span = '<text:span text:style-name="{}">{}</text:span>'
    path = ods.write(
        tmp_path / "a.ods",
        ods.row(*map(ods.cell, ["编号", "户数", "面积（m²）"])),
        ods.row(ods.cell("a"), cell(f"<text:p>{span.format('T1', '800')}823</text:p>"), ods.cell("x")),
        ods.row(ods.cell("b"), cell(f"<text:p>{span.format('T2', '8' + span.format('T3', '9'))}1</text:p>"), ods.cell("x")),
        ods.row(ods.cell("c"), cell(f"<text:p>{span.format('T1', '800')}</text:p><text:p>823</text:p>"), ods.cell("x")),
        ods.row(ods.cell("d"), cell(f"<text:p>80{span.format('T3', '91')}</text:p>", "struck"), ods.cell("x")),
        styles=styles,
    )  # fmt: skip
    assert rows_and_warnings(path) == (
        [("a", "823", "x"), ("b", "91", "x"), ("c", "823", "x"), ("d", "91", "x")],
        [("struck_runs_skipped", 4, "800823")],
    )
