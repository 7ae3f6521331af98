"""Every DAG: readable, described by its contracts, the same at each reading, quick to read."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from etl.contract import load_contracts
from tests.dags.conftest import DAGS, child_environment

PURPOSES = {"intake", "held", "evaluation", "sweep"}
FILES = sorted(DAGS.glob("*.py"))
LINES = 60

SERIALISE = """
import json, sys, time
from pathlib import Path
began = time.process_time()
import airflow.sdk, etl.airflow.factory, etl.airflow.decision, etl.contract
from airflow.dag_processing.dagbag import DagBag
from airflow.models.serialized_dag import SerializedDagModel
from airflow.serialization.serialized_objects import DagSerialization
imported = time.process_time() - began
folder = Path(sys.argv[1])
parsed, text = {}, {}
for path in sorted(folder.glob("*.py")):
    began = time.process_time()
    bag = DagBag(dag_folder=str(path), bundle_name="dags-folder", bundle_path=folder)
    parsed[path.name] = time.process_time() - began
    text |= {name: SerializedDagModel.hash(DagSerialization.to_dict(dag)) for name, dag in bag.dags.items()}
print(json.dumps({"imported": imported, "parsed": parsed, "dags": text}))
"""


def serialised(airflow: Path, seed: str) -> dict[str, Any]:
    """What a process of its own makes of the DAG files."""
    done = subprocess.run(
        [sys.executable, "-c", SERIALISE, str(DAGS)],
        env=child_environment(AIRFLOW_HOME=str(airflow), PYTHONHASHSEED=seed),
        capture_output=True,
        text=True,
        check=True,
    )
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def test_there_is_one_dag_a_purpose_and_one_a_department(dags: Any) -> None:
    assert dags.import_errors == {}
    departments = {contract.department for contract in load_contracts().values()}
    assert departments >= {
        "education", "health", "housing", "civil_affairs", "hotline", "reference",
    }  # fmt: skip
    assert set(dags.dags) == PURPOSES | departments


def test_every_dag_says_who_what_and_how_often_to_retry(dags: Any) -> None:
    assert dags.dags
    for name, dag in dags.dags.items():
        assert dag.doc_md, name
        assert dag.description, name
        assert "minsheng" in dag.tags, name
        assert dag.tasks, name
        assert dag.catchup is False, name
        assert not dag.is_paused_upon_creation, name
        for task in dag.tasks:
            assert task.owner not in ("", "airflow"), task
            assert task.retries >= 1 or task.task_id == "decide", task
            assert task.doc_md or task.task_id == "decide", task


def test_a_departments_dag_is_described_by_its_contracts(dags: Any) -> None:
    for contract in load_contracts().values():
        dag = dags.dags[contract.department]
        assert contract.feed in dag.tags
        for text in (contract.feed, contract.name_zh, contract.deadline, *contract.file.names):
            assert text in dag.doc_md
        assert all(contract.owner in task.owner for task in dag.tasks)


def test_feeds_of_further_folders_join_their_department(dags: Any, feeds: Path) -> None:
    added = [path.stem for path in feeds.glob("education/*.yaml")]
    assert added
    assert {f"education.{name}" for name in added} < dags.dags["education"].tags


@pytest.mark.slow
def test_reading_twice_gives_the_same_and_takes_little(airflow: Path) -> None:
    # The order of sets differs between the two; a DAG whose hash differs is a new version of it.
    first, second = serialised(airflow, "1"), serialised(airflow, "2")
    assert len(first["dags"]) >= len(PURPOSES) + 6
    assert first["dags"] == second["dags"]
    for name, seconds in first["parsed"].items():
        assert seconds < 0.5 * first["imported"], f"{name}: {first}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_dag_file_is_short_and_does_nothing_while_it_is_read(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    tree = ast.parse(text)
    assert ast.get_docstring(tree)
    forbidden = {"open", "now", "utcnow", "today", "random", "uuid4", "connect", "urlopen", "print"}
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Lambda), f"{path.name}:{node.lineno} has a lambda"
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            assert name not in forbidden, f"{path.name}:{node.lineno} calls {name}"
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.name for alias in node.names} | {getattr(node, "module", None)}
            assert not names & {"random", "time", "os", "great_expectations", "pandas", "uuid"}


def test_there_are_dag_files() -> None:
    assert len(FILES) >= 5
