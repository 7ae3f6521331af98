"""A warehouse that knows the example feeds, and the real extracts to load into it.

Every count in these tests was worked out from the files themselves with pandas, awk or
openpyxl, without our code; the comments say how.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.ingest import ingest
from etl.ledger import COUNTS, Delivery
from etl.settings import ROOT, Settings

FEEDS = ROOT / "examples" / "feeds"


@dataclass
class Warehouse:
    """A migrated database of one test module, with short ways to load and to ask."""

    ctx: Context
    deliveries: dict[str, Delivery] = field(default_factory=dict)

    def load(self, path: Path, feed: str | None = None) -> Delivery:
        """Take in one file, and check that its receipt adds up."""
        (delivery,) = ingest([path], feed=feed, ctx=self.ctx)
        receipt = delivery.receipt()
        assert receipt["rows"] == sum(receipt[name] for name in COUNTS), receipt
        self.deliveries[path.name] = delivery
        return delivery

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.ctx.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query), values)]

    def one(self, query: str, **values: Any) -> Any:
        """The only value of a query."""
        ((value,),) = self.rows(query, **values)
        return value


def receipt(delivery: Delivery) -> dict[str, int]:
    """What a delivery's rows came to, without the zeros."""
    counts = delivery.receipt()
    return {name: counts[name] for name in ("rows", *COUNTS) if counts[name]}


def reasons(delivery: Delivery) -> dict[str, int]:
    """Rows by rule, of the rules that a delivery broke."""
    return {reason["rule"]: reason.get("rows", 0) for reason in delivery.reasons}


def open_warehouse(engine: sa.Engine, home: Path, feeds: Path = FEEDS) -> Warehouse:
    """A warehouse on this database that knows the built-in feeds and those of one more folder."""
    env = {
        "MINSHENG_HOME": str(home),
        "MINSHENG_FEEDS": str(feeds),
        "MINSHENG_DATABASE_URL": engine.url.render_as_string(hide_password=False),
    }
    return Warehouse(Context.of(Settings.load(env)))


@pytest.fixture(scope="module")
def warehouse(
    module_database: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    """One warehouse for the tests of a module."""
    opened = open_warehouse(module_database, tmp_path_factory.mktemp("home"))
    yield opened
    opened.ctx.engine.dispose()


@pytest.fixture
def fresh_warehouse(fresh_database: sa.Engine, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse of this test's own."""
    opened = open_warehouse(fresh_database, tmp_path / "home")
    yield opened
    opened.ctx.engine.dispose()


def ids_without_authority(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    """Ids in the registries that might meet one of the district's own: all have to say whose they are."""
    registries = warehouse.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'registry'"
    )
    assert len(registries) > 5
    return [
        row
        for (name,) in registries
        for row in warehouse.rows(
            f"SELECT '{name}', {name}_id FROM registry.{name} WHERE {name}_id !~ '^((cn|sg|tw|uk|us)[a-z0-9-]*[:>]|#|[0-9]+$)'"
        )
    ]
