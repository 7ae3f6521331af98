"""A delivery waits for a decision.

Started for each delivery that stage or validate held back: the question, with every reason,
stands under "Required Actions" until somebody answers. `minsheng release` and `minsheng reject`
do the same from the command line; whichever comes second changes nothing.
"""

from __future__ import annotations

from airflow.sdk import DAG, PartitionedAssetTimetable

from etl import contract
from etl.airflow.assets import HELD, department_asset
from etl.airflow.decision import act, ask, describe
from etl.airflow.factory import DEFAULTS, TAG
from etl.settings import Settings

departments = contract.departments(Settings.load())

with DAG(
    dag_id="held",
    schedule=PartitionedAssetTimetable(assets=HELD),
    description="A held delivery waits for somebody to release or reject it",
    doc_md=__doc__,
    tags={TAG, "decide"},
    default_args=DEFAULTS,
    max_active_runs=200,  # each waits for days without using a worker
    catchup=False,
):
    question = describe()
    answer = ask()
    decided = act.override(outlets=[department_asset(name) for name in departments])
    question >> answer >> decided(question, answer.output)
