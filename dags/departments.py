"""One DAG per department, made from the contracts of its feeds (its docs are made from them too)."""

from __future__ import annotations

from airflow.sdk import get_parsing_context

from etl.airflow.factory import department_dag
from etl.contract import broken_contracts, load_contracts
from etl.settings import Settings

contracts = load_contracts(Settings.load())
broken = broken_contracts(Settings.load())
wanted = get_parsing_context().dag_id  # a task needs only its own DAG

for department in sorted({feed.department for feed in (*contracts.values(), *broken)}):
    if wanted in (None, department):
        own = [contract for contract in contracts.values() if contract.department == department]
        out = [contract for contract in broken if contract.department == department]
        globals()[department] = department_dag(department, own, out)
