"""The files and the process of one home's PostgreSQL: made, launched, found again after any crash.

What PostgreSQL itself writes (`postmaster.pid`) is the only record of a running
server, so there is nothing that can disagree with it.
"""

from __future__ import annotations

import os
import random
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.server import postgres
from etl.settings import Settings, read_or_create_secret

MESSAGES = Catalogue(__file__)

USER = "minsheng"
HOST = "127.0.0.1"
START_SECONDS = 120
_PORTS = range(15432, 25432)  # below what systems hand out to outgoing connections


@dataclass(frozen=True)
class Cluster:
    """One home's server, running or not."""

    home: Path
    root: Path
    account: postgres.Account

    @classmethod
    def of(cls, settings: Settings) -> Cluster:
        """The server of these settings, where it was made or would be made."""
        home = settings.home
        pointer = home / "postgres.location"
        if pointer.is_file():
            root = Path(pointer.read_text(encoding="utf-8").strip())
        else:
            account = postgres.Account.choose(home / "postgres" / "data")
            root = postgres.reachable_data(home, account)
        return cls(home, root, postgres.Account.choose(root / "data"))

    @property
    def data(self) -> Path:
        """The data directory."""
        return self.root / "data"

    @property
    def log(self) -> Path:
        """The server's log."""
        return self.root / "server.log"

    def password(self) -> str:
        """The password, made at random when it is first asked for."""
        password = read_or_create_secret(
            self.home / "postgres.password", lambda: secrets.token_urlsafe(24).encode()
        )
        return password.decode()

    def noted(self) -> tuple[int, int] | None:
        """Process and port as `postmaster.pid` has them, true or not."""
        try:
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def running(self) -> tuple[int, int] | None:
        """Process and port of the live server: a reused process number does not count."""
        noted = self.noted()
        if noted is None or not _is_server(noted[0], self.data):
            return None
        return noted

    def url(self, database: str) -> str:
        """The SQLAlchemy address of a database on the running server."""
        noted = self.noted()
        port = noted[1] if noted else 0
        return f"postgresql+psycopg2://{USER}:{self.password()}@{HOST}:{port}/{database}"

    def control(self, command: str, programs: Path, *options: str) -> str:
        """Run `pg_ctl`; return what it complained about, empty if it did well."""
        done = self.account.run([programs / "pg_ctl", command, "-D", self.data, "-w", *options])
        return "" if done.returncode == 0 else (done.stderr.strip() or done.stdout.strip())

    def log_tail(self) -> str:
        """The last lines of the log."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-8:])
        except OSError:
            return ""


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Hold the home's lock: one process at a time makes, starts or stops its server."""
    home.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        # The server's account must be able to pass through, not to look around.
        home.chmod(home.stat().st_mode | 0o011)
    with FileLock(home / "postgres.lock"):
        yield


def initialise(cluster: Cluster, programs: Path) -> None:
    """Make the data directory unless it is there: aside, then renamed, so that half a one never counts."""
    version = cluster.data / "PG_VERSION"
    if version.is_file():
        _check_version(cluster, version.read_text(encoding="utf-8").strip(), programs)
        return
    cluster.root.mkdir(parents=True, exist_ok=True)
    cluster.account.own(cluster.root, 0o700)
    (cluster.home / "postgres.location").write_text(f"{cluster.root}\n", encoding="utf-8")
    aside = cluster.root / "data.new"
    shutil.rmtree(aside, ignore_errors=True)
    secret = cluster.root / "password.new"
    secret.unlink(missing_ok=True)
    descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(cluster.password())
    cluster.account.own(secret, 0o600)
    try:
        ended = cluster.account.run(
            [
                programs / "initdb",
                *("-D", aside, "-U", USER, "-A", "scram-sha-256", f"--pwfile={secret}"),
                *("-E", "UTF8", "--locale=C.UTF-8"),
            ]
        )
    finally:
        secret.unlink(missing_ok=True)
    if ended.returncode != 0:
        raise MinshengError(
            MESSAGES.reason("data_not_made", data=cluster.data, made=ended.stderr.strip())
        )
    aside.rename(cluster.data)


def launch(cluster: Cluster, programs: Path, tuning: Mapping[str, str]) -> None:
    """Start the server on its remembered port, or on another if that is taken."""
    blocked = cluster.account.blocked_by(cluster.data)
    if blocked is not None:
        raise MinshengError(MESSAGES.reason("directory_closed", blocked=blocked))
    noted = cluster.noted()
    if noted is not None and _alive(noted[0]):
        # The number now belongs to some other program, which PostgreSQL would take for itself.
        (cluster.data / "postmaster.pid").unlink()
    remembered = cluster.home / "postgres.port"
    preferred = int(remembered.read_text(encoding="utf-8")) if remembered.is_file() else None
    values = " ".join(f"-c {key}='{value}'" for key, value in tuning.items())
    deadline = time.monotonic() + 30
    while True:
        port = _free_port(preferred)
        options = ("-l", str(cluster.log), "-t", str(START_SECONDS), "-o", f"-p {port} {values}")
        complaint = cluster.control("start", programs, *options)
        if not complaint:
            remembered.write_text(f"{port}\n", encoding="utf-8")
            return
        tail = cluster.log_tail()
        # After a kill -9 of the server its last children need a moment to notice;
        # a port may be taken between our look and its bind.
        passing = "still in use" in tail or "could not bind" in tail
        if not passing or time.monotonic() > deadline:
            cluster.control("stop", programs, "-m", "immediate")
            raise MinshengError(
                MESSAGES.reason(
                    "server_not_started", complaint=complaint, log=cluster.log, tail=tail
                )
            )
        time.sleep(0.5)


def _check_version(cluster: Cluster, present: str, programs: Path) -> None:
    wanted = postgres.major(programs)
    if present != wanted:
        raise MinshengError(
            MESSAGES.reason("data_version", data=cluster.data, found=present, wanted=wanted)
        )


def _free_port(preferred: int | None) -> int:
    candidates = random.sample(_PORTS, 200)
    for port in [preferred, *candidates] if preferred is not None else candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise MinshengError(MESSAGES.reason("no_free_port"))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_server(pid: int, data: Path) -> bool:
    """Whether the process is the server of this data directory."""
    if not _alive(pid):
        return False
    if Path("/proc/self").exists():
        try:
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return str(data) in line.decode(errors="replace").split("\0")
    shown = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return str(data) in shown.stdout
