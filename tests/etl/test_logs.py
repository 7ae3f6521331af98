"""What the log looks like, and where it goes."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from etl import logs

TRACEBACK = 'Traceback (most recent call last):\n  File "x.py", line 1, in x\nOops: it broke'


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger("etl")
    before = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = before


def test_for_people_a_traceback_stands_below_its_event(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.logger("etl.x").error("failed", delivery=7, traceback=TRACEBACK)
    shown = capsys.readouterr()
    first, *below = shown.err.splitlines()
    assert "failed" in first
    assert "delivery=7" in first
    assert "\n".join(below) == TRACEBACK
    assert shown.out == "", "stdout is for results"


def test_json_is_one_object_a_line_also_for_plain_records(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(json=True)
    logs.logger("etl.x").error("failed", feed="教育", traceback=TRACEBACK)
    logging.getLogger("etl.y").warning("plain %s", "text")
    first, second = capsys.readouterr().err.splitlines()
    event = json.loads(first)
    assert event.pop("timestamp").endswith("Z")
    assert event == {
        "event": "failed", "level": "error", "logger": "etl.x", "feed": "教育", "traceback": TRACEBACK,
    }  # fmt: skip
    assert json.loads(second)["event"] == "plain text"


def test_quiet_unless_asked_and_once_however_often_it_is_set_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure()
    logs.logger("etl.x").info("loaded")
    assert capsys.readouterr().err == ""
    logs.configure(logging.INFO)
    logs.configure(logging.INFO)
    logs.logger("etl.x").info("loaded")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_airflow_gets_fields_under_names_of_its_own(caplog: pytest.LogCaptureFixture) -> None:
    """Airflow turns `exception` into `error_detail`, which its page reads as a list of frames."""
    with caplog.at_level(logging.ERROR, "etl"):
        logs.logger("etl.x").error("failed", traceback=TRACEBACK)
    (record,) = caplog.records
    assert isinstance(record.msg, dict)
    assert {"timestamp", "level", "event", "traceback"} <= record.msg.keys()
    assert not {"exception", "exc_info"} & record.msg.keys()
