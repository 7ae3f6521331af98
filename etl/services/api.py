"""What the running Airflow says of itself: over loopback, never through a proxy."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from filelock import FileLock, Timeout

from etl.airflow.config import HOST, USER
from etl.errors import MinshengError
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

if TYPE_CHECKING:
    import httpx

PREFERRED_PORT = 8080
_TRIED_PORTS = 100


@contextmanager
def reserved_port(remembered: int | None) -> Iterator[int]:
    """The port of last time, else 8080, else the next free one.

    While the block lasts no other installation on this machine is given it: between this look
    and the web server's own binding there are seconds.
    """
    candidates = list(range(PREFERRED_PORT, PREFERRED_PORT + _TRIED_PORTS))
    for port in [remembered, *candidates] if remembered else candidates:
        lock = FileLock(Path(tempfile.gettempdir()) / f"minsheng-port-{port}.lock", timeout=0)
        try:
            lock.acquire()
        except (Timeout, OSError):  # an OSError: another user's lock
            continue
        try:
            if _is_free(port):
                yield port
                return
        finally:
            lock.release()
    raise MinshengError(
        MESSAGES.reason("ports_taken", preferred_port=PREFERRED_PORT, tried_ports=_TRIED_PORTS)
    )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def health(port: int) -> dict[str, str]:
    """Each component's own word, by its name; empty while nobody answers."""
    import httpx  # takes longer to import than a question to ask: only where one is asked

    try:
        answer = Api(port).get("/api/v2/monitor/health")
    except (httpx.HTTPError, ValueError):
        return {}
    words = {
        name: (answer.get(name.replace("-", "_")) or {}).get("status")
        for name in ("scheduler", "dag-processor", "triggerer")
    }
    return {"api-server": "healthy", **{name: word for name, word in words.items() if word}}


class Api:
    """Airflow's public API, as the web user."""

    def __init__(self, port: int, password: str | None = None) -> None:
        import httpx

        self._client = httpx.Client(
            base_url=f"http://{HOST}:{port}",
            auth=self._log_in if password is not None else None,
            timeout=10,
            trust_env=False,  # never through a proxy
        )
        self._password = password
        self._token: str | None = None

    def get(self, path: str) -> Any:
        """The answer to a GET; raises httpx.HTTPError."""
        return self.ask("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to a POST; raises httpx.HTTPError."""
        return self.ask("POST", path, body)

    def start_run(self, dag: str) -> str:
        """Start a DAG by hand; returns the run's id."""
        return str(self.post(f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None})["dag_run_id"])

    def run_state(self, dag: str, run: str) -> str:
        """State of a run."""
        return str(self.get(f"/api/v2/dags/{dag}/dagRuns/{quote(run)}")["state"])

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer to any request; logs in first where there is a password. Raises httpx.HTTPError."""
        return self._client.request(method, path, json=body).raise_for_status().json()

    def _log_in(self, request: httpx.Request) -> httpx.Request:
        if self._token is None:
            login = {"username": USER, "password": self._password}
            answer = self._client.request("POST", "/auth/token", json=login, auth=None)
            self._token = str(answer.raise_for_status().json()["access_token"])
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request
