"""A star to fill by hand, gone after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from etl.database.seed import seed
from tests.warehouse.star import Star


@pytest.fixture
def star(module_database: sa.Engine) -> Iterator[Star]:
    """An empty warehouse with the plan in it; what the test writes is rolled back."""
    with module_database.connect() as connection:
        seed(connection)
        yield Star(connection)
