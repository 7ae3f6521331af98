"""The histories of ../shared/cases/loader, each as the script that it is: its last line must be "all as expected"."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.settings import ROOT
from tests.conftest import temporary_home

CASES = ROOT.parent / "shared" / "cases" / "loader"
SCRIPTS = sorted(path.name for path in CASES.glob("[0-9][0-9]_*.py")) or ["(none)"]


@pytest.fixture(scope="module")
def case_home(shared: Path) -> Iterator[Path]:
    """A home for all scripts; the first starts its server, which ends with the last test."""
    if not CASES.is_dir():
        pytest.skip(f"no cases: {CASES} is absent")
    with temporary_home() as home:
        yield home


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS)
def test_case(case_home: Path, script: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MINSHENG_")}
    done = subprocess.run(
        [sys.executable, str(CASES / script)],
        cwd=ROOT,
        env={**kept, "CASE_HOME": str(case_home), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    said = (done.stdout.rstrip().splitlines() or ["(nothing)"])[-1]
    assert said == "=> all as expected", f"{done.stdout}\n{done.stderr}"
