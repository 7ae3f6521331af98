"""What a container of the compose file runs: one of Airflow's components, with the settings of `minsheng up`.

`prepare` runs first and once: it migrates both databases, writes `airflow.cfg` into the
shared home and says where the password is. Nothing of Airflow is imported here, and for
`healthy`, which every container runs all the time, nothing that takes long.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)

PORT = 8080
COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
USAGE = f"usage: prepare | {' | '.join(COMPONENTS)} | healthy COMPONENT | minsheng ARGUMENT..."


def main(arguments: list[str]) -> int:
    """Run what the container's command says; a component replaces this process."""
    if arguments == ["prepare"]:
        try:
            return _prepare(Settings.load())
        except MinshengError as problem:
            print(problem, file=sys.stderr)
            return problem.exit_code
    if len(arguments) == 1 and arguments[0] in COMPONENTS:
        name = arguments[0]
        options = ["--skip-serve-logs"] if name in ("scheduler", "triggerer") else []
        os.execvpe("airflow", ["airflow", name, *options], _environment(Settings.load()))
    if len(arguments) == 2 and arguments[0] == "healthy" and arguments[1] in COMPONENTS:
        return 0 if _healthy(arguments[1]) else 1
    if arguments[:1] == ["minsheng"]:
        os.execvp("minsheng", arguments)
    print(USAGE)
    return 0 if arguments == ["--help"] else 2


def _environment(settings: Settings) -> dict[str, str]:
    from etl.airflow.config import environment

    return environment(settings, settings.database_url or "", os.environ)


def _prepare(settings: Settings) -> int:
    from etl import database
    from etl.airflow.config import USER, AirflowHome, airflow_config, write_config
    from etl.database.prepare import prepare
    from etl.settings import driver_url

    check_landing(settings.landing)
    home = AirflowHome.of(settings)
    home.password()
    config = airflow_config(settings, driver_url(os.environ["AIRFLOW_DATABASE_URL"]), PORT)
    server = os.environ["MINSHENG_API_SERVER"]
    # The containers meet in a network of their own; only the published port is seen from outside.
    config["api"] |= {"host": "0.0.0.0", "base_url": os.environ["MINSHENG_PUBLIC_URL"]}  # noqa: S104
    config["core"]["execution_api_server_url"] = f"{server}/execution/"
    write_config(settings, config)
    subprocess.run(["airflow", "db", "migrate"], env=_environment(settings), check=True)
    done = prepare(database.engine(settings))
    print(f"仓库结构 / warehouse at {done['to']}")
    print(f"用户 / user {USER}，口令在 / password in {home.passwords}")
    return 0


def check_landing(landing: Path) -> None:
    """Refuse to start where a received file could not be taken away: it would be received for ever."""
    closed = [
        folder
        for folder, _, _ in os.walk(landing)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK)
    ]
    if closed or not landing.is_dir():
        user, folder = os.getuid(), closed[0] if closed else landing
        raise MinshengError(MESSAGES.reason("landing_not_writable", user=user, folder=folder))


def _healthy(name: str) -> bool:
    """The component's own word, as the API server has it."""
    # Asked every few seconds in every container: httpx would take ten times as long to import.
    from urllib.request import ProxyHandler, build_opener

    server = (
        os.environ["MINSHENG_API_SERVER"] if name != "api-server" else f"http://127.0.0.1:{PORT}"
    )
    part = "metadatabase" if name == "api-server" else name.replace("-", "_")
    try:
        with build_opener(ProxyHandler({})).open(
            f"{server}/api/v2/monitor/health", timeout=5
        ) as answer:
            health = json.load(answer)
    except (OSError, ValueError):
        return False
    return (health.get(part) or {}).get("status") == "healthy"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
