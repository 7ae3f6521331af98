"""Feeds as their authors write them: what is unfinished, renamed, claimed twice, shrunken."""

from __future__ import annotations

import pytest

from etl.cli.main import run
from etl.context import Context
from etl.settings import Settings
from tests.cases.author import YEAR, Author, codes, workbook

CLOSED = "closed_at:办结时间:timestamp"
WITH_CLOSED = (
    "-- target: fact_work_order\nSELECT row_no, order_id, opened_at, closed_at FROM staging\n"
)


def snapshots(author: Author, name: str, **more: object) -> None:
    author.feed(
        name,
        ("order_id:单号:string:k", "opened_at:时间:timestamp:r", CLOSED),
        sql=WITH_CLOSED,
        mode="full",
        period=[YEAR],
        **more,  # type: ignore[arg-type]
    )


def test_a_renamed_optional_column_holds_the_snapshot(author: Author) -> None:
    snapshots(author, "opt")
    rows = ("P1,2021-01-01 08:00,2021-01-02 08:00", "P2,2021-01-02 08:00,2021-01-05 10:00")
    assert author.one("opt_2021.csv", "单号,时间,办结时间", *rows).state == "loaded"
    held = author.one("opt_2022.csv", "单号,时间,办结日期时间", *rows)
    assert held.state == "held"
    [reason] = [r for r in held.reasons if r["rule"] == "column_gone"]
    assert reason["severity"] == "error"
    assert "办结时间 → 办结日期时间" in reason["message_zh"]
    assert "办结时间 → 办结日期时间" in reason["message_en"]
    closed = author.rows("SELECT count(closed_at) FROM star.fact_work_order")
    assert closed == [(2,)], "nothing was emptied"


def test_the_likeliest_of_several_new_headers_is_named(author: Author) -> None:
    snapshots(author, "opt")
    author.one("opt_2021.csv", "单号,时间,办结时间", "P1,2021-01-01 08:00,2021-01-02 08:00")
    held = author.one(
        "opt_2022.csv", "单号,时间,备注,工单办结时间", "P1,2021-01-01 08:00,无,2021-01-02 08:00"
    )
    [reason] = [r for r in held.reasons if r["rule"] == "column_gone"]
    assert reason["likely"] == {"closed_at": "工单办结时间"}


def test_a_column_that_was_never_filled_may_go_and_one_that_is_empty_now_is_told(
    author: Author,
) -> None:
    snapshots(author, "opt", custom={"resave": "allow"})
    author.one("opt_2020.csv", "单号,时间,办结时间", "P1,2021-01-01 08:00,")
    assert author.one("opt_2021.csv", "单号,时间", "P1,2021-01-01 08:00").state == "loaded"
    author.one("opt_2022.csv", "单号,时间,办结时间", "P1,2021-01-01 08:00,2021-01-02 08:00")
    emptied = author.one("opt_2023.csv", "单号,时间,办结时间", "P1,2021-01-01 08:00,")
    assert emptied.state == "loaded"
    assert "column_empty" in codes(emptied)


def test_a_delta_or_a_feed_that_says_so_is_only_warned_of(author: Author) -> None:
    fields = ("order_id:单号:string:k", "opened_at:时间:timestamp:r", CLOSED)
    author.feed("news", fields, sql=WITH_CLOSED, period=[YEAR])
    snapshots(author, "easy", custom={"columns": "warn"})
    for name in ("news", "easy"):
        author.one(
            f"{name}_2021.csv", "单号,时间,办结时间", f"{name},2021-01-01 08:00,2021-01-02 08:00"
        )
        second = author.one(
            f"{name}_2022.csv",
            "单号,时间,办结日期时间",
            f"{name},2021-01-01 08:00,2021-01-02 09:00",
        )
        assert (second.state, codes(second)) == ("loaded", ["unknown_columns", "column_gone"]), name


def test_a_truncated_snapshot_is_held(author: Author) -> None:
    author.feed("trunc", mode="full", period=[YEAR])
    rows = [f"R{n},2021-01-01 08:00" for n in range(50)]
    author.one("trunc_2021.csv", "单号,时间", *rows)
    held = author.one("trunc_2022.csv", "单号,时间", rows[0])
    assert (held.state, codes(held)) == ("held", ["volume"])
    assert len(author.orders()) == 50


def test_a_small_register_may_shrink(author: Author) -> None:
    author.feed("small", mode="full", period=[YEAR])
    author.one("small_2021.csv", "单号,时间", *(f"R{n},2021-01-01 08:00" for n in range(9)))
    assert author.one("small_2022.csv", "单号,时间", "R1,2021-01-01 08:00").state == "loaded"
    assert len(author.orders()) == 1


def test_an_older_snapshot_that_comes_late_changes_nothing_and_says_so(author: Author) -> None:
    author.feed("late", mode="full", period=[YEAR])
    author.one("late_2022.csv", "单号,时间", "Q1,2021-01-01 08:00")
    late = author.one("late_2021.csv", "单号,时间", "Q1,2020-01-01 08:00", "Q2,2020-01-01 08:00")
    assert (late.state, late.superseded, late.unchanged) == ("loaded", 2, 0)
    assert author.orders() == [("Q1", "2021-01-01 08:00")]


@pytest.mark.parametrize(
    ("pattern", "orders"),
    [
        ("汇总", ["S1"]),
        ("汇总*", ["S1", "S2"]),
        ("*旧*", ["S2"]),
        ("汇总？旧？", ["S2"]),
        ("sheet1", ["S3"]),
    ],
)
def test_sheets_are_named_as_files_are(author: Author, pattern: str, orders: list[str]) -> None:
    author.feed("sheets", sheets=[pattern])
    head = ("单号", "时间")
    path = workbook(
        author.folder / "sheets.xlsx",
        **{
            "汇总": [head, ("S1", "2021-01-01 08:00")],
            "汇总（旧）": [head, ("S2", "2020-12-30 08:00")],
            "Sheet1": [head, ("S3", "2020-12-30 08:00")],
        },
    )
    [delivery] = author.ingest(path)
    assert delivery.state == "loaded"
    assert [order for order, _ in author.orders()] == orders


def test_a_header_is_noticed_where_the_contract_says_there_is_none(author: Author) -> None:
    author.feed("bare", header=False)
    bare = author.one("bare_1.csv", "B1,2021-01-01 08:00", "B2,2021-01-02 08:00")
    assert (bare.state, bare.rows, bare.reasons) == ("loaded", 2, [])
    path = workbook(
        author.folder / "bare_2.xlsx", 表=[("时间", "单号"), ("2021-01-03 08:00", "B3")]
    )
    for headed_file in (author.file("bare_3.csv", "时间,单号", "2021-01-04 08:00,B4"), path):
        [headed] = author.ingest(headed_file)
        assert (headed.state, headed.rows, codes(headed)) == ("loaded", 1, ["header_there"])
    assert [order for order, _ in author.orders()] == ["B1", "B2", "B3", "B4"]


def test_one_unfinished_contract_stops_nobody(
    author: Author, capsys: pytest.CaptureFixture[str]
) -> None:
    author.feed("good")
    draft = author.folder / "feeds" / "education" / "draft.yaml"
    draft.parent.mkdir()
    draft.write_text("apiVersion: v3.2.0\n", "utf-8")
    good = author.file("good.csv", "单号,时间", "G1,2021-01-01 08:00")
    for command in (["ingest", str(good)], ["feeds"], ["quarantine"], ["deliveries"]):
        assert run(command) == 0, command
        shown = capsys.readouterr().out
        if command == ["feeds"]:
            assert "hotline.good" in shown
            assert str(draft) in shown
    assert author.orders() == [("G1", "2021-01-01 08:00")]
    assert run(["feeds", "check", str(draft.parent)]) == 1
    assert "draft.load.sql" in capsys.readouterr().err
    assert run(["feeds", "show", "education.draft"]) == 1


def test_yml_is_a_contract(author: Author) -> None:
    path = author.feed("yml")
    path.rename(path.with_suffix(".yml"))
    assert run(["feeds", "check", str(author.folder / "feeds")]) == 0
    assert author.one("yml.csv", "单号,时间", "Y1,2021-01-01 08:00").state == "loaded"


def test_a_load_query_names_only_what_it_fills(author: Author) -> None:
    author.feed("few")
    assert run(["feeds", "check", "--database", str(author.folder / "feeds")]) == 0
    assert author.one("few.csv", "单号,时间", "O1,2021-01-01 08:00").state == "loaded"
    [row] = author.rows(
        "SELECT order_id, case_id, closed_at, area_key, unit_key, is_excluded, return_count FROM star.fact_work_order"
    )
    assert row == ("O1", None, None, -1, -1, None, None)


def test_a_load_query_gives_what_is_never_empty(
    author: Author, capsys: pytest.CaptureFixture[str]
) -> None:
    author.feed(
        "none", sql="-- target: fact_work_order\nSELECT row_no, order_id AS case_id FROM staging\n"
    )
    assert run(["feeds", "check", "--database", str(author.folder / "feeds")]) == 1
    assert "lacks opened_at, order_id" in capsys.readouterr().err
    [delivery] = author.ingest(author.file("none.csv", "单号,时间", "O1,2021-01-01 08:00"))
    assert delivery.state == "failed"
    assert "order_id" in str(delivery.reasons[-1])
    assert Settings.load().feeds[-1] == author.folder / "feeds"


def test_two_feeds_may_use_the_same_ids(author: Author) -> None:
    for name in ("east", "west"):
        author.feed(name, mode="full", period=[YEAR])
    author.one("east_2021.csv", "单号,时间", "X1,2021-01-01 08:00", "X2,2021-01-02 08:00")
    west = author.one("west_2021.csv", "单号,时间", "X1,2021-06-01 09:00")
    assert (west.state, west.loaded) == ("loaded", 1)
    [reason] = west.reasons
    assert (reason["rule"], reason["severity"], reason["found"]) == ("keys_apart", "warning", "X1")
    assert "hotline.east" in reason["message_zh"]
    both = [
        ("X1", "2021-01-01 08:00"),
        ("X2", "2021-01-02 08:00"),
        ("hotline.west:X1", "2021-06-01 09:00"),
    ]
    assert author.orders() == both
    # The same again, and the other's next snapshot: each stays with its own.
    east = author.one("east_2022.csv", "单号,时间", "X1,2021-01-01 08:00", "X2,2021-01-02 08:30")
    assert (east.state, codes(east)) == ("loaded", [])
    west = author.one("west_2022.csv", "单号,时间", "X3,2021-06-01 09:00")
    assert west.closed == 1
    assert author.orders() == [
        ("X1", "2021-01-01 08:00"),
        ("X2", "2021-01-02 08:30"),
        ("X3", "2021-06-01 09:00"),
    ]


def test_a_contract_may_say_that_ids_are_shared(author: Author) -> None:
    for name in ("east", "west"):
        custom = {"sharedKeys": ["fact_work_order"]} if name == "west" else {}
        author.feed(name, period=[YEAR], custom=custom)
    author.one("east_2021.csv", "单号,时间", "X1,2021-01-01 08:00")
    west = author.one("west_2021.csv", "单号,时间", "X1,2021-06-01 09:00")
    assert (west.state, west.loaded, codes(west)) == ("loaded", 1, [])
    assert author.orders() == [("X1", "2021-06-01 09:00")]
    east = author.one("east_2022.csv", "单号,时间", "X1,2021-07-01 09:00")
    assert (east.loaded, codes(east), len(author.orders())) == (1, [], 1)


def test_things_of_two_feeds_are_kept_apart_with_all_that_refers_to_them(author: Author) -> None:
    fields = (
        "order_id:单号:string:k",
        "opened_at:时间:timestamp:r",
        "unit:单位代码:string:r",
        "title:单位:string:r",
    )
    sql = (
        "-- target: dim_unit\nSELECT row_no, unit AS unit_id, title AS unit_name, 'department' AS unit_kind,"
        " DATE '1900-01-01' AS valid_from FROM staging;\n"
        "-- target: fact_work_order\nSELECT row_no, order_id, opened_at, unit AS unit_id FROM staging\n"
    )
    for name in ("east", "west"):
        author.feed(name, fields, sql=sql)
    head = "单号,时间,单位代码,单位"
    author.one("east.csv", head, "E1,2021-01-01 08:00,01,城管委")
    author.one("west.csv", head, "W1,2021-01-01 08:00,01,水务局", "W2,2021-01-01 08:00,02,教委")
    names = author.rows(
        "SELECT order_id, unit_name FROM star.fact_work_order JOIN star.dim_unit USING (unit_key) ORDER BY 1"
    )
    assert names == [("E1", "城管委"), ("W1", "水务局"), ("W2", "教委")]


def test_a_correction_and_a_retraction_reach_what_was_kept_apart(author: Author) -> None:
    for name in ("east", "west"):
        author.feed(name)
    author.one("east.csv", "单号,时间", "X1,2021-01-01 08:00")
    author.one("west.csv", "单号,时间", "X1,2021-06-01 09:00")
    corrected = author.one("west_更正.csv", "单号,时间", "X1,2021-06-01 10:00")
    assert (corrected.state, corrected.loaded) == ("loaded", 1)
    assert author.orders()[1] == ("hotline.west:X1", "2021-06-01 10:00")
    taken = author.one("west_撤回.csv", "单号,时间", "X1,2021-06-01 10:00")
    assert (taken.state, taken.retracted) == ("loaded", 1)
    assert author.orders() == [("X1", "2021-01-01 08:00")]


def test_a_query_that_gives_a_key_twice_is_named_with_both_rows(author: Author) -> None:
    sql = "-- target: fact_work_order\nSELECT row_no, left(order_id, 2) AS order_id, opened_at FROM staging\n"
    author.feed("twice", sql=sql)
    twice = author.one(
        "twice.csv",
        "单号,时间",
        "T1a,2021-01-01 08:00",
        "T1b,2021-01-02 08:00",
        "T2a,2021-01-03 08:00",
    )
    assert (twice.state, twice.loaded, twice.quarantined) == ("loaded", 1, 2)
    [reason] = [r for r in twice.reasons if r["rule"] == "one_row_twice"]
    assert "T1a = T1b" in reason["found"]
    assert "1、2" in reason["found"]
    assert "fact_work_order" in reason["message_en"]
    assert author.orders() == [("T2", "2021-01-03 08:00")]


def test_a_derived_lookup_with_two_spellings_is_named(author: Author) -> None:
    fields = (
        "order_id:单号:string:k",
        "opened_at:时间:timestamp:r",
        "unit:单位代码:string:r",
        "title:单位:string:r",
    )
    sql = (
        "-- target: fact_work_order\nSELECT row_no, order_id, opened_at, unit AS unit_id FROM staging;\n"
        "-- target: dim_unit\nSELECT DISTINCT unit AS unit_id, title AS unit_name, 'department' AS unit_kind,"
        " DATE '1900-01-01' AS valid_from FROM staging;\n"
    )
    author.feed("names", fields, sql=sql)
    head = "单号,时间,单位代码,单位"
    rows = (
        "N1,2021-01-01 08:00,U1,城管委",
        "N2,2021-01-02 08:00,U1,城市管理委",
        "N3,2021-01-02 08:00,U2,水务局",
    )
    delivery = author.one("names_1.csv", head, *rows)
    [reason] = [r for r in delivery.reasons if r["rule"] == "lookup_disputed"]
    assert "城管委" in reason["found"]
    assert "城市管理委" in reason["found"]
    assert "U2" not in reason["found"]
    assert delivery.loaded == 3
    units = author.rows("SELECT unit_name FROM star.dim_unit ORDER BY 1")
    assert len(units) == 2, "one of the two counts"
    assert codes(author.one("names_2.csv", head, "N4,2021-03-01 08:00,U2,水务局（新）")) == []


def test_a_mended_contract_takes_the_same_file_again(author: Author) -> None:
    """The rows that the old one could not read are loaded, and leave the quarantine; a third time changes nothing."""
    author.feed("fix")
    lines = ("单号,时间", "F1,2021-01-01 08:00", "F2,12/31/2020 08:00")
    first = author.one("fix.csv", *lines)
    assert (first.state, first.loaded, first.quarantined) == ("loaded", 1, 1)
    author.feed("fix", fields_custom={"opened_at": {"formats": ["%m/%d/%Y %H:%M"]}})
    author.ctx = Context.of(Settings.load())
    again = author.one("fix.csv", *lines)
    assert (again.state, again.loaded, again.unchanged, again.quarantined) == ("loaded", 1, 1, 0)
    assert author.orders() == [("F1", "2021-01-01 08:00"), ("F2", "2020-12-31 08:00")]
    assert author.rows("SELECT count(*) FROM ledger.quarantine WHERE resolved_by IS NULL") == [(0,)]
    resaved = author.one("fix_again.csv", *lines, "")
    assert (resaved.state, codes(resaved)) == ("duplicate", ["duplicate_delivery"])
