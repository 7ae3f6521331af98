"""Notes that were written as they came are what openpyxl would have written."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from openpyxl import Workbook, load_workbook

from etl.quarantine.notes import Notes, save
from etl.settings import ROOT

TEXTS = ["一\n二", "a & b < c > d \"q\" 'q'", " 前后有空格 ", "\x07响铃", "=1+1"]


def test_notes_come_back_where_and_as_they_were_written(tmp_path: Path) -> None:
    book = Workbook(write_only=True)
    written = []
    for number in (7, 12):
        sheet = book.create_sheet(f"表{number}")
        notes = Notes(sheet, tmp_path, number)
        for row, text in enumerate(TEXTS, 1):
            sheet.append(["x"] * 30)
            notes.add(row, 28, f"{number}{text}")
        notes.close()
        sheet.close()
        written.append(notes)
    book.create_sheet("无批注").append(["x"])
    save(book, tmp_path / "x.xlsx", written)
    again = load_workbook(tmp_path / "x.xlsx")
    for number in (7, 12):
        cells = [cell for row in again[f"表{number}"].iter_rows() for cell in row if cell.comment]
        assert [cell.coordinate for cell in cells] == [f"AB{row}" for row in range(1, 6)]
        told = [cell.comment.text for cell in cells]
        assert told == [f"{number}{text}".replace("\x07", "\ufffd") for text in TEXTS]
    assert not [cell for row in again["无批注"].iter_rows() for cell in row if cell.comment]


MEASURED = """
import resource, sys
from pathlib import Path
from openpyxl import Workbook
from etl.quarantine.notes import Notes, save

folder, rows = Path(sys.argv[1]), int(sys.argv[2])
book = Workbook(write_only=True)
sheet = book.create_sheet("x")
notes = Notes(sheet, folder, 1)
for row in range(1, rows + 1):
    sheet.append(["x"] * 3)
    for column in (1, 2, 3):
        notes.add(row, column, f"受理时间有误 {row}" * 10)
notes.close()
save(book, folder / "x.xlsx", [notes])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_notes(tmp_path: Path) -> None:
    few, many = (
        int(
            subprocess.run(
                [sys.executable, "-c", MEASURED, str(tmp_path), str(rows)],
                cwd=ROOT, capture_output=True, text=True, check=True,
            ).stdout
        )
        for rows in (100, 8_000)
    )  # fmt: skip
    assert many < 1.1 * few, f"{few >> 10} MB with 300 notes, {many >> 10} MB with 24,000"
