"""`minsheng feeds`, its dictionary and its check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.cli.main import run
from etl.contract import load_contracts
from tests.etl.contract.conftest import SQL, YAML, spoil, write

Captured = pytest.CaptureFixture[str]


def test_the_list(capsys: Captured) -> None:
    assert run(["feeds"]) == 0
    shown = capsys.readouterr().out
    assert "hotline.work_order" in shown
    assert "接诉即办工单" in shown
    assert f"共 {len(load_contracts())} 个数据源" in shown


def test_the_list_as_json(capsys: Captured) -> None:
    assert run(["feeds", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert {feed["feed"] for feed in listed} == load_contracts().keys()
    [school] = [feed for feed in listed if feed["feed"] == "education.school"]
    assert school["targets"] == ["dim_school"]
    assert (school["mode"], school["cadence"], school["deadline_days"]) == ("full", "yearly", 30)


def test_the_dictionary(capsys: Captured) -> None:
    assert run(["feeds", "show", "hotline.work_order"]) == 0
    shown = capsys.readouterr().out
    [line] = [line for line in shown.splitlines() if line.startswith("caller_phone")]
    assert "来电号码" in line
    assert "personal (token)" in line
    assert "办结时间不能早于来电时间" in shown
    described = [f for f in load_contracts()["hotline.work_order"].fields if f.description]
    assert described
    for field in described:
        assert f"{field.title_zh} {field.name}: {field.description}\n" in shown
    assert run(["feeds", "show", "hotline.work_order", "--json"]) == 0
    fields = {field["name"]: field for field in json.loads(capsys.readouterr().out)["fields"]}
    assert fields["resolution"]["codes"]["未解决"] == "not resolved"
    assert {"text": "工单号", "since": 2019, "source": "synthetic"} in fields["order_id"]["headers"]


def test_an_unknown_feed_is_a_usage_error(capsys: Captured) -> None:
    assert run(["feeds", "show", "no.feed"]) == 2
    assert "minsheng feeds" in capsys.readouterr().err


def test_checking_files_and_folders(tmp_path: Path, capsys: Captured) -> None:
    path = write(tmp_path)
    for argument in (tmp_path, path, path.with_suffix(".load.sql")):
        assert run(["feeds", "check", str(argument)]) == 0
        assert "education.model" in capsys.readouterr().out
    write(tmp_path, spoil(YAML, "value: full", "value: whole"))
    assert run(["feeds", "check", str(tmp_path)]) == 1
    assert "customProperties[mode]" in capsys.readouterr().err
    assert run(["feeds", "check", str(tmp_path), "--json"]) == 1
    [problem] = json.loads(capsys.readouterr().out)["problems"]
    assert problem["path"] == "customProperties[mode]"
    (tmp_path / "empty").mkdir()
    assert run(["feeds", "check", str(tmp_path / "empty")]) == 2
    assert run(["feeds", "check", str(tmp_path / "nowhere")]) == 2


def test_checking_in_the_database(
    tmp_path: Path,
    module_database: sa.Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    url = module_database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("MINSHENG_DATABASE_URL", url)
    write(tmp_path)
    assert run(["feeds", "check", "--database", str(tmp_path)]) == 0
    write(tmp_path, YAML, SQL.replace("    status\n", "    status AS state\n"))
    assert run(["feeds", "check", "--database", str(tmp_path)]) == 1
    assert "has state" in capsys.readouterr().err
    yaml = YAML.replace("expect_column_values_to_be_between", "expect_column_values_to_be_betwixt")
    assert yaml != YAML
    write(tmp_path, yaml)
    assert run(["feeds", "check", str(tmp_path)]) == 0, "Great Expectations is not asked"
    assert run(["feeds", "check", "--database", str(tmp_path)]) == 1
    assert "quality[some_seats].implementation" in capsys.readouterr().err
