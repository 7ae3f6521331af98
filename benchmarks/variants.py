"""Other deliveries made from an extract: resent with changes, a small delta, another feed's, a workbook."""

from __future__ import annotations

import csv
from datetime import datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from minsheng_sample.orders import write_orders_csv

from benchmarks import extract

_OPTIONS = pacsv.WriteOptions(include_header=True, quoting_style="needed")
_DELTAS = 3


def resent(rows: int, target: Path, share: float = 0.01) -> Path:
    """All orders again, that share of them closed later and updated since."""
    write_orders_csv(target, rows, extract.SEED, extract.FAULT_SHARE, changed_share=share)
    return target


def delta(rows: int, target: Path, number: int, size: int = 10_000) -> Path:
    """About `size` orders: one half of those in an extract of `rows`, changed since, one half new.

    Deliveries of another `number` change other orders and bring other new ones.
    """
    with target.open("w", encoding="utf-8", newline="") as file:
        aside = target.with_suffix(".aside")
        write_orders_csv(
            aside, rows, extract.SEED, extract.FAULT_SHARE,
            changed_share=size / 2 * _DELTAS / rows, delta=True, new_rows=size // 2 * _DELTAS,
        )  # fmt: skip
        with aside.open(encoding="utf-8", newline="") as source:
            header = next(source)
            file.write(header)
            # Every third line: the changed orders stand in front, the new ones behind.
            file.writelines(line for at, line in enumerate(source) if at % _DELTAS == number)
        aside.unlink()
    return target


def renamed(path: Path, target: Path, prefix: str) -> Path:
    """The same extract with other order numbers, so that two feeds never speak of one order."""

    def change(_numbers: pa.Array, name: str, column: pa.Array) -> pa.Array:
        if name in ("order_id", "case_id"):
            return pc.binary_join_element_wise(pa.scalar(prefix), column, "")
        return column

    return _rewrite(path, target, change)


def first(path: Path, target: Path, rows: int) -> Path:
    """The first rows of an extract."""
    with (
        path.open(encoding="utf-8", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        csv.writer(file).writerows(islice(csv.reader(source), rows + 1))
    return target


def workbook(path: Path, target: Path) -> Path:
    """The same rows as an Excel workbook; moments are real dates there, identifiers text."""
    from openpyxl import Workbook

    fields = extract.fields(path)
    moments = [i for i, field in enumerate(fields) if field.type == "timestamp"]
    book = Workbook(write_only=True)
    sheet = book.create_sheet("工单")
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.reader(source)
        sheet.append(next(reader))
        for row in reader:
            cells: list[object] = [value or None for value in row]
            for i in moments:
                try:
                    cells[i] = datetime.fromisoformat(row[i]) if row[i] else None
                except ValueError:
                    cells[i] = row[i]
            sheet.append(cells)
    book.save(target)
    return target


def _rewrite(path: Path, target: Path, change: extract.Change) -> Path:
    with path.open(encoding="utf-8") as file:
        header = file.readline().rstrip("\r\n").split(",")
    names = [field.name for field in extract.fields(path)]
    schema = pa.schema([(text, pa.string()) for text in header])
    with pacsv.CSVWriter(target, schema, write_options=_OPTIONS) as writer:
        for batch in extract.batches(path):
            numbers = batch.column(0)
            columns = [change(numbers, name, batch.column(i)) for i, name in enumerate(names, 1)]
            writer.write_batch(pa.record_batch(columns, schema=schema))
    return target
