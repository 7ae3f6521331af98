"""Reads a sample's files without any of the project's readers: what a department's own programs show."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

Sheets = dict[str | None, list[list[Any]]]


def sheets(path: Path, encoding: str | None) -> Sheets:
    """All cells of a file by sheet; of record formats the records, without a header."""
    name, content = path.name, path.read_bytes()
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            (member,) = archive.infolist()
            name, content = member.filename.encode("cp437").decode("gbk"), archive.read(member)
            assert name.startswith(path.stem)
    elif name.endswith(".gz"):
        name, content = name.removesuffix(".gz"), gzip.decompress(content)
    if name.endswith((".csv", ".tsv")):
        text = content.decode(encoding or "utf-8-sig").removeprefix("\ufeff")
        delimiter = "\t" if name.endswith(".tsv") else ","
        return {None: list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))}
    if name.endswith(".jsonl"):
        return {None: [list(json.loads(line).values()) for line in content.decode().splitlines()]}
    if name.endswith(".parquet"):
        import duckdb

        rows = duckdb.sql(f"SELECT * FROM read_parquet('{path}')").fetchall()
        return {None: [list(row) for row in rows]}
    if name.endswith(".xls"):
        import pandas as pd

        frames = pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="calamine")
        return {
            str(key): frame.where(frame.notna(), None).values.tolist()
            for key, frame in frames.items()
        }
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(content))
    return {page.title: [list(row) for row in page.values] for page in book}


def header_rows(rows: list[list[Any]], titles: set[str]) -> int:
    """How many rows stand above the first record."""
    best = max(
        range(min(5, len(rows))), key=lambda index: sum(cell in titles for cell in rows[index])
    )
    below = rows[best + 1] if best + 1 < len(rows) else []
    # A header of two rows: the second names what the first has only grouped.
    grouped = any(cell is None for cell in rows[best]) and sum(cell in titles for cell in below) > 1
    return best + (2 if grouped else 1)
