"""The whole system for real: four components, files in, rows out, nothing left behind.

Waits for conditions, with generous limits: how long something takes is measured elsewhere.
"""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import psutil
import pytest

from etl import ledger, services
from etl import server as embedded
from etl.airflow.config import USER, AirflowHome
from etl.context import Context
from etl.contract import load_contracts
from etl.ledger import OPEN_STATES, Delivery
from etl.services import processes
from etl.services.api import Api
from etl.settings import Settings
from tests.browser import chromium
from tests.conftest import TUNING, temporary_home
from tests.dags import names
from tests.dags.conftest import FEEDS
from tests.make import write_csv

pytestmark = [pytest.mark.live, pytest.mark.timeout(900)]

HEADER = ("编号", "名称", "状态")
PATIENCE = 300.0


@pytest.fixture(scope="module")
def system() -> Iterator[Settings]:
    """Everything started; afterwards everything stopped, and proven to be."""
    with temporary_home() as home, pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINSHENG_HOME", str(home))
        patch.setenv("MINSHENG_FEEDS", str(FEEDS))
        settings = Settings.load()
        embedded.start(settings, tuning=TUNING)
        try:
            services.up(settings, print)
            yield settings
        finally:
            Context.of(settings).engine.dispose()
            stopped = services.down(settings, print)
        assert set(stopped) == {*services.COMPONENTS, "database"}
        assert _processes_of(home) == []
        assert services.down(settings, print) == []


def _processes_of(home: Path) -> list[str]:
    """Processes that were started for this home, by their command line or environment."""
    alive = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            words = [*process.cmdline(), *process.environ().values()]
            # `sh` is the guard of `temporary_home`, which outlives us on purpose.
            if process.name() != "sh" and any(str(home) in word for word in words):
                alive.append(f"{process.pid} {process.name()}")
    return alive


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"still waiting for: {what}"
        time.sleep(0.2)


def since(settings: Settings, number: int) -> list[Delivery]:
    return [
        delivery
        for delivery in ledger.deliveries(Context.of(settings))
        if delivery.delivery_id > number
    ]


def newest(settings: Settings) -> int:
    return max(
        (delivery.delivery_id for delivery in ledger.deliveries(Context.of(settings))), default=0
    )


def ended(settings: Settings, number: int, count: int) -> list[Delivery]:
    """The deliveries after `number`, once there are so many and none is on its way."""

    def done() -> bool:
        arrived = since(settings, number)
        return len(arrived) >= count and not any(
            delivery.state in OPEN_STATES for delivery in arrived
        )

    until(done, f"{count} deliveries to end")
    return since(settings, number)


def evaluated(settings: Settings) -> None:
    ctx = Context.of(settings)
    until(lambda: ledger.last_evaluated(ctx) >= ledger.newest_commit(ctx), "the evaluation")


def schools(name: str, year: int, path: Path, *, without: str = "") -> Path:
    """A year's list of schools, in the headers of its contract."""
    values = {
        "school_id": "3111{:06d}",
        "school_name": name + "{}",
        "division_code": "110115001000",
    }
    fields = [f for f in load_contracts()["education.school"].fields if f.name != without]
    texts = [values.get(f.name, f.codes[0] if f.codes else "") for f in fields]
    rows = [[text.format(n) for text in texts] for n in range(30)]
    return write_csv(path / f"学校名录_{year}年.csv", [f.headers[0] for f in fields], rows)


def twenty(settings: Settings) -> list[Path]:
    """Twenty deliveries of two departments, written aside."""
    aside = settings.home / "aside"
    files = []
    for number in range(1, 13):
        rows = [(f"2111000{n:03d}", f"学校{number}-{n}", "正常") for n in range(20)]
        files.append(write_csv(aside / f"模型学校_2020{number:02d}28_a.csv", HEADER, rows))
    return files + [schools(f"学校{year}-", year, aside) for year in range(2012, 2020)]


def drop(settings: Settings, files: list[Path]) -> None:
    for file in files:
        file.rename(settings.landing / file.name)


def test_twenty_files_at_once_are_twenty_deliveries_and_none_is_stranded(system: Settings) -> None:
    before = newest(system)
    files = twenty(system)
    drop(system, files)
    first = ended(system, before, 20)
    assert Counter(delivery.state for delivery in first) == {"loaded": 20}
    assert list(system.landing.rglob("*.csv")) == []
    evaluated(system)

    # The same again: everything is known already.
    commits = ledger.newest_commit(Context.of(system))
    drop(system, twenty(system))
    again = ended(system, first[-1].delivery_id, 20)
    assert Counter(delivery.state for delivery in again) == {"duplicate": 20}
    assert ledger.newest_commit(Context.of(system)) == commits


def test_bad_files_end_with_a_reason_and_a_held_one_is_released_in_the_ui(system: Settings) -> None:
    before = newest(system)
    schools("甲", 2021, system.landing)
    (first,) = ended(system, before, 1)
    assert (first.state, first.loaded, first.quarantined) == ("loaded", 30, 0)
    schools("甲", 2022, system.landing)  # last year's sheet again
    schools("乙", 2023, system.landing, without="school_id")
    write_csv(system.landing / "谁的文件.txt", ("一",), [("二",)])
    by_name = {delivery.file_name: delivery for delivery in ended(system, before, 4)}
    assert by_name["学校名录_2022年.csv"].state == "held"
    assert (
        by_name["学校名录_2023年.csv"].state == "held"
    )  # a renamed header may be put into the contract
    assert by_name["谁的文件.txt"].state == "rejected"

    number = by_name["学校名录_2022年.csv"].delivery_id
    password, _ = AirflowHome.of(system).password()
    api = Api(services.status(system)["port"], password)

    def question() -> dict[str, Any] | None:
        answer = api.get("/api/v2/dags/~/dagRuns/~/hitlDetails?response_received=false")
        asked = [detail for detail in answer["hitl_details"] if f"#{number}:" in detail["subject"]]
        return asked[0] if asked else None

    until(lambda: question() is not None, "the question")
    assert "学校名录_2021年.csv" in question()["body"]

    def loaded() -> bool:
        # Airflow 3.3 forgets an answer that comes within a second of its question, and asks again
        # (docs/operating.md): answer as a person would, whenever asked.
        if (asked := question()) is not None:
            run = quote(asked["task_instance"]["dag_run_id"])
            path = f"/api/v2/dags/held/dagRuns/{run}/taskInstances/decide/-1/hitlDetails"
            with suppress(httpx.HTTPStatusError):  # just answered, or just asked anew
                api.ask("PATCH", path, {"chosen_options": ["放行 Release"], "params_input": {}})
        with Context.of(system).engine.connect() as connection:
            return ledger.get(connection, number).state == "loaded"

    until(loaded, "the released delivery")
    evaluated(system)


def test_names_of_any_kind_stop_nobody_and_what_is_no_file_is_named(system: Settings) -> None:
    before = newest(system)
    good, bad = names.fill(system.landing, 40, seed=8)
    loaded = ended(system, before, len(good))
    assert Counter(each.state for each in loaded) == {"loaded": len(good)}
    entered = {each.file_name[:11]: each.file_name for each in loaded}
    assert {mark: entered[mark] for mark, name in good.items() if name} == {
        mark: name for mark, name in good.items() if name
    }
    health = services.status(system)
    assert health["healthy"], health
    told = " ".join(reason["file"] for reason in health["passed_over"])
    assert {mark for mark in bad if mark in told} == bad
    assert not [
        each for each in (system.landing / names.FEED).iterdir() if each.name.startswith("x_")
    ]


def test_people_get_from_the_ui_to_the_report_and_to_a_deliverys_page(system: Settings) -> None:
    before = newest(system)
    schools("丙", 2010, system.landing)
    (delivery,) = ended(system, before, 1)
    page = f"deliveries/{delivery.delivery_id // 1000}/{delivery.delivery_id}.html"
    until(lambda: (system.pages / page).is_file(), "the delivery's page")
    until(lambda: (system.report / "index.html").is_file(), "the report")
    password, _ = AirflowHome.of(system).password()
    home = services.status(system)["url"]
    runs = Api(services.status(system)["port"], password).get(
        f"/api/v2/dags/{delivery.department}/dagRuns?limit=100"
    )["dag_runs"]
    keys = {run["partition_key"]: run["dag_run_id"] for run in runs}
    run = quote(keys[f"{delivery.feed}:{delivery.delivery_id}"])
    with chromium() as browser:
        ui = browser.new_page()
        ui.goto(f"{home}/minsheng/report/index.html")
        ui.fill("input[name=username]", USER)
        ui.fill("input[name=password]", password)
        ui.click("button[type=submit]")
        ui.wait_for_url(f"{home}/minsheng/report/index.html")  # where they wanted to go

        ui.goto(home)
        ui.click("[aria-label='报告 Report']")
        ui.frame_locator("iframe").get_by_text("全部指标").first.click()
        ui.wait_for_url("**/plugin/report/minsheng/report/indicators.html")

        ui.goto(
            f"{home}/dags/{delivery.department}/runs/{run}/tasks/delivery.load/mapped/0/details"
        )
        ui.click("text=批次页 Page of the delivery")
        ui.wait_for_url(f"{home}/minsheng/pages/{page}")
        assert "学校名录_2010年.csv" in ui.inner_text("main")


def test_a_killed_scheduler_strands_nothing(system: Settings) -> None:
    before = newest(system)
    for number in range(1, 5):
        rows = [(f"2111000{n:03d}", f"学校{number}+{n}", "正常") for n in range(20)]
        write_csv(system.landing / f"模型学校_2021{number:02d}28_b.csv", HEADER, rows)
    until(lambda: bool(since(system, before)), "the first arrival")
    scheduler = processes.noted(system, "scheduler")
    assert scheduler is not None
    for process in scheduler.members():
        process.send_signal(signal.SIGKILL)
    until(lambda: not scheduler.alive, "the scheduler to die")
    assert services.status(system)["running"] is False
    services.up(system, print)
    deliveries = ended(system, before, 4)
    assert Counter(delivery.state for delivery in deliveries)["loaded"] == 4
    evaluated(system)


def test_up_again_starts_nothing_twice(system: Settings) -> None:
    pids = {
        component["name"]: component["pid"] for component in services.status(system)["components"]
    }
    again = services.up(system, print)
    assert {component["name"]: component["pid"] for component in again["components"]} == pids
    assert again["healthy"] is True


def test_the_login_is_needed_and_kept_private(system: Settings) -> None:
    home = AirflowHome.of(system)
    for file in (home.passwords, home.config, home.path / "secrets.json"):
        assert file.stat().st_mode & 0o777 == 0o600, file
    password = json.loads(home.passwords.read_text())["admin"]
    for log in (system.home / "logs").glob("*.log"):
        assert password not in log.read_text(errors="replace"), log
    port = services.status(system)["port"]
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        Api(port).get("/api/v2/dags")
