"""Airflow's own database: made, migrated when its version changes, and asked which DAGs it knows."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

import psycopg2
from sqlalchemy import make_url

from etl import server
from etl.airflow.config import AirflowHome, environment
from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)

DATABASE = "airflow"


def address(warehouse: str) -> str:
    """The database `airflow` on the warehouse's server, created if it is not there."""
    try:
        return server.ensure_database(warehouse, DATABASE)
    except psycopg2.errors.InsufficientPrivilege as problem:
        raise MinshengError(MESSAGES.reason("metadata_not_allowed", database=DATABASE)) from problem


def migrate(settings: Settings, warehouse: str) -> None:
    """Bring Airflow's tables to this version of Airflow; nothing to do if they are."""
    place = address(warehouse)
    if _migrated(settings, place):
        return
    done = subprocess.run(
        airflow_command("db", "migrate"),
        env=environment(settings, warehouse, os.environ),
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        end = done.stderr[-2000:]
        raise MinshengError(MESSAGES.reason("metadata_not_migrated", end=end))
    _marker(settings).write_text(_revision(place))


def known_dags(warehouse: str) -> set[str]:
    """The DAGs that have been read and are neither stale nor paused."""
    query = "SELECT dag_id FROM dag WHERE NOT is_stale AND NOT is_paused"
    return set(_column(address(warehouse), query))


def airflow_command(*arguments: str) -> list[str]:
    """Airflow's command line in this very environment."""
    return [sys.executable, "-m", "airflow", *arguments]


def _revision(place: str) -> str:
    numbers = ",".join(_column(place, "SELECT version_num FROM alembic_version"))
    return f"{version('apache-airflow-core')} {numbers}"


def _migrated(settings: Settings, place: str) -> bool:
    """Whether the tables are those that this version of Airflow made here before."""
    with suppress(FileNotFoundError, psycopg2.Error):
        return _marker(settings).read_text() == _revision(place)
    return False


def _marker(settings: Settings) -> Path:
    return AirflowHome.of(settings).path / "migrated"


def _column(place: str, query: str) -> list[str]:
    plain = make_url(place).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(plain)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return [row[0] for row in cursor.fetchall()]
    finally:
        connection.close()
