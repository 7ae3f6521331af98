"""`minsheng compare` on the command line, what kept evaluations keep of it, and the report that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from fractions import Fraction

import pytest
import sqlalchemy as sa

from etl.cli.main import run
from etl.context import Context
from etl.database.seed import seed
from etl.report import gather
from etl.settings import Settings
from tests.warehouse.star import Star

HEALTH, CIRCLE = "hlt_institutions_total", "civ_15min_circle_urban_coverage"
DAY = date(2020, 12, 31)


@pytest.fixture(scope="module")
def filled(
    module_database: sa.Engine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """Two institutions since January 2021, a correction of March with one more; three communities, of which one is covered."""
    with module_database.begin() as connection:
        seed(connection)
        star = Star(connection)
        star.delivery("health.institution", "2020-12-01", "2020-12-31", at="2021-01-08T09:00:00")
        for number in "AB":
            _institution(star, number)
        star.delivery("reference.division", "2020-06-30", "2020-06-30", at="2021-01-09T09:00:00")
        communities = [
            star.area(f"11011500100{n}", f"社区{n}", "community", urban_rural_class="111")
            for n in (1, 2, 3)
        ]
        star.delivery("civil_affairs.community", "2020-10-01", "2020-12-31", at="2021-01-10T09:00:00")  # fmt: skip
        star.put("fact_community_coverage", area_key=communities[0], service_circle_on="2020-01-01")
        star.delivery("health.institution", "2020-12-01", "2020-12-31", mode="correction", at="2021-03-01T18:00:00", file="更正.csv")  # fmt: skip
        _institution(star, "C")
        star.delivery("civil_affairs.community", "2021-01-01", "2021-03-31", at="2021-04-10T09:00:00")  # fmt: skip
        star.put("fact_community_coverage", area_key=communities[1], service_circle_on="2020-12-01")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MINSHENG_HOME", str(tmp_path_factory.mktemp("home")))
        url = module_database.url.render_as_string(hide_password=False)
        patch.setenv("MINSHENG_DATABASE_URL", url)
        yield Settings.load()


def _institution(star: Star, number: str) -> None:
    star.dimension("institution", number, "2020-12-31", institution_id=number, institution_name="诊所", area_key=-1,
                   status="执业")  # fmt: skip


@pytest.mark.usefixtures("filled")
def test_words_json_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["compare", "--as-of", "2020-12-31", "--from-known-at", "2021-02-01"]
    assert run(asked) == 0
    words = capsys.readouterr().out
    assert "医疗卫生机构数 / Medical and health institutions" in words
    assert "2 家，到 2020-12-31（2021-04-10 09:00:00 所知）的 3 家；差 +1，其中实际变动 0，数据修订 +1。" in words  # fmt: skip
    assert (
        "更正 corrections +1\n      #4 更正.csv（2021-03-01 18:00，1 个对象 things） +1\n" in words
    )
    assert words.count("残差 residual 0\n") == 2  # the circle is the other one
    assert "+33.33 pp" in words

    assert run([*asked, "--json"]) == 0
    by_code = {each["code"]: each for each in json.loads(capsys.readouterr().out)}
    circle = by_code[CIRCLE]
    assert (circle["before"]["exact"], circle["after"]["exact"]) == ("1/3", "2/3")
    assert {c: p["exact"] for c, p in circle["by_cause"].items() if p["value"]} == {"late_rows": "1/3"}  # fmt: skip
    assert circle["residual"] == {"value": 0.0, "exact": "0"}
    [step] = by_code[HEALTH]["steps"]
    assert (step["cause"], step["delivery"], step["file"], step["seq"]) == ("corrections", 4, "更正.csv", 4)  # fmt: skip
    assert [thing["entity"] for thing in step["things"]] == ["C 诊所"]
    for each in by_code.values():
        parts = [*each["by_cause"].values(), each["movement"], each["residual"]]
        assert sum(Fraction(p["exact"]) for p in parts) == Fraction(each["difference"]["exact"])

    assert run([*asked, "--known-at", "2021-01-08"]) == 2
    assert "早于" in capsys.readouterr().err
    assert run(["compare", "--from-published", "1", "--from-as-of", "2020-12-31"]) == 2
    assert run(["compare", "nothing"]) == 2
    capsys.readouterr()
    assert run(["compare", HEALTH, "--area", "月球"]) == 2
    assert "compare_no_area" not in capsys.readouterr().err


def test_kept_evaluations_keep_the_parts_and_the_report_shows_them(
    filled: Settings, module_database: sa.Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    for more in (["--known-at", "2021-02-01"], []):
        assert run(["evaluate", "--as-of", "2020-12-31", "--save", "--json", *more]) == 0
    capsys.readouterr()
    with module_database.connect() as connection:
        kept = connection.execute(
            sa.text(
                "SELECT indicator_code, seq, cause, delivery_id, part, things FROM bi.indicator_revision ORDER BY seq"
            )
        ).all()
    assert [tuple(row) for row in kept] == [
        (HEALTH, 4, "corrections", 4, 1, 1), (CIRCLE, 5, "late_rows", 5, pytest.approx(1 / 3), 1),
    ]  # fmt: skip
    shown = gather(Context.of(filled), DAY).revisions
    assert [(r.code, r.cause, r.delivery_id, r.file_name) for r in shown] == [
        (CIRCLE, "late_rows", 5, "extract.csv"), (HEALTH, "corrections", 4, "更正.csv"),
    ]  # fmt: skip


def test_a_published_version_is_where_a_comparison_begins(
    filled: Settings, module_database: sa.Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    people = [
        "--prepared-by",
        "甲",
        "--reviewed-by",
        "乙",
        "--approved-by",
        "丙",
        "--document-no",
        "1",
    ]
    assert run(["publish", "--as-of", "2020-12-31", *people, "--override", "测试", "--json"]) == 0
    with module_database.begin() as connection:
        star = Star(connection)
        star.seq = 5
        star.delivery("health.institution", "2020-12-01", "2020-12-31", at="2099-03-01T18:00:00")
        _institution(star, "D")
    capsys.readouterr()
    assert run(["compare", "--from-published", "1", "--json"]) == 0
    found = {each["code"]: each for each in json.loads(capsys.readouterr().out)}
    health = found[HEALTH]
    assert (health["before"]["seq"], health["after"]["seq"]) == (5, 6)
    assert health["after"]["as_of"] == "2020-12-31"
    assert (health["revision"]["exact"], health["by_cause"]["late_rows"]["exact"]) == ("1", "1")
    assert run(["compare", "--from-published", "1", "--published", "1", HEALTH, "--json"]) == 0
    [same] = json.loads(capsys.readouterr().out)
    assert (same["difference"]["exact"], same["steps"]) == ("0", [])
