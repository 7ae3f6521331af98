"""The plan as data: complete, quoted word by word, and runnable."""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections import Counter
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from etl.database import SQL, sql_file
from etl.database.seed import seed
from etl.errors import MinshengError, UsageError
from etl.evaluate import figures
from etl.plan import FOLDER, ScorePolicy, load_plan
from etl.settings import ROOT

PLAN = load_plan()
CHAPTER = ROOT.parent / "shared" / "plan"
needs_chapter = pytest.mark.skipif(
    not CHAPTER.is_dir(), reason="the plan's text is not beside the checkout"
)


def test_the_chapter_has_45_statements_and_the_hotline_has_measures_of_its_own() -> None:
    chapter = [statement for statement in PLAN.statements if statement.in_chapter]
    assert len(chapter) == 45
    assert Counter(statement.computable for statement in chapter).keys() == {"C", "P", "D"}
    assert {"hot_response_rate", "hot_repeat_rate"} <= {
        s.code for s in PLAN.statements if not s.in_chapter
    }
    positions = [statement.position for statement in PLAN.statements]
    assert positions == list(range(1, len(positions) + 1))


def test_every_computable_statement_has_its_file_and_every_file_its_statement() -> None:
    files = {path.stem for path in (SQL / "indicators").glob("*.sql")}
    computable = {
        statement.code
        for statement in PLAN.statements
        if statement.computable == "C" and statement.in_chapter
    }
    assert "hlt_institutions_total" in computable
    assert {name for name in files if not name.startswith("hot_")} == computable


@pytest.mark.parametrize(
    "statement", [s for s in PLAN.statements if figures.has_query(s)], ids=lambda s: s.code
)
def test_every_query_gets_all_its_parameters(statement: object) -> None:
    given = figures.parameters(PLAN, statement, date(2025, 12, 31), 1, PLAN.policies[0])  # type: ignore[arg-type]
    assert figures._used(statement, given)  # type: ignore[arg-type]


def test_names_and_caveats_are_in_both_languages() -> None:
    for statement in PLAN.statements:
        assert statement.name_zh
        assert statement.name_en
        if statement.computable == "C":
            assert statement.caveat_zh, statement.code
            assert statement.caveat_en, statement.code
            assert statement.feeds, statement.code


def test_what_the_plan_does_not_say_is_absent() -> None:
    for code in ("civ_donation_site_coverage", "party_so_coverage_trend", "hot_mechanism_improved"):
        assert PLAN.statement(code).value is None
    assert PLAN.statement("civ_donation_site_coverage").comparator == "aim"
    assert all(statement.value is None for statement in PLAN.statements if not statement.in_chapter)
    assert not any(policy.status == "official" for policy in PLAN.policies)
    assert PLAN.statement("civ_town_so_federation_coverage").definition["excluded_towns"] == [
        "110115012000",
        "110115013000",
    ]


@needs_chapter
def test_quotes_are_in_the_chapter_word_by_word() -> None:
    text = (CHAPTER / "chapter1.zh.txt").read_text(encoding="utf-8")
    assert hashlib.sha256(text.encode()).hexdigest() == PLAN.chapter_sha256
    for statement in PLAN.statements:
        if statement.quote:
            assert statement.quote in text, statement.code


@needs_chapter
def test_figures_are_those_of_the_reviewed_list() -> None:
    with (CHAPTER / "indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["indicator_code"]: row for row in csv.DictReader(file)}
    assert rows
    for code, row in rows.items():
        statement = PLAN.statement(code)
        assert statement.value == (
            float(row["value_normalised"]) if row["value_normalised"] else None
        ), statement.code
        assert statement.half_width == (
            float(row["rounding_half_width"]) if row["rounding_half_width"] else None
        ), statement.code
        assert statement.comparator == row["comparator"]
        assert statement.kind == row["kind"]
        assert (statement.quote or "") == row["source_quote"]


def test_a_key_nobody_reads_is_refused(tmp_path: Path) -> None:
    (tmp_path / "statements").mkdir()
    for name in ("plan.yaml", "score_policy.csv"):
        (tmp_path / name).write_text((FOLDER / name).read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "statements" / "x.yaml").write_text(
        "- {code: a, half_widht: 1}\n", encoding="utf-8"
    )
    with pytest.raises(MinshengError, match="half_widht"):
        load_plan(tmp_path)


def test_unknown_codes_are_a_matter_of_usage() -> None:
    with pytest.raises(UsageError):
        PLAN.statement("nope")
    with pytest.raises(UsageError):
        PLAN.policy(date(2025, 1, 1), "nope")


def test_seed_is_idempotent_and_replaces(module_database: sa.Engine) -> None:
    with module_database.connect() as connection:
        seed(connection)
        assert seed(connection) == 0
        connection.execute(
            sa.text(
                "UPDATE plan.statement SET value = 1 WHERE indicator_code = 'hlt_institutions_total'"
            )
        )
        connection.execute(sa.text("INSERT INTO plan.score_policy SELECT 'old', valid_from, valid_to, w_response,"
                                   " w_resolution, w_satisfaction, k_basic, partial_resolved, month_start_day, month_basis,"
                                   " status, source FROM plan.score_policy LIMIT 1"))  # fmt: skip
        connection.execute(
            sa.text("UPDATE star.dim_department SET name_zh = '旧' WHERE name_en = 'Health'")
        )
        assert (
            seed(connection, {"water": ("水务", "Water")}) == 4
        )  # one each: mended, gone, mended, new
        rows = connection.execute(
            sa.text(
                "SELECT name_en, known_from, valid_from, delivery_id FROM star.dim_department ORDER BY 1"
            )
        ).all()
        assert [row.name_en for row in rows] == [
            "12345 hotline", "Civil affairs", "Education", "Health", "Housing", "Reference data", "Water",
        ]  # fmt: skip
        assert {(row.known_from, row.valid_from, row.delivery_id) for row in rows} == {
            (0, date(1900, 1, 1), None)
        }
        policy = (
            connection.execute(
                sa.text("SELECT * FROM bi.score_policy ORDER BY policy_code LIMIT 1")
            )
            .mappings()
            .one()
        )
        assert set(policy) == {field.name for field in fields(ScorePolicy)}


def test_every_sql_file_says_first_what_it_is_for() -> None:
    files = [
        *(SQL / "indicators").glob("*.sql"),
        *(SQL / "questions").glob("*.sql"),
        *(SQL / "evaluate").glob("*.sql"),
    ]
    assert len(files) > 30
    for path in files:
        text = sql_file(path)
        assert text.startswith("-- "), path.name
        assert ";" not in "\n".join(
            line for line in text.splitlines() if not line.startswith("--")
        ).replace("'; '", "")


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        (("0.10,0.50,0.40", "0.10,0.50,0.50"), "0.1 + 0.5 + 0.5"),
        (("calendar-month,1900", "district-tool,1900"), "district-tool"),
        (("示例甲:90;示例乙:80;示例丙:0", "示例甲:90;示例乙"), "示例甲:90;示例乙"),
        (("示例丙:0", "示例丙:10"), "示例丙:10"),
    ],
)
def test_a_broken_policy_is_refused_with_its_place(
    changed: tuple[str, str], found: str, tmp_path: Path
) -> None:
    shutil.copytree(FOLDER, tmp_path / "plan")
    path = tmp_path / "plan" / "score_policy.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(*changed, 1), encoding="utf-8")
    with pytest.raises(MinshengError) as refused:
        load_plan(tmp_path / "plan")
    assert refused.value.reason.code == "plan_data"
    assert "score_policy.csv" in str(refused.value)
    assert found in str(refused.value)
