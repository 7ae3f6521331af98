"""Where a bench runs: an embedded PostgreSQL of its own, with the product's settings, gone afterwards.

Every timed run gets a fresh database, a copy of a migrated one, after a checkpoint: so
no run pays for what another has left unwritten.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg2
import psycopg2.extensions
import sqlalchemy as sa

from etl import database, server
from etl.database.prepare import prepare
from etl.server import postgres
from etl.settings import ROOT, Settings

CACHE = ROOT / ".minsheng" / "bench"
"""Extracts and the peers' environment stay here between runs; git ignores it."""

TEMPLATE = "bench_template"
_GUARD = """
cat >/dev/null
for pid in "$1"/postgres/data/postmaster.pid; do
  if [ -f "$pid" ]; then kill -INT "$(head -n 1 "$pid")"; sleep 2; fi
done
rm -rf "$1"
"""
_numbers = count(1)


@dataclass(frozen=True)
class Place:
    """A home with a running server, and a migrated database to copy from."""

    home: Path
    server_url: str
    template: str = TEMPLATE

    @property
    def settings(self) -> Settings:
        """The settings of this home; the server's own database."""
        return Settings.load({"MINSHENG_HOME": str(self.home)})

    @property
    def programs(self) -> Path:
        """The directory of psql."""
        return postgres.bin_dir(None)

    def url(self, name: str) -> str:
        """SQLAlchemy address of a database."""
        return sa.make_url(self.server_url).set(database=name).render_as_string(hide_password=False)

    def plain_url(self, name: str) -> str:
        """The same for psql, psycopg2 and other programs."""
        parts = sa.make_url(self.url(name)).set(drivername="postgresql")
        return parts.render_as_string(hide_password=False)

    def environment(self, name: str) -> dict[str, str]:
        """Environment of a process of ours that works on database `name`."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("MINSHENG_")}
        return kept | {
            "MINSHENG_HOME": str(self.home),
            "MINSHENG_DATABASE_URL": self.url(name),
            "GX_ANALYTICS_ENABLED": "false",
        }

    def psql_environment(self, name: str) -> dict[str, str]:
        """Where psql finds database `name`; the password does not show in the list of processes."""
        parts = sa.make_url(self.server_url)
        return {
            "PGHOST": parts.host or "", "PGPORT": str(parts.port), "PGDATABASE": name,
            "PGUSER": parts.username or "", "PGPASSWORD": str(parts.password),
        }  # fmt: skip

    def connect(self, name: str) -> psycopg2.extensions.connection:
        """A psycopg2 connection in autocommit, in the time zone of the extracts."""
        connection = psycopg2.connect(self.plain_url(name), options="-c TimeZone=Asia/Shanghai")
        connection.autocommit = True
        return connection

    def admin(self, *statements: str) -> None:
        """Run statements outside a transaction on the maintenance database."""
        with closing(self.connect("postgres")) as connection, connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    @contextmanager
    def fresh(self, template: str = "") -> Iterator[str]:
        """Name of a new copy of `template` (default: the migrated one), dropped at the end."""
        name = f"bench_{next(_numbers)}"
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template or self.template}", "CHECKPOINT")
        try:
            yield name
        finally:
            self.drop(name)

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self.admin(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def clear_archive(self) -> None:
        """Forget archived files, so that every run writes them again."""
        shutil.rmtree(self.settings.archive, ignore_errors=True)

    def version(self) -> str:
        """The server's version."""
        with closing(self.connect("postgres")) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            return str(cursor.fetchall()[0][0])


@contextmanager
def opened() -> Iterator[Place]:
    """A place for the time of a bench. Should the bench be killed, a second process cleans up."""
    base = os.environ.get("BENCH_DIR")
    home = Path(tempfile.mkdtemp(prefix="minsheng-bench-", dir=base))
    home.chmod(0o711)  # root's server runs as nobody, who must get through
    guard = subprocess.Popen(
        ["sh", "-c", _GUARD, "guard", str(home)], stdin=subprocess.PIPE, start_new_session=True
    )
    settings = Settings.load({"MINSHENG_HOME": str(home)})
    try:
        place = Place(home, server.start(settings))
        engine = database.engine_at(server.ensure_database(place.server_url, TEMPLATE))
        prepare(engine)
        engine.dispose()
        yield place
    finally:
        server.destroy(settings)
        shutil.rmtree(home, ignore_errors=True)
        guard.communicate()
