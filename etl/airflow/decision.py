"""The tasks of DAG `held`: what a person decides on a delivery in Airflow's "Required Actions"."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import get_current_context, task
from airflow.sdk.exceptions import AirflowSkipException

from etl.airflow.assets import announce, department_asset
from etl.airflow.batch import delivery_ids, partition_keys
from etl.airflow.links import write_page
from etl.airflow.shown import decision_text, main_reason

log = logging.getLogger(__name__)

RELEASE = "放行 Release"
REJECT = "退回 Reject"
LEAVE = "搁置 Leave it"
"""Asked no longer; the delivery stays held, and the command line can still decide."""
PATIENCE = timedelta(days=30)


@task
def describe() -> dict[str, Any]:
    """What is held, and why: heading and text of the question; skipped if it is decided already."""
    from etl import ledger
    from etl.context import Context

    (number,) = delivery_ids(get_current_context()["dag_run"].partition_key)
    with Context.of().engine.connect() as connection:
        delivery = ledger.get(connection, number)
    if delivery.state != "held":
        raise AirflowSkipException(f"{delivery.label} is {delivery.state}, no longer held.")
    return {
        "delivery_id": number,
        "subject": f"{delivery.label}: {main_reason(delivery.reasons)}",
        "body": decision_text(delivery, _effect(number), page=write_page(number)),
    }


def _effect(delivery_id: int) -> list[str]:
    """What a release would do; a preview that fails keeps nobody from deciding."""
    from etl.database.errors import described
    from etl.preview import preview

    try:
        return list(preview(delivery_id).lines())
    except Exception as error:
        log.exception("no preview of delivery %s", delivery_id)
        return [f"无法预演 / no preview: {described(error)}"]


def ask() -> HITLOperator:
    """Wait, without using a worker, until somebody has decided."""
    return HITLOperator(
        task_id="decide",
        subject="{{ ti.xcom_pull(task_ids='describe')['subject'] }}",
        body="{{ ti.xcom_pull(task_ids='describe')['body'] }}",
        options=[RELEASE, REJECT, LEAVE],
        defaults=LEAVE,
        response_timeout=PATIENCE,
    )


@task
def act(question: dict[str, Any], answer: dict[str, Any]) -> str:
    """Enter the decision in the ledger; a released delivery wakes its department."""
    from etl import ledger
    from etl.errors import MinshengError

    if LEAVE in answer["chosen_options"]:
        raise AirflowSkipException("Left as it is.")
    who = str((answer.get("responded_by_user") or {}).get("name") or "airflow")
    number = int(question["delivery_id"])
    context = get_current_context()
    released = RELEASE in answer["chosen_options"]
    try:
        delivery = ledger.release(number, who) if released else ledger.reject(number, who)
    except MinshengError as problem:
        if context["ti"].try_number == 1:
            raise AirflowSkipException(str(problem)) from problem
        raise
    department = department_asset(str(delivery.department))
    announce(context, {department: partition_keys([delivery])} if released else {})
    return f"{delivery.label}: {delivery.state}, {who}"
