"""One DAG per department, made from the contracts of its feeds (its docs are made from them too)."""

from __future__ import annotations

from airflow.sdk import get_parsing_context

from etl.airflow.factory import department_dag
from etl.contract import load_contracts
from etl.settings import Settings

contracts = load_contracts(Settings.load())
wanted = get_parsing_context().dag_id  # a task needs only its own DAG

for department in sorted({one.department for one in contracts.values()}):
    if wanted in (None, department):
        own = [one for one in contracts.values() if one.department == department]
        globals()[department] = department_dag(department, own)
