"""The whole system on one machine: the database and Airflow's four components, started and stopped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from typing import Any

from filelock import FileLock

from etl import server
from etl.airflow.config import (
    HOST,
    USER,
    AirflowHome,
    airflow_config,
    environment,
    write_config,
    written,
)
from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.services import metadata, processes
from etl.services.api import Api, health, reserved_port
from etl.services.processes import Component
from etl.settings import Settings
from etl.sources import passed_over

MESSAGES = Catalogue(__file__)

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
_STOPPED_IN_ORDER = ("scheduler", "dag-processor", "triggerer", "api-server")
"""The scheduler first: its tasks report to the API server as they finish."""
HEALTHY_SECONDS = 240.0
STEADY_SECONDS = 30.0

Say = Callable[[str], None]


def up(settings: Settings | None = None, say: Say = print) -> dict[str, Any]:
    """Start whatever does not run and wait until all of it works; return what `status` returns.

    May be repeated at will; a component that has died is started again. If the
    system does not come up, what this call started is stopped and the reason raised.
    """
    settings = settings or Settings.load()
    settings.landing.mkdir(parents=True, exist_ok=True)
    with _lock(settings):
        clock = _Clock(say)
        warehouse = _warehouse(settings)
        clock.done("数据库 / database")
        with ExitStack() as until_up:
            if not any(_alive(settings, name) for name in COMPONENTS):
                place = metadata.address(warehouse)
                AirflowHome.of(settings).password()
                port = until_up.enter_context(reserved_port(_port(settings)))
                write_config(settings, airflow_config(settings, place, port))
                metadata.migrate(settings, warehouse)
                clock.done("Airflow 数据库 / Airflow's database")
            started = _start_missing(settings, warehouse)
            try:
                _wait_until_healthy(settings, warehouse, clock)
                if started:
                    _first_sweep(settings, clock)
                return _still_healthy(settings)
            except BaseException:
                for component in started:
                    component.stop(patience=0)
                raise


def down(settings: Settings | None = None, say: Say = print) -> list[str]:
    """Stop every component, then the database; return what was stopped."""
    settings = settings or Settings.load()
    if not settings.home.is_dir():
        return []
    stopped = []
    with _lock(settings):
        for name in _STOPPED_IN_ORDER:
            component = processes.noted(settings, name)
            if component is None:
                continue
            if component.members():
                component.stop()
                stopped.append(name)
                say(f"  ✓ 已停止 / stopped {name}")
            processes.forget(settings, name)
    if server.stop(settings):
        stopped.append("database")
        say("  ✓ 已停止 / stopped 数据库 database")
    return stopped


def status(settings: Settings | None = None) -> dict[str, Any]:
    """What runs, where, and how it fares."""
    from etl.contract import broken_contracts

    settings = settings or Settings.load()
    port = _port(settings)
    running = {name: _alive(settings, name) for name in COMPONENTS}
    words = _words(running["api-server"], port)
    components = [
        {
            "name": name,
            "running": component is not None,
            "pid": component.pid if component else None,
            "health": words.get(name) if component else None,
            "log": str(processes.log_of(settings, name)),
        }
        for name, component in running.items()
    ]
    complete = all(running.values())
    url = f"http://{HOST}:{port}" if port and complete else None
    served = replace(settings, public_url=settings.public_url or url)
    return {
        "running": complete,
        "healthy": complete and all(component["health"] == "healthy" for component in components),
        "port": port,
        "url": url,
        "report": f"{served.address('report')}/" if url else None,
        "pages": f"{served.address('pages')}/" if url else None,
        "user": USER,
        "password_file": str(AirflowHome.of(settings).passwords),
        "components": components,
        "database": server.status(settings),
        "broken_feeds": [contract.feed for contract in broken_contracts(settings)],
        "landing": str(settings.landing),
        "passed_over": [reason.as_dict() for reason in passed_over(settings)],
        "logs": str(settings.home / "logs"),
    }


class _Clock:
    """Says what is done and how long it took."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.last = time.monotonic()

    def done(self, what: str) -> None:
        now = time.monotonic()
        self.say(f"  ✓ {what}  {now - self.last:.1f} s")
        self.last = now


def _warehouse(settings: Settings) -> str:
    """Address of the warehouse, running and with its schema up to date."""
    from etl.context import Context

    place = server.start(settings)
    Context.of(settings).engine.dispose()
    return place


def _alive(settings: Settings, name: str) -> Component | None:
    component = processes.noted(settings, name)
    return component if component is not None and component.alive else None


def _words(api_server: Component | None, port: int | None) -> dict[str, str]:
    """What the components say of themselves, if it is our own server that answers at the port."""
    if api_server is None or not port or not api_server.listens_on(port):
        return {}
    return health(port)


def _still_healthy(settings: Settings) -> dict[str, Any]:
    """The status, all being well; a component may have died since it said so."""
    deadline = time.monotonic() + STEADY_SECONDS
    while not (now := status(settings))["healthy"]:
        for component in now["components"]:
            if not component["running"]:
                raise _not_up(settings, component["name"], "它已退出", "it ended")
            if component["health"] != "healthy" and time.monotonic() > deadline:
                raise _not_up(settings, component["name"], "它没有就绪", "it is not healthy")
        time.sleep(0.25)
    return now


def _start_missing(settings: Settings, warehouse: str) -> list[Component]:
    started = []
    env = environment(settings, warehouse, os.environ)
    for name in COMPONENTS:
        if _alive(settings, name):
            continue
        dead = processes.noted(settings, name)
        if dead is not None:  # its leader has died, its workers may not have
            dead.stop()
        options = ["--skip-serve-logs"] if name in ("scheduler", "triggerer") else []
        command = metadata.airflow_command(name, *options)
        started.append(processes.start(settings, name, command, env))
    return started


def _wait_until_healthy(settings: Settings, warehouse: str, clock: _Clock) -> None:
    """All four components say that they are well, and every DAG is known."""
    deadline = time.monotonic() + HEALTHY_SECONDS
    port = _port(settings)
    waited_for = list(COMPONENTS)
    while waited_for:
        for name in COMPONENTS:
            if not _alive(settings, name):
                raise _not_up(settings, name, "它已退出", "it ended")
        words = _words(_alive(settings, "api-server"), port)
        for name in [name for name in waited_for if words.get(name) == "healthy"]:
            waited_for.remove(name)
            clock.done(name)
        if waited_for and time.monotonic() > deadline:
            raise _not_up(settings, waited_for[0], "它没有就绪", "it did not become healthy")
        time.sleep(0.25)
    expected = _expected_dags(settings)
    while missing := expected - metadata.known_dags(warehouse):
        if time.monotonic() > deadline:
            names = ", ".join(sorted(missing))
            raise _not_up(
                settings, "dag-processor", f"缺少 DAG {names}", f"DAGs are missing: {names}"
            )
        time.sleep(0.25)
    clock.done(f"{len(expected)} DAG")


def _first_sweep(settings: Settings, clock: _Clock) -> None:
    """Run `sweep` once: it takes up what a crash left, and shows that tasks really run."""
    import httpx

    password, _ = AirflowHome.of(settings).password()
    api = Api(_port(settings) or 0, password)
    deadline = time.monotonic() + HEALTHY_SECONDS
    run = state = None
    while state not in ("success", "failed"):
        # A machine that is busy starting all this may answer late, or not at all.
        with suppress(httpx.HTTPError):
            run = run or api.start_run("sweep")
            state = api.run_state("sweep", run)
        if time.monotonic() > deadline:
            raise _not_up(settings, "scheduler", "首个任务没有执行", "its first task did not run")
        time.sleep(0.25)
    clock.done("首次清扫 / first sweep")


def _expected_dags(settings: Settings) -> set[str]:
    from etl.contract import departments

    return {"intake", "sweep", "held", "evaluation", *departments(settings)}


def _port(settings: Settings) -> int | None:
    """The port in the settings that were written last."""
    return written(settings).getint("api", "port", fallback=None) or None


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    """One `up` or `down` at a time."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.home / "services.lock"):
        yield


def _not_up(settings: Settings, name: str, reason_zh: str, reason_en: str) -> MinshengError:
    log = processes.log_of(settings, name)
    end = ""
    with suppress(FileNotFoundError):
        end = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
    return MinshengError(
        MESSAGES.reason(
            "component_not_started",
            name=name,
            reason_zh=reason_zh,
            log=log,
            end=end,
            reason_en=reason_en,
        )
    )
