"""Airflow's settings for one machine; each that differs from the default says why.

Nothing here imports Airflow. docs/operating.md has the measurements.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from configparser import RawConfigParser
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from etl.settings import FILES, Settings, read_or_create_secret

HOST = "127.0.0.1"
USER = "admin"
PRELOADED = "etl.airflow.preload"

Config = dict[str, dict[str, str]]

_OURS = (
    "AIRFLOW_CONFIG",
    "AIRFLOW__API",
    "AIRFLOW__CORE__AUTH_MANAGER",
    "AIRFLOW__CORE__DAGS_FOLDER",
    "AIRFLOW__CORE__EXECUTION_API",
    "AIRFLOW__CORE__FERNET",
    "AIRFLOW__CORE__PLUGINS_FOLDER",
    "AIRFLOW__CORE__SIMPLE_AUTH",
    "AIRFLOW__CORE__SQL",
    "AIRFLOW__DATABASE",
)
"""Not taken from the environment: somebody's other Airflow must not be migrated or served by mistake."""


@dataclass(frozen=True)
class AirflowHome:
    """The files of one installation's Airflow."""

    path: Path

    @classmethod
    def of(cls, settings: Settings) -> AirflowHome:
        """Below the home of the settings."""
        return cls(settings.home / "airflow")

    @property
    def config(self) -> Path:
        """The generated `airflow.cfg`: it holds the database's password, mode 0600."""
        return self.path / "airflow.cfg"

    @property
    def passwords(self) -> Path:
        """The web users' passwords, mode 0600."""
        return self.path / "passwords.json"

    def password(self) -> tuple[str, bool]:
        """The web user's password, and whether it was made just now."""
        self.path.mkdir(parents=True, exist_ok=True)
        new = not self.passwords.exists()
        content = read_or_create_secret(
            self.passwords, lambda: json.dumps({USER: secrets.token_urlsafe(12)}).encode() + b"\n"
        )
        return str(json.loads(content)[USER]), new

    def secrets(self) -> dict[str, str]:
        """Keys that the components share; made once."""
        self.path.mkdir(parents=True, exist_ok=True)
        content = read_or_create_secret(self.path / "secrets.json", _new_secrets)
        keys: dict[str, str] = json.loads(content)
        return keys


def airflow_config(settings: Settings, database_url: str, port: int) -> Config:
    """All settings that are not Airflow's defaults."""
    home = AirflowHome.of(settings)
    keys = home.secrets()
    address = f"http://{HOST}:{port}"
    workers = max(4, os.cpu_count() or 4)
    return {
        "core": {
            "dags_folder": str(FILES / "dags"),
            "plugins_folder": str(home.path / "plugins"),
            "executor": "LocalExecutor",
            # 32 workers forked in advance cost 2 GB; a task is mostly CPU.
            "parallelism": str(workers),
            # In 3.3.2 `parallelism` limits nothing with LocalExecutor (pull request 71914): it takes
            # tasks as they come, whatever their weight. The pool limits what it is given; half
            # as many again keep its workers busy.
            "default_pool_task_slot_count": str(workers * 3 // 2),
            "max_active_tasks_per_dag": "64",
            "load_examples": "False",
            # A paused DAG misses its events.
            "dags_are_paused_at_creation": "False",
            "default_timezone": "utc",
            "execution_api_server_url": f"{address}/execution/",
            "fernet_key": keys["fernet"],
            "auth_manager": "airflow.api_fastapi.auth.managers.simple"
            ".simple_auth_manager.SimpleAuthManager",
            "simple_auth_manager_users": f"{USER}:admin",
            "simple_auth_manager_passwords_file": str(home.passwords),
            "simple_auth_manager_all_admins": "False",
        },
        "database": {
            "sql_alchemy_conn": database_url,
            "load_default_connections": "False",
        },
        "api": {
            "host": HOST,
            "port": str(port),
            "base_url": address,
            "workers": "1",
            "secret_key": keys["api"],
            "instance_name": "minsheng 民生",
            "expose_config": "False",
        },
        "api_auth": {"jwt_secret": keys["jwt"]},
        "scheduler": {
            # A chain of ten tasks takes 12 s with the default of 1.
            "scheduler_idle_sleep_time": "0.2",
            # Importing Great Expectations costs each task 2.5-8 s and 280 MB; forking it costs 0.
            "mp_start_method": "forkserver",
            "mp_forkserver_preload": PRELOADED,
            # A worker killed outright is noticed in one minute, not in five.
            "task_instance_heartbeat_timeout": "60",
            # Tasks of a scheduler that was killed are looked for this often (default 300 s).
            "orphaned_tasks_check_interval": "30",
        },
        # A supervisor that misses the end of its task by a moment sleeps this long (default 5 s)
        # and keeps a worker from the next task: 20 files took 67 s.
        "workers": {"min_heartbeat_interval": "1"},
        "dag_processor": {
            "refresh_interval": "30",
            "min_file_process_interval": "60",
            "parsing_processes": "1",
        },
        "logging": {
            "base_log_folder": str(settings.home / "logs" / "tasks"),
            "dag_processor_child_process_log_directory": str(
                settings.home / "logs" / "dag_processor"
            ),
            "colored_console_log": "False",
            "namespace_levels": "great_expectations=WARNING",
        },
        "usage_data_collection": {"enabled": "False"},
    }


def write_config(settings: Settings, config: Config) -> None:
    """Write `airflow.cfg`, complete or not at all, mode 0600."""
    home = AirflowHome.of(settings)
    plugins = home.path / "plugins"
    plugins.mkdir(parents=True, exist_ok=True)
    for module, plugin in (("warm", "WarmPlugin"), ("web", "WebPlugin")):
        (plugins / f"minsheng_{module}.py").write_text(
            f"from etl.airflow.{module} import {plugin}  # noqa\n"
        )
    parser = RawConfigParser()
    for section, options in config.items():
        # Airflow reads the file with interpolation: a percent sign is written twice.
        parser[section] = {name: value.replace("%", "%%") for name, value in options.items()}
    text = StringIO()
    text.write("# Written by `minsheng up`; changes are overwritten. See docs/operating.md.\n")
    parser.write(text)
    aside = home.config.with_suffix(".new")
    aside.unlink(missing_ok=True)
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text.getvalue())
    aside.replace(home.config)


def written(settings: Settings) -> RawConfigParser:
    """`airflow.cfg` as it was written last; empty if it never was."""
    parser = RawConfigParser()
    parser.read(AirflowHome.of(settings).config)
    return parser


def environment(settings: Settings, database_url: str, base: Mapping[str, str]) -> dict[str, str]:
    """The environment of every component and so of every task.

    The warehouse's address is handed down, so that no task starts a database server, and so is Airflow's
    own, below which report and pages are served.
    """
    local = f"{HOST},localhost"
    kept = {name: value for name, value in base.items() if not name.startswith(_OURS)}
    variables = {
        **kept,
        "AIRFLOW_HOME": str(AirflowHome.of(settings).path),
        "MINSHENG_HOME": str(settings.home),
        "MINSHENG_LANDING": str(settings.landing),
        "MINSHENG_FEEDS": os.pathsep.join(str(path) for path in settings.feeds[1:]),
        "MINSHENG_DATABASE_URL": database_url,
        "MINSHENG_PUBLIC_URL": settings.public_url
        or written(settings).get("api", "base_url", fallback=""),
        "GX_ANALYTICS_ENABLED": "false",
        "SCARF_ANALYTICS": "false",
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
    }
    # The components talk to each other over loopback, never through a proxy.
    for name in ("NO_PROXY", "no_proxy"):
        variables[name] = ",".join(part for part in (base.get(name), local) if part)
    return variables


def _new_secrets() -> bytes:
    keys = {
        "fernet": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "jwt": secrets.token_urlsafe(64),
        "api": secrets.token_urlsafe(32),
    }
    return json.dumps(keys).encode() + b"\n"
