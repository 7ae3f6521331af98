"""The plan's indicators as of the newest commit, the report of them, their series, the pages of deliveries.

Woken when a delivery has ended, no other is moving, and the warehouse holds a commit that no
evaluation has seen; all are read from the ledger, so a lost, merged or repeated event changes
nothing. `sweep` wakes it too, if deliveries keep moving for long.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.sdk import DAG, PartitionedAssetTimetable

from etl.airflow.assets import WAREHOUSE
from etl.airflow.factory import DEFAULTS, TAG
from etl.airflow.links import PagesLink, ReportLink, linked
from etl.airflow.tasks import build_pages, build_report, build_series, evaluate_newest

with DAG(
    dag_id="evaluation",
    schedule=PartitionedAssetTimetable(assets=WAREHOUSE),
    description="The plan's indicators as of the newest commit",
    doc_md=__doc__,
    tags={TAG, "evaluate"},
    default_args=DEFAULTS,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=1),
    catchup=False,
):
    report = linked(build_report(), ReportLink())
    linked(evaluate_newest(), ReportLink()) >> report >> build_series()
    linked(build_pages(), PagesLink())
