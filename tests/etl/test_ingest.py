"""A delivery carried all the way on the command line's path: what fails, what is tried again, the way back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ingest, ledger
from etl.cli import main as cli
from etl.context import Context
from etl.ledger import Delivery
from etl.receive import receive
from etl.settings import ROOT, Settings
from tests.make import write_csv

HEADER = ("小区", "企业", "开始", "名称")
PERSON = "张三丰"
ROWS = [("E1", "F1", "2020-01-01", PERSON), ("E2", "F1", "2020-01-01", "物业")]
QUERY = "housing/model_contract.load.sql"


@pytest.fixture
def feeds(
    ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A feeds folder of the test's own; pauses are none."""
    folder = Path(shutil.copytree(ROOT / "tests" / "feeds", tmp_path / "feeds"))
    monkeypatch.setenv("MINSHENG_FEEDS", str(folder))
    monkeypatch.setattr(ingest, "PAUSES", (0.0, 0.0))
    yield folder
    Context.of().engine.dispose()


def without_row_no(feeds: Path) -> None:
    """The feed's load query, broken."""
    query = feeds / QUERY
    query.write_text(query.read_text("utf-8").replace(", row_no", ""), "utf-8")


def arrived(folder: Path) -> Delivery:
    file = write_csv(folder / "模型合同_20200131_a.csv", HEADER, ROWS)
    return receive(file)[0]


def failing(times: int, calls: list[int]) -> Callable[[int, Context], Delivery]:
    """The verb `load`, whose session PostgreSQL ends at its first calls."""
    from etl.load import load as verb

    def load(delivery_id: int, ctx: Context) -> Delivery:
        calls.append(delivery_id)
        if len(calls) <= times:
            with ctx.engine.connect() as connection:
                connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return verb(delivery_id, ctx)

    return load


def staging_tables(delivery: Delivery) -> int:
    with Context.of().engine.connect() as connection:
        return connection.execute(
            sa.text("SELECT count(*) FROM pg_tables WHERE schemaname = 'stage' AND tablename ~ :d"),
            {"d": f"^d{delivery.delivery_id}(_|$)"},
        ).scalar_one()


def test_a_load_query_without_row_no_fails_for_good_and_says_why(
    feeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_row_no(feeds)
    calls: list[int] = []
    monkeypatch.setattr(ingest, "load", failing(0, calls))
    done = ingest.carry(arrived(tmp_path), Context.of())
    assert done.state == "failed"
    assert "row_no" in done.reasons[0]["found"]
    assert f"minsheng retry {done.delivery_id}" in done.reasons[0]["fix_en"]
    assert len(calls) == 1, "trying again would change nothing"
    assert staging_tables(done) == 0
    assert ingest.carry(done, Context.of()) == done


def test_what_passes_is_tried_again(
    feeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(ingest, "load", failing(2, calls))
    done = ingest.carry(arrived(tmp_path), Context.of())
    assert (done.state, done.loaded, done.failures) == ("loaded", 2, 0)
    assert len(calls) == 3


def test_what_does_not_pass_is_given_up(
    feeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    monkeypatch.setattr(ingest, "load", failing(9, calls))
    done = ingest.carry(arrived(tmp_path), Context.of())
    assert done.state == "failed"
    assert "server closed the connection" in done.reasons[0]["found"]
    assert len(calls) == 3


def test_a_contract_that_is_gone_fails_for_good(feeds: Path, tmp_path: Path) -> None:
    delivery = arrived(tmp_path)
    shutil.rmtree(feeds / "housing")
    done = ingest.carry(delivery, Context.of())
    assert done.state == "failed"
    assert "housing.model_contract" in done.reasons[0]["found"]


def test_retry_is_the_way_back(
    feeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = (feeds / QUERY).read_text("utf-8")
    without_row_no(feeds)
    failed = ingest.carry(arrived(tmp_path), Context.of())
    number = str(failed.delivery_id)
    assert cli.run(["retry", number]) == 1, "nothing was put right"
    assert "row_no" in capsys.readouterr().out

    (feeds / QUERY).write_text(right, "utf-8")
    assert cli.run(["retry", number, "--json"]) == 0
    (receipt,) = json.loads(capsys.readouterr().out)
    assert (receipt["state"], receipt["loaded"]) == ("loaded", 2)
    assert receipt["reasons"] == [], "what is put right is told no more"

    assert cli.run(["retry", number]) == 1
    assert "loaded" in capsys.readouterr().err
    assert cli.run(["retry", "999"]) == 1
    assert cli.run(["retry", "x"]) == 2


def test_retry_carries_on_what_was_left_on_its_way(feeds: Path, tmp_path: Path) -> None:
    left = arrived(tmp_path)
    assert cli.run(["retry", str(left.delivery_id)]) == 0
    with Context.of().engine.connect() as connection:
        assert ledger.get(connection, left.delivery_id).state == "loaded"


def test_the_log_has_an_event_a_step(
    feeds: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_csv(tmp_path / "模型合同_20200131_a.csv", HEADER, ROWS)
    assert cli.run(["-v", "--log-json", "ingest", str(file)]) == 0
    events = log_of(capsys)
    assert [each["event"] for each in events] == ["received", "staged", "validated", "loaded"]
    assert {each["feed"] for each in events} == {"housing.model_contract"}
    assert {each["delivery"] for each in events} == {1}
    assert events[-1]["loaded"] == events[-1]["rows"] == 2
    assert all(each["seconds"] >= 0 for each in events[1:])

    assert cli.run(["--log-json", "ingest", str(file)]) == 0
    assert log_of(capsys) == [], "quiet unless asked"


def test_a_failure_is_logged_with_its_traceback_and_without_values(
    feeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    query = feeds / QUERY
    query.write_text(
        query.read_text("utf-8").replace("firm_name,", "firm_name::int::text AS firm_name,"),
        "utf-8",
    )
    file = write_csv(tmp_path / "模型合同_20200131_a.csv", HEADER, ROWS)
    monkeypatch.setenv("MINSHENG_LOG", "json")
    assert cli.run(["ingest", str(file)]) == 1
    (event,) = log_of(capsys)
    assert (event["event"], event["level"], event["step"]) == ("failed", "error", "load")
    assert "etl/load/" in event["traceback"]
    assert "InvalidTextRepresentation" in event["error"]


def log_of(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_delivery_under_way_is_judged_by_the_contract_it_was_staged_by(
    feeds: Path, tmp_path: Path
) -> None:
    from etl.load import load
    from etl.stage import stage
    from etl.validate import validate

    ctx = Context.of()
    first, second = arrived(tmp_path), arrived(tmp_path)
    assert stage(first.delivery_id, ctx).state == "staged"
    text = (feeds / "housing/model_contract.yaml").read_text("utf-8")
    (feeds / "housing/model_contract.yaml").write_text("apiVersion: v3.2.0\n", "utf-8")
    assert validate(first.delivery_id, ctx).state == "validated"
    loaded = load(first.delivery_id, ctx)
    assert (loaded.state, loaded.loaded) == ("loaded", 2)
    # What was received before the file broke goes on by the text that was kept, and repeats the first.
    assert stage(second.delivery_id, ctx).state == "duplicate"
    # A new file is nobody's: the feed is out, the others are not.
    assert arrived(tmp_path).state == "rejected"
    (feeds / "housing/model_contract.yaml").write_text(text, "utf-8")
    assert arrived(tmp_path).state == "received"
