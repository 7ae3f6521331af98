"""Fixtures of the cases."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.context import Context
from etl.settings import Settings
from tests.cases.author import Author


@pytest.fixture
def ctx(ingest_settings: Settings) -> Context:
    """A warehouse of this test's own, with the bundled feeds."""
    return Context.of(ingest_settings)


@pytest.fixture(scope="session")
def files(shared: Path) -> Path:
    """The cases of files, read where they lie."""
    folder = shared / "cases" / "files"
    if not folder.is_dir():
        pytest.skip(f"no cases: {folder} is absent")
    return folder


@pytest.fixture
def author(ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Author:
    """A warehouse of this test's own, and a feeds folder that is still empty."""
    (tmp_path / "feeds" / "hotline").mkdir(parents=True)
    monkeypatch.setenv("MINSHENG_FEEDS", str(tmp_path / "feeds"))
    return Author(Context.of(Settings.load()), tmp_path)
