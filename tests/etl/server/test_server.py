"""The embedded server: first start, crash, restart, two starters at once, and what must never happen."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest
import sqlalchemy as sa

from etl import database, server
from etl.errors import MinshengError
from etl.server import postgres
from etl.settings import ROOT, Settings

pytestmark = pytest.mark.usefixtures("session_home")


def ask(url: str, question: str) -> str:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return str(connection.execute(sa.text(question)).scalar())


def processes_of(home: Path) -> list[str]:
    """Command lines of live processes that name the home."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(home) in line and "postgres" in line.split(" ")[0]:
            found.append(line)
    return found


def wait_until(condition: object, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.1)


def test_start_stop_and_start_again(settings: Settings) -> None:
    url = server.start(settings)
    assert ask(url, "SELECT current_database()") == "minsheng"
    assert ask(url, "SHOW wal_level") == "minimal"
    assert ask(url, "SHOW fsync") == "on"
    assert ask(url, "SELECT '2026-01-01 00:00'::timestamptz AT TIME ZONE 'UTC'") == (
        "2025-12-31 16:00:00"
    )
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE kept AS SELECT 42 AS answer"))
    assert server.start(settings) == url, "a second start changes nothing"
    assert server.status(settings)["running"] is True

    assert server.stop(settings) is True
    assert server.stop(settings) is False
    assert server.status(settings)["running"] is False
    assert processes_of(settings.home) == []
    with pytest.raises(MinshengError, match="not running"):
        server.url(settings)

    again = server.start(settings)
    assert again == url, "port and password are remembered"
    assert server.url(settings) == url
    assert ask(again, "SELECT answer FROM kept") == "42"

    server.destroy(settings)
    assert processes_of(settings.home) == []
    assert server.status(settings)["data"] is None


def test_only_loopback_and_only_with_the_password(settings: Settings) -> None:
    url = sa.make_url(server.start(settings))
    assert url.host == "127.0.0.1"
    assert url.port is not None
    secret = settings.home / "postgres.password"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert secret.read_text() not in str(server.status(settings))
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(
            host=url.host, port=url.port, user=url.username, password="x", dbname="postgres"
        )
    listening = Path("/proc/net/tcp").read_text().splitlines()
    addresses = [
        line.split()[1] for line in listening if line.split()[1].endswith(f":{url.port:04X}")
    ]
    assert all(address.startswith("0100007F") for address in addresses)


def test_survives_the_death_of_its_parent(settings: Settings) -> None:
    """The process that started it is killed; the next one finds and uses the same server."""
    script = "import os, signal; from etl import server; server.start(); os.kill(os.getpid(), signal.SIGKILL)"
    parent = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False)
    assert parent.returncode == -signal.SIGKILL
    assert server.status(settings)["running"] is True
    before = server.status(settings)["pid"]
    assert ask(server.start(settings), "SELECT 1") == "1"
    assert server.status(settings)["pid"] == before


def test_restarts_after_the_server_itself_was_killed(settings: Settings) -> None:
    url = server.start(settings)
    pid = server.status(settings)["pid"]
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not server.status(settings)["running"])
    assert ask(server.start(settings), "SELECT 1") == "1"
    assert server.url(settings) == url


def test_a_reused_process_number_is_not_the_server(settings: Settings) -> None:
    """After a reboot `postmaster.pid` may name some innocent program."""
    server.start(settings)
    server.stop(settings)
    data = Path(server.status(settings)["data"])
    note = data / "postmaster.pid"
    note.write_text(f"{os.getpid()}\n{data}\n0\n5432\n\n127.0.0.1\n")
    postgres.Account.choose(data).own(note, 0o600)
    assert server.status(settings)["running"] is False
    assert server.stop(settings) is False
    assert ask(server.start(settings), "SELECT 1") == "1"


def test_takes_another_port_when_the_remembered_one_is_taken(settings: Settings) -> None:
    first = sa.make_url(server.start(settings)).port
    server.stop(settings)
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", first))
        squatter.listen()
        url = server.start(settings)
        assert sa.make_url(url).port != first
        assert ask(url, "SELECT 1") == "1"


def test_many_starters_at_once_share_one_server(settings: Settings) -> None:
    command = [sys.executable, "-c", "from etl import server; print(server.start())"]

    def run(_: int) -> str:
        return subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout.strip()

    with ThreadPoolExecutor(4) as pool:
        urls = set(pool.map(run, range(4)))
    assert len(urls) == 1
    postmasters = [line for line in processes_of(settings.home) if " -D " in line]
    assert len(postmasters) == 1


def test_an_interrupted_first_start_leaves_nothing_in_the_way(settings: Settings) -> None:
    half = settings.home / "postgres" / "data.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("17\n")
    assert ask(server.start(settings), "SELECT 1") == "1"
    assert not half.exists()


def test_a_server_that_cannot_start_says_why_and_leaves_no_process(settings: Settings) -> None:
    with pytest.raises(MinshengError, match="shared_buffers") as caught:
        server.start(settings, tuning={"shared_buffers": "nonsense"})
    assert "未能启动" in str(caught.value)
    assert processes_of(settings.home) == []


def test_data_of_another_major_version_is_refused(settings: Settings) -> None:
    server.start(settings)
    server.stop(settings)
    data = Path(server.status(settings)["data"])
    (data / "PG_VERSION").write_text("12\n")
    with pytest.raises(MinshengError, match="PostgreSQL 12"):
        server.start(settings)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another account")
def test_root_s_data_moves_out_of_an_unreachable_home(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """/root is closed to the server's account, and newcomers clone there."""
    refuge = settings.home / "refuge"
    monkeypatch.setattr(postgres, "REFUGE", refuge)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    hidden = Settings.load({"MINSHENG_HOME": str(closed / "home")})
    try:
        assert ask(server.start(hidden), "SELECT 1") == "1"
        assert Path(server.status(hidden)["data"]).is_relative_to(refuge)
        account = postgres.Account.choose(refuge)
        program = tmp_path / "closed" / "pg" / "bin"
        program.mkdir(parents=True)
        for name in ("initdb", "postgres"):
            (program / name).write_text("")
        assert postgres.reachable_programs(program, account).is_relative_to(refuge)
    finally:
        server.destroy(hidden)
    assert processes_of(refuge) == []
    assert [entry.name for entry in refuge.iterdir() if entry.name.startswith("data")] == []


def test_another_database_beside_the_warehouse(server: str) -> None:
    from etl import server as embedded

    with ThreadPoolExecutor(3) as pool:
        urls = set(pool.map(lambda _: embedded.ensure_database(server, "air-flow"), range(3)))
    assert len(urls) == 1
    assert ask(urls.pop(), "SELECT current_database()") == "air-flow"


def test_the_user_s_own_database_is_left_alone(server: str, settings: Settings) -> None:
    from etl import server as embedded

    plain = server.replace("+psycopg2", "")
    mine = Settings.load({"MINSHENG_HOME": str(settings.home), "MINSHENG_DATABASE_URL": plain})
    assert embedded.start(mine) == server
    assert embedded.stop(mine) is False
    assert embedded.status(mine)["mode"] == "external"
    assert not (settings.home / "postgres").exists()
    engine = database.engine(mine)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SHOW application_name")).scalar() == "minsheng"
        assert connection.execute(sa.text("SHOW timezone")).scalar() == "Asia/Shanghai"
    engine.dispose()


def test_an_unreachable_database_is_explained(settings: Settings) -> None:
    mine = Settings.load(
        {
            "MINSHENG_HOME": str(settings.home),
            "MINSHENG_DATABASE_URL": "postgresql://u:secret@127.0.0.1:1/x",
        }
    )
    with pytest.raises(MinshengError, match="cannot be reached") as caught:
        database.engine(mine)
    assert "secret" not in str(caught.value)
    assert "无法连接" in str(caught.value)


def test_raw_commits_or_rolls_back(fresh_database: sa.Engine) -> None:
    with database.raw(fresh_database) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.noted (n int)")
    with (
        pytest.raises(psycopg2.errors.DivisionByZero),
        database.raw(fresh_database) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO public.noted VALUES (1); SELECT 1 / 0")
    with fresh_database.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM public.noted")).scalar() == 0
