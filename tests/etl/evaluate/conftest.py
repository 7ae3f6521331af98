"""A star to fill by hand, gone after each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.database.seed import seed
from etl.settings import Settings
from tests.etl.load.files import Desk
from tests.warehouse.star import Star


@pytest.fixture
def star(module_database: sa.Engine) -> Iterator[Star]:
    """An empty warehouse with the plan in it; what the test writes is rolled back."""
    with module_database.connect() as connection:
        seed(connection)
        yield Star(connection)


@pytest.fixture
def desk(ingest_settings: Settings, tmp_path: Path) -> Desk:
    """A warehouse of this test's own, and a folder for its files."""
    return Desk(Context.of(ingest_settings), tmp_path)
