"""Ids as senders have them: empty in part, spelled in several ways, in the sheet's name, or not there at all."""

from __future__ import annotations

from etl.cli.main import run
from tests.cases.author import YEAR, Author, codes, workbook

PARTS = ("order_id:项目:string:k", "lot:楼栋:string:o2", "opened_at:时间:timestamp:r")
JOINED = "-- target: fact_work_order\nSELECT row_no, concat_ws('/', order_id, nullif(lot, '')) AS order_id, opened_at FROM staging\n"
OPENED = "opened_at:时间:timestamp:r"


def test_a_part_of_the_key_may_be_empty(author: Author) -> None:
    author.feed("part", PARTS, sql=JOINED, mode="full", period=[YEAR])
    assert run(["feeds", "check", "--database", str(author.folder / "feeds")]) == 0
    rows = (
        "V1,1,2021-01-01 08:00",
        "V1,2,2021-01-01 09:00",
        "V2,,2021-01-02 08:00",
        "V3,-,2021-01-03 08:00",
    )
    first = author.one("part_2021.csv", "项目,楼栋,时间", *rows)
    assert (first.state, first.loaded, first.quarantined) == ("loaded", 4, 0)
    orders = [order for order, _ in author.orders()]
    assert orders == ["V1/1", "V1/2", "V2", "V3"]
    # The same thing the year after: the empty part is a key, and what is not told of any more ends.
    second = author.one("part_2022.csv", "项目,楼栋,时间", *rows[:2], "V2,,2021-01-02 10:00")
    assert (second.loaded, second.unchanged, second.closed) == (1, 2, 1)
    assert dict(author.orders())["V2"] == "2021-01-02 10:00"
    twice = author.one(
        "part_2023.csv", "项目,楼栋,时间", "V2,,2021-01-02 10:00", "V2,,2021-01-02 11:00", *rows[:2]
    )
    assert twice.quarantined == 2, "two rows of one key contradict each other"


def test_a_column_of_an_optional_part_may_be_missing_and_damage_is_no_empty_part(
    author: Author,
) -> None:
    author.feed("part", PARTS, sql=JOINED)
    assert author.one("part_1.csv", "项目,时间", "V1,2021-01-01 08:00").loaded == 1
    damaged = author.one("part_2.csv", "项目,楼栋,时间", "V2,\ufffd\ufffd,2021-01-01 08:00")
    assert (damaged.loaded, damaged.quarantined) == (0, 1)
    assert author.orders() == [("V1", "2021-01-01 08:00")]


def test_a_key_is_never_empty_as_a_whole(author: Author) -> None:
    author.feed("part", ("order_id:项目:string:o", OPENED))
    assert run(["feeds", "check", str(author.folder / "feeds")]) == 1


def test_ids_are_spelled_in_one_way_before_they_are_judged(author: Author) -> None:
    spelling = {"spelling": {"drop": ["号", "（补）"], "case": "upper", "pad": 6}}
    author.feed("spell", mode="full", period=[YEAR], fields_custom={"order_id": spelling})
    first = author.one(
        "spell_2021.csv", "单号,时间", "000012号,2021-01-01 08:00", "ab-7,2021-01-02 08:00"
    )
    assert first.loaded == 2
    second = author.one(
        "spell_2022.csv", "单号,时间", "12,2021-01-01 08:00", "AB-7 号,2021-01-02 09:00"
    )
    assert (second.loaded, second.unchanged, second.closed) == (1, 1, 0)
    assert author.orders() == [("000012", "2021-01-01 08:00"), ("AB-7", "2021-01-02 09:00")]
    twice = author.one(
        "spell_2023.csv",
        "单号,时间",
        "12,2021-01-01 08:00",
        "000012,2021-01-01 08:30",
        "AB-7,2021-01-02 09:00",
    )
    assert twice.quarantined == 2


def test_one_sheet_a_town(author: Author) -> None:
    fields = ("town:镇:string:k", "order_id:序号:string:k2", OPENED)
    sql = "-- target: fact_work_order\nSELECT row_no, town || '-' || order_id AS order_id, opened_at FROM staging\n"
    town = {"town": {"valueFrom": {"source": "sheetName", "pattern": "(?P<value>.+?)(?:镇|街道)"}}}
    author.feed("towns", fields, sql=sql, fields_custom=town)
    head = ("序号", "时间")
    path = workbook(
        author.folder / "towns_1.xlsx",
        旧宫镇=[head, (1, "2021-01-01 08:00"), (2, "2021-01-01 09:00")],
        清源街道=[head, (1, "2021-01-02 08:00")],
        其他=[head, (1, "2021-01-03 08:00")],
    )
    [delivery] = author.ingest(path)
    assert (delivery.state, delivery.loaded, delivery.quarantined) == ("loaded", 3, 1)
    assert [order for order, _ in author.orders()] == ["旧宫-1", "旧宫-2", "清源-1"]


def test_a_value_from_the_files_name_or_the_title(author: Author) -> None:
    fields = ("town:镇:string:k", "order_id:序号:string:k2", OPENED)
    sql = "-- target: fact_work_order\nSELECT row_no, town || '-' || order_id AS order_id, opened_at FROM staging\n"
    for name, source in (("byname", "fileName"), ("bytitle", "title")):
        town = {"town": {"valueFrom": {"source": source, "pattern": "[^_0-9年]+(?=镇)"}}}
        author.feed(name, fields, sql=sql, fields_custom=town)
    author.one("byname_旧宫镇.csv", "序号,时间", "1,2021-01-01 08:00")
    author.one("bytitle_1.csv", "2021年亦庄镇来件,", "序号,时间", "1,2021-01-01 08:00")
    assert [order for order, _ in author.orders()] == ["亦庄-1", "旧宫-1"]


def test_rows_without_an_id(author: Author) -> None:
    fields = ("order_id:编号:string:k", OPENED, "case_id:内容:string")
    sql = "-- target: fact_work_order\nSELECT row_no, order_id, opened_at, case_id FROM staging\n"
    for name, source in (("content", "rowContent"), ("number", "rowNumber")):
        custom = {"order_id": {"valueFrom": {"source": source}}}
        author.feed(name, fields, sql=sql, period=[YEAR], fields_custom=custom)
    rows = ("2021-01-01 08:00,甲", "2021-01-01 08:00,乙", "2021-01-01 08:00,甲")
    by_content = author.one("content_2021.csv", "时间,内容", *rows)
    assert (by_content.loaded, by_content.duplicate) == (2, 1), "who says the same is the same"
    again = author.one("content_2022.csv", "时间,内容", rows[1], "2021-01-01 08:00,丙")
    assert (again.loaded, again.unchanged) == (1, 1)
    by_number = author.one("number_2021.csv", "时间,内容", *rows)
    assert (by_number.loaded, codes(by_number)) == (3, [])
    corrected = author.one("number_2021_更正.csv", "时间,内容", rows[0], "2021-01-01 08:00,丁")
    assert corrected.loaded == 1, "the second row of the year is another now"
    numbers = author.rows(
        "SELECT order_id, case_id FROM star.fact_work_order WHERE order_id LIKE '%#%' ORDER BY 1"
    )
    assert numbers == [("2021-12-31#1", "甲"), ("2021-12-31#2", "丁"), ("2021-12-31#3", "甲")]


def test_the_contract_may_say_which_row_of_a_key_counts(author: Author) -> None:
    rows = (
        "W1,2021-01-01 08:00",
        "W1,2021-03-01 08:00",
        "W1,2021-02-01 08:00",
        "W2,2021-01-01 08:00",
    )
    answers = {
        "top": ("first", "2021-01-01 08:00"),
        "end": ("last", "2021-02-01 08:00"),
        "new": ({"latest": "opened_at"}, "2021-03-01 08:00"),
    }
    for name, (which, opened) in answers.items():
        custom = {"rowThatCounts": which, "sharedKeys": ["fact_work_order"]}
        author.feed(name, custom=custom)
        assert run(["feeds", "check", "--database", str(author.folder / "feeds")]) == 0
        delivery = author.one(f"{name}.csv", "单号,时间", *rows)
        assert (delivery.duplicate, delivery.quarantined) == (2, 0), name
        assert dict(author.orders())["W1"] == opened, name
    author.feed("none", custom={"sharedKeys": ["fact_work_order"]})
    assert author.one("none.csv", "单号,时间", *rows).quarantined == 3
    # Rows that are equal in what decides still contradict each other.
    fields = ("order_id:单号:string:k", OPENED, "case_id:案件:string")
    author.feed("tie", fields, custom={"rowThatCounts": {"latest": "opened_at"}})
    tie = author.one("tie.csv", "单号,时间,案件", "T1,2021-01-01 08:00,a", "T1,2021-01-01 08:00,b")
    assert tie.quarantined == 2


def test_what_stands_for_nothing_in_one_field_and_a_column_that_has_to_be_there(
    author: Author,
) -> None:
    fields = ("order_id:单号:string:k", OPENED, "closed_at:办结:timestamp", "returns:退回:integer")
    sql = "-- target: fact_work_order\nSELECT row_no, order_id, opened_at, closed_at, returns AS return_count FROM staging\n"
    custom = {
        "closed_at": {"placeholders": ["1900-01-01"], "mustBeSent": True},
        "returns": {"placeholders": ["-999", "9999"]},
    }
    author.feed("words", fields, sql=sql, fields_custom=custom)
    rows = (
        "1,2021-01-01 08:00,1900-01-01,-999",
        "2,2021-01-01 08:00,2021-01-02 08:00, 9999",
        "3,2021-01-01 08:00,,3",
    )
    assert author.one("words_1.csv", "单号,时间,办结,退回", *rows).quarantined == 0
    values = author.rows(
        "SELECT order_id, closed_at IS NULL, return_count FROM star.fact_work_order ORDER BY 1"
    )
    assert values == [("1", True, None), ("2", False, None), ("3", True, 3)]
    assert author.one("words_2.csv", "单号,时间,办结", "4,2021-01-01 08:00,").state == "loaded"
    missing = author.one("words_3.csv", "单号,时间,退回", "5,2021-01-01 08:00,1")
    assert (missing.state, codes(missing)) == ("held", ["columns_missing"])
