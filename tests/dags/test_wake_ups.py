"""Who is woken by what became of a delivery, and who is not: tasks called one by one, the ledger real."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.ledger import Delivery
from etl.settings import Settings
from etl.sources import landing
from tests.dags.test_tasks import Outlet
from tests.make import write_csv

HEADER, ROWS = ("编号", "名称", "状态"), [("2111000001", "一小", "正常")]


class Floor:
    """Tasks of one installation, run by hand; what they announce is noted."""

    def __init__(self, ctx: Context, patch: pytest.MonkeyPatch) -> None:
        from etl.airflow import decision, tasks

        self.ctx, self.tasks = ctx, tasks
        self.busy: dict[str, list[str]] = {}
        """Departments with runs, in these states."""
        self.pushed: dict[str, Any] = {}
        self.context: dict[str, Any] = {}
        self.attempt()
        for module in (decision, tasks):
            patch.setattr(module, "get_current_context", lambda: self.context)

    def attempt(self, number: int = 1) -> None:
        """A fresh try of a task."""
        self.context |= {
            "ti": SimpleNamespace(
                try_number=number,
                max_tries=4,
                task=SimpleNamespace(outlets=["all"]),
                xcom_push=self.pushed.__setitem__,
                get_dr_count=lambda name, states: sum(
                    state in states for state in self.busy.get(name, ())
                ),
            ),
            "outlet_events": defaultdict(Outlet),
        }

    @property
    def announced(self) -> dict[str, list[str]]:
        """Asset -> keys of what the last task announces; an empty list is an event without a key."""
        events = self.context["outlet_events"]
        return {asset.name: events[asset].keys for asset in self.context["ti"].task.outlets}

    def entered(
        self, state: str = "received", *, feed: str = "education.model_school", late: bool = False
    ) -> Delivery:
        """A delivery in a state; `late`: nothing has happened on it for an hour."""
        with self.ctx.engine.begin() as connection:
            contract = self.ctx.contract(feed)
            number = ledger.register(
                connection, sha256="0" * 64, size=1, file_name="x.csv", member=None, contract=contract, mode="full"
            ).delivery_id  # fmt: skip
            ways: dict[str, list[tuple[str, str]]] = {
                "received": [],
                "held": [("stage", "held")],
                "failed": [("fail", "failed")],
            }
            for verb, after in ways.get(state, [("stage", "staged")]):
                ledger.advance(connection, number, verb=verb, state=after)
            if late:
                connection.execute(
                    sa.text("UPDATE ledger.delivery SET updated_at = now() - interval '1 hour' WHERE delivery_id = :d"),
                    {"d": number},
                )  # fmt: skip
            return ledger.get(connection, number)

    def step(self, before: Delivery, verb: str, state: str) -> Any:
        """A verb that brings the delivery to this state."""

        def step(delivery_id: int, ctx: Context) -> Delivery:
            counts = dict.fromkeys(("rows", *ledger.COUNTS), 0) if state == "loaded" else {}
            with ctx.engine.begin() as connection:
                return ledger.advance(connection, delivery_id, verb=verb, state=state, **counts)

        return step

    def commit(self, seq: int) -> None:
        with self.ctx.engine.begin() as connection:
            connection.execute(
                sa.text("INSERT INTO ledger.commit VALUES (:s, now(), NULL)"), {"s": seq}
            )

    def evaluated(self, seq: int) -> None:
        with self.ctx.engine.begin() as connection:
            connection.execute(
                sa.text("INSERT INTO ledger.evaluation (as_of, seq) VALUES ('2020-12-31', :s)"),
                {"s": seq},
            )  # fmt: skip

    def drop(self, name: str) -> Path:
        return write_csv(self.ctx.settings.landing / name, HEADER, ROWS)


@pytest.fixture
def floor(
    airflow_home: Path, opened: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Floor]:
    """An installation without deliveries and commits, whose files are complete at once."""
    url = opened.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("MINSHENG_HOME", str(tmp_path))
    monkeypatch.setenv("MINSHENG_DATABASE_URL", url)
    monkeypatch.setenv("MINSHENG_FEEDS", str(opened.settings.feeds[1]))
    monkeypatch.setattr(landing, "QUIET_SECONDS", -1.0)
    settings = Settings.load()
    settings.landing.mkdir(parents=True)
    with opened.engine.begin() as connection:
        connection.execute(
            sa.text("TRUNCATE ledger.delivery, ledger.commit, ledger.evaluation CASCADE")
        )
    ctx = Context.of(settings)
    yield Floor(ctx, monkeypatch)
    ctx.engine.dispose()


# ------------------------------------------------------------------------- intake
def test_intake_wakes_the_departments_of_what_it_received(floor: Floor) -> None:
    before = floor.entered()
    files = [floor.drop("模型学校_20200131_a.csv"), floor.drop("谁的文件.csv")]
    refused = floor.tasks.receive_landed.function()
    numbers = {d.file_name: d.delivery_id for d in ledger.deliveries(floor.ctx)}
    assert numbers["模型学校_20200131_a.csv"] != before.delivery_id
    key = f"education.model_school:{numbers['模型学校_20200131_a.csv']}"
    assert floor.announced == {"deliveries.education": [key]}, (
        "what waited before is not its matter"
    )
    assert [(delivery["state"], "谁的文件.csv" in delivery["name"]) for delivery in refused] == [
        ("rejected", True)
    ]
    assert refused[0]["reasons"]
    assert not any(file.exists() for file in files)


def test_a_retry_of_intake_announces_what_an_earlier_try_received(floor: Floor) -> None:
    earlier, other = floor.entered(), floor.entered("staged", feed="housing.model_contract")
    floor.entered("held")
    floor.attempt(2)
    assert floor.tasks.receive_landed.function() == [], "there may be no file left"
    assert floor.announced == {
        "deliveries.education": [f"education.model_school:{earlier.delivery_id}"],
        "deliveries.housing": [f"housing.model_contract:{other.delivery_id}"],
    }
    floor.attempt(2)
    floor.drop("模型学校_20200131_a.csv")
    floor.tasks.receive_landed.function()
    new = max(d.delivery_id for d in ledger.deliveries(floor.ctx))
    assert floor.announced["deliveries.education"] == [
        f"education.model_school:{number}" for number in (earlier.delivery_id, new)
    ], "each once"


def test_intake_stops_at_no_file(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowException

    import etl.receive

    right = etl.receive.receive

    def receive(offer: Any, **how: Any) -> list[Delivery]:
        if "坏" in offer.place.name:
            raise PermissionError("locked")
        if "取走" in offer.place.name:
            raise FileNotFoundError(offer.place)
        return right(offer, **how)

    monkeypatch.setattr("etl.receive.receive", receive)
    bad = floor.drop("模型学校_20200131_坏.csv")
    with pytest.raises(AirflowException, match="None of 1 files"):
        floor.tasks.receive_landed.function()
    floor.drop("模型学校_20200131_取走.csv")
    floor.drop("模型学校_20200131_好.csv")
    refused = floor.tasks.receive_landed.function()
    assert [(delivery["name"], delivery["state"]) for delivery in refused] == [(bad.name, "failed")]
    assert "locked" in refused[0]["reasons"][0]
    assert [len(keys) for keys in floor.announced.values()] == [1]


def test_what_nobody_loads_is_red_only_where_it_is_our_fault(floor: Floor) -> None:
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    for state, problem in (("rejected", AirflowSkipException), ("failed", AirflowFailException)):
        with pytest.raises(problem, match=rf"x\.csv: {state}"):
            floor.tasks.show_refused.function({"name": "x.csv", "state": state, "reasons": ["why"]})
        assert floor.context["shown_as"] == f"x.csv · {state}: why"


def test_a_run_takes_what_its_key_names_or_all_that_wait(floor: Floor) -> None:
    waiting = floor.entered()
    floor.entered("held")
    floor.entered(feed="housing.model_contract")
    floor.context["dag_run"] = SimpleNamespace(partition_key="education.model_school:7-9,12")
    assert floor.tasks.batch.function("education") == [7, 8, 9, 12]
    floor.context["dag_run"] = SimpleNamespace(partition_key=None)
    assert floor.tasks.batch.function("education") == [waiting.delivery_id]


# --------------------------------------------------------------------- evaluation
def test_the_evaluation_is_woken_by_the_last_of_those_that_move(floor: Floor) -> None:
    """Twenty deliveries give one evaluation, not twenty."""
    first, last = floor.entered("staged"), floor.entered("staged")
    floor.commit(7)
    floor.tasks._advance(floor.step(first, "validate", "validated"), first.delivery_id)
    assert floor.announced == {}, "it goes on itself"
    floor.attempt()
    floor.tasks._advance(floor.step(first, "load", "loaded"), first.delivery_id, ends=True)
    assert floor.announced == {}, "another is moving, and will wake it"
    floor.attempt()
    floor.tasks._advance(floor.step(last, "validate", "validated"), last.delivery_id)
    floor.attempt()
    floor.tasks._advance(floor.step(last, "load", "loaded"), last.delivery_id, ends=True)
    assert floor.announced == {"warehouse": ["commit 7"]}


def test_what_has_been_evaluated_wakes_nobody(floor: Floor) -> None:
    delivery = floor.entered("staged")
    floor.commit(7)
    floor.evaluated(7)
    floor.tasks._advance(floor.step(delivery, "validate", "validated"), delivery.delivery_id)
    floor.tasks._advance(floor.step(delivery, "load", "loaded"), delivery.delivery_id, ends=True)
    assert floor.announced == {}
    floor.commit(8)
    late = floor.entered("staged")
    floor.tasks._advance(floor.step(late, "validate", "validated"), late.delivery_id)
    floor.tasks._advance(floor.step(late, "load", "loaded"), late.delivery_id, ends=True)
    assert floor.announced == {"warehouse": ["commit 8"]}


def test_a_held_delivery_asks_a_person_once(floor: Floor) -> None:
    delivery = floor.entered()
    key = {"held": [f"education.model_school:{delivery.delivery_id}"]}
    step = floor.step(delivery, "stage", "held")
    assert floor.tasks._advance(step, delivery.delivery_id) == delivery.delivery_id
    assert floor.announced == key
    assert "held" in floor.context["shown_as"]
    assert floor.pushed["reasons"] == []

    def idle(delivery_id: int, ctx: Context) -> Delivery:
        with ctx.engine.connect() as connection:
            return ledger.get(connection, delivery_id)

    floor.attempt()
    floor.tasks._advance(idle, delivery.delivery_id)
    assert floor.announced == {}, "it has been asked"
    floor.attempt(2)
    floor.tasks._advance(idle, delivery.delivery_id)
    assert floor.announced == key, "the try before may have ended without a word"


def test_each_task_is_its_verb_and_hands_the_number_on(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    delivery = floor.entered()
    number = delivery.delivery_id
    ways = {"stage": "staged", "validate": "validated", "load": "loaded"}
    for verb, state in ways.items():
        monkeypatch.setattr(f"etl.{verb}.{verb}", floor.step(delivery, verb, state))
        floor.attempt()
        assert getattr(floor.tasks, verb).function(number) == number
        with floor.ctx.engine.connect() as connection:
            assert ledger.get(connection, number).state == state
    held = floor.entered("staged")
    monkeypatch.setattr("etl.load.load", lambda number, ctx: held_one)
    with floor.ctx.engine.begin() as connection:
        held_one = ledger.advance(connection, held.delivery_id, verb="validate", state="held")
    with pytest.raises(AirflowSkipException):
        floor.tasks.load.function(held.delivery_id)


def test_the_last_task_of_a_refused_delivery_is_skipped(floor: Floor) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    delivery = floor.entered("staged")
    step = floor.step(delivery, "validate", "held")
    with pytest.raises(AirflowSkipException, match="held"):
        floor.tasks._advance(step, delivery.delivery_id, ends=True)


def test_settling_leaves_what_has_ended_as_it_is(floor: Floor) -> None:
    failed = floor.entered("failed")
    floor.commit(7)
    floor.tasks.settle.function(failed.delivery_id)
    assert floor.announced == {"warehouse": ["commit 7"]}
    with floor.ctx.engine.connect() as connection:
        assert ledger.get(connection, failed.delivery_id) == failed


def test_nothing_new_to_evaluate_is_skipped(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from etl import evaluate

    summaries: Iterator[dict[str, Any]] = iter([{"skipped": True, "seq": 3}, {"seq": 4}])
    monkeypatch.setattr(evaluate, "evaluate_newest", lambda who: next(summaries))
    with pytest.raises(AirflowSkipException, match="3"):
        floor.tasks.evaluate_newest.function()
    assert floor.tasks.evaluate_newest.function() == {"seq": 4}


# ------------------------------------------------------------------------- sweep
def test_the_sweep_wakes_idle_departments_only(floor: Floor) -> None:
    """A department with a run, or one that waits for its turn, works on its deliveries itself."""
    school = floor.entered(late=True)
    contract = floor.entered("staged", feed="housing.model_contract", late=True)
    floor.entered()
    floor.entered("failed", late=True)
    keys = {
        "deliveries.education": [f"education.model_school:{school.delivery_id}"],
        "deliveries.housing": [f"housing.model_contract:{contract.delivery_id}"],
    }
    departments = ["education", "housing"]
    told = floor.tasks.sweep.function(departments)
    assert floor.announced == keys
    assert told == {"files": [], "deliveries": [school.label, contract.label]}
    for state in ("queued", "running"):
        floor.busy = {"housing": [state]}
        floor.attempt()
        told = floor.tasks.sweep.function(departments)
        assert floor.announced == {"deliveries.education": keys["deliveries.education"]}
        assert told["deliveries"] == [school.label]
    floor.busy = {"housing": ["success", "failed"]}
    floor.attempt()
    floor.tasks.sweep.function(departments)
    assert floor.announced == keys, "a run that has ended works no more"


def test_the_sweep_wakes_for_files_and_commits(floor: Floor) -> None:
    floor.tasks.sweep.function(["education"])
    assert floor.announced == {}
    floor.drop("模型学校_20200131_a.csv")
    floor.commit(7)
    floor.attempt()
    told = floor.tasks.sweep.function(["education"])
    assert floor.announced == {"landing": [], "warehouse": ["commit 7"]}
    assert told["files"] == ["模型学校_20200131_a.csv"]
