"""A warehouse of a test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.context import Context
from etl.settings import Settings
from tests.etl.load.files import Desk


@pytest.fixture
def desk(ingest_settings: Settings, tmp_path: Path) -> Desk:
    """A warehouse of this test's own, and a folder for its files."""
    return Desk(Context.of(ingest_settings), tmp_path)
