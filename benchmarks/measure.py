"""One timed run of a program: seconds, memory of the process and its children, WAL, its own report."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]

from benchmarks.place import Place
from etl.server.cluster import Cluster
from etl.settings import ROOT

MARK = "BENCH "
"""A child's last word: one line of JSON after this mark."""

_MEGABYTE = 1 << 20


@dataclass
class Run:
    """What one run of a way took."""

    seconds: float
    """The way itself: without starting an interpreter and importing."""
    whole: float
    """Wall clock of the whole process."""
    rss_mb: float
    wal_mb: float
    cpu: float = 0.0
    """Processor seconds of the client, without imports where it says so itself."""
    server_cpu: float = 0.0
    """Processor seconds of PostgreSQL meanwhile: these flicker less than the clock."""
    report: dict[str, Any] = field(default_factory=dict)
    curve: list[tuple[float, float]] = field(default_factory=list)
    """(seconds since the start, MB of RSS)."""


@dataclass
class Way:
    """All runs of one way over the same rows."""

    name: str
    rows: int
    runs: list[Run] = field(default_factory=list)

    @property
    def seconds(self) -> list[float]:
        """Seconds of every run, in their order."""
        return [run.seconds for run in self.runs]

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds)

    @property
    def median_whole(self) -> float:
        """The median with interpreter and imports."""
        return statistics.median(run.whole for run in self.runs)

    @property
    def cpu(self) -> tuple[float, float]:
        """Medians of the processor seconds, client and server."""
        return statistics.median(r.cpu for r in self.runs), statistics.median(
            r.server_cpu for r in self.runs
        )

    @property
    def rss_mb(self) -> float:
        """The highest peak of all runs."""
        return max(run.rss_mb for run in self.runs)

    @property
    def wal_mb(self) -> float:
        """The median of the WAL written."""
        return statistics.median(run.wal_mb for run in self.runs)


def wal_position(place: Place) -> int:
    """Bytes of WAL written so far."""
    with closing(place.connect("postgres")) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint")
        return int(cursor.fetchall()[0][0])


def run(place: Place, command: Sequence[str | Path], environment: Mapping[str, str]) -> Run:
    """Run a program to its end while its memory is watched; fails loudly if it does.

    A program that prints a line of JSON after MARK may say there `seconds` (its own
    measure, without its imports) and `peak_rss_mb`; whatever else it says is kept.
    """
    before, server = wal_position(place), _server_cpu(place)
    client = _children_cpu()
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log:
        with subprocess.Popen(
            [str(part) for part in command],
            env=dict(environment), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            curve = _watch(process, started)
        whole = time.perf_counter() - started
        log.seek(0)
        output = log.read()
    if process.returncode != 0:
        raise RuntimeError(
            f"{command[0]} {command[1:4]}... failed ({process.returncode}):\n{output[-4000:]}"
        )
    report = _report(output)
    peak = max([memory for _, memory in curve] + [float(report.get("peak_rss_mb", 0.0))])
    wal = (wal_position(place) - before) / _MEGABYTE
    cpu = float(report.get("cpu_seconds", _children_cpu() - client))
    server = _server_cpu(place) - server
    return Run(float(report.get("seconds", whole)), whole, peak, wal, cpu, server, report, curve)


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _server_cpu(place: Place) -> float:
    """Processor seconds of the server and its processes, those that have ended too."""
    pid = Cluster.of(place.settings).running()
    if pid is None:
        return 0.0
    server = psutil.Process(pid[0])
    total = 0.0
    for process in [server, *server.children()]:
        with suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _watch(process: subprocess.Popen[bytes], started: float) -> list[tuple[float, float]]:
    """RSS of the process and its children, ten times a second, until it ends."""
    curve = []
    main = psutil.Process(process.pid)
    while True:
        with suppress(psutil.Error):
            family = [main, *main.children(recursive=True)]
            total = 0
            for member in family:
                with suppress(psutil.Error):
                    total += member.memory_info().rss
            curve.append((time.perf_counter() - started, total / _MEGABYTE))
        if _ended(process):
            return curve


def _ended(process: subprocess.Popen[bytes]) -> bool:
    # Popen.wait(timeout) polls with growing pauses and would round short runs up.
    deadline = time.perf_counter() + 0.1
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            return True
        time.sleep(0.005)
    return False


def _report(output: str) -> dict[str, Any]:
    for line in reversed(output.splitlines()):
        if line.startswith(MARK):
            report: dict[str, Any] = json.loads(line[len(MARK) :])
            return report
    return {}
