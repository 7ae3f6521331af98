"""What every task needs: imported once by the scheduler's fork server, then only forked.

A task that imports all this itself takes seconds and 280 MB; a forked one a fraction.
Named in `[scheduler] mp_forkserver_preload`; nothing here is used by name.
"""

from __future__ import annotations

import gc
import logging
from importlib import import_module

MODULES = (
    # Airflow's own task process
    "airflow.executors.local_executor",
    "airflow.sdk.execution_time.supervisor",
    "airflow.sdk.execution_time.task_runner",
    "airflow.dag_processing.bundles.local",
    "airflow.dag_processing.dagbag",
    "airflow.providers.standard.decorators.python",
    "airflow.providers.standard.triggers.temporal",
    "airflow.sdk.definitions.connection",
    "airflow.sdk.execution_time.task_mapping",
    "airflow.serialization.serialized_objects",
    "jinja2.ext",
    # what the verbs import when they run
    "etl.validate.expect",
    "great_expectations.expectations",
    "pandas",
    "pyarrow",
    "psycopg2",
    "etl.airflow.factory",
    "etl.airflow.decision",
    "etl.receive",
    "etl.stage",
    "etl.validate",
    "etl.load",
    "etl.evaluate",
)

log = logging.getLogger(__name__)


def preload() -> None:
    """Import the modules, read the contracts (their cache is looked at by each task) and freeze it all."""
    logging.getLogger("great_expectations").setLevel(logging.WARNING)  # 200 lines at import
    for name in MODULES:
        try:
            import_module(name)
        except ImportError:
            log.exception("%s cannot be imported; tasks that need it will fail", name)
    from airflow.sdk.listener import get_listener_manager

    from etl.contract import load_contracts
    from etl.errors import MinshengError
    from etl.settings import Settings

    get_listener_manager()
    try:
        load_contracts(Settings.load())
    except MinshengError:
        log.exception("The contracts cannot be read; each task will try again")
    gc.collect()
    gc.freeze()  # forked tasks share these pages for good


preload()
