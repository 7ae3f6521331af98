"""Headers of three years: what changed becomes a diff of the contract, and then the file loads."""

from __future__ import annotations

import json
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from etl import ledger
from etl.cli.main import run
from etl.context import Context
from etl.contract import read_contract
from etl.contract.reader import read_texts
from etl.draft.edit import Edit, quoted
from etl.draft.fieldtext import FieldText
from etl.errors import MinshengError
from etl.ingest import carry, ingest
from etl.settings import ROOT
from tests.etl.draft.conftest import SEATS, Authors
from tests.make import write_csv

Captured = pytest.CaptureFixture[str]
HEADER = ["备案号", "学校标识码", "学段", "核定学位数", "备案日期"]


def rows(year: int, day: str = "{year}-0{n}-1{n}", stage: str = "幼儿园") -> list[list[Any]]:
    """Eight filings of a year."""
    return [
        [f"MB{year}{n:03d}", f"111100000{n}", stage if n % 2 else "小学", 90 + 30 * n,
         day.format(year=year, n=n, d=n + 10)]
        for n in range(1, 9)
    ]  # fmt: skip


def proposed(capsys: Captured, *arguments: str, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["feeds", "propose", *arguments, "--json"]) == code
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("{names: ['民办园学位*'], sheets: [明细*]}", "sheets: [明细*, 学位]"),
        ("{names: ['民办园学位*'], sheets: ['明细*', 附表]}", "sheets: ['明细*', 附表, 学位]"),
    ],
)
def test_a_sheet_that_is_called_otherwise(
    authors: Authors, capsys: Captured, file: str, told: str
) -> None:
    text = SEATS.replace("{names: ['民办园学位*']}", file)
    authors.contract_path.write_text(text, encoding="utf-8")
    book = Workbook()
    book.worksheets[0].title = "学位"
    for row in [HEADER, *rows(2022)]:
        book.worksheets[0].append(row)
    book.create_sheet("说明").append(["填报说明"])
    path = authors.folder / "民办园学位2022Q1.xlsx"
    book.save(path)
    [refused] = ingest([path], ctx=authors.ctx)
    assert refused.state in ("held", "rejected")
    proposal = proposed(capsys, str(path), "--write")
    assert [(c["kind"], c["what"]) for c in proposal["changes"]] == [("sheet", "学位")]
    assert told in authors.contract_path.read_text("utf-8")
    [loaded] = ingest([path], ctx=Context.of(authors.ctx.settings))
    assert (loaded.state, loaded.loaded) == ("loaded", 8), loaded.reasons


def test_an_encoding_that_the_contract_does_not_name(authors: Authors, capsys: Captured) -> None:
    path = write_csv(
        authors.folder / "民办园学位2022Q1.csv", HEADER, rows(2022), encoding="utf-16-le"
    )
    proposal = proposed(capsys, str(path), "--write")
    assert [(c["kind"], c["what"]) for c in proposal["changes"]] == [("encoding", "utf-16-le")]
    declared = authors.contract.file.encodings
    assert declared[:2] == ("utf-8", "gb18030")
    assert "utf-16" in declared[2]
    [loaded] = ingest([path], ctx=Context.of(authors.ctx.settings))
    assert (loaded.state, loaded.loaded) == ("loaded", 8), loaded.reasons
    assert not [r for r in loaded.reasons if r["rule"] == "undeclared_encoding"]


def test_three_years_of_headers(authors: Authors, capsys: Captured) -> None:
    assert authors.send("民办园学位2021Q1.csv", HEADER, rows(2021)).state == "loaded"

    # 2022: a required column has a new name, and another one is new.
    renamed = ["备案号", "学校标识码", "学段", "备案学位", "备案日期", "联系电话"]
    second = [[*row, f"1380000000{n}"] for n, row in enumerate(rows(2022))]
    held = authors.send("民办园学位2022Q1.csv", renamed, second)
    [reason] = held.reasons
    assert (held.state, reason["rule"]) == ("held", "columns_missing")
    assert "核定学位数 → 备案学位" in reason["message_zh"]
    assert reason["found"] == "备案号、学校标识码、学段、备案日期、备案学位、联系电话"

    told = proposed(capsys, str(held.delivery_id))
    assert {(p["field"], p["header"], p["sure"]) for p in told["pairs"]} == {
        ("seats", "备案学位", True)
    }
    assert [(c["kind"], c["field"], c["what"]) for c in told["changes"]] == [
        ("synonym", "seats", "备案学位"),
        ("column", "contact_phone", "联系电话"),
    ]
    assert authors.contract_path.read_text("utf-8") == SEATS, "nothing is written unasked"
    added = [
        line[1:] for line in told["diff"].splitlines() if line[:1] == "+" and line[:3] != "+++"
    ]
    assert not [line for line in told["diff"].splitlines() if line[:1] == "-" and line[:3] != "---"]
    assert (
        "          - {synonym: 备案学位, source: 民办园学位2022Q1.csv, customProperties:"
        " [{property: year, value: 2022}]}"
    ) in added[1]
    assert any("个人信息 personal" in line for line in added)
    assert "13800000000" not in told["diff"], "personal examples are masked"
    proposed(capsys, str(held.delivery_id), "--write")
    assert run(["feeds", "check", str(authors.contract_path)]) == 0
    phone = authors.contract.by_name["contact_phone"]
    assert (phone.classification, phone.handling) == ("personal", "drop")
    assert authors.contract.by_name["seats"].history[-1].since == 2022
    released = ledger.release(held.delivery_id, "王", authors.ctx)
    assert (carry(released, authors.ctx).state, len(authors.ask("SELECT 1 FROM star.fact_seat_change"))) == ("loaded", 16)  # fmt: skip

    # 2023: a new code, and days written the other way round, some of them above the twelfth.
    third = rows(2023, "{d}/0{n}/{year}", stage="托班")
    file = write_csv(authors.folder / "民办园学位2023Q1.csv", renamed[:5], third)
    told = proposed(capsys, str(file), "--write")
    assert [(c["kind"], c["field"], c["what"]) for c in told["changes"]] == [
        ("code", "stage", "托班"),
        ("format", "filed_on", "%d/%m/%Y"),
    ]
    assert "4 / 8 行 rows" in told["changes"][0]["why"]
    assert authors.contract.by_name["stage"].codes == ("幼儿园", "小学", "托班")
    done = authors.send(file.name, renamed[:5], third)
    assert (done.state, done.loaded, done.quarantined) == ("loaded", 8, 0)
    days = authors.ask(
        "SELECT effective_on::text FROM star.fact_seat_change WHERE change_id = 'MB2023002'"
    )
    assert days == [("2023-02-12",)]
    # All that was there is still there, in its order.
    lines = authors.contract_path.read_text("utf-8").splitlines()
    kept = [
        line for line in SEATS.splitlines() if "name: stage" not in line and "enum:" not in line
    ]
    places = [lines.index(line) for line in kept]
    assert sorted(set(places)) == [p for n, p in enumerate(places) if p not in places[:n]]
    assert proposed(capsys, str(file))["changes"] == []


def test_days_that_nobody_can_tell_are_asked_about(authors: Authors, capsys: Captured) -> None:
    file = write_csv(
        authors.folder / "民办园学位2023Q2.csv", HEADER, rows(2023, "0{n}/0{n}/{year}")
    )
    told = proposed(capsys, str(file), code=3)
    assert told["changes"] == []
    [question] = told["questions"]
    assert "备案日期" in question["zh"]
    assert "8" in question["en"]


def test_a_required_column_that_nothing_is_like_is_named(
    authors: Authors, capsys: Captured
) -> None:
    header = ["备案号", "学校标识码", "学段", "备注", "备案日期"]
    values = [[*row[:3], "正常办园的说明文字", row[4]] for row in rows(2022)]
    file = write_csv(authors.folder / "民办园学位2022Q3.csv", header, values)
    told = proposed(capsys, str(file), code=3)
    assert told["missing"] == ["核定学位数"]
    assert not any(change["kind"] == "synonym" for change in told["changes"])


def test_all_headers_new_are_told_by_what_stands_below(authors: Authors, capsys: Captured) -> None:
    authors.send("民办园学位2021Q1.csv", HEADER, rows(2021))
    header = ["文号", "校码", "办学层次", "名额", "批准时间"]
    file = write_csv(authors.folder / "民办园学位2022Q1.csv", header, rows(2022))
    told = proposed(capsys, str(file), "--write")
    assert {(p["field"], p["header"]) for p in told["pairs"]} == set(
        zip(["filing_no", "school_id", "stage", "seats", "filed_on"], header, strict=True)
    )
    assert authors.send(file.name, header, rows(2022)).loaded == 8


def test_the_header_that_is_left_among_new_ones_is_no_change(
    authors: Authors, capsys: Captured
) -> None:
    header = ["备案号码", "学校标识代码", "学段", "核定的学位", "备案的日期"]
    file = write_csv(authors.folder / "民办园学位2022Q1.csv", header, rows(2022))
    told = proposed(capsys, str(file))
    assert {c["field"] for c in told["changes"]} == {"filing_no", "school_id", "seats", "filed_on"}
    assert {c["kind"] for c in told["changes"]} == {"synonym"}


def test_a_rare_slip_is_no_new_code(authors: Authors, capsys: Captured) -> None:
    values = [[f"MB{n}", "1111000001", "小学", 30, "2022-01-05"] for n in range(100)]
    values[7][2] = "小学学"
    file = write_csv(authors.folder / "民办园学位2022Q1.csv", HEADER, values)
    assert proposed(capsys, str(file))["changes"] == []


def test_usage(authors: Authors, capsys: Captured) -> None:
    assert run(["feeds", "propose", "没有.csv"]) == 2
    file = write_csv(authors.folder / "随便.csv", ["甲", "乙"], [["1", "2"]])
    assert run(["feeds", "propose", str(file)]) == 2
    told = proposed(capsys, str(write_csv(authors.folder / "随便2.csv", HEADER, rows(2021))))
    assert (told["feed"], told["changes"], told["diff"]) == ("education.private_seats", [], "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("- {name: a, x: 1}\n", "- {name: a, x: 1, synonyms: [{s: 1}]}\n"),
        ("- {name: a, synonyms: []}  # r\n", "- {name: a, synonyms: [{s: 1}]}  # r\n"),
        ("- {name: a,\n   synonyms: [{s: 0}]}\n", "- {name: a,\n   synonyms: [{s: 0}, {s: 1}]}\n"),
        ("- name: a  # r\n", "- name: a  # r\n  synonyms:\n    - {s: 1}\n"),
        ("- name: a", "- name: a\n  synonyms:\n    - {s: 1}"),
        ("-   name: a\n    x: >-\n      long\n\n      text\n\n\n- {name: b}\n",
         "-   name: a\n    x: >-\n      long\n\n      text\n    synonyms:\n      - {s: 1}\n\n\n- {name: b}\n"),
        ("- name: a\n  synonyms:\n  - {s: 0}\n  # later\n  x: 1\n",
         "- name: a\n  synonyms:\n  - {s: 0}\n  - {s: 1}\n  # later\n  x: 1\n"),
        ("- name: a\n  synonyms:\n    - s: 0\n      t: [1,\n        2]\n",
         "- name: a\n  synonyms:\n    - s: 0\n      t: [1,\n        2]\n    - {s: 1}\n"),
    ],
)  # fmt: skip
def test_text_is_added_at_its_place(before: str, after: str) -> None:
    edit = Edit(_in_schema(before))
    edit.add(edit.field("a"), "synonyms", "{s: 1}")
    assert edit.result() == _in_schema(after)


def test_additions_keep_their_order_and_remarks_stay_above_what_they_are_about() -> None:
    text = "schema:\n- properties:\n  - name: a\n    enum:\n    - {value: x}\n  - {name: b, enum: []}\n"
    edit = Edit(text)
    edit.add(edit.field("b"), "enum", "{value: z}", "b")
    for value in ("y", "w"):
        edit.add(edit.field("a"), "enum", f"{{value: {value}}}", value)
    assert edit.result() == (
        "schema:\n- properties:\n  - name: a\n    enum:\n    - {value: x}\n    - {value: y}  # y\n    - {value: w}  # w\n"
        "  # b\n  - {name: b, enum: [{value: z}]}\n"
    )


def _in_schema(properties: str) -> str:
    inside = "".join(f"    {line}" for line in properties.splitlines(keepends=True))
    return f"# 头 head\nschema:\n- name: t\n  properties:\n{inside}".replace("    \n", "\n")


@pytest.mark.parametrize("text", ["是", "No", "12", "1e3", "a: b", "#x", "it's", "2021-01-01", "~", "null", "- a", "学位（个）", "a #b"])  # fmt: skip
def test_a_quoted_text_is_read_back(text: str) -> None:
    import yaml

    assert yaml.safe_load(quoted(text)) == text
    assert yaml.safe_load(f"[{quoted(text)}, {{a: {quoted(text)}}}]") == [text, {"a": text}]


CONTRACTS = sorted(
    [*(ROOT / "expectations").glob("*/*.yaml"), *(ROOT / "examples" / "feeds").glob("*/*.yaml")]
)


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_every_contract_can_be_added_to_wherever_a_field_stands(path: Path) -> None:
    assert len(CONTRACTS) > 30
    before = read_contract(path)
    text = path.read_text("utf-8")
    edit = Edit(text)
    for number, field in enumerate(before.fields):
        edit.add(
            edit.field(field.name), "synonyms", f"{{synonym: 新表头{number}, source: x}}", "why"
        )
        if field.codes:
            edit.add(edit.field(field.name), "enum", "{value: 新代码, label: new}", "why")
        if field.type in ("date", "timestamp"):
            edit.add_custom(edit.field(field.name), "formats", ["'%d/%m/%Y'"], "why")
    edit.add_field(
        FieldText(
            ("told",), ("name: added_field", "logicalType: string", "classification: public")
        ).block
    )
    after = read_texts(path, edit.result().replace("{district}", "110115"), before.load_text)
    for number, (old, new) in enumerate(zip(before.fields, after.fields, strict=False)):
        assert new.headers == (*old.headers, f"新表头{number}")
        assert new.codes == ((*old.codes, "新代码") if old.codes else ())
        added = ("%d/%m/%Y",) if old.type in ("date", "timestamp") else ()
        assert new.formats == (*old.formats, *added)
        assert (
            replace(
                new,
                history=old.history,
                codes=old.codes,
                code_labels=old.code_labels,
                formats=old.formats,
            )
            == old
        )
    assert after.fields[-1].name == "added_field"
    assert (after.file, after.period, len(after.rules)) == (
        before.file,
        before.period,
        len(before.rules),
    )
    # Nothing that stood there is gone, but where something was put into a line.
    gone = [
        line
        for line in unified_diff(text.splitlines(), edit.result().splitlines(), n=0)
        if line[:1] == "-"
    ]
    assert all("{" in line or "[" in line or line.startswith("---") for line in gone)


def test_a_contract_that_cannot_be_changed_in_place_is_refused() -> None:
    edit = Edit("schema: [{properties: [{name: a}]}]")
    with pytest.raises(MinshengError, match="cannot be changed"):
        edit.add_field(FieldText((), ("name: b",)).block)
    with pytest.raises(MinshengError, match="cannot be changed"):
        Edit("a: 1").field("x")


def test_a_contract_with_the_districts_code_keeps_it(tmp_path: Path) -> None:
    text = SEATS.replace("'^\\d{10}$'", "'^{district}\\d{4}$'")
    edit = Edit(text)
    edit.add(edit.field("school_id"), "synonyms", "{synonym: 校码}")
    assert "{district}" in edit.result()
