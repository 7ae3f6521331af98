"""The extract that all ways load: generated once a size, and the finished rows of it for those who check nothing.

`orders()` is what a department sends, 0.1 % of its rows faulty. `finished()` is the same
without the rows that do not load, with field names for headers and true/false for 是/否:
what psql's copy needs, and a help to the peers, whose ways would stumble over the faults.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from benchmarks.place import CACHE, Place
from etl.contract import Contract, Field, load_contracts
from etl.settings import ROOT, Settings

FEED = "hotline.work_order"
SEED = 20240601
FAULT_SHARE = 0.001
NAME = "hotline_work_order_2024-06.csv"
"""What the delivery is called: its contract reads feed and period from it."""


Change = Callable[[pa.Array, str, pa.Array], pa.Array]
"""(record numbers, field, column) -> the column as it shall be."""


def contract() -> Contract:
    """The contract of the feed."""
    return load_contracts(Settings.load({}))[FEED]


def orders(rows: int, *, seed: int = SEED) -> Path:
    """The extract of so many rows, from the cache if the generator has not changed since."""
    source = ROOT / "sample" / "minsheng_sample"
    code = b"".join(path.read_bytes() for path in sorted(source.rglob("*.py")))
    label = hashlib.sha256(code).hexdigest()[:12]
    folder = CACHE / "extracts" / f"{rows}-{seed}-{label}"
    path = folder / NAME
    if not path.exists():
        from minsheng_sample.orders import write_orders_csv

        folder.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".new")
        write_orders_csv(aside, rows, seed, fault_share=FAULT_SHARE)
        aside.rename(path)
    return path


def district(folder: Path) -> list[Path]:
    """The other feeds of the synthetic district, for a warehouse in which areas and units have names."""
    folder.mkdir(parents=True, exist_ok=True)
    from minsheng_sample.write import write_sample

    write_sample(folder, orders=1000)
    aside = ("hotline", "newest", "repaired", "trouble")
    parts = [part for part in sorted(folder.iterdir()) if part.is_dir() and part.name not in aside]
    # The register of areas first: names then belong to keys from the start.
    parts.sort(key=lambda part: part.name != "reference")
    return [path for part in parts for path in sorted(part.rglob("*")) if path.is_file()]


def fields(path: Path) -> list[Field]:
    """The contract's fields of the extract's columns, in their order."""
    by_header = {header: field for field in contract().fields for header in field.headers}
    with path.open(encoding="utf-8-sig") as file:
        return [by_header[text.strip()] for text in file.readline().rstrip("\r\n").split(",")]


def finished(place: Place, database: str, path: Path, *, rows: int | None = None) -> Path:
    """Write the rows that `database` holds after loading `path` as a plain CSV beside the server's home."""
    target = place.home / f"finished-{rows or 'all'}.csv"
    with closing(place.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT row_no FROM star.fact_work_order ORDER BY row_no LIMIT %s", (rows,))
        loaded = pa.array((r for (r,) in cursor.fetchall()), pa.int32())
    wanted = fields(path)
    schema = pa.schema([(field.name, pa.string()) for field in wanted])
    with pacsv.CSVWriter(
        target, schema, write_options=pacsv.WriteOptions(quoting_style="needed")
    ) as writer:
        for batch in batches(path):
            first = batch.column(0)[0].as_py()
            last = batch.column(0)[-1].as_py()
            kept = loaded.filter(
                pc.and_(pc.greater_equal(loaded, first), pc.less_equal(loaded, last))
            )
            if len(kept):
                good = batch.filter(pc.is_in(batch.column(0), kept))
                columns = [_plain(field, good.column(i)) for i, field in enumerate(wanted, 1)]
                writer.write_batch(pa.record_batch(columns, schema=schema))
    return target


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """The extract as text, its record number in front."""
    names = [field.name for field in fields(path)]
    reader = pacsv.open_csv(
        path,
        read_options=pacsv.ReadOptions(column_names=names, skip_rows=1, block_size=1 << 23),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True
        ),
    )
    row = 0
    for batch in reader:
        numbers = pa.array(range(row + 1, row + batch.num_rows + 1), pa.int32())
        row += batch.num_rows
        yield pa.record_batch([numbers, *batch.columns], names=["row_no", *names])


def _plain(field: Field, column: pa.Array) -> pa.Array:
    """The value as it is loaded: one spelling of a code, true or false."""
    if field.type == "boolean":
        return pc.if_else(
            pc.equal(column, "是"), "true", pc.if_else(pc.is_null(column), None, "false")
        )
    for alias, canonical in field.aliases.items():
        column = pc.if_else(pc.equal(column, alias), canonical, column)
    return column
