"""What the running Airflow says of itself: over loopback, never through a proxy."""

from __future__ import annotations

import json
import socket
import urllib.request
from contextlib import suppress
from typing import Any
from urllib.parse import quote

from etl.airflow.config import HOST, USER
from etl.errors import MinshengError

PREFERRED_PORT = 8080
_TRIED_PORTS = 100


def free_port(remembered: int | None) -> int:
    """The port of last time, else 8080, else the next free one."""
    candidates = list(range(PREFERRED_PORT, PREFERRED_PORT + _TRIED_PORTS))
    for port in [remembered, *candidates] if remembered else candidates:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise MinshengError(
        f"端口 {PREFERRED_PORT} 起的 {_TRIED_PORTS} 个端口都被占用。",
        f"{_TRIED_PORTS} ports from {PREFERRED_PORT} on are all taken.",
    )


def health(port: int) -> dict[str, str]:
    """Each component's own word, by its name; empty while nobody answers."""
    try:
        found = Api(port).get("/api/v2/monitor/health")
    except (OSError, ValueError):
        return {}
    said = {
        name: (found.get(name.replace("-", "_")) or {}).get("status")
        for name in ("scheduler", "dag-processor", "triggerer")
    }
    return {"api-server": "healthy", **{name: word for name, word in said.items() if word}}


class Api:
    """Airflow's public API, as the web user."""

    def __init__(self, port: int, password: str | None = None) -> None:
        self.address = f"http://{HOST}:{port}"
        self.password = password
        self._token: str | None = None
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def get(self, path: str) -> Any:
        """The answer to a GET; raises OSError."""
        return self.ask("GET", path)

    def post(self, path: str, body: dict[str, Any]) -> Any:
        """The answer to a POST; raises OSError."""
        return self.ask("POST", path, body)

    def start_run(self, dag: str) -> str:
        """Start a DAG by hand; returns the run's id."""
        return str(self.post(f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None})["dag_run_id"])

    def run_state(self, dag: str, run: str) -> str:
        """State of a run."""
        return str(self.get(f"/api/v2/dags/{dag}/dagRuns/{quote(run)}")["state"])

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer to any request; logs in first where there is a password."""
        if self.password is not None and self._token is None and path != "/auth/token":
            login = {"username": USER, "password": self.password}
            self._token = self.ask("POST", "/auth/token", login)["access_token"]
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data, method=method)  # noqa: S310
        request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        with self._opener.open(request, timeout=10) as answer:
            return json.load(answer)
