"""An Airflow plugin: the scheduler starts its fork server at once, not with the first task.

Without it the first file after a start waits some eight seconds for what
`etl.airflow.preload` imports. `etl.airflow.config` puts it into the plugins folder.
"""

from __future__ import annotations

import multiprocessing
from multiprocessing import forkserver
from types import SimpleNamespace
from typing import Any

from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin


@hookimpl
def on_starting(component: Any) -> None:
    """Airflow calls this as a component or a task starts; only the scheduler has a fork server to start."""
    from airflow.jobs.job import Job

    if isinstance(component, Job) and multiprocessing.get_start_method(True) == "forkserver":
        forkserver.ensure_running()


class WarmPlugin(AirflowPlugin):
    """Registers the listener above."""

    name = "minsheng_warm"
    listeners = [SimpleNamespace(on_starting=on_starting)]  # noqa: RUF012
