"""DAGs from contracts: the same contracts always give the same DAG."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, PartitionedAssetTimetable, task_group

from etl.airflow import tasks
from etl.airflow.assets import department_asset
from etl.airflow.links import DeliveryLink, linked

if TYPE_CHECKING:
    from etl.contract import BrokenContract, Contract

TAG = "minsheng"

ENDED = "Green where the delivery was loaded or refused, red where a step of it failed."

DEFAULTS: dict[str, Any] = {
    "owner": "minsheng",
    "retries": 4,
    "retry_delay": timedelta(seconds=5),
    "retry_exponential_backoff": 3.0,
    "max_retry_delay": timedelta(minutes=5),
    # Deliveries that have come far go first: the first is done early, none waits for all.
    "weight_rule": "upstream",
}


def department_dag(
    department: str, contracts: Sequence[Contract], broken: Sequence[BrokenContract] = ()
) -> DAG:
    """The DAG of one department: stage, validate and load each delivery of a run on its own."""
    owners = sorted({contract.owner for contract in contracts if contract.owner})
    with DAG(
        dag_id=department,
        schedule=PartitionedAssetTimetable(assets=department_asset(department)),
        description=f"Deliveries of {department}: stage, validate, load",
        doc_md=department_docs(department, contracts, broken),
        tags={
            TAG,
            "department",
            *(contract.feed for contract in contracts),
            *(f"broken: {contract.feed}" for contract in broken),
        },
        default_args={**DEFAULTS, "owner": ", ".join(owners) or TAG},
        max_active_runs=16,
        dagrun_timeout=timedelta(hours=6),
        catchup=False,
    ) as dag:

        @task_group
        def delivery(delivery_id: int) -> None:
            """One delivery, all or nothing, whatever becomes of the others."""
            page = DeliveryLink()
            staged = linked(tasks.stage(delivery_id), page)
            loaded = linked(tasks.load(linked(tasks.validate(staged), page)), page)
            # Where none fails, both cost nothing: one is skipped, the other runs in the scheduler. A
            # run is as red as its leaves, so the second is red after a failure.
            loaded >> linked(tasks.settle(delivery_id), page)
            loaded >> EmptyOperator(task_id="ended", trigger_rule="none_failed", doc_md=ENDED)

        delivery.expand(delivery_id=tasks.batch(department))
    return dag


def department_docs(
    department: str, contracts: Sequence[Contract], broken: Sequence[BrokenContract] = ()
) -> str:
    """The page the UI shows: which feeds arrive, when, how their files are named, and which feeds are out."""
    lines = [
        f"# {department}",
        "",
        "One run per delivery (or per batch of a feed, when many wait); its partition key names the",
        "deliveries. A refused delivery shows its first reason as the name of its mapped task;",
        "`load` is skipped and its log has all reasons. See docs/operating.md.",
        "",
        "| feed | 名称 | name | files | cadence | deadline | owner |",
        "|---|---|---|---|---|---|---|",
    ]
    for contract in sorted(contracts, key=_feed):
        cells = (
            f"`{contract.feed}`",
            contract.name_zh,
            contract.name_en,
            ", ".join(f"`{name}`" for name in contract.file.names),
            contract.cadence,
            contract.deadline,
            contract.owner,
        )
        lines.append("| " + " | ".join(_cell(value) for value in cells) + " |")
    if broken:
        lines += ["", "## 停用的数据源 Feeds that are out: their contracts cannot be used", ""]
    for each in broken:
        lines += [f"- `{each.feed}`", *(f"  - {_cell(problem)}" for problem in each.problems)]
    return "\n".join(lines)


def _feed(contract: Contract) -> str:
    return contract.feed


def _cell(value: object) -> str:
    return " ".join(str(value or "").replace("|", "\\|").split())
