"""`minsheng feeds suite`: a file that Great Expectations opens alone, with the verdicts of `minsheng validate`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from etl.cli.main import run
from etl.contract import load_contracts
from etl.settings import Settings
from etl.validate import expect, with_registers
from tests.expectations.rows import GOOD
from tests.expectations.staged import fill

FEED, SUITE = "health.institution", "health_institution"
ROWS = [
    GOOD[FEED],
    GOOD[FEED] | {"institution_id": "PDY0002", "uscc": "52110115XX0000019F"},
    GOOD[FEED] | {"institution_id": "PDY0003", "longitude": 39.73, "latitude": 116.34},
    GOOD[FEED] | {"institution_id": "PDY0004", "beds": -5, "category_code": "医院"},
    GOOD[FEED] | {"institution_id": None, "deregistered_on": "2009-12-31", "status": "注销"},
]


@pytest.fixture
def file(
    tmp_path: Path, module_database: sa.Engine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Path:  # fmt: skip
    monkeypatch.setenv(
        "MINSHENG_DATABASE_URL", module_database.url.render_as_string(hide_password=False)
    )
    path = tmp_path / "gx" / "expectations" / f"{SUITE}.json"
    path.parent.mkdir(parents=True)
    assert run(["feeds", "suite", FEED, "-o", str(path)]) == 0
    assert capsys.readouterr().out.strip() == str(path)
    assert run(["feeds", "suite", FEED]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(path.read_text(encoding="utf-8"))
    return path


def opened(file: Path, batch: Any) -> dict[str, bool | None]:
    """By rule, the verdict of plain Great Expectations on a batch; None where it cannot judge."""
    import great_expectations as gx

    context = gx.get_context(mode="file", project_root_dir=file.parents[2])
    results = batch(context).validate(context.suites.get(SUITE))
    return {
        result.expectation_config.meta["rule"]: None
        if any(e.get("raised_exception") for e in [result.exception_info, *result.exception_info.values()] if isinstance(e, dict))
        else result.success
        for result in results.results
    }  # fmt: skip


@pytest.mark.slow
def test_plain_great_expectations_opens_it_and_finds_the_same(
    file: Path, module_database: sa.Engine
) -> None:
    contract = load_contracts(Settings.load())[FEED]
    url = module_database.url.render_as_string(hide_password=False)
    with module_database.begin() as connection:
        fill(connection, contract, ROWS, number=5)
        rules, _ = with_registers(connection, contract)
    ours = {
        outcome.rule.id: outcome.verdict == "pass"
        for outcome in expect.judge(url, "d5", rules)
        if outcome.rule.id != "fault"
    }
    assert {"uscc_check", "axes_swapped", "range.beds", "pattern.category_code"} <= {rule for rule, passed in ours.items() if not passed}  # fmt: skip
    assert sum(ours.values()) > 5

    def table(context: Any) -> Any:
        source = context.data_sources.add_postgres("plain", connection_string=url)
        asset = source.add_table_asset("rows", table_name="d5", schema_name="stage")
        return asset.add_batch_definition_whole_table("all").get_batch()

    def frame(context: Any) -> Any:
        with module_database.connect() as connection:
            read = pd.read_sql(sa.text("SELECT * FROM stage.d5 ORDER BY row_no"), connection)
        asset = context.data_sources.add_pandas("frame").add_dataframe_asset("rows")
        batch = asset.add_batch_definition_whole_dataframe("all")
        return batch.get_batch(batch_parameters={"dataframe": read})

    assert opened(file, table) == ours
    sql = {rule.id for rule in rules if rule.expectation == "sql"}
    assert opened(file, frame) == {
        rule: None if rule in sql else passed for rule, passed in ours.items()
    }


def test_what_it_cannot_express_is_said_in_the_file(file: Path) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    meta = document["meta"]["minsheng"]
    assert meta["feed"] == FEED
    assert meta["columns"]["registered_on"] == {
        "title": "执业登记日期 / Registered on",
        "type": "date",
    }
    left_out = {each["rule"] for each in meta["not_expressed"]}
    assert {"fault", "volume", "closing"} <= left_out
    assert [each["rule"] for each in meta["judged_otherwise"]] == ["key"]
    told = {each["meta"]["rule"]: each for each in document["expectations"]}
    assert not left_out & told.keys()
    check = told["uscc_check"]
    assert check["meta"]["needs"] == ["postgresql", "star.is_uscc"]
    assert check["meta"]["named"] == "expect_column_values_to_be_social_credit_codes"
    assert (check["severity"], told["required.status"]["severity"]) == ("warning", "critical")
    assert check["description"].startswith("统一社会信用代码应为 18 位")
    assert all(
        each["zh"] and each["en"] for each in meta["not_expressed"] + meta["judged_otherwise"]
    )


@pytest.mark.parametrize("feed", ["hotline.work_order"])
def test_moments_known_by_their_day_are_named(module_database: sa.Engine, feed: str) -> None:
    from etl.validate.suite import suite_of

    with module_database.connect() as connection:
        meta = suite_of(connection, load_contracts(Settings.load())[feed])["meta"]["minsheng"]
    otherwise = [each["rule"] for each in meta["judged_otherwise"]]
    assert otherwise == ["key", "closed_after_opened", "dispatched_after_opened"]


def test_an_unknown_feed_has_none(
    module_database: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "MINSHENG_DATABASE_URL", module_database.url.render_as_string(hide_password=False)
    )
    assert run(["feeds", "suite", "health.nothing"]) in (1, 2)
