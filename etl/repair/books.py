"""A filled workbook as rows of cells, whatever program saved it: XLSX, or ODS and XLS where somebody chose "save as"."""

from __future__ import annotations

import mmap
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MANIFEST = "_minsheng"
"""Name of the hidden sheet by which a workbook is recognised, whatever its file is called."""

Sheet = tuple[str, Iterator[tuple[Any, ...]]]
"""A sheet's name and its rows."""

_LARGEST = 1 << 20
"""Bytes of the part that names a workbook's sheets; a larger one is none of ours, and perhaps a bomb."""
_MOST = 1 << 30
"""Bytes of an ODS content that are looked at."""
_PIECE = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0"


def is_ours(path: Path) -> bool:
    """Whether a file is a workbook that was exported here, by the name of its hidden sheet."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start == _OLE:
        return _is_in_xls(path)
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as parts:
            if "xl/workbook.xml" in parts.namelist():
                part = parts.getinfo("xl/workbook.xml")
                return part.file_size <= _LARGEST and MANIFEST.encode() in parts.read(part)
            part = parts.getinfo("content.xml")
            return part.file_size <= _MOST and _is_in_ods(parts, part)
    except (KeyError, zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return False  # no workbook, or one that decoding will say all about


def sheets(path: Path) -> Iterator[Sheet]:
    """The sheets of a workbook; rows are read as they are asked for, of one sheet at a time."""
    yield from _xlsx(path) if _is_xlsx(path) else _other(path)


def _is_xlsx(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as parts:
        return "xl/workbook.xml" in parts.namelist()


def _xlsx(path: Path) -> Iterator[Sheet]:
    from openpyxl import load_workbook

    # By its bytes: the archive's names have no extension.
    with path.open("rb") as stream:
        book = load_workbook(stream, read_only=True, data_only=True)
        for sheet in book.worksheets:
            yield sheet.title, sheet.iter_rows(values_only=True)


def _other(path: Path) -> Iterator[Sheet]:
    from python_calamine import CalamineWorkbook

    with path.open("rb") as stream:
        book = CalamineWorkbook.from_filelike(stream)
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield name, (tuple(None if cell == "" else cell for cell in row) for row in rows)


def _is_in_ods(parts: zipfile.ZipFile, part: zipfile.ZipInfo) -> bool:
    wanted = f'table:name="{MANIFEST}"'.encode()
    kept = b""
    with parts.open(part) as stream:
        while piece := stream.read(_PIECE):
            if wanted in kept + piece:
                return True
            kept = piece[-len(wanted) :]
    return False


def _is_in_xls(path: Path) -> bool:
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return any(text.find(MANIFEST.encode(coding)) >= 0 for coding in ("latin-1", "utf-16-le"))
