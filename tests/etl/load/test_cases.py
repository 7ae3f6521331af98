"""The histories of ../shared/cases/loader, each as the script that it is: its last line must be "all as expected"."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from etl.settings import ROOT
from tests.conftest import temporary_home
from tests.etl.load.case_runner import END

SHARED = Path(os.environ.get("MINSHENG_SHARED", ROOT.parent / "shared"))
CASES = SHARED / "cases" / "loader"
SCRIPTS = sorted(path.name for path in CASES.glob("[0-9][0-9]_*.py")) or ["(none)"]


@pytest.fixture(scope="module")
def run(shared: Path) -> Iterator[Callable[[str], list[str]]]:
    """Runs a script; all share one home, whose server ends with the last test."""
    if not CASES.is_dir():
        pytest.skip(f"no cases: {CASES} is absent")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINSHENG_")}
    with temporary_home() as home:
        served = subprocess.Popen(
            [sys.executable, "-m", "tests.etl.load.case_runner"],
            cwd=ROOT,
            env={**kept, "CASE_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert served.stdin
        assert served.stdout
        wanted, answers = served.stdin, served.stdout

        def run(script: str) -> list[str]:
            wanted.write(f"{CASES / script}\n")
            wanted.flush()
            lines = []
            for line in answers:
                if line.rstrip() == END:
                    break
                lines.append(line.rstrip())
            lines = [line for line in lines if line]
            return lines or ["(nothing)"]

        yield run
        wanted.close()
        served.wait(60)


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_case(run: Callable[[str], list[str]], script: str) -> None:
    lines = run(script)
    assert lines[-1] == "=> all as expected", "\n".join(lines)
