"""The embedded PostgreSQL: made at first start, loopback only, shared by whoever asks for it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.server import postgres
from etl.server.cluster import HOST, START_SECONDS, Cluster, initialise, launch, locked
from etl.settings import DATABASE, Settings

MESSAGES = Catalogue(__file__)

if TYPE_CHECKING:
    import psycopg2.extensions

_TUNING: Mapping[str, str] = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "maintenance_work_mem": "256MB",
    "work_mem": "64MB",
    # Nothing replicates from an embedded server, and minimal WAL makes bulk loads cheaper.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "synchronous_commit": "on",
    "fsync": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_line_prefix": "%m [%p] %a ",
}


def start(settings: Settings | None = None, *, tuning: Mapping[str, str] | None = None) -> str:
    """Start the server unless it runs, create the warehouse database unless it exists; return its address.

    Any number of processes may call this at once. With `MINSHENG_DATABASE_URL`
    set nothing is started and that address is returned. `tuning` overrides
    server settings (tests turn fsync off).
    """
    settings = settings or Settings.load()
    if settings.database_url is not None:
        return settings.database_url
    with locked(settings.home):
        cluster = Cluster.of(settings)
        if cluster.running() is None:
            programs = _programs(cluster, settings)
            initialise(cluster, programs)
            launch(cluster, programs, {**_TUNING, **_machine(), **(tuning or {})})
        return ensure_database(cluster.url("postgres"), DATABASE)


def stop(settings: Settings | None = None) -> bool:
    """Stop the embedded server; False if none was running (or the database is the user's own)."""
    settings = settings or Settings.load()
    if settings.database_url is not None or not settings.home.is_dir():
        return False
    with locked(settings.home):
        return _stop(Cluster.of(settings), settings)


def destroy(settings: Settings | None = None) -> None:
    """Stop the embedded server and delete everything it stored."""
    settings = settings or Settings.load()
    if settings.database_url is not None or not settings.home.is_dir():
        return
    with locked(settings.home):
        cluster = Cluster.of(settings)
        _stop(cluster, settings)
        shutil.rmtree(cluster.root, ignore_errors=True)
        for name in ("password", "port", "location"):
            (settings.home / f"postgres.{name}").unlink(missing_ok=True)


def url(settings: Settings | None = None, database: str | None = None) -> str:
    """The SQLAlchemy address of the running server; an error if there is none."""
    settings = settings or Settings.load()
    if settings.database_url is not None:
        return _with_database(settings.database_url, database)
    cluster = Cluster.of(settings) if settings.home.is_dir() else None
    if cluster is None or cluster.running() is None:
        raise MinshengError(MESSAGES.reason("server_down"))
    return cluster.url(database or DATABASE)


def status(settings: Settings | None = None) -> dict[str, Any]:
    """Whether and where the server runs; never its password."""
    settings = settings or Settings.load()
    if settings.database_url is not None:
        return {"mode": "external", "running": None, "url": mask(settings.database_url)}
    cluster = Cluster.of(settings) if settings.home.is_dir() else None
    live = cluster.running() if cluster is not None else None
    return {
        "mode": "embedded",
        "running": live is not None,
        "pid": live[0] if live else None,
        "port": live[1] if live else None,
        "url": mask(cluster.url(DATABASE)) if cluster is not None and live else None,
        "data": str(cluster.data) if cluster is not None and cluster.data.is_dir() else None,
        "log": str(cluster.log) if cluster is not None and cluster.log.is_file() else None,
    }


def mask(address: str) -> str:
    """The address with its password hidden."""
    from sqlalchemy import make_url

    return make_url(address).render_as_string(hide_password=True)


def ensure_database(address: str, name: str, template: str = "template0") -> str:
    """Create database `name` on the server at `address` unless it is there; return its address."""
    import psycopg2
    from psycopg2 import errors, sql

    with closing(_connect_patiently(address)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if cursor.fetchone() is None:
            command = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
            # Two creators at once: the second is told either by name or by the catalogue's index.
            with suppress(errors.DuplicateDatabase, psycopg2.IntegrityError):
                cursor.execute(command)
    return _with_database(address, name)


def _connect_patiently(address: str) -> psycopg2.extensions.connection:
    """Connect; a server found by another's `postmaster.pid` may still be on its way up."""
    import psycopg2
    from sqlalchemy import make_url

    parts = make_url(address).set(drivername="postgresql")
    began = time.monotonic()
    while True:
        try:
            return psycopg2.connect(parts.render_as_string(hide_password=False), connect_timeout=10)
        except psycopg2.OperationalError as error:
            rising = "starting up" in str(error) or "not yet accepting" in str(error)
            patience = START_SECONDS if rising else 5 if "refused" in str(error) else 0
            if time.monotonic() - began > patience:
                raise
            time.sleep(0.1)


def _with_database(address: str, name: str | None) -> str:
    from sqlalchemy import make_url

    parts = make_url(address)
    return (parts.set(database=name) if name else parts).render_as_string(hide_password=False)


def _programs(cluster: Cluster, settings: Settings) -> Path:
    return postgres.reachable_programs(postgres.bin_dir(settings.pg_bin), cluster.account)


def _stop(cluster: Cluster, settings: Settings) -> bool:
    if cluster.running() is None:
        return False
    for mode in ("fast", "immediate"):
        complaint = cluster.control("stop", _programs(cluster, settings), "-m", mode)
        if cluster.running() is None:
            return True
    raise MinshengError(MESSAGES.reason("server_not_stopped", complaint=complaint))


def _machine() -> dict[str, str]:
    """Settings that depend on what this machine has."""
    zone = "Asia/Shanghai"
    if not Path("/usr/share/zoneinfo", zone).is_file():
        # The wheel reads the system's zones; a bare container has none.
        zone = "<+08>-8"
    values = {"timezone": zone, "log_timezone": zone}
    shared = Path("/dev/shm")  # noqa: S108 - looked at, not written to
    if shared.is_dir():
        values["effective_io_concurrency"] = "200"
        if shutil.disk_usage(shared).total < 1 << 30:
            # Containers get 64 MB there, too little for parallel hash joins.
            values["dynamic_shared_memory_type"] = "sysv"
    return values
