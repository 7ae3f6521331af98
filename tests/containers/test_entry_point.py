"""What a container runs: cheap health checks, the components' settings, a landing zone that can be emptied."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from configparser import RawConfigParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl import server as embedded
from etl.airflow import container
from etl.airflow.config import AirflowHome
from etl.errors import MinshengError
from etl.settings import ROOT, Settings

WELL = {
    name: {"status": "healthy"}
    for name in ("metadatabase", "scheduler", "dag_processor", "triggerer")
}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A stand-in for the API server: what this dictionary holds is its word on everybody's health."""
    health: dict[str, Any] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(health).encode() if health else b"starting"
            self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setattr(container, "PORT", http.server_port)
        monkeypatch.setenv("MINSHENG_API_SERVER", f"http://127.0.0.1:{http.server_port}")
        # Docker may hand the host's proxy to every container.
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        yield health
        http.shutdown()
        thread.join()


@pytest.mark.parametrize("name", container.COMPONENTS)
def test_a_component_is_healthy_by_its_own_word(name: str, answer: dict[str, Any]) -> None:
    check = ["healthy", name]
    assert container.main(check) == 1, "not an answer yet"
    answer |= WELL
    assert container.main(check) == 0
    answer["metadatabase" if name == "api-server" else name.replace("-", "_")] = {
        "status": "unhealthy"
    }
    assert container.main(check) == 1
    del answer["metadatabase" if name == "api-server" else name.replace("-", "_")]
    assert container.main(check) == 1


def test_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "PORT", 9)
    assert container.main(["healthy", "api-server"]) == 1


def test_a_health_check_imports_next_to_nothing() -> None:
    # It runs in four containers all day.
    code = "import sys; from etl.airflow import container; print('\\n'.join(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(done.stdout.split())
    assert "etl.airflow.container" in modules
    heavy = {
        "airflow",
        "sqlalchemy",
        "psycopg2",
        "pandas",
        "pyarrow",
        "alembic",
        "yaml",
        "click",
        "psutil",
    }
    assert not heavy & modules


@pytest.mark.parametrize("name", container.COMPONENTS)
def test_a_component_replaces_the_process(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, list[str], dict[str, str]]] = []

    def execute(program: str, arguments: list[str], environment: dict[str, str]) -> None:
        started.append((program, arguments, environment))
        raise SystemExit(0)

    monkeypatch.setattr(os, "execvpe", execute)
    monkeypatch.setenv("MINSHENG_HOME", str(tmp_path))
    monkeypatch.setenv(
        "MINSHENG_DATABASE_URL", "postgresql+psycopg2://minsheng:x@postgres/minsheng"
    )
    monkeypatch.setenv("NO_PROXY", "api-server")
    with pytest.raises(SystemExit):
        container.main([name])
    [(program, arguments, environment)] = started
    assert program == "airflow"
    assert arguments[:2] == ["airflow", name]
    assert ("--skip-serve-logs" in arguments) == (name in ("scheduler", "triggerer"))
    assert environment["AIRFLOW_HOME"] == str(tmp_path / "airflow")
    assert environment["MINSHENG_DATABASE_URL"].endswith("@postgres/minsheng")
    assert "api-server" in environment["NO_PROXY"].split(",")


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--help"], 0), ([], 2), (["healthy", "postgres"], 2), (["worker"], 2)]
)
def test_anything_else_is_answered_with_the_usage(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert container.main(arguments) == code
    assert capsys.readouterr().out.startswith("usage: prepare |")


def test_a_landing_zone_that_cannot_be_emptied_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = tmp_path / "landing" / "health" / "institution"
    closed.mkdir(parents=True)
    container.check_landing(tmp_path / "landing")
    # Root may do anything, so the answer is made up.
    monkeypatch.setattr(
        os, "access", lambda folder, mode: not (mode & os.W_OK and Path(folder) == closed)
    )
    with pytest.raises(MinshengError) as caught:
        container.check_landing(tmp_path / "landing")
    assert str(closed) in caught.value.reason.message_en
    assert f"chown -R {os.getuid()}" in caught.value.reason.fix_en


def test_a_landing_zone_has_to_be_there(tmp_path: Path) -> None:
    with pytest.raises(MinshengError):
        container.check_landing(tmp_path / "landing")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "landing").mkdir()
    for name, value in {
        "MINSHENG_HOME": str(tmp_path / "home"),
        "MINSHENG_LANDING": str(tmp_path / "landing"),
        "MINSHENG_API_SERVER": "http://api-server:8080",
        "MINSHENG_PUBLIC_URL": "http://127.0.0.1:8088",
        "AIRFLOW_DATABASE_URL": "postgresql://airflow:pa%ss@postgres:5432/airflow",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "home"


def test_prepare_makes_a_home_and_a_warehouse(
    home: Path,
    server: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    database_url = embedded.ensure_database(server, "test_container")
    monkeypatch.setenv("MINSHENG_DATABASE_URL", database_url)

    assert container.main(["prepare"]) == 0
    assert container.main(["prepare"]) == 0, "it runs again at every start"

    assert ran == [["airflow", "db", "migrate"]] * 2
    files = AirflowHome.of(Settings.load())
    assert stat.S_IMODE(files.config.stat().st_mode) == 0o600
    assert stat.S_IMODE(files.passwords.stat().st_mode) == 0o600
    config = RawConfigParser()
    config.read(files.config)
    assert config["core"]["execution_api_server_url"] == "http://api-server:8080/execution/"
    assert config["api"]["host"] == "0.0.0.0"
    assert config["api"]["base_url"] == "http://127.0.0.1:8088"
    told = Settings.load(container._environment(Settings.load()))
    assert told.address("pages") == "http://127.0.0.1:8088/minsheng/pages"
    assert (files.path / "plugins" / "minsheng_web.py").is_file()
    # Airflow reads it with interpolation.
    assert config["database"]["sql_alchemy_conn"].startswith(
        "postgresql+psycopg2://airflow:pa%%ss@"
    )
    # Every container sees the logs that the page shows.
    assert Path(config["logging"]["base_log_folder"]).is_relative_to(home)
    shown = capsys.readouterr().out
    assert str(files.passwords) in shown
    assert json.loads(files.passwords.read_text())["admin"] not in shown, "logs are kept"
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM plan.statement")).scalar_one() >= 45
    engine.dispose()


def test_prepare_says_what_is_wrong(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "landing").rmdir()
    assert container.main(["prepare"]) == 1
    assert "landing" in capsys.readouterr().err
    assert not home.exists(), "nothing was begun"
