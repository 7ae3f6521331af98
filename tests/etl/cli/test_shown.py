"""What `minsheng ingest` and `minsheng deliveries` show of what was loaded, left behind and passed over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl import ledger
from etl.cli import main as cli
from etl.context import Context
from etl.receive import receive
from etl.settings import ROOT, Settings
from tests.make import write_csv

HEADER = ("编号", "名称", "状态")
GOOD = [(f"21110000{n:02d}", f"{n}小", "正常") for n in range(12)]


@pytest.fixture
def home(ingest_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    monkeypatch.setenv("MINSHENG_FEEDS", str(ROOT / "tests" / "feeds"))
    yield Settings.load()
    Context.of().engine.dispose()


def test_what_was_kept_out_of_a_loaded_delivery_is_shown_with_its_first_place(
    home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        *GOOD,
        (None, "无编号甲", "正常"),
        ("2111000099", None, "正常"),
        (None, "无编号乙", "正常"),
    ]
    file = write_csv(tmp_path / "模型学校_20200131_a.csv", HEADER, rows)
    assert cli.run(["ingest", str(file)]) == 0
    ingested = capsys.readouterr().out
    assert cli.run(["deliveries"]) == 0
    for shown in (ingested, capsys.readouterr().out):
        told = {line.strip() for line in shown.splitlines() if line.startswith("        ")}
        by_header = {name: [line for line in told if f"column {name}" in line] for name in HEADER}
        (no_id,) = by_header["编号"]
        assert "row 14" in no_id
        assert "行数 rows: 2" in no_id
        (no_name,) = by_header["名称"]
        assert "row 15" in no_name
        assert "行数 rows: 1" in no_name
    assert "quarantined 3, totals_dropped 0, closed 0" in ingested


def test_a_warning_of_a_loaded_delivery_is_shown(
    home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A column that the contract does not know is loaded without it, and told."""
    rows = [(*row, "x") for row in GOOD]
    file = write_csv(tmp_path / "模型学校_20200131_a.csv", (*HEADER, "谁知道"), rows)
    assert cli.run(["ingest", str(file)]) == 0
    assert "谁知道" in capsys.readouterr().out


def test_what_nobody_works_on_is_named(
    home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (left,) = receive(write_csv(tmp_path / "模型学校_20200131_a.csv", HEADER, GOOD))
    home.landing.mkdir()
    os.mkfifo(home.landing / "管.csv")
    assert cli.run(["deliveries"]) == 0
    shown = capsys.readouterr().out
    assert f"#{left.delivery_id} received" in shown
    assert "minsheng retry" in shown
    assert "管.csv" in shown
    with ledger.claimed(Context.of(), left.delivery_id):
        cli.run(["deliveries"])
        assert "minsheng retry" not in capsys.readouterr().out, "somebody works on it"


def test_a_file_that_cannot_be_received_stops_no_other(
    home: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    write_csv(folder / os.fsdecode("模型学校_20200131_a.csv".encode("gbk")), HEADER, GOOD)
    os.mkfifo(folder / "模型学校_20200229_b.csv")
    write_csv(folder / "模型学校_20200331_c.csv", HEADER, GOOD)
    assert cli.run(["ingest", str(folder)]) == cli.HELD
    told = capsys.readouterr()
    assert "模型学校_20200229_b.csv" in told.err
    assert "FIFO" in told.err
    assert {each.file_name: each.state for each in ledger.deliveries(Context.of())} == {
        "模型学校_20200131_a.csv": "loaded",
        "模型学校_20200331_c.csv": "loaded",
    }
    assert cli.run(["ingest", str(folder / "模型学校_20200229_b.csv")]) == cli.HELD
    assert cli.run(["ingest", str(tmp_path / "nowhere")]) == 2
