"""Raised runs of rich text are marks, wherever a workbook keeps its strings."""

from __future__ import annotations

import shutil
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from etl.decode.biff_strings import raised_strings
from tests.etl.decode.factory import contract, field, read

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
    assert raised_strings(chunks, {7}) == {1: "823村¹"}
    assert raised_strings(chunks, {6}) == {1: "8²³村1"}
    with pytest.raises(ValueError, match="strings"):
        raised_strings(chunks[:2], {7})
