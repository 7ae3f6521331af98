"""One table, written as departments write it: text files of several encodings, spreadsheets, JSON lines, Parquet."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Cells = Sequence[Sequence[Any]]


def _text(encoding: str, delimiter: str) -> Callable[[Path, Sequence[str], Cells], None]:
    def write(path: Path, header: Sequence[str], rows: Cells) -> None:
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(header)
            writer.writerows([["" if v is None else v for v in row] for row in rows])

    return write


def _xlsx(path: Path, header: Sequence[str], rows: Cells) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(list(header))
    for row in rows:
        sheet.append(list(row))
    book.save(path)


def _xls(path: Path, header: Sequence[str], rows: Cells) -> None:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    for r, row in enumerate([header, *rows]):
        for c, value in enumerate(row):
            if value is not None:
                sheet.write(r, c, value)
    book.save(str(path))


def _json_lines(path: Path, header: Sequence[str], rows: Cells) -> None:
    lines = [
        json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) + "\n" for row in rows
    ]
    path.write_text("".join(lines), encoding="utf-8")


def _parquet(path: Path, header: Sequence[str], rows: Cells) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [
        pa.array([None if row[n] is None else str(row[n]) for row in rows], pa.string())
        for n in range(len(header))
    ]
    pq.write_table(pa.table(columns, names=list(header)), path)


WRITERS: dict[str, tuple[str, Callable[[Path, Sequence[str], Cells], None]]] = {
    "csv": ("csv", _text("utf-8", ",")),
    "gb18030": ("csv", _text("gb18030", ",")),
    "utf-16": ("csv", _text("utf-16", ",")),
    "tsv": ("tsv", _text("utf-8", "\t")),
    "xlsx": ("xlsx", _xlsx),
    "xls": ("xls", _xls),
    "jsonl": ("jsonl", _json_lines),
    "parquet": ("parquet", _parquet),
}
"""By format: the ending of the file's name, and who writes it."""


def write(stem: Path, form: str, header: Sequence[str], rows: Cells) -> Path:
    """Write the table; returns the file, `stem` with the format's ending."""
    ending, writer = WRITERS[form]
    path = stem.with_name(f"{stem.name}.{ending}")
    path.parent.mkdir(parents=True, exist_ok=True)
    writer(path, header, rows)
    return path
