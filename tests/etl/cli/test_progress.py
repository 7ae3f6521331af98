"""Progress: what a long operation reports, and that only a terminal sees it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from etl.database import migrate
from etl.evaluate import evaluate
from etl.ingest import ingest
from etl.progress import listening
from etl.settings import ROOT, Settings
from tests.conftest import copy_of

FEEDS = ROOT / "tests" / "feeds"
Reports = list[tuple[str, int | None, int | None]]


def reported() -> tuple[Reports, object]:
    reports: Reports = []
    return reports, listening(lambda step, done, total: reports.append((step, done, total)))


def test_an_ingest_tells_step_and_rows(
    ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINSHENG_FEEDS", str(FEEDS))
    path = tmp_path / "模型学校_20210128_a.csv"
    monkeypatch.setattr("etl.decode.text.BLOCK", 1 << 16)
    rows = 5_000  # more than one block
    lines = "".join(f"2111{n:06d},学校{n},正常\n" for n in range(rows))
    path.write_text("编号,名称,状态\n" + lines, encoding="utf-8")
    reports, listen = reported()
    with listen:  # type: ignore[attr-defined]
        [done] = ingest([path])
    assert done.state == "loaded", done.reasons
    steps = list(
        dict.fromkeys(step.partition(" · ")[2].partition(" ")[0] for step, _, _ in reports)
    )
    assert steps == ["接收", "暂存", "校验", "入库"]
    staged = [count for step, count, _ in reports if "staging" in step and count]
    assert staged == sorted(staged)
    assert len(staged) > 1
    assert staged[-1] == rows
    assert any("dim_school" in step for step, _, _ in reports)
    assert all(step.startswith(path.name) for step, _, _ in reports)
    reports, listen = reported()
    with listen:  # type: ignore[attr-defined]
        evaluated = evaluate()
    counts = [(count, total) for _, count, total in reports]
    assert counts == [(n, len(evaluated.indicators)) for n in range(len(evaluated.indicators))]


def test_an_upgrade_tells_of_every_migration(server: str) -> None:
    reports, listen = reported()
    with copy_of(server, "template0") as engine, listen:  # type: ignore[attr-defined]
        applied = migrate.upgrade(engine)["applied"]
    counts = [(count, total) for step, count, total in reports if "migrations" in step]
    assert counts == [(n, len(applied)) for n in range(len(applied) + 1)]


def run(*arguments: str, terminal: bool) -> tuple[str, str]:
    """What a command wrote to stdout and to stderr, which is a terminal or not."""
    command = [sys.executable, "-m", "etl.cli.main", *arguments]
    env = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    if not terminal:
        done = subprocess.run(
            command, cwd=ROOT, env=env, capture_output=True, text=True, check=True
        )
        return done.stdout, done.stderr
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=theirs, text=True
    ) as process:
        os.close(theirs)
        written = b""
        try:
            while block := os.read(ours, 1 << 16):
                written += block
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(ours)
        assert process.stdout is not None
        return process.stdout.read(), written.decode()


def test_only_a_terminal_sees_it_and_never_with_json(tmp_path: Path) -> None:
    what = ("--from", "2020", "--to", "2020", "--orders", "0")
    stdout, stderr = run("sample", str(tmp_path / "a"), *what, terminal=True)
    assert "合成 / writing" in stderr
    assert "writing" not in stdout
    assert "合成数据" in stdout
    for extra, terminal in (("--json", True), ("--orders=0", False)):
        _, stderr = run("sample", str(tmp_path / "b"), *what, extra, terminal=terminal)
        assert stderr == ""
