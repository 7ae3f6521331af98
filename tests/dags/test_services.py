"""Starting and stopping: processes that are found again, end when asked and leave nothing behind."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
from configparser import ConfigParser
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import psutil
import pytest

from etl import services
from etl.airflow.config import AirflowHome, airflow_config, environment, write_config
from etl.services import processes
from etl.services.api import HOST, Api, health, reserved_port
from etl.services.processes import Component
from etl.settings import Settings

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c",
    "import os, signal, time; os.setpgid(0, 0); signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('ready', flush=True); time.sleep(600)"])
time.sleep(600)
"""


def wait_for(condition: object) -> None:
    deadline = time.monotonic() + 30
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return Settings.load({"MINSHENG_HOME": str(tmp_path)})


def run(settings: Settings, code: str) -> Component:
    return processes.start(settings, "worker", [sys.executable, "-c", code], os.environ)


def test_a_component_is_found_again_and_stops(home: Settings) -> None:
    started = run(home, "import time; time.sleep(600)")
    assert processes.noted(home, "worker") == started
    assert started.alive
    started.stop(patience=5)
    assert not started.alive
    assert started.members() == []
    assert not psutil.pid_exists(started.pid)  # and is reaped


def test_what_ignores_the_request_is_ended_with_all_it_started(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "TERM_SECONDS", 1.0)
    started = run(home, STUBBORN)
    log = processes.log_of(home, "worker")
    wait_for(lambda: "ready" in log.read_text())
    members = started.members()
    assert len(members) == 2  # the child left the process group, never the session
    started.stop(patience=0.3)
    assert started.members() == []
    assert not any(p.is_running() and p.status() != psutil.STATUS_ZOMBIE for p in members)


def test_workers_of_a_dead_leader_are_found(
    home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "TERM_SECONDS", 1.0)
    started = run(home, STUBBORN)
    wait_for(lambda: "ready" in processes.log_of(home, "worker").read_text())
    psutil.Process(started.pid).kill()
    wait_for(lambda: not started.alive)
    assert len(started.members()) == 1
    started.stop(patience=0)
    assert started.members() == []


def test_a_reused_process_number_is_another_process() -> None:
    me = psutil.Process()
    assert Component("me", me.pid, me.create_time()).alive
    assert not Component("me", me.pid, me.create_time() - 100).alive
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        begun = time.time()
    assert not Component("child", child.pid, begun).alive


def test_a_note_half_written_is_no_component(home: Settings) -> None:
    assert processes.noted(home, "worker") is None
    (home.home / "run").mkdir()
    (home.home / "run" / "worker.json").write_text('{"pid": 1')
    assert processes.noted(home, "worker") is None


def test_a_log_does_not_grow_for_ever(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_LOG_BYTES", 10)
    for _ in range(2):
        started = run(home, "print('x' * 100)")
        wait_for(lambda: processes.log_of(home, "worker").stat().st_size > 10)
        started.stop(patience=10)
    logs = sorted(path.name for path in (home.home / "logs").iterdir())
    assert logs == ["worker.log", "worker.log.1"]


def test_a_taken_port_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with reserved_port(port) as other:
            assert other != port
    with reserved_port(port) as same:
        assert same == port


def test_two_that_start_at_once_get_different_ports() -> None:
    """Nobody has bound yet, and the second does not take what the first was given."""
    with reserved_port(None) as first, reserved_port(None) as second:
        assert first != second
    with pytest.raises(ZeroDivisionError), reserved_port(first):
        _ = 1 / 0
    with reserved_port(first) as again:
        assert again == first


def test_a_server_is_told_from_another_one_at_the_same_port(home: Settings) -> None:
    code = f"""
import socket, time
with socket.create_server(({HOST!r}, 0)) as server:
    print("port", server.getsockname()[1], flush=True)
    time.sleep(600)
"""
    ours = run(home, code)
    log = processes.log_of(home, "worker")
    wait_for(lambda: log.exists() and "port" in log.read_text())
    port = int(log.read_text().split()[-1])
    other = Component("other", os.getpid(), psutil.Process().create_time())
    try:
        assert ours.listens_on(port)
        assert not ours.listens_on(port + 1)
        assert not other.listens_on(port)
    finally:
        ours.stop(patience=5)


def test_nobody_answering_is_no_error() -> None:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    assert health(port) == {}


class Web(BaseHTTPRequestHandler):
    """Gives a token for the right password, and says who asks."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer({"access_token": "T"}, 201 if body["password"] == "right" else 401)

    def do_GET(self) -> None:
        self.answer({"path": self.path, "asked by": self.headers.get("Authorization")}, 200)

    def answer(self, value: object, status: int) -> None:
        content = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def test_the_api_logs_in_and_goes_through_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    with HTTPServer((HOST, 0), Web) as web:
        thread = threading.Thread(target=web.serve_forever, daemon=True)
        thread.start()
        try:
            port = web.server_address[1]
            assert Api(port).get("/a")["asked by"] is None
            known = Api(port, "right")
            assert known.get("/b?c=d") == {"path": "/b?c=d", "asked by": "Bearer T"}
            assert known.get("/b")["asked by"] == "Bearer T"
            with pytest.raises(httpx.HTTPStatusError, match="401"):
                Api(port, "wrong").get("/a")
        finally:
            web.shutdown()


def test_nothing_runs_in_an_empty_home(home: Settings) -> None:
    status = services.status(home)
    assert status["running"] is False
    assert status["healthy"] is False
    assert status["url"] is None
    assert services.down(home, print) == []
    assert json.dumps(status)


def test_the_configuration_is_private_complete_and_read_back(home: Settings) -> None:
    address = "postgresql+psycopg2://u:p%40ss%25@127.0.0.1:5432/airflow"
    write_config(home, airflow_config(home, address, 8123))
    files = AirflowHome.of(home)
    assert files.config.stat().st_mode & 0o777 == 0o600
    read = ConfigParser()  # with interpolation, as Airflow reads it
    read.read(files.config)
    assert read["database"]["sql_alchemy_conn"] == address
    assert read["api"]["base_url"] == "http://127.0.0.1:8123"
    assert read["api"]["host"] == "127.0.0.1"
    assert read["core"]["load_examples"] == "False"
    assert read["core"]["simple_auth_manager_all_admins"] == "False"
    assert read["usage_data_collection"]["enabled"] == "False"
    before = files.secrets()
    write_config(home, airflow_config(home, address, 8123))
    assert files.secrets() == before  # sessions outlive a restart


def test_the_password_is_made_once_and_is_private(home: Settings) -> None:
    files = AirflowHome.of(home)
    password, new = files.password()
    assert new
    assert len(password) >= 12
    assert files.password() == (password, False)
    assert files.passwords.stat().st_mode & 0o777 == 0o600


def test_components_reach_each_other_without_a_proxy_and_start_no_database(home: Settings) -> None:
    given = {
        "PATH": "/bin",
        "NO_PROXY": "intern.example",
        "AIRFLOW_CONFIG": "/elsewhere",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://somebody/elses",
        "AIRFLOW__CORE__PARALLELISM": "8",
    }
    variables = environment(home, "postgresql+psycopg2://warehouse", given)
    assert variables["NO_PROXY"] == "intern.example,127.0.0.1,localhost"
    assert variables["MINSHENG_DATABASE_URL"] == "postgresql+psycopg2://warehouse"
    assert variables["MINSHENG_HOME"] == str(home.home)
    assert not {"AIRFLOW_CONFIG", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"} & set(variables)
    assert variables["AIRFLOW__CORE__PARALLELISM"] == "8"
    assert variables["GX_ANALYTICS_ENABLED"] == "false"


def test_tasks_know_where_people_reach_report_and_pages(home: Settings) -> None:
    write_config(home, airflow_config(home, "postgresql://localhost/airflow", port=8123))
    told = Settings.load(environment(home, "postgresql://localhost/warehouse", {}))
    assert told.address("report") == "http://127.0.0.1:8123/minsheng/report"
    assert told.address("pages") == "http://127.0.0.1:8123/minsheng/pages"
    proxied = Settings.load({"MINSHENG_PUBLIC_URL": "https://x/airflow/", "MINSHENG_PAGES_URL": "https://y/"})  # fmt: skip
    assert proxied.address("report") == "https://x/airflow/minsheng/report"
    assert proxied.address("pages") == "https://y"
    assert Settings.load({}).address("pages") is None
