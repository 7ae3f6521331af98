"""`minsheng quarantine` as an engineer calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.cli import main as cli
from etl.context import Context
from etl.settings import Settings
from tests.etl.load.files import SEAT, Desk, seats


def test_list_export_accept_and_withdraw(
    ingest_settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = Desk(Context.of(ingest_settings), tmp_path)
    rows = [seats("C1", 30000), seats("C2", "很多"), seats("C3", 5)]
    number = str(desk.send("学位变动_2020年第1季度.csv", SEAT, rows).delivery_id)

    assert cli.run(["quarantine", "list", "--department", "education", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(e["row"], e["state"]) for e in listed] == [(2, "open"), (3, "open")]
    assert cli.run(["quarantine", "--feed", "education.seat_change"]) == 0
    shown = capsys.readouterr().out
    assert "很多" in shown
    assert "education: 待处理 open 2" in shown

    assert cli.run(["quarantine", "list", "--limit", "1"]) == 0
    shown = capsys.readouterr().out
    assert "很多" not in shown
    assert "共 2 行 / 2 rows" in shown
    assert "--skip 1" in shown
    assert cli.run(["quarantine", "list", "--skip", "1"]) == 0
    shown = capsys.readouterr().out
    assert "很多" in shown
    assert "30000" not in shown
    assert cli.run(["quarantine", "list", "--json", "--feed", "x.y"]) == 0
    assert json.loads(capsys.readouterr().out) == []

    target = tmp_path / "out" / "x.xlsx"
    assert (
        cli.run(
            ["quarantine", "export", number, "-o", str(target), "--due", "2026-12-15", "--json"]
        )
        == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told == {"file": str(target), "rows": 2, "deliveries": [int(number)], "left": 0}

    assert cli.run(["quarantine", "accept", number, "3", "--reason", "x"]) == 1
    assert "不能按原样接受" in capsys.readouterr().err
    assert cli.run(["quarantine", "accept", number, "2", "--by", "王", "--reason", "批文核实"]) == 0
    assert cli.run(["quarantine", "withdraw", number, "3", "--by", "李", "--reason", "误报"]) == 0
    capsys.readouterr()
    assert cli.run(["quarantine", "show", number, "2"]) == 0
    assert "按原样接受 accepted" in capsys.readouterr().out
    assert cli.run(["quarantine", "export", "-o", str(target)]) == 1
    assert desk.ask("SELECT change_id, seats FROM star.fact_seat_change ORDER BY 1") == [
        ("C1", 30000),
        ("C3", 5),
    ]
