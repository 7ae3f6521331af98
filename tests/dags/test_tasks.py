"""Tasks that dag.test() cannot reach: a decision made in the UI, the alarm of the landing watch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.receive import receive
from etl.settings import Settings
from etl.stage import stage
from tests.make import write_csv


class Outlet:
    """Takes down the partition keys that a task announces."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def add_partitions(self, keys: list[str]) -> None:
        self.keys += keys


@pytest.fixture
def context(airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stands for the context of a running task."""
    from etl.airflow import decision, tasks

    context = {
        "ti": SimpleNamespace(
            try_number=1,
            max_tries=4,
            task=SimpleNamespace(outlets=["all"]),
            xcom_push=lambda *_: None,
        ),
        "outlet_events": defaultdict(Outlet),
    }
    for module in (decision, tasks):
        monkeypatch.setattr(module, "get_current_context", lambda: context)
    return context


@pytest.fixture
def held(ingest_settings: Settings, fresh_database: sa.Engine, feeds: Path) -> Iterator[int]:
    """Number of a held delivery."""
    rows = [("2111000001", "一小", "正常")]
    file = ingest_settings.home / "模型学校_20200131_a.csv"
    write_csv(file, ("编号", "名称", "状态"), rows)
    number = receive(file)[0].delivery_id
    reason = {"message_zh": "疑似旧表", "message_en": "An old sheet?"}
    with Context.of().engine.begin() as connection:
        ledger.advance(connection, number, verb="stage", state="held", reasons=[reason])
    yield number
    Context.of().engine.dispose()


def state(number: int) -> str:
    with Context.of().engine.connect() as connection:
        return ledger.get(connection, number).state


def answer(option: str) -> dict[str, Any]:
    return {"chosen_options": [option], "responded_by_user": {"id": "1", "name": "李主任"}}


def test_the_question_says_what_is_held_and_why(held: int, context: dict[str, Any]) -> None:
    from etl.airflow.decision import describe

    context["dag_run"] = SimpleNamespace(partition_key=f"education.model_school:{held}")
    question = describe.function()
    assert question["delivery_id"] == held
    assert "模型学校_20200131_a.csv" in question["subject"]
    assert "疑似旧表 An old sheet?" in question["body"]


def test_the_question_links_to_a_page_that_is_there(
    held: int, context: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from etl.airflow.decision import describe

    context["dag_run"] = SimpleNamespace(partition_key=f"education.model_school:{held}")
    assert "page" not in describe.function()["body"]
    monkeypatch.setenv("MINSHENG_PAGES_URL", "https://x/pages/")
    body = describe.function()["body"]
    link = f"https://x/pages/deliveries/0/{held}.html"
    assert f"({link})" in body
    page = Settings.load().pages / link.removeprefix("https://x/pages/")
    assert "疑似旧表" in page.read_text("utf-8")


def test_a_person_is_asked_without_haste_and_silence_leaves_it(airflow_home: Path) -> None:
    from airflow.sdk import DAG

    from etl.airflow.decision import LEAVE, REJECT, RELEASE, ask

    with DAG("asked", schedule=None):
        question = ask()
    assert question.options == [RELEASE, REJECT, LEAVE]
    assert question.defaults == [LEAVE]
    assert question.response_timeout == timedelta(days=30)
    assert "describe" in question.subject
    assert "describe" in question.body
    assert "subject" in question.subject


def test_a_release_wakes_the_department(held: int, context: dict[str, Any]) -> None:
    from etl.airflow.assets import department_asset
    from etl.airflow.decision import RELEASE, act

    act.function({"delivery_id": held}, answer(RELEASE))
    assert state(held) == "received"
    asset = department_asset("education")
    assert context["ti"].task.outlets == [asset]
    assert context["outlet_events"][asset].keys == [f"education.model_school:{held}"]
    with Context.of().engine.connect() as connection:
        assert ledger.get(connection, held).released_by == "李主任"


def test_a_rejection_wakes_nobody(held: int, context: dict[str, Any]) -> None:
    from etl.airflow.decision import REJECT, act

    act.function({"delivery_id": held}, answer(REJECT))
    assert state(held) == "rejected"
    assert context["ti"].task.outlets == []


def test_what_is_left_or_decided_elsewhere_stays_as_it_is(
    held: int, context: dict[str, Any]
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from etl.airflow.decision import LEAVE, RELEASE, act, describe

    with pytest.raises(AirflowSkipException):
        act.function({"delivery_id": held}, answer(LEAVE))
    assert state(held) == "held"

    ledger.reject(held, "命令行")
    with pytest.raises(AirflowSkipException, match="rejected"):
        act.function({"delivery_id": held}, answer(RELEASE))
    assert state(held) == "rejected"
    context["dag_run"] = SimpleNamespace(partition_key=f"education.model_school:{held}")
    with pytest.raises(AirflowSkipException, match="no longer held"):
        describe.function()


@pytest.fixture
def staged(ingest_settings: Settings, fresh_database: sa.Engine, feeds: Path) -> Iterator[int]:
    """Number of a delivery that is on its way, and has moved just now."""
    file = ingest_settings.home / "模型学校_20200131_a.csv"
    write_csv(file, ("编号", "名称", "状态"), [("2111000001", "一小", "正常")])
    number = receive(file)[0].delivery_id
    stage(number)
    yield number
    Context.of().engine.dispose()


def ended_by_postgres(delivery_id: int, ctx: Context) -> Any:
    """A step whose session PostgreSQL ends, as it does when it is restarted."""
    with ctx.engine.connect() as connection:
        connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))


def impossible(delivery_id: int, ctx: Context) -> Any:
    """A step that PostgreSQL refuses."""
    with ctx.engine.connect() as connection:
        connection.execute(sa.text("SELECT row_no FROM ledger.commit"))


def commit(number: int) -> None:
    with Context.of().engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO ledger.commit VALUES (7, now(), :d)"), {"d": number}
        )


def announced(context: dict[str, Any]) -> list[str]:
    from etl.airflow.assets import WAREHOUSE

    return list(context["outlet_events"][WAREHOUSE].keys)


def test_a_transient_failure_is_left_to_airflow_until_its_last_try(
    staged: int, context: dict[str, Any]
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from etl.airflow.tasks import _advance

    for number in (1, 4):
        context["ti"].try_number = number
        with pytest.raises(sa.exc.OperationalError):
            _advance(ended_by_postgres, staged)
        assert state(staged) == "staged"
    context["ti"].try_number = 5
    with pytest.raises(AirflowFailException, match="server closed the connection"):
        _advance(ended_by_postgres, staged)
    assert state(staged) == "failed"
    assert "failed" in context["shown_as"]


def test_a_failure_for_good_is_not_tried_again(staged: int, context: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from etl.airflow.tasks import _advance

    with pytest.raises(AirflowFailException, match="row_no"):
        _advance(impossible, staged)
    assert state(staged) == "failed"
    assert ledger.waiting() == [], "no sweep will take it up"


def test_settling_wakes_the_evaluation_of_the_others(staged: int, context: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from etl.airflow.tasks import _advance, settle

    commit(staged)
    with pytest.raises(AirflowFailException):
        _advance(impossible, staged)
    settle.function(staged)
    assert announced(context) == ["commit 7"]
    assert "row_no" in context["shown_as"], "its own reason, not another"


def test_a_delivery_whose_worker_was_killed_at_every_try_has_failed(
    staged: int, context: dict[str, Any]
) -> None:
    from etl.airflow.tasks import settle

    commit(staged)
    settle.function(staged)
    assert state(staged) == "failed"
    assert "without a result" in context["shown_as"]
    assert announced(context) == ["commit 7"]


def test_who_does_not_get_on_keeps_nobody_waiting(staged: int, context: dict[str, Any]) -> None:
    from etl.airflow.assets import WAREHOUSE
    from etl.airflow.tasks import _advance, _evaluation_due

    commit(staged)
    assert _evaluation_due() == {}, "it is moving, and will wake the evaluation itself"
    with pytest.raises(sa.exc.OperationalError):
        _advance(ended_by_postgres, staged)
    assert _evaluation_due() == {WAREHOUSE: ["commit 7"]}


@pytest.mark.parametrize(("seconds", "alarm"), [(1, False), (3600, True)])
def test_the_alarm_goes_off_when_the_landing_zone_is_not_looked_at(
    context: dict[str, Any], seconds: int, alarm: bool
) -> None:
    from airflow.sdk.exceptions import AirflowFailException

    from etl.airflow.assets import LANDING
    from etl.airflow.tasks import landing_watch

    seen = (datetime.now(UTC) - timedelta(seconds=seconds)).isoformat()
    context["asset_state_store"] = {LANDING: {"scanned_at": seen}}
    if alarm:
        with pytest.raises(AirflowFailException, match="restart the triggerer"):
            landing_watch.function()
    else:
        assert landing_watch.function() == seen


def test_a_landing_zone_never_watched_is_no_alarm(context: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from etl.airflow.assets import LANDING
    from etl.airflow.tasks import landing_watch

    context["asset_state_store"] = {LANDING: {}}
    with pytest.raises(AirflowSkipException):
        landing_watch.function()
