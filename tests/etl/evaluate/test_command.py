"""`minsheng evaluate` and the library calls behind it, on a database of their own."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa

from etl.cli.main import run
from etl.database.seed import seed
from etl.evaluate import evaluate, evaluate_newest, receipt
from etl.plan import load_plan
from etl.settings import Settings
from tests.warehouse.star import Star

ALL = len(load_plan().statements)
HEALTH = "hlt_institutions_total"


@pytest.fixture
def filled(ingest_settings: Settings, fresh_database: sa.Engine) -> Settings:
    """Two institutions, known since January 2021, a third one since March."""
    with fresh_database.begin() as connection:
        seed(connection)
        star = Star(connection)
        star.delivery(
            "health.institution",
            "2020-12-01",
            "2020-12-31",
            at="2021-01-08T09:00:00",
            file="合成名录.csv",
            synthetic=True,
        )
        for number in ("A", "B"):
            _institution(star, number)
        star.delivery(
            "health.institution",
            "2020-12-01",
            "2020-12-31",
            mode="correction",
            at="2021-03-01T18:00:00",
        )
        _institution(star, "C")
    return ingest_settings


def _institution(star: Star, number: str) -> None:
    star.dimension(
        "institution", number, "2020-12-31", institution_id=number, institution_name="诊所", area_key=-1,
        status="执业",
    )  # fmt: skip


@pytest.mark.usefixtures("filled")
def test_json_has_the_45_statements(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["as_of"], len(printed["indicators"])) == ("2020-12-31", 45)
    assert next(entry for entry in printed["indicators"] if entry["code"] == HEALTH)["value"] == 3
    assert run(["evaluate", "--json", "--hotline"]) == 0
    assert len(json.loads(capsys.readouterr().out)["indicators"]) == ALL


@pytest.mark.usefixtures("filled")
def test_known_at_a_day_or_a_moment(capsys: pytest.CaptureFixture[str]) -> None:
    for moment, value in (
        ("2021-01-07", None),
        ("2021-01-08", 2),  # all that was known when the day ended
        ("2021-03-01T17:59", 2),
        ("2021-03-01T18:00", 3),
        ("2021-03-01T10:00:00+00:00", 3),
    ):
        assert run(["evaluate", "--json", "--as-of", "2020-12-31", "--known-at", moment]) == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed["known_at"].startswith(moment[:10])
        assert (
            next(entry for entry in printed["indicators"] if entry["code"] == HEALTH)["value"]
            == value
        )


@pytest.mark.usefixtures("filled")
def test_the_table_says_what_is_synthetic_and_what_the_plan_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["evaluate", "--as-of", "2020-12-31"]) == 0
    shown = capsys.readouterr().out
    assert "医疗卫生机构数" in shown
    assert "Medical and health institutions" in shown
    assert "-820 ✗" in shown
    assert "24,000 ±500" in shown
    assert "合成数据" in shown
    assert run(["evaluate", "--as-of", "2021-12-31"]) == 0
    assert "不可直接比较" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        ["--as-of", "2020-13-01"],
        ["--known-at", "yesterday"],
        ["--definition", "1", "--save"],
        ["--nonsense"],
    ],
)
def test_wrong_use_is_told_so(arguments: list[str]) -> None:
    assert run(["evaluate", *arguments]) == 2


@pytest.mark.usefixtures("filled")
def test_an_unknown_policy_gives_no_score() -> None:
    assert run(["evaluate", "--policy", "nope", "--hotline"]) == 2


def test_saved_by_hand_and_by_the_dag(filled: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "--save", "--as-of", "2020-12-31"]) == 0
    assert "评估 #1" in capsys.readouterr().out
    assert run(["evaluate", "--save", "--as-of", "2020-12-31"]) == 0
    assert "此前已保存" in capsys.readouterr().out
    assert evaluate_newest(filled) == {"skipped": True, "seq": 2}


def test_the_newest_commit_is_evaluated_once(filled: Settings, fresh_database: sa.Engine) -> None:
    first = evaluate_newest(filled)
    assert (first["skipped"], first["seq"], first["indicators"], first["as_of"]) == (
        False,
        2,
        ALL,
        "2020-12-31",
    )
    assert sum(first["by_status"].values()) == ALL
    assert evaluate_newest(filled)["skipped"]
    with fresh_database.begin() as connection:
        kept = connection.execute(
            sa.text("SELECT count(*), sum(value) FROM star.fact_indicator_value")
        )
        assert kept.one() == (ALL, 3)


def test_library_calls(filled: Settings) -> None:
    assert evaluate(settings=filled)[HEALTH].value == 3
    rows = receipt(HEALTH, settings=filled).things
    assert [row["entity"] for row in rows] == ["A 诊所", "B 诊所", "C 诊所"]
    assert receipt("cul_24h_library_first", settings=filled).things == []
    with pytest.raises(KeyError):
        evaluate(settings=filled)["nope"]


def test_an_empty_warehouse_needs_no_evaluation(ingest_settings: Settings) -> None:
    assert evaluate_newest(ingest_settings) == {"skipped": True, "seq": 0}
