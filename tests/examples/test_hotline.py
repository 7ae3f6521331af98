"""Two American hotlines and a Chinese letter box, in the one fact of work orders."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.conftest import Warehouse, ids_without_authority, reasons, receipt


@pytest.fixture(scope="module")
def hotline(shared: Path) -> Path:
    return shared / "data" / "hotline"


@pytest.fixture(scope="module")
def nyc(warehouse: Warehouse, hotline: Path) -> Warehouse:
    for name in (
        "nyc311_tuplex_sample.csv",
        "nyc311_tuplex_subset_micro.csv",
        "qsv_NYC311-5.csv",
        "qsv_NYC311-5.json",
        "qsv_NYC311-5.parquet",
        "nyc311_tuplex_incident_zip_98k.csv",
    ):
        warehouse.load(hotline / name)
    return warehouse


def test_new_york(nyc: Warehouse) -> None:
    # pandas: 999 and 2,000 unique keys; the 999 rows of the sample are in the other file, equal in all 41 columns.
    assert receipt(nyc.deliveries["nyc311_tuplex_sample.csv"]) == {"rows": 999, "loaded": 999}
    micro = nyc.deliveries["nyc311_tuplex_subset_micro.csv"]
    assert receipt(micro) == {"rows": 2000, "loaded": 1000, "unchanged": 999, "quarantined": 1}
    # Key 19944912 "closed" on 01/01/1900. It and 21803150 have a closing time and a status of Assigned or Pending.
    assert reasons(micro) == {"closed_after_opened": 1, "open_has_no_time": 2}
    ((key, row_no, why),) = nyc.rows(
        "SELECT business_key, row_no, reasons -> 0 ->> 'found' FROM ledger.quarantine WHERE feed = 'hotline.nyc_311'"
    )
    # grep -n: line 1604 of the file, whose first line is the header.
    assert (key, row_no) == ("19944912", 1603)
    assert why == "01/01/1900 12:00:00 AM | 03/02/2011 10:40:12 AM"


def test_new_york_in_the_star(nyc: Warehouse) -> None:
    orders = "FROM star.fact_work_order WHERE order_id LIKE 'us-nyc:%' AND opened_at < '2011-12-01' AND order_id <> 'us-nyc:20520945'"
    # 42 of 2,000 have no Closed Date; the quarantined one has.
    assert nyc.rows(f"SELECT count(*), count(*) FILTER (WHERE closed_at IS NULL) {orders}") == [
        (1999, 42)
    ]
    # 41 of 1,999 have the channel UNKNOWN, 76 the board "0 Unspecified" and the borough "Unspecified".
    unknown = "count(*) FILTER (WHERE channel_key = -1), count(*) FILTER (WHERE area_key = -1)"
    assert nyc.rows(f"SELECT {unknown} {orders}") == [(41, 76)]
    # 269 pairs of complaint type and descriptor in the good rows; 66 boards, 5 boroughs; 30 agency names.
    # The file of five rows adds PAINT - PLASTER and Water System, HPD and DEP, no board.
    assert nyc.one("SELECT count(*) FROM star.dim_area WHERE unit_type = 'Community Board'") == 66
    assert nyc.one("SELECT count(*) FROM star.dim_area WHERE unit_type = 'Borough'") == 5
    by_borough = nyc.rows(
        "SELECT b.area_name, count(*) FROM star.fact_work_order f JOIN star.dim_area a USING (area_key)"
        f" JOIN star.dim_area b ON b.area_key = a.parent_area_key WHERE order_id IN (SELECT order_id {orders}) GROUP BY 1 ORDER BY 1"
    )
    assert by_borough == [
        ("BRONX", 309), ("BROOKLYN", 538), ("MANHATTAN", 446), ("QUEENS", 491), ("STATEN ISLAND", 139),
    ]  # fmt: skip


def test_new_york_time_is_new_yorks(nyc: Warehouse) -> None:
    # 03/01/2011 02:27:57 PM is winter time (UTC-5), 11/03/2011 04:25:00 PM summer time (UTC-4).
    moments = nyc.rows(
        "SELECT to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') FROM star.fact_work_order"
        " WHERE order_id IN ('us-nyc:19937896', 'us-nyc:21811409') ORDER BY opened_at"
    )
    assert moments == [("2011-03-01 19:27:57",), ("2011-11-03 20:25:00",)]


def test_one_content_in_three_formats_is_loaded_once(nyc: Warehouse) -> None:
    assert receipt(nyc.deliveries["qsv_NYC311-5.csv"]) == {"rows": 5, "loaded": 5}
    for name in ("qsv_NYC311-5.json", "qsv_NYC311-5.parquet"):
        assert nyc.deliveries[name].state == "duplicate", nyc.deliveries[name].reasons
        assert nyc.deliveries[name].content_hash == nyc.deliveries["qsv_NYC311-5.csv"].content_hash


def test_a_column_of_postcodes_is_no_delivery_of_orders(nyc: Warehouse) -> None:
    delivery = nyc.deliveries["nyc311_tuplex_incident_zip_98k.csv"]
    assert delivery.state == "rejected"
    (reason,) = delivery.reasons
    assert "Incident Zip" in reason["found"]
    assert "请求编号" in reason["expected"]


@pytest.fixture(scope="module")
def boston(warehouse: Warehouse, hotline: Path) -> Warehouse:
    for name in (
        "qsv_boston311-100.csv",
        "qsv_boston311-dmy-100.csv",
        "qsv_boston311-100-untrimmed.jsonl",
        "qsv_boston311-100-with-nonascii.csv",
        "qsv_boston311-100-diff.csv",
        "qsv_boston311-100-bad.tsv",
    ):
        warehouse.load(hotline / name)
    return warehouse


def test_boston(boston: Warehouse) -> None:
    first = boston.deliveries["qsv_boston311-100.csv"]
    assert receipt(first) == {"rows": 100, "loaded": 100}
    assert first.period == "2022-01-01..2022-01-31"  # all 100 were opened in January 2022
    assert first.reasons == []


@pytest.mark.parametrize("name", ["qsv_boston311-dmy-100.csv", "qsv_boston311-100-untrimmed.jsonl"])
def test_the_same_cases_written_otherwise_are_a_duplicate(boston: Warehouse, name: str) -> None:
    # Day-first dates; padded values in JSON lines: the same 100 cases after normalising.
    delivery = boston.deliveries[name]
    assert delivery.state == "duplicate", delivery.reasons
    assert delivery.supersedes == boston.deliveries["qsv_boston311-100.csv"].delivery_id


def test_a_resend_changes_what_changed(boston: Warehouse) -> None:
    # Non-ASCII letters were put into one closing text and one address: free text, which the star has not.
    assert receipt(boston.deliveries["qsv_boston311-100-with-nonascii.csv"]) == {
        "rows": 100,
        "unchanged": 100,
    }
    # diff(1) and pandas: rows moved, four texts changed, and one closing time: 11:03:10 became 11:04:10.
    assert receipt(boston.deliveries["qsv_boston311-100-diff.csv"]) == {
        "rows": 100,
        "loaded": 1,
        "unchanged": 99,
    }
    versions = boston.rows(
        "SELECT to_char(closed_at AT TIME ZONE 'America/New_York', 'HH24:MI:SS') FROM known.fact_work_order"
        " WHERE order_id = 'us-boston:101004113747' ORDER BY known_from"
    )
    # The ragged file, which comes last, has the first time again.
    assert versions == [("11:03:10",), ("11:04:10",), ("11:03:10",)]


def test_a_ragged_row_is_quarantined_with_what_was_found(boston: Warehouse) -> None:
    # awk -F'\t' 'NF != 29': line 41 only, 30 fields; line 1 is the header, so it is row 40.
    bad = boston.deliveries["qsv_boston311-100-bad.tsv"]
    assert receipt(bad) == {"rows": 100, "loaded": 1, "unchanged": 98, "quarantined": 1}
    ((row_no, reason),) = boston.rows(
        "SELECT row_no, reasons -> 0 FROM ledger.quarantine WHERE delivery_id = :d",
        d=bad.delivery_id,
    )
    assert row_no == 40
    assert "30" in str(reason)
    assert "29" in str(reason)


def test_boston_texts_stay_restricted(boston: Warehouse) -> None:
    first = boston.deliveries["qsv_boston311-100.csv"].delivery_id
    # 15 closing texts are one blank: not given.
    assert boston.one(f"SELECT count(closing_text) FROM restricted.d{first}") == 85
    columns = boston.one(
        "SELECT string_agg(column_name, ' ') FROM information_schema.columns WHERE table_schema IN ('star', 'history')"
    )
    assert "closing_text" not in columns


def test_repeated_rows_count_once(fresh_warehouse: Warehouse, hotline: Path) -> None:
    # sort | uniq: 100 rows, 80 of them different, 20 occur twice and are equal in every column.
    delivery = fresh_warehouse.load(hotline / "qsv_boston311-100-20dupes-random.csv")
    assert receipt(delivery) == {"rows": 100, "loaded": 80, "duplicate": 20}


def test_dates_without_time_are_midnight(fresh_warehouse: Warehouse, hotline: Path) -> None:
    delivery = fresh_warehouse.load(hotline / "qsv_boston311-100-notime.csv")
    assert receipt(delivery) == {"rows": 100, "loaded": 100}
    late = fresh_warehouse.one(
        "SELECT count(*) FROM star.fact_work_order WHERE (opened_at AT TIME ZONE 'America/New_York')::time <> '00:00'"
    )
    assert late == 0


@pytest.fixture(scope="module")
def letters(warehouse: Warehouse, hotline: Path) -> Warehouse:
    for name in (
        "cn_tipdm_附件1_分类体系.xlsx",
        "cn_tipdm_附件4_留言答复.xlsx",
        "cn_tipdm_附件2_抽样_一级分类.xlsx",
    ):
        warehouse.load(hotline / name)
    return warehouse


def test_letters(letters: Warehouse) -> None:
    # openpyxl: 2,816 letters, all ids different, none answered before it was written, 3 after more than 365 days.
    replies = letters.deliveries["cn_tipdm_附件4_留言答复.xlsx"]
    assert receipt(replies) == {"rows": 2816, "loaded": 2816}
    assert reasons(replies) == {"replied_within_a_year": 3}
    assert letters.rows(
        "SELECT count(*), count(closed_at), count(DISTINCT caller_token), min(opened_at AT TIME ZONE 'Asia/Shanghai')::text,"
        " max(closed_at AT TIME ZONE 'Asia/Shanghai')::text FROM star.fact_work_order WHERE delivery_id = :d",
        d=replies.delivery_id,
    ) == [(2816, 2816, 2559, "2011-04-02 18:00:54", "2020-01-09 11:00:05")]


def test_a_letter_under_two_categories_is_a_contradiction(letters: Warehouse) -> None:
    # openpyxl: 495 rows below the header, then 64,707 empty ones; letter 37042 stands there twice, once under
    # 城乡建设, once under 劳动和社会保障: nobody can say which is right.
    labelled = letters.deliveries["cn_tipdm_附件2_抽样_一级分类.xlsx"]
    assert receipt(labelled) == {"rows": 495, "loaded": 493, "quarantined": 2}
    assert reasons(labelled) == {"key": 2}
    by_category = letters.rows(
        "SELECT category_1, count(*) FROM star.fact_work_order JOIN star.dim_category USING (category_key)"
        " WHERE fact_work_order.delivery_id = :d GROUP BY 1 ORDER BY 2 DESC",
        d=labelled.delivery_id,
    )
    assert by_category == [
        ("劳动和社会保障", 103), ("城乡建设", 100), ("教育文体", 96), ("卫生计生", 58),
        ("交通运输", 55), ("商贸旅游", 48), ("环境保护", 33),
    ]  # fmt: skip


def test_letters_without_a_category_are_not_supplied(letters: Warehouse) -> None:
    replies = letters.deliveries["cn_tipdm_附件4_留言答复.xlsx"]
    where = "FROM star.fact_work_order WHERE delivery_id = :d"
    assert letters.rows(
        f"SELECT DISTINCT category_key, channel_key, area_key, unit_key {where}",
        d=replies.delivery_id,
    ) == [(-1, -1, -1, -1)]


def test_texts_and_writers_of_letters_stay_out_of_the_star(letters: Warehouse) -> None:
    replies = letters.deliveries["cn_tipdm_附件4_留言答复.xlsx"].delivery_id
    assert letters.rows(
        f"SELECT count(content), count(reply), count(title) FROM restricted.d{replies}"
    ) == [(2816, 2816, 2816)]
    tokens = letters.rows(
        "SELECT DISTINCT caller_token FROM star.fact_work_order WHERE caller_token IS NOT NULL"
    )
    assert all(len(token) == 32 and not token.startswith("A") for (token,) in tokens)


def test_the_tree_of_categories(letters: Warehouse) -> None:
    # openpyxl: 517 different rows, 15 categories of the first level, 118 of the second.
    assert receipt(letters.deliveries["cn_tipdm_附件1_分类体系.xlsx"]) == {
        "rows": 517,
        "loaded": 517,
    }
    assert letters.rows(
        "SELECT count(*), count(DISTINCT category_1), count(DISTINCT (category_1, category_2)) FROM star.dim_category"
        " WHERE category_3 IS NOT NULL AND delivery_id = :d",
        d=letters.deliveries["cn_tipdm_附件1_分类体系.xlsx"].delivery_id,
    ) == [(517, 15, 118)]


def test_ids_say_whose_they_are(nyc: Warehouse, boston: Warehouse, letters: Warehouse) -> None:
    for loaded in (nyc, boston, letters):
        assert ids_without_authority(loaded) == []
        assert (
            loaded.one(
                "SELECT count(*) FROM star.fact_work_order WHERE order_id !~ '^(us-nyc|us-boston|cn-letters):'"
            )
            == 0
        )
