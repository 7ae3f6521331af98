"""Background processes that later commands find again and that leave nothing behind.

Each leads a session of its own and is noted in `<home>/run/`. A session, unlike a
process group, is never left by the workers and tasks that a component starts.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil  # type: ignore[import-untyped]

from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)

FINISH_SECONDS = 30.0
"""How long a component may take to end by itself: the scheduler lets running tasks finish."""
TERM_SECONDS = 10.0
_LOG_BYTES = 10_000_000


@dataclass(frozen=True)
class Component:
    """One background process and whatever it started."""

    name: str
    pid: int
    started: float
    """When the process began: a reused number is another process."""

    @property
    def alive(self) -> bool:
        """Whether it runs; one that only waits to be reaped does not."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.started) < 1
            return bool(same and process.status() != psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return False

    def members(self) -> list[psutil.Process]:
        """Every live process of its session: itself, its workers, their tasks."""
        live = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, ProcessLookupError, PermissionError):
                if (
                    os.getsid(process.pid) == self.pid
                    and process.create_time() >= self.started - 1
                    and process.status() != psutil.STATUS_ZOMBIE
                ):
                    live.append(process)
        return live

    def listens_on(self, port: int) -> bool:
        """Whether it is this component that answers there, and not somebody else's."""
        for process in self.members():
            with suppress(psutil.Error):
                for each in process.net_connections("tcp"):
                    if each.status == psutil.CONN_LISTEN and each.laddr.port == port:
                        return True
        return False

    def stop(self, patience: float = FINISH_SECONDS) -> None:
        """Ask the leader to end, then its session, then end whatever is left of it."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGTERM)
            _wait(lambda: not self.alive, patience, self.pid)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            for process in self.members():
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(sign)
            if _wait(lambda: not self.members(), TERM_SECONDS, self.pid):
                return
        left = ", ".join(str(process.pid) for process in self.members())
        raise MinshengError(MESSAGES.reason("processes_not_stopped", name=self.name, left=left))


def start(
    settings: Settings, name: str, command: Sequence[str], env: Mapping[str, str]
) -> Component:
    """Start a component in the background and note it; its output goes to its log."""
    log = log_of(settings, name)
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=settings.home,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    component = Component(name, process.pid, psutil.Process(process.pid).create_time())
    note = _note(settings, name)
    note.parent.mkdir(exist_ok=True)
    aside = note.with_suffix(".new")
    aside.write_text(json.dumps({"pid": component.pid, "started": component.started}))
    aside.replace(note)
    return component


def noted(settings: Settings, name: str) -> Component | None:
    """The component as it was started last, alive or not."""
    try:
        note = json.loads(_note(settings, name).read_text())
    except (FileNotFoundError, ValueError):
        return None
    return Component(name, note["pid"], note["started"])


def forget(settings: Settings, name: str) -> None:
    """Remove the note of a component that is gone."""
    _note(settings, name).unlink(missing_ok=True)


def log_of(settings: Settings, name: str) -> Path:
    """Where a component's output goes."""
    return settings.home / "logs" / f"{name}.log"


def _note(settings: Settings, name: str) -> Path:
    return settings.home / "run" / f"{name}.json"


def _wait(done: Callable[[], bool], seconds: float, pid: int) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        with suppress(ChildProcessError, OSError):
            os.waitpid(pid, os.WNOHANG)  # where it is our own child
        if done():
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
