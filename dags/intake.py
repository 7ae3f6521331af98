"""Files that land become deliveries.

Woken by the landing zone (a watcher in the triggerer looks twice a second). Archives every
complete file under its sha256, enters it in the ledger, removes it from the landing zone and
wakes its department by a partition key that names the delivery. A file that no contract
matches is kept in the archive and shown by `show_refused`, named after the reason.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG

from etl import contract
from etl.airflow.assets import LANDING, department_asset
from etl.airflow.factory import DEFAULTS, TAG
from etl.airflow.tasks import receive_landed, show_refused
from etl.settings import Settings

departments = contract.departments(Settings.load())

with DAG(
    dag_id="intake",
    schedule=[LANDING],
    description="Files in the landing zone become deliveries",
    doc_md=__doc__,
    tags={TAG, "receive"},
    # Soon given up: the files that still lie there wake the next run.
    default_args={**DEFAULTS, "retries": 1},
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    catchup=False,
):
    receive = receive_landed.override(outlets=[department_asset(name) for name in departments])
    show_refused.expand(refused=receive())
