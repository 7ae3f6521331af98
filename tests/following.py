"""From a row of a receipt to the archived bytes: the cells of that row, read without the pipeline's own readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import pyarrow.parquet
from python_calamine import CalamineWorkbook


def cells(archived: Path, name: str, sheet: str | None, row: int) -> list[str]:
    """The cells of a row, counted from 1 as a spreadsheet counts; `name` is the file's, of a zip with its member's."""
    content, name = archived.read_bytes(), name.lower()
    if ".zip/" in name:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            inner = [i for i in packed.infolist() if not i.is_dir()]
            content = (
                packed.read(inner[0]) if len(inner) == 1 else packed.read(_member(inner, name))
            )
    if name.endswith(".gz"):
        content, name = gzip.decompress(content), name.removesuffix(".gz")
    if name.endswith(".parquet"):
        table = pyarrow.parquet.read_table(io.BytesIO(content))
        return [plain(value) for value in table.slice(row - 1, 1).to_pylist()[0].values()]
    if name.endswith((".jsonl", ".ndjson")):
        return [plain(value) for value in json.loads(_text(content).splitlines()[row - 1]).values()]
    if name.endswith((".xlsx", ".xls", ".ods")):
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        found = book.get_sheet_by_name(sheet) if sheet else book.get_sheet_by_index(0)
        return [plain(value) for value in found.to_python(skip_empty_area=False)[row - 1]]
    lines = _text(content)
    head = lines[:2000]
    delimiter = max(",\t;|", key=head.count)
    return [
        plain(value) for value in list(csv.reader(io.StringIO(lines), delimiter=delimiter))[row - 1]
    ]


def plain(value: Any) -> str:
    """A cell without what people vary: width, spaces, thousands separators, a decimal nought."""
    text = unicodedata.normalize("NFKC", "" if value is None else str(value)).strip()
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    return re.sub(r"^(-?\d+)\.0$", r"\1", text)


def _member(inner: list[zipfile.ZipInfo], name: str) -> zipfile.ZipInfo:
    last = name.rsplit("/", 1)[1]
    return next(i for i in inner if i.filename.lower().endswith(last))


def _text(content: bytes) -> str:
    for encoding in (
        "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig",
        "gb18030",
    ):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise AssertionError("no encoding")
