"""The command line: quick help, exit codes, errors without tracebacks, `minsheng db`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib import import_module

import click
import psycopg2
import pytest

from etl import server
from etl.cli import main as cli
from etl.errors import MinshengError, UsageError
from etl.reasons import Reason
from etl.settings import ROOT, Settings


def _modules_after(code: str) -> tuple[str, set[str]]:
    """What a fresh process prints while it runs this code, and the modules it has imported then."""
    script = f"import sys\n{code}\nprint('modules', *sys.modules)"
    shown = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    text, _, modules = shown.rpartition("modules ")
    return text, set(modules.split())


def test_help_lists_every_command_and_imports_nothing_but_click() -> None:
    shown, modules = _modules_after("from etl.cli.main import run; assert run(['--help']) == 0")
    for name, (_, text) in cli.COMMANDS.items():
        assert name in shown
        assert " / " in text, "help in both languages"
    bare = "import click, importlib; click.Group('bare').main(['--help'], standalone_mode=False)"
    assert modules - _modules_after(bare)[1] == {"etl", "etl.cli", "etl.cli.main", "etl.errors"}


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_listed_command_exists_and_explains_itself(name: str) -> None:
    module = cli.COMMANDS[name][0].partition(":")[0]
    assert import_module(module)
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    assert command.help


def test_usage_errors_exit_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["nonsense"]) == 2
    assert cli.run(["db", "nonsense"]) == 2
    assert cli.run(["db", "start", "--nonsense"]) == 2
    assert "nonsense" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        (MinshengError(Reason("broke", "坏了。", "It broke.")), 1),
        (UsageError(Reason("usage", "不对。", "Not so.")), 2),
    ],
)
def test_errors_show_both_languages_and_no_traceback(
    raised: MinshengError,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> None:
        raise raised

    monkeypatch.setattr(server, "stop", broken)
    assert cli.run(["db", "stop"]) == code
    shown = capsys.readouterr().err
    assert raised.reason.message_zh in shown
    assert raised.reason.message_en in shown
    assert "Traceback" not in shown
    assert cli.run(["--debug", "db", "stop"]) == code
    assert "Traceback" in capsys.readouterr().err


def test_a_command_s_own_exit_code_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    @click.command()
    @click.pass_context
    def held(ctx: click.Context) -> None:
        ctx.exit(cli.HELD)

    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: held)
    assert cli.run(["ingest"]) == 3


def test_db_from_start_to_stop(settings: Settings, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["db", "url"]) == 1
    assert "minsheng db start" in capfd.readouterr().err

    assert cli.run(["db", "start", "--json"]) == 0
    started = json.loads(capfd.readouterr().out)
    assert (started["mode"], started["running"]) == ("embedded", True)

    assert cli.run(["db", "url"]) == 0
    url = capfd.readouterr().out.strip()
    assert url.startswith("postgresql://minsheng:")
    psycopg2.connect(url).close()

    asked = subprocess.run(
        [sys.executable, "-m", "etl.cli.main", "db", "psql", "-Atc", "SELECT 6 * 7"],
        cwd=ROOT,
        env={**os.environ, "PATH": "/nowhere"},  # the wheel's psql, not one that lies about
        capture_output=True,
        text=True,
        check=True,
    )
    assert asked.stdout.strip() == "42"

    assert cli.run(["db", "stop"]) == 0
    assert cli.run(["db", "status", "--json"]) == 0
    assert json.loads(capfd.readouterr().out.splitlines()[-1])["running"] is False


def test_db_upgrade_prints_what_it_did(
    ingest_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(["db", "upgrade", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["applied"] == []
    assert done["from"] == done["to"]
