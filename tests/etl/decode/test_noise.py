"""Files damaged at random: a named problem or rows, never another error and never a dead process."""

from __future__ import annotations

import gzip
import io
import random
import zipfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlwt

from etl.decode import DecodeProblem, Reading, batches, members, open_tables
from etl.values import Typer, to_copy
from tests.etl.decode.factory import contract, field
from tests.fixtures.broken.recipes import RECIPES

FEED = contract(
    field("code", "编号", required=True),
    field("name", "名称"),
    field("n", "数量", "integer"),
    field("at", "时间", "timestamp"),
    max_megabytes=4,
)
CSV = "编号,名称,数量,时间\n" + "".join(
    f'{n},"名{n}\n称",{n},2024-01-01 10:00:00\n' for n in range(40)
)
ROUNDS = 150


def old_workbook() -> bytes:
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("x")
    for row, cells in enumerate([("编号", "名称", "数量"), *((str(n), "x", n) for n in range(40))]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    sink = io.BytesIO()
    workbook.save(sink)
    return sink.getvalue()


def parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"编号": [str(n) for n in range(50)], "名称": ["x"] * 50}), sink)
    return sink.getvalue()


def packed() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", CSV)
    return sink.getvalue()


FILES = {
    "a.csv": lambda: CSV.encode(),
    "b.csv": lambda: CSV.encode("gb18030"),
    "c.csv": lambda: CSV.encode("utf-16"),
    "a.csv.gz": lambda: gzip.compress(CSV.encode()),
    "a.zip": packed,
    "a.xlsx": lambda: workbook_without_compression(),
    "a.xls": old_workbook,
    "a.parquet": parquet,
    "a.jsonl": lambda: "".join(
        f'{{"编号": "{n}", "名称": "x", "数量": {n}}}\n' for n in range(30)
    ).encode(),
    "a.json": lambda: (
        '[{"编号": "1",\n "名称": "x"}' + ', {"编号": "2", "名称": null}' * 9 + "]"
    ).encode(),
}


def workbook_without_compression() -> bytes:
    """So that damage reaches the XML and not only the checksums."""
    with zipfile.ZipFile(io.BytesIO(RECIPES["missing_column.xlsx"]())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return sink.getvalue()


def damaged(octets: bytes, draw: random.Random) -> bytes:
    data = bytearray(octets)
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        place, kind = draw.randrange(max(1, len(data))), draw.randrange(6)
        if kind == 0:
            data[place : place + 1] = bytes([draw.randrange(256)])
        elif kind == 1:
            del data[place : place + draw.randrange(1, 30)]
        elif kind == 2:
            data[place:place] = draw.randbytes(draw.randrange(1, 8))
        elif kind == 3:
            del data[place:]
        elif kind == 4:
            data[place : place + 4] = draw.choice((bytes(4), b"\xff" * 4, b'"\n",', b"\n\n\r\r"))
        else:
            other = draw.randrange(max(1, len(data)))
            data[place:place] = data[other : other + draw.randrange(1, 60)]
    return bytes(data)


@pytest.mark.parametrize("name", FILES)
def test_noise(tmp_path: Path, name: str) -> None:
    draw = random.Random(name)
    whole = FILES[name]()
    path = tmp_path / name
    problems: list[DecodeProblem] = []
    for _ in range(ROUNDS):
        path.write_bytes(damaged(whole, draw))
        try:
            for member in members(path):
                table = open_tables(path, FEED, member=member)
                typer = Typer(FEED, b"k", table.headers, serials=table.serials)
                reading = Reading(table)
                for batch in batches(reading):
                    to_copy(typer(batch, reading.faults).narrow)
        except DecodeProblem as problem:
            problems.append(problem)
    assert len(problems) > ROUNDS // 10
    assert all(problem.reason.file and problem.reason.fix_zh for problem in problems)
