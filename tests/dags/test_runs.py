"""The DAGs at work, in this process: `dag.test()` with the real verbs and a warehouse of each test's own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ledger, receive
from etl.context import Context
from etl.database.prepare import prepare
from etl.ingest import carry
from etl.settings import Settings
from etl.sources import Offer, landing
from tests.dags.conftest import FEEDS, read_dags
from tests.make import write_csv

HEADER = ("编号", "名称", "状态")
WEB = "http://airflow"
ROWS = [("2111000001", "一小", "正常"), ("2111000002", "二小", "正常")]

pytestmark = pytest.mark.slow


@pytest.fixture
def home(
    airflow: Path,
    ingest_settings: Settings,
    fresh_database: sa.Engine,
    feeds: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Settings]:
    """A warehouse, a landing zone whose files are complete at once, the model feeds."""
    monkeypatch.setattr(landing, "QUIET_SECONDS", -1.0)
    monkeypatch.setenv("MINSHENG_PUBLIC_URL", WEB)
    prepare(fresh_database)
    settings = Settings.load()
    settings.landing.mkdir(parents=True)
    yield settings
    Context.of(settings).engine.dispose()


@cache
def _dags() -> Any:
    return read_dags()


class Run:
    """A finished DAG run."""

    def __init__(self, dag_id: str) -> None:
        self.run = _dags().dags[dag_id].test()
        from airflow.models.taskinstance import TaskInstance
        from airflow.models.xcom import XComModel
        from airflow.settings import Session

        with Session() as session:
            links = sa.select(XComModel).where(
                XComModel.dag_id == dag_id,
                XComModel.run_id == self.run.run_id,
                XComModel.key.startswith("_link_"),
            )
            self.links = {
                (link.task_id.rpartition(".")[2], link.map_index): XComModel.deserialize_value(link)
                for link in session.scalars(links)
            }
            """Where the button of each task leads."""
            chosen = sa.select(TaskInstance).where(
                TaskInstance.dag_id == dag_id, TaskInstance.run_id == self.run.run_id
            )
            tasks = session.scalars(chosen).all()
            self.states = {
                (task.task_id.rpartition(".")[2], task.map_index): str(task.state) for task in tasks
            }
            self.names = {
                (task.task_id.rpartition(".")[2], task.map_index): task.rendered_map_index
                for task in tasks
            }

    @property
    def state(self) -> str:
        return str(self.run.state)


def events_since(number: int) -> list[tuple[str, str | None]]:
    """What has been announced: asset and partition key."""
    from airflow.models.asset import AssetEvent, AssetModel
    from airflow.settings import Session

    with Session() as session:
        chosen = (
            sa.select(AssetModel.name, AssetEvent.partition_key)
            .join(AssetEvent, AssetEvent.asset_id == AssetModel.id)
            .where(AssetEvent.id > number)
            .order_by(AssetEvent.id)
        )
        return [(name, key) for name, key in session.execute(chosen)]


@pytest.fixture
def newest_event(home: Settings) -> int:
    """Number of the newest event before the test."""
    from airflow.models.asset import AssetEvent
    from airflow.settings import Session

    with Session() as session:
        return session.scalar(sa.select(sa.func.coalesce(sa.func.max(AssetEvent.id), 0))) or 0


def drop(settings: Settings, name: str, rows: Any = ROWS, header: Any = HEADER) -> Path:
    return write_csv(settings.landing / name, header, rows)


def state_of(settings: Settings, number: int) -> str:
    with Context.of(settings).engine.connect() as connection:
        return ledger.get(connection, number).state


def test_intake_registers_every_file_and_wakes_each_department(
    home: Settings, newest_event: int
) -> None:
    drop(home, "模型学校_20200131_a.csv")
    drop(home, "谁的文件.txt")
    (home.landing / "half.csv.part").write_text("x")
    run = Run("intake")

    assert run.state == "success"
    assert [path.name for path in home.landing.iterdir()] == ["half.csv.part"]
    known = {delivery.file_name: delivery for delivery in ledger.deliveries(Context.of(home))}
    assert known["模型学校_20200131_a.csv"].state == "received"
    assert known["谁的文件.txt"].state == "rejected"
    # Only the department that got something is woken, by a key that names it.
    number = known["模型学校_20200131_a.csv"].delivery_id
    assert events_since(newest_event) == [
        ("deliveries.education", f"education.model_school:{number}")
    ]
    # What nobody will load stands there under its name and reason.
    assert run.states[("show_refused", 0)] == "skipped"
    assert "谁的文件.txt" in run.names[("show_refused", 0)]
    assert "rejected" in run.names[("show_refused", 0)]


def test_intake_with_nothing_to_do_wakes_nobody(home: Settings, newest_event: int) -> None:
    run = Run("intake")
    assert run.state == "success"
    assert events_since(newest_event) == []


def test_a_file_that_cannot_be_received_stays_and_stops_no_other(
    home: Settings, newest_event: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = receive.receive

    def failing(offer: Offer, **options: Any) -> Any:
        if "b.csv" in offer.place.name:
            raise OSError("no space left on device")
        return plain(offer, **options)

    monkeypatch.setattr(receive, "receive", failing)
    drop(home, "模型学校_20200131_a.csv")
    drop(home, "模型学校_20200229_b.csv")
    run = Run("intake")

    assert [path.name for path in home.landing.iterdir()] == ["模型学校_20200229_b.csv"]
    assert len(events_since(newest_event)) == 1
    assert run.states[("show_refused", 0)] == "failed"
    assert "no space left" in run.names[("show_refused", 0)]


def test_what_is_no_file_is_told_once_and_stops_no_other(home: Settings, newest_event: int) -> None:
    drop(home, "模型学校_20200131_a.csv")
    os.mkfifo(home.landing / "模型学校_20200229_b.csv")
    gbk = home.landing / os.fsdecode("模型学校_20200331_c.csv".encode("gbk"))
    drop(home, "aside.csv.part").rename(gbk)
    run = Run("intake")
    assert run.states[("show_refused", 0)] == "skipped"
    assert "模型学校_20200229_b.csv · passed over" in run.names[("show_refused", 0)]
    assert "FIFO" in run.names[("show_refused", 0)]
    assert {each.file_name for each in ledger.deliveries(Context.of(home))} == {
        "模型学校_20200131_a.csv",
        "模型学校_20200331_c.csv",
    }
    assert ("show_refused", 0) not in Run("intake").states, "told once"


def test_a_department_loads_what_waits_and_names_its_tasks(
    home: Settings, newest_event: int
) -> None:
    good = receive.receive(drop(home, "模型学校_20200131_a.csv"), consume=True)[0]
    bad = receive.receive(
        drop(home, "模型学校_20200229_b.csv", [r[1:] for r in ROWS], HEADER[1:]), consume=True
    )[0]
    run = Run("education")

    assert run.state == "success"  # a clerk's bad file is no engineering failure
    assert state_of(home, good.delivery_id) == "loaded"
    assert state_of(home, bad.delivery_id) == "held"
    assert run.states[("load", 0)] == "success"
    assert run.states[("load", 1)] == "skipped"
    assert run.states[("settle", -1)] == "skipped"
    assert "模型学校_20200131_a.csv" in run.names[("load", 0)]
    assert "2 rows" in run.names[("load", 0)]
    assert "held" in run.names[("load", 1)]
    assert "缺少必需的列" in run.names[("load", 1)]
    # A column may have been renamed: a person is asked. Whoever ended last announced the commit, once.
    asked = ("held", f"education.model_school:{bad.delivery_id}")
    assert events_since(newest_event) == [asked, ("warehouse", "commit 1")]
    # Each has a button to its page; of the one that no evaluation follows it is there already.
    for at, delivery in enumerate((good, bad)):
        page = f"{WEB}/minsheng/pages/deliveries/0/{delivery.delivery_id}.html"
        assert {run.links[(task, at)] for task in ("stage", "validate", "load")} == {page}
    assert "缺少必需的列" in (home.pages / f"deliveries/0/{bad.delivery_id}.html").read_text(
        "utf-8"
    )


def test_a_load_query_that_cannot_work_fails_once_and_holds_nobody_up(
    home: Settings, newest_event: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = receive.receive(drop(home, "模型学校_20200131_a.csv"), consume=True)[0]
    carry(loaded, Context.of(home))
    broken = Path(shutil.copytree(FEEDS, tmp_path / "feeds"))
    query = broken / "housing" / "model_contract.load.sql"
    query.write_text(query.read_text("utf-8").replace(", row_no", ""), "utf-8")
    monkeypatch.setenv("MINSHENG_FEEDS", str(broken))
    rows = [("E1", "F1", "2020-01-01", "物业")]
    path = drop(home, "模型合同_20200131_a.csv", rows, ("小区", "企业", "开始", "名称"))
    delivery = receive.receive(path, consume=True)[0]
    run = Run("housing")

    assert run.state == "failed", "somebody has to look at it"
    states = {name: state for (name, _), state in run.states.items()}
    assert (states["stage"], states["validate"], states["load"]) == ("success", "success", "failed")
    assert (states["settle"], states["ended"]) == ("success", "upstream_failed")
    assert state_of(home, delivery.delivery_id) == "failed"
    assert "lacks ['row_n" in run.names[("load", 0)]
    # The other's commit is evaluated, although a task that fails announces nothing.
    assert events_since(newest_event) == [("warehouse", "commit 1")]
    # No sweep takes it up.
    monkeypatch.setattr(ledger, "LEFT_BEHIND", timedelta(seconds=-1))
    before = len(events_since(newest_event))
    Run("sweep")
    assert events_since(newest_event)[before:] == [("warehouse", "commit 1")]


def test_a_key_announced_twice_changes_nothing(
    home: Settings, newest_event: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = receive.receive(drop(home, "模型学校_20200131_a.csv"), consume=True)[0]
    Run("education")
    with Context.of(home).engine.connect() as connection:
        before = ledger.get(connection, first.delivery_id)
    plain = ledger.waiting

    def same_again(department: str | None = None) -> Any:
        return [before] if department else plain()

    monkeypatch.setattr(ledger, "waiting", same_again)
    run = Run("education")
    assert run.state == "success"
    assert run.states[("load", 0)] == "success"
    with Context.of(home).engine.connect() as connection:
        assert ledger.get(connection, first.delivery_id) == before


def test_the_same_file_again_is_a_duplicate(home: Settings) -> None:
    receive.receive(drop(home, "模型学校_20200131_a.csv"), consume=True)
    Run("education")
    second = receive.receive(drop(home, "模型学校_20200131_a.csv"), consume=True)[0]
    run = Run("education")
    assert state_of(home, second.delivery_id) == "duplicate"
    assert run.names[("load", 0)].endswith("duplicate")
    assert ledger.newest_commit() == 1


def test_evaluation_runs_once_for_a_commit(home: Settings) -> None:
    receive.receive(drop(home, "模型学校_20200131_a.csv"), consume=True)
    Run("education")
    run = Run("evaluation")
    assert set(run.states.values()) == {"success"}
    with Context.of().engine.connect() as connection:
        assert (
            connection.scalar(sa.text("SELECT min(known_from) FROM star.fact_indicator_series"))
            == 1
        )
    assert ledger.last_evaluated() == ledger.newest_commit() == 1
    assert run.links == {
        ("evaluate_newest", -1): f"{WEB}/minsheng/report/index.html",
        ("build_report", -1): f"{WEB}/minsheng/report/index.html",
        ("build_pages", -1): f"{WEB}/minsheng/pages/index.html",
    }
    for link in run.links.values():
        assert (home.home / link.removeprefix(f"{WEB}/minsheng/")).is_file()
    assert Run("evaluation").states[("evaluate_newest", -1)] == "skipped"


def test_the_sweep_wakes_what_was_left_behind(
    home: Settings, newest_event: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = receive.receive(drop(home, "模型学校_20200131_a.csv"), consume=True)[0]
    assert Run("sweep").state == "success"
    assert events_since(newest_event) == []  # it may still be on its way

    monkeypatch.setattr(ledger, "LEFT_BEHIND", timedelta(seconds=-1))
    drop(home, "模型学校_20200229_b.csv")
    run = Run("sweep")
    assert run.states[("sweep", -1)] == "success"
    assert sorted(events_since(newest_event)) == [
        ("deliveries.education", f"education.model_school:{left.delivery_id}"),
        ("landing", None),
    ]
