"""What any crash left behind.

Every five minutes: files still in the landing zone, deliveries that wait although their
department is idle, commits not yet evaluated; each is woken again, the ledger makes a repeat
harmless. `landing_watch` fails when the landing zone is no longer looked at.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, CronTriggerTimetable

from etl import contract
from etl.airflow.assets import LANDING, WAREHOUSE, department_asset
from etl.airflow.factory import DEFAULTS, TAG
from etl.airflow.tasks import landing_watch, sweep
from etl.settings import Settings

departments = contract.departments(Settings.load())
woken = [LANDING, WAREHOUSE, *(department_asset(name) for name in departments)]

with DAG(
    dag_id="sweep",
    schedule=CronTriggerTimetable("*/5 * * * *", timezone="UTC"),
    description="Wakes again whatever an event was lost for",
    doc_md=__doc__,
    tags={TAG, "receive", "evaluate"},
    default_args={**DEFAULTS, "retries": 1},
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=10),
    catchup=False,
):
    sweep.override(outlets=woken)(departments)
    landing_watch()
