"""The receipt of a figure, by hand: files that add up, rows that are not counted, rows in quarantine with their effect, areas."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from etl.cli.main import run
from etl.context import Context
from etl.evaluate import Receipt, figures
from etl.evaluate import receipt as receipt_of
from etl.plan import load_plan
from etl.report import receipt as shown
from etl.settings import Settings
from tests.etl.load.files import CONTRACT, INSTITUTION, SEAT, Desk, institution

HEALTH, SEATS = "hlt_institutions_total", "edu_compulsory_seats_added"
DAY = date(2020, 12, 31)
ESTATE = ["小区编码", "小区名称", "社区代码", "户数", "建成年代", "是否三无", "是否老旧小区"]
FIRST, SECOND = "110115006001", "110115101001"


def _seat(number: str, places: Any, day: str = "2020-03-01", stage: str = "小学") -> list[Any]:
    return [number, "1111000001", stage, "新建", places, day, "x"]


@pytest.fixture(scope="module")
def desk(module_database: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Three institutions that practise, one that does not, one sent twice, one whose day cannot be read; seats likewise."""
    url = module_database.url.render_as_string(hide_password=False)
    env = {"MINSHENG_HOME": str(tmp_path_factory.mktemp("home")), "MINSHENG_DATABASE_URL": url}
    made = Desk(Context.of(Settings.load(env)), tmp_path_factory.mktemp("files"))
    made.register(day="2020年6月30日")
    rows = [institution("A1", "甲", FIRST), institution("A2", "乙", FIRST)]
    made.send("医疗卫生机构2020年11月.csv", INSTITUTION, rows)
    paused, unread = institution("P", "停", FIRST), institution("U", "疑", FIRST)
    paused[-1], unread[4] = "停业", "昨天"
    rows += [institution("B", "丙", SECOND), institution("B", "丙", SECOND), paused, unread]
    made.send("医疗卫生机构2020年12月.csv", INSTITUTION, rows)
    made.send(
        "学位变动_2020年第1季度.csv",
        SEAT,
        [
            _seat("C1", 100),
            _seat("C2", 900, "03/04/2020"),
            _seat("C3", "许多"),
            _seat("C4", 30, stage="高中"),
        ],
    )
    estates = [[f"X{n}", f"小区{n}", FIRST, 10, 1990, "否", "是"] for n in (1, 2, 3)]
    made.send("小区台账_2020年第4季度.csv", ESTATE, estates)
    contracts = [[e, "物业甲", None, "2020-01-01", None, "专业物业"] for e in ("X1", "X3", None)]
    made.send("物业合同_2020年第4季度.csv", CONTRACT, contracts)
    yield made
    made.ctx.engine.dispose()


def _receipt(desk: Desk, code: str, **options: Any) -> Receipt:
    return receipt_of(code, DAY, settings=desk.ctx.settings, **options)


def test_files_add_up_and_what_is_not_counted_is_said(desk: Desk) -> None:
    made = _receipt(desk, HEALTH)
    assert made.figure.value == 3
    told = {f.file: (f.rows, f.lines, f.numerator, f.not_counted, dict(f.left)) for f in made.files}
    assert told == {
        "医疗卫生机构2020年11月.csv": (2, "2-3", 2.0, 0, {}),
        # Line 4 is B, line 5 the same again, line 6 paused, line 7 in quarantine.
        "医疗卫生机构2020年12月.csv": (1, "4", 1.0, 1, {"unchanged": 2, "duplicate": 1}),
    }
    assert made.sums == (3, None)
    assert [c["version"] for c in shown.contracts(made)] == ["1.0.0"]


def test_a_row_in_quarantine_says_why_and_what_it_would_change(desk: Desk) -> None:
    made = _receipt(desk, HEALTH)
    (kept,) = made.kept_out
    assert (kept.file, kept.row, [r.code for r in kept.reasons]) == (
        "医疗卫生机构2020年12月.csv", 7, ["type"],
    )  # fmt: skip
    assert kept.effect is not None
    assert (kept.effect.low, kept.effect.high) == (made.bounds.low, made.bounds.high) == (3, 4)
    seats = _receipt(desk, SEATS)
    assert (seats.figure.value, seats.bounds.low, seats.bounds.open_high) == (100, None, True)
    effects = {k.row: k.effect for k in seats.kept_out}
    ambiguous, unreadable = effects[3], effects[4]
    assert ambiguous is not None
    assert (ambiguous.low, ambiguous.high) == (100, 1000)
    assert unreadable is not None
    assert unreadable.open_high
    assert seats.files[0].not_counted == 1  # another stage


def test_of_a_coverage_the_numerator_is_at_the_file_that_covers(desk: Desk) -> None:
    made = _receipt(desk, "hsg_property_mgmt_coverage")
    assert {f.file: (f.rows, f.lines, f.numerator, f.denominator) for f in made.files} == {
        "物业合同_2020年第4季度.csv": (2, "2-3", 2.0, None),
        "小区台账_2020年第4季度.csv": (3, "2-4", 0.0, 3.0),
    }
    # The contract of an estate that cannot be read: one more, or one fewer.
    (kept,) = made.kept_out
    assert kept.effect is not None
    assert (kept.effect.low, kept.effect.high) == (pytest.approx(1 / 3), 1)


def test_an_area_has_its_own_figure_files_and_bounds(desk: Desk) -> None:
    first, second = (_receipt(desk, HEALTH, area=a) for a in ("110115006000", "青云店镇"))
    assert (first.figure.value, first.bounds.low, first.bounds.high) == (2, 2, 3)
    assert (second.figure.value, second.bounds.low, second.bounds.high) == (1, 1, 1)
    assert [sum(f.numerator for f in r.files) for r in (first, second)] == [2, 1]
    assert (first.status, first.area and first.area.name) == (None, "旧宫地区办事处")
    assert _receipt(desk, HEALTH, area="一社区").figure.value == 2
    assert _receipt(desk, HEALTH, area="110115000000").area is None, "the district is no area of it"


@pytest.fixture
def here(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The command line's own warehouse."""
    monkeypatch.setenv("MINSHENG_HOME", str(desk.ctx.settings.home))
    monkeypatch.setenv("MINSHENG_DATABASE_URL", str(desk.ctx.settings.database_url))
    return desk


@pytest.mark.usefixtures("here")
def test_the_command_in_its_four_forms(capsys: pytest.CaptureFixture[str]) -> None:
    day = ["--as-of", "2020-12-31"]
    assert run(["receipt", HEALTH, *day]) == 0
    text = capsys.readouterr().out
    for said in (
        "医疗卫生机构、养老服务机构分别增至823家、186家", "第2段", "paragraph 2", "评估日执业的医疗卫生机构",
        "Each institution that practises", "契约 contract health.institution 1.0.0", "医疗卫生机构2020年12月.csv",
    ):  # fmt: skip
        assert said in text
    assert run(["receipt", HEALTH, *day, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["value"], told["sums"]["numerator"], len(told["things"])) == (3, 3, 3)
    assert told["kept_out"][0]["effect"]["high"] == 4
    assert told["plan"]["place_zh"].startswith("第一章")
    assert run(["receipt", HEALTH, *day, "--csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out.lstrip("\ufeff"))))
    assert sum(float(row["numerator"]) for row in rows) == 3
    assert {(row["file"], row["row"]) for row in rows} == {
        ("医疗卫生机构2020年11月.csv", "2"), ("医疗卫生机构2020年11月.csv", "3"), ("医疗卫生机构2020年12月.csv", "4"),
    }  # fmt: skip
    assert run(["receipt", HEALTH, *day, "--html", "--area", "青云店镇"]) == 0
    page = capsys.readouterr().out
    assert "青云店镇" in page
    assert "<script" not in page


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "arguments",
    [
        ["nope"],
        [HEALTH, "--area", "某镇"],
        ["cul_24h_library_first", "--area", "青云店镇"],
        [HEALTH, "--as-of", "x"],
    ],
)
def test_wrong_use_is_told_so(arguments: list[str]) -> None:
    assert run(["receipt", *arguments]) == 2


def test_every_formula_has_its_words_in_both_languages() -> None:
    computed = [s for s in load_plan().statements if figures.has_query(s)]
    assert len(computed) > 20
    for statement in computed:
        for lang in ("zh", "en"):
            assert len(shown.counted(statement, lang)) > 10, (statement.code, lang)
