"""One door for all formats: what the bytes say comes before what the name says."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath

from etl.contract.model import Contract
from etl.decode.archive import GZIP, UNREADABLE, ZIP
from etl.decode.encoding import HEAD, opening
from etl.decode.problems import DecodeProblem
from etl.decode.source import Source
from etl.decode.table import Table

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET = b"PAR1"
_FOREIGN = {
    b"%PDF": "PDF",
    b"7z\xbc\xaf": "7z",
    b"Rar!": "RAR",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"SQLite format": "SQLite",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
}
_MARKUP = ("<html", "<!doctype", "<table", "<?xml", "<meta", "mime-version:")
_LINES = (".jsonl", ".ndjson")


def open_tables(
    path: Path, contract: Contract, *, member: str | None = None, name: str | None = None
) -> Table:
    """Open a file, or the member of a zip, under a contract.

    `name` is the file's own name where `path` is an archive's. Raises a `DecodeProblem`
    that says what is wrong, where, and what to do.
    """
    source = Source(path, member, name or path.name)
    if PurePosixPath(source.label).name.startswith("~$"):
        raise DecodeProblem("lock_file", file=source.file)
    head = source.head(8192)
    if not head:
        raise DecodeProblem("empty_file", file=source.file, found="0 bytes")
    # Each reader is loaded when a file needs it: a CSV never pays for spreadsheets.
    if head.startswith((_OLE, ZIP)):
        return _office(source, contract, head)
    if head.startswith(_PARQUET):
        from etl.decode.parquet import open_parquet

        return open_parquet(source, contract)
    if head.startswith(GZIP):
        raise DecodeProblem("nested_archive", file=source.file, found="gzip")
    _refuse_foreign(source, head)
    if opening(head)[:1] in ("{", "["):
        return _json(source, contract)
    from etl.decode.text import open_text

    return open_text(source, contract)


def is_workbook_at(path: Path, member: str | None, name: str) -> bool:
    """Whether a file begins as workbooks do."""
    return Source(path, member, name).head(8).startswith((_OLE, ZIP))


def sheets_of(path: Path, member: str | None, name: str) -> list[str]:
    """The names of a workbook's visible sheets; none for any other file."""
    if not is_workbook_at(path, member, name):
        return []
    from etl.decode.sheets import sheet_names

    return sheet_names(Source(path, member, name))


def _office(source: Source, contract: Contract, head: bytes) -> Table:
    from etl.decode.ods import is_ods
    from etl.decode.sheets import open_sheets

    if head.startswith(_OLE):
        return open_sheets(source, contract)
    with source.seekable(contract.file.max_megabytes << 20) as stream:
        try:
            with zipfile.ZipFile(stream) as parts:
                names = set(parts.namelist())
                spreadsheet = is_ods(stream)
        except UNREADABLE as error:
            raise DecodeProblem("truncated", file=source.file, found=str(error)) from error
    if "xl/workbook.xml" in names or spreadsheet:
        return open_sheets(source, contract)
    for part, form in (
        ("xl/workbook.bin", "XLSB"),
        ("word/document.xml", "DOCX"),
        ("content.xml", "OpenDocument"),
    ):
        if part in names:
            raise DecodeProblem("unknown_format", file=source.file, found=form)
    raise DecodeProblem("nested_archive", file=source.file, found="zip")


def _refuse_foreign(source: Source, head: bytes) -> None:
    for magic, form in _FOREIGN.items():
        if head.startswith(magic):
            raise DecodeProblem("unknown_format", file=source.file, found=form)
    if opening(head).lower().startswith(_MARKUP):
        # Many systems export a web page under the name .xls.
        raise DecodeProblem("unknown_format", file=source.file, found="HTML / XML")
    if head[257:262] == b"ustar":
        raise DecodeProblem("nested_archive", file=source.file, found="tar")


def _json(source: Source, contract: Contract) -> Table:
    from etl.decode.document import open_document
    from etl.decode.lines import looks_like_lines, open_lines

    text = opening(source.head(HEAD))
    by_name = source.label.lower().endswith(_LINES)
    if text.startswith("{") and (by_name or looks_like_lines(text)):
        return open_lines(source, contract)
    return open_document(source, contract)
