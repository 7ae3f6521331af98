"""Memory of one `minsheng ingest` does not grow with the number of its files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from etl.settings import ROOT, Settings
from tests.make import write_csv

FEW, MANY = 50, 250
MORE = 1.03
"""A cache of a fixed size takes 1 %; what Great Expectations keeps of each batch took 8 % in 200 files, and its statements 20 %."""

MEASURED = """
import sys
from pathlib import Path
import psutil
from etl.context import Context
from etl.ingest import ingest

few, folder = int(sys.argv[1]), Path(sys.argv[2])
files = sorted(folder.iterdir())
for part in (files[:few], files[few:]):
    assert {each.state for each in ingest(part, ctx=Context.of())} == {"loaded"}
    print(psutil.Process().memory_info().rss)
"""


@pytest.mark.slow
def test_many_files_take_no_more_than_few(
    ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINSHENG_FEEDS", str(ROOT / "tests" / "feeds"))
    for number in range(MANY):
        name = f"模型合同_{2000 + number // 12}{number % 12 + 1:02d}28_a.csv"
        row = ("E1", "F1", "2020-01-01", f"物业{number}")
        write_csv(tmp_path / name, ("小区", "企业", "开始", "名称"), [row])
    shown = subprocess.run(
        [sys.executable, "-c", MEASURED, str(FEW), str(tmp_path)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    few, many = map(int, shown.split())
    assert many < MORE * few, f"{few >> 20} MB after {FEW} files, {many >> 20} MB after {MANY}"
