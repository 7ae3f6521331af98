"""`minsheng ingest` killed at each of its steps, as by a lack of memory: the next run carries on what was left."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.cli import main as cli
from etl.context import Context
from etl.ingest import PAUSES, ingest
from etl.receive import receive
from etl.settings import ROOT, Settings
from etl.stage import stage
from tests.make import write_csv

HEADER = ("编号", "名称", "状态")

KILLED = """
import os, signal, sys
from etl import ingest, ledger, receive, stage
from etl.cli import main as cli

def dead(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def once_copied(*arguments):
    copied(*arguments)
    dead()

def while_loading(*arguments, verb, **changes):
    return dead() if verb == "load" else advance(*arguments, verb=verb, **changes)

copied, advance = stage.copy_streams, ledger.advance
at, *arguments = sys.argv[1:]
owner, name, put = {
    "archived": (ledger, "register", dead),
    "received": (ingest, "stage", dead),
    "staging": (stage, "copy_streams", once_copied),
    "staged": (ingest, "validate", dead),
    "validated": (ingest, "load", dead),
    "loading": (ledger, "advance", while_loading),
    "loaded": (ingest, "resumed_by", dead),
}[at]
put.__name__ = name
setattr(owner, name, put)
cli.run(arguments)
"""

LEFT = {
    "archived": [],
    "received": ["received"],
    "staging": ["received"],
    "staged": ["staged"],
    "validated": ["validated"],
    "loading": ["validated"],
    "loaded": ["loaded"],
}
"""What the ledger has after the death."""


@pytest.fixture
def ctx(ingest_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    monkeypatch.setenv("MINSHENG_FEEDS", str(ROOT / "tests" / "feeds"))
    opened = Context.of(Settings.load())
    yield opened
    opened.engine.dispose()


def month(folder: Path, number: int) -> Path:
    rows = [(f"211100000{n}", f"{number}-{n}小", "正常") for n in range(3)]
    return write_csv(folder / f"模型学校_2020{number:02d}28_a.csv", HEADER, rows)


def states(ctx: Context) -> list[str]:
    return [delivery.state for delivery in ledger.deliveries(ctx)]


def staging_tables(ctx: Context) -> list[str]:
    with ctx.engine.connect() as connection:
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'stage' ORDER BY 1"
        return list(connection.execute(sa.text(tables)).scalars())


@pytest.mark.slow
@pytest.mark.parametrize("at", LEFT)
def test_the_next_run_carries_on(
    at: str, ctx: Context, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = month(tmp_path, 1), month(tmp_path, 2)
    died = subprocess.run(
        [sys.executable, "-c", KILLED, at, "ingest", str(first)],
        cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, check=False,
    )  # fmt: skip
    assert died.returncode == -9, died.stderr.decode()
    assert states(ctx) == LEFT[at]
    stopped = [] if at in ("archived", "loaded") else LEFT[at]
    patience = time.monotonic() + 10  # until the server has noticed that its client is gone
    while [each.state for each in ledger.left_behind(ctx)] != stopped:
        assert time.monotonic() < patience
    cli.run(["deliveries"])
    named = "minsheng retry" in capsys.readouterr().out
    assert named == bool(stopped)

    again = [first] if at == "archived" else []  # the ledger never had it: the sender has
    assert cli.run(["ingest", *map(str, again), str(second)]) == 0
    assert states(ctx) == ["loaded", "loaded"]
    assert staging_tables(ctx) == []
    with ctx.engine.connect() as connection:
        known = "SELECT DISTINCT school_id FROM star.dim_school WHERE school_id LIKE '211100000%'"
        assert len(connection.execute(sa.text(known)).all()) == 3


def test_what_somebody_works_on_is_left_to_him(ctx: Context, tmp_path: Path) -> None:
    (live,) = receive(month(tmp_path, 1), ctx=ctx)
    stage(live.delivery_id, ctx)
    with ledger.claimed(ctx, live.delivery_id):
        (other,) = ingest([month(tmp_path, 2)], ctx=ctx)
    assert other.state == "loaded"
    with ctx.engine.connect() as connection:
        assert ledger.get(connection, live.delivery_id).state == "staged"
    assert staging_tables(ctx) == [f"d{live.delivery_id}"]


def test_what_kills_every_run_is_given_up(ctx: Context, tmp_path: Path) -> None:
    (deadly,) = receive(month(tmp_path, 1), ctx=ctx)
    with ctx.engine.begin() as connection:
        for _ in range(len(PAUSES) + 1):  # so many runs began with it and came to no end
            ledger.count_failure(connection, deadly.delivery_id)
    ended = {each.delivery_id: each for each in ingest([month(tmp_path, 2)], ctx=ctx)}
    assert ended.pop(deadly.delivery_id).state == "failed"
    assert [each.state for each in ended.values()] == ["loaded"]
