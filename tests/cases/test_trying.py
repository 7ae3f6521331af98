"""`minsheng feeds try`, `targets` and `new`, and what is said of a file that is nobody's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from etl.cli.main import run
from tests.cases.author import Author, codes

Captured = pytest.CaptureFixture[str]
STATE = (
    "SELECT (SELECT count(*) FROM ledger.delivery), (SELECT count(*) FROM star.fact_work_order),"
    " (SELECT count(*) FROM ledger.contract), (SELECT count(*) FROM ledger.quarantine),"
    " (SELECT count(*) FROM ledger.archive), (SELECT count(*) FROM registry.unit),"
    " (SELECT count(*) FROM pg_class WHERE relnamespace IN ('stage'::regnamespace, 'restricted'::regnamespace))"
)


def tried(capsys: Captured, *arguments: str, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["feeds", "try", *arguments, "--json"]) == code
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_a_file_is_tried_and_nothing_is_kept(author: Author, capsys: Captured) -> None:
    author.feed("few")
    author.one("few_1.csv", "单号,时间", "O1,2021-01-01 08:00")
    before = author.rows(STATE)
    rows = [f"N{n},2021-02-{n:02d} 08:00" for n in range(1, 15)]
    file = author.file(
        "few_2.csv", "单号,时间", *rows, "N20,昨天", "N21,昨天", "N22,", "N1,2021-02-01 08:00"
    )
    result = tried(capsys, str(file))
    assert (result["feed"], result["state"], result["period"]) == (
        "hotline.few", "loaded", "2021-01-01..2021-12-31",
    )  # fmt: skip
    counts = result["counts"]
    assert (counts["rows"], counts["loaded"], counts["quarantined"], counts["duplicate"]) == (
        18,
        14,
        3,
        1,
    )
    kept_out = {q["rule"]: (q["rows"], q["found"]) for q in result["quarantine"]}
    assert kept_out.pop("required.opened_at")[0] == 1
    assert list(kept_out.values()) == [(2, "昨天")]
    orders = result["star"]["fact_work_order"]
    assert len(orders) == 10
    assert orders[0]["order_id"] == "N1"
    assert "case_id" not in orders[0]
    assert author.rows(STATE) == before
    # As on the day itself.
    [delivery] = author.ingest(file)
    assert {
        name: getattr(delivery, name) for name in ("rows", "loaded", "quarantined", "duplicate")
    } == {name: counts[name] for name in ("rows", "loaded", "quarantined", "duplicate")}


def test_a_contract_outside_the_feeds_folder_is_tried(author: Author, capsys: Captured) -> None:
    path = author.feed("aside")
    outside = author.folder / "desk" / "hotline" / "aside.yaml"
    outside.parent.mkdir(parents=True)
    path.rename(outside)
    path.with_suffix(".load.sql").rename(outside.with_suffix(".load.sql"))
    file = author.file("随便.csv", "单号,时间", "A1,2021-01-01 08:00")
    assert tried(capsys, str(file), "--contract", str(outside))["counts"]["loaded"] == 1
    assert run(["feeds", "try", str(file), "--contract", str(outside)]) == 0
    shown = capsys.readouterr().out
    assert "A1" in shown
    assert "已全部撤销" in shown


def test_what_would_be_refused_or_fail_says_so(author: Author, capsys: Captured) -> None:
    author.feed(
        "few",
        sql="-- target: fact_work_order\nSELECT row_no, order_id, opened_at, 1/0 AS return_count FROM staging\n",
    )
    file = author.file("few_1.csv", "单号,时间", "O1,2021-01-01 08:00")
    failed = tried(capsys, str(file), code=3)
    assert failed["state"] == "failed"
    assert "division by zero" in failed["reasons"][-1]["found"]
    rejected = tried(
        capsys, str(author.file("few_2.csv", "编号,时刻", "O1,2021-01-01 08:00")), code=3
    )
    assert (rejected["state"], len(rejected["reasons"])) == ("rejected", 1)
    assert author.rows("SELECT count(*) FROM ledger.delivery") == [(0,)]


def test_a_trial_that_was_killed_is_cleaned_up_by_the_next(
    author: Author, capsys: Captured
) -> None:
    author.feed("few")
    with author.ctx.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE stage.d987654 (row_no int)")
    file = author.file("few_1.csv", "单号,时间", "O1,2021-01-01 08:00")
    assert tried(capsys, str(file))["state"] == "loaded"
    assert author.rows("SELECT to_regclass('stage.d987654') IS NULL") == [(True,)]


def test_a_file_that_is_nobodys_is_told_whose_headers_fit(author: Author, capsys: Captured) -> None:
    author.feed("few")
    nobody = author.one("来件.csv", "单号,时间,其他", "O1,2021-01-01 08:00,x")
    [reason] = nobody.reasons
    assert (nobody.state, reason["rule"]) == ("rejected", "unclaimed")
    assert "hotline.few" in reason["message_zh"]
    for words in ("feeds new", "feeds try"):
        assert words in reason["fix_zh"]
        assert words in reason["fix_en"]
    assert run(["feeds", "try", str(author.folder / "来件.csv")]) == 2
    assert "hotline.few" in capsys.readouterr().err
    [reason] = author.one("memo.csv", "a,b", "1,2").reasons
    assert "feeds new" in reason["fix_en"]


def test_two_contracts_that_claim_one_file_are_named(author: Author) -> None:
    for name in ("claim_a", "claim_b"):
        author.feed(name, names=["工单来件*"])
    [reason] = author.one("工单来件2021.csv", "单号,时间", "C1,2021-01-01 08:00").reasons
    assert reason["rule"] == "claimed_twice"
    assert "hotline.claim_a、hotline.claim_b" in reason["message_zh"]


def test_a_file_of_a_broken_feed_is_told_so(author: Author) -> None:
    path = author.feed("few")
    path.write_text("apiVersion: v3.2.0\n", "utf-8")
    folder = author.folder / "hotline" / "few"
    folder.mkdir(parents=True)
    file = author.file("hotline/few/x.csv", "单号,时间", "C1,2021-01-01 08:00")
    [delivery] = author.ingest(file)
    assert codes(delivery) == ["contract_broken"]


def test_targets_say_what_a_query_may_fill(author: Author, capsys: Captured) -> None:
    assert run(["feeds", "targets", "--json"]) == 0
    described = {target["target"]: target for target in json.loads(capsys.readouterr().out)}
    orders = {column["name"]: column for column in described["fact_work_order"]["columns"]}
    assert (orders["order_id"]["key"], orders["order_id"]["needed"]) == (True, True)
    assert (orders["unit_id"]["ids"], orders["unit_id"]["needed"]) == ("unit", False)
    assert orders["closed_at"]["type"] == "timestamp with time zone"
    assert all(column["meaning"] for column in orders.values())
    assert "valid_from" in {column["name"] for column in described["dim_school"]["columns"]}
    assert run(["feeds", "targets", "dim_school"]) == 0
    assert "school_id" in capsys.readouterr().out
    assert run(["feeds", "targets", "no_table"]) == 2


def test_a_feed_is_drafted_from_a_file(
    author: Author, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = author.file(
        "新来件2021-03.csv",
        "工单编号,来电时间,件数,备注",
        "K1,2021-03-01 08:00,3,甲",
        "K2,2021-03-02 08:00,5,甲",
    )
    folder = author.folder / "drafts"
    assert (
        run(
            [
                "feeds",
                "new",
                str(file),
                "hotline.drafted",
                "--folder",
                str(folder),
                "--target",
                "fact_work_order",
            ]
        )
        == 0
    )
    path = folder / "hotline" / "drafted.yaml"
    text = path.read_text("utf-8")
    for words in (
        "name: order_id",
        "logicalType: timestamp",
        "logicalType: integer",
        "{from: fileName, grain: month}",
    ):
        assert words in text
    capsys.readouterr()
    result = tried(capsys, str(file), "--contract", str(path))
    assert (result["state"], result["period"], result["counts"]["loaded"]) == (
        "loaded",
        "2021-03-01..2021-03-31",
        2,
    )
    assert run(["feeds", "new", str(file), "hotline.drafted", "--folder", str(folder)]) == 2, (
        "it is there"
    )
