"""Fixtures for all tests: one PostgreSQL for the session, a fresh migrated database where one is asked for.

Nothing here or in a test touches the checkout's own `.minsheng`. A second
process holds the other end of a pipe: should pytest be killed, it stops the
server and removes the files.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import count
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa

from etl import database
from etl import server as embedded
from etl.context import Context
from etl.database import migrate
from etl.settings import ROOT, Settings

TUNING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_GUARD = """
cat >/dev/null
for pid in "$1"/postgres/data/postmaster.pid; do
  if [ -f "$pid" ]; then kill -INT "$(head -n 1 "$pid")"; sleep 1; fi
done
rm -rf "$1"
"""
SHARED_SERVER = "MINSHENG_TEST_SERVER"
"""Address of a server for many short sessions, one at a time (`make mutants`); they keep its template."""
_numbers = count(1)


def pytest_configure() -> None:
    """Keep the user's own settings out of every test; PG_BIN stays, to test other versions."""
    for name in ("HOME", "DATABASE_URL", "FEEDS", "LANDING"):
        os.environ.pop(f"MINSHENG_{name}", None)
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    # Not timed: what else runs on the machine is no property of the code. In CI the same examples every time: what
    # fails there is the change's fault, and fails here with CI=1, too.
    hypothesis.settings.register_profile(
        "ours",
        deadline=None,
        max_examples=60,
        derandomize=bool(os.environ.get("CI")),
        print_blob=True,
    )
    hypothesis.settings.load_profile("ours")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Fast tests first: plain ones, then those with a database, slow ones, live ones.

    Over several workers (`make test`) the long ones come first, those that are given the most time before all, so that
    none is left alone at the end.
    """

    def rank(item: pytest.Item) -> tuple[int, float]:
        if item.get_closest_marker("live"):
            return 3, 0
        if item.get_closest_marker("slow"):
            limit = item.get_closest_marker("timeout")
            return 2, limit.args[0] if limit else 0
        return int("server" in getattr(item, "fixturenames", ())), 0

    items.sort(key=rank, reverse=hasattr(config, "workerinput"))


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A home for one server, which is gone afterwards, come what may."""
    home = Path(tempfile.mkdtemp(prefix="minsheng-test-"))
    home.chmod(0o711)  # root's server runs as nobody, who must get through
    guard = subprocess.Popen(
        ["sh", "-c", _GUARD, "guard", str(home)],
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield home
    finally:
        embedded.destroy(Settings.load({"MINSHENG_HOME": str(home)}))
        shutil.rmtree(home, ignore_errors=True)
        guard.communicate()


@pytest.fixture(scope="session", autouse=True)
def session_home() -> Iterator[Path]:
    """MINSHENG_HOME of the whole session."""
    with temporary_home() as home:
        os.environ["MINSHENG_HOME"] = str(home)
        yield home


@pytest.fixture(scope="session")
def server(session_home: Path) -> str:
    """Address of the session's PostgreSQL (database `minsheng`, not migrated), or of one that many sessions share."""
    return os.environ.get(SHARED_SERVER) or embedded.start(Settings.load(), tuning=TUNING)


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """Name of a migrated database that others are copied from; nobody may stay connected to it."""
    name = "template_migrated"
    engine = database.engine_at(embedded.ensure_database(server, name))
    migrate.upgrade(engine)
    engine.dispose()
    return name


@contextmanager
def copy_of(server: str, template: str) -> Iterator[sa.Engine]:
    """An engine on a new copy of the template, dropped at the end."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        # File by file: a checkpoint costs nothing without fsync, and every page through the log costs twice the time.
        command = f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"
        connection.execute(sa.text(command))
    engine = database.engine_at(embedded.ensure_database(server, name))
    try:
        yield engine
    finally:
        engine.dispose()
        with suppress(sa.exc.OperationalError), admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@contextmanager
def copied(ctx: Context, server: str) -> Iterator[Context]:
    """The same installation on a copy of its warehouse, dropped at the end; the home and its archive are shared.

    Loading the sample takes minutes, copying what was loaded a second.
    """
    from etl.validate import expect

    ctx.engine.dispose()
    expect._source.cache_clear()  # its pool would hand out the connections that are closed here
    name = ctx.engine.url.database or ""
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        command = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = :n"
        connection.execute(sa.text(command), {"n": name})
    with copy_of(server, name) as engine:
        url = engine.url.render_as_string(hide_password=False)
        copy = Context.of(replace(ctx.settings, database_url=url))
        yield copy
        copy.engine.dispose()


@pytest.fixture
def fresh_database(server: str, template: str) -> Iterator[sa.Engine]:
    """An engine on a migrated database of this test's own."""
    with copy_of(server, template) as engine:
        yield engine


@pytest.fixture(scope="module")
def module_database(server: str, template: str) -> Iterator[sa.Engine]:
    """The same, shared by the tests of one module."""
    with copy_of(server, template) as engine:
        yield engine


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """Settings with a home of this test's own, also in the environment; a server started in it is stopped."""
    with temporary_home() as home:
        monkeypatch.setenv("MINSHENG_HOME", str(home))
        yield Settings.load()


@pytest.fixture
def ingest_settings(
    settings: Settings, fresh_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Settings whose database is a migrated one of this test's own, for commands and verbs."""
    url = fresh_database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("MINSHENG_DATABASE_URL", url)
    return Settings.load()


@pytest.fixture(scope="module")
def opened(
    module_database: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Context]:
    """An installation with the model feeds, shared by the tests of one module: a database costs seconds."""
    ctx = Context.of(
        Settings.load(
            {
                "MINSHENG_HOME": str(tmp_path_factory.mktemp("home")),
                "MINSHENG_DATABASE_URL": module_database.url.render_as_string(hide_password=False),
                "MINSHENG_FEEDS": str(ROOT / "tests" / "feeds"),
            }
        )
    )
    yield ctx
    ctx.engine.dispose()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real extracts beside the checkout (or MINSHENG_SHARED)."""
    folder = Path(os.environ.get("MINSHENG_SHARED", ROOT.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(
            f"no real extracts: {folder}/data is absent (MINSHENG_SHARED names another place)"
        )
    return folder
