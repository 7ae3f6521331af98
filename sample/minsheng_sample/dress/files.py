"""From sheets and records to the bytes of a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from minsheng_sample.dress.cells import Cell, DayCell, serial
from minsheng_sample.dress.packing import Entry, gzipped, zipped
from minsheng_sample.dress.style import Style
from minsheng_sample.dress.xlsx import Sheet, workbook


def file_bytes(sheets: list[Sheet], style: Style, stem: str) -> bytes:
    """A spreadsheet or delimited file, in its container."""
    if style.format == "xlsx":
        content = workbook(sheets)
    elif style.format == "xls":
        content = _xls(sheets)
    else:
        content = delimited(sheets[0].rows, style)
    return contained(content, style, stem)


def record_bytes(
    headers: Sequence[str], records: Sequence[Sequence[Cell]], style: Style, stem: str
) -> bytes:
    """JSON lines or Parquet, in its container."""
    content = (
        _json_lines(headers, records) if style.format == "jsonl" else _parquet(headers, records)
    )
    return contained(content, style, stem)


def contained(content: bytes, style: Style, stem: str) -> bytes:
    """The content zipped (its name in GBK, as Chinese Windows writes it), gzipped or as it is."""
    if style.container == "zip":
        return zipped([Entry.stored(f"{stem}.{style.format}", content, "gbk")])
    return gzipped(content) if style.container == "gz" else content


def delimited(rows: Sequence[Sequence[Cell]], style: Style) -> bytes:
    """CSV or TSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(
        text,
        delimiter="\t" if style.format == "tsv" else ",",
        lineterminator=style.newline,
    )
    writer.writerows([["" if cell is None else cell for cell in row] for row in rows])
    encoding = "utf-16-le" if style.encoding == "utf-16" else style.encoding
    mark = b"\xff\xfe" if style.encoding == "utf-16" else b""
    return mark + text.getvalue().encode(encoding)


def _json_lines(headers: Sequence[str], records: Sequence[Sequence[Cell]]) -> bytes:
    lines = (
        json.dumps(dict(zip(headers, record, strict=False)), ensure_ascii=False)
        for record in records
    )
    return "".join(f"{line}\n" for line in lines).encode()


def _parquet(headers: Sequence[str], records: Sequence[Sequence[Cell]]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = [
        pa.array([None if cell is None else str(cell) for cell in column], pa.string())
        for column in zip(*records, strict=True)
    ]
    sink = io.BytesIO()
    pq.write_table(pa.table(columns, names=list(headers)), sink, compression="none")
    return sink.getvalue()


def _xls(sheets: list[Sheet]) -> bytes:
    import xlwt

    book = xlwt.Workbook(encoding="utf-8")
    for sheet in sheets:
        page = book.add_sheet(sheet.name)
        merged = {(top, left): (bottom, right) for top, left, bottom, right in sheet.merged}
        for r, row in enumerate(sheet.rows):
            for c, cell in enumerate(row):
                value = serial(cell.day) if isinstance(cell, DayCell) else cell
                if (r, c) in merged:
                    bottom, right = merged[r, c]
                    page.write_merge(r, bottom, c, right, value)
                elif value is not None:
                    page.write(r, c, value)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()
