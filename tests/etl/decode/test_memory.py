"""Memory does not grow with the file: a process of its own reads small and large ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from etl.settings import ROOT

PROGRAM = """
import sys
from pathlib import Path
from etl.values import ContentHash, Typer, to_copy
from etl.decode import Reading, batches, open_tables
from tests.etl.decode.factory import contract, field
what = contract(
    field("id"), field("phone", handling="token", column="phone_token", classification="personal"),
    field("at", kind="timestamp"), field("n", kind="integer"), field("town"), field("text", handling="restricted"),
)
table = open_tables(Path(sys.argv[1]), what)
typer, content, rows = Typer(what, b"k", table.headers), ContentHash(), 0
reading = Reading(table)
for batch in batches(reading):
    typed = typer(batch, reading.faults)
    content.update(typed.narrow, typed.text)
    to_copy(typed.narrow), to_copy(typed.text)
    rows += batch.num_rows
# Not ru_maxrss: that one starts at the memory of the process that forked this one.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(rows, int(peak.split()[1]) // 1024)
"""


def run(path: Path) -> tuple[int, int]:
    """Rows and the highest resident memory in MB."""
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    rows, memory = result.stdout.split()
    return int(rows), int(memory)


def write_text(path: Path, megabytes: int, encoding: str) -> int:
    rows = 0
    with path.open("w", encoding=encoding, newline="") as stream:
        stream.write("id,phone,at,n,town,text\r\n")
        while path.stat().st_size < megabytes << 20:
            block = [
                f'{n},1{n % 10**10:010d},2024-01-{1 + n % 28:02d} 10:20:30,{n % 1000},黄村镇,"{"市民反映，" * 12}\n第二行"\r\n'
                for n in range(rows, rows + 20_000)
            ]
            stream.write("".join(block))
            rows += len(block)
    return rows


def write_lines(path: Path, megabytes: int, encoding: str) -> int:
    rows = 0
    with path.open("w", encoding=encoding) as stream:
        while path.stat().st_size < megabytes << 20:
            block = [
                f'{{"id": "{n}", "phone": "1{n % 10**10:010d}", "at": "2024-01-01 10:20:30", "n": {n % 1000}, "town": "黄村镇", "text": "{"市民反映，" * 12}"}}\n'
                for n in range(rows, rows + 20_000)
            ]
            stream.write("".join(block))
            rows += len(block)
    return rows


@pytest.mark.slow
@pytest.mark.parametrize(
    ("write", "encoding"), [(write_text, "utf-8"), (write_text, "gb18030"), (write_lines, "utf-8")]
)
def test_a_file_four_times_as_large_takes_no_more_memory(
    tmp_path: Path, write: object, encoding: str
) -> None:
    measured = []
    for megabytes in (50, 200):
        path = tmp_path / f"{megabytes}"
        rows = write(path, megabytes, encoding)  # type: ignore[operator]
        found, memory = run(path)
        assert found == rows
        if measured and memory > measured[0] * 1.15:
            # What the allocator keeps back varies; what grows with the file does so every time.
            memory = min(memory, *(run(path)[1] for _ in range(2)))
        measured.append(memory)
        path.unlink()
    small, large = measured
    assert large <= small * 1.15, measured
    assert large < 350, measured
