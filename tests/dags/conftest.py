"""Airflow for tests: the settings of `minsheng up`, a metadata database of the session's own.

Nothing here imports Airflow before its home is set; tests that need it ask for `airflow`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etl import server as embedded
from etl.airflow.config import AirflowHome, airflow_config, write_config
from etl.settings import ROOT, Settings

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

DAGS = ROOT / "dags"
FEEDS = ROOT / "tests" / "feeds"


@pytest.fixture(scope="session")
def airflow_home(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Airflow's home, its metadata database still empty; from here on Airflow may be imported."""
    assert "airflow" not in sys.modules, "Airflow was imported before its home was set"
    settings = Settings.load({"MINSHENG_HOME": str(tmp_path_factory.mktemp("airflow"))})
    place = embedded.ensure_database(server, f"airflow_test_{os.getpid()}")
    write_config(settings, airflow_config(settings, place, port=8999))
    home = AirflowHome.of(settings).path
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(home))
        yield home


@pytest.fixture(scope="session")
def airflow(airflow_home: Path) -> Iterator[Path]:
    """Airflow's home, its database migrated."""
    from airflow.utils.db import initdb

    initdb()
    yield airflow_home
    from airflow.settings import dispose_orm

    dispose_orm(do_log=False)


@pytest.fixture
def feeds(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The model feeds of the tests beside the built-in ones."""
    monkeypatch.setenv("MINSHENG_FEEDS", str(FEEDS))
    return FEEDS


@pytest.fixture
def dags(airflow: Path, feeds: Path) -> DagBag:
    """All DAGs, freshly read."""
    return read_dags()


def read_dags() -> Any:
    """Read the DAG files as the dag-processor does."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(dag_folder=str(DAGS), bundle_name="dags-folder", bundle_path=DAGS)


def child_environment(**extra: str) -> dict[str, str]:
    """The environment for a Python process that reads the DAG files."""
    return os.environ | {"PYTHONPATH": str(ROOT), "MINSHENG_FEEDS": str(FEEDS)} | extra
