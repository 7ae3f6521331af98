"""Hospitals: a Chinese list without ids, an American one with leading zeros, an English return in UTF-16."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.conftest import Warehouse, ids_without_authority, reasons, receipt


@pytest.fixture(scope="module")
def health(warehouse: Warehouse, shared: Path) -> Warehouse:
    for name in (
        "cn_wuhan2020map_hospital.derived.csv",
        "us_cms_hospital_general_2021.csv",
        "uk_inpatients_mha_1011.csv",
    ):
        warehouse.load(shared / "data" / "health" / name)
    return warehouse


def test_chinese_hospitals(health: Warehouse) -> None:
    # pandas: 2,083 rows, 8 of them equal in every column to an earlier one; no other name twice in a city.
    delivery = health.deliveries["cn_wuhan2020map_hospital.derived.csv"]
    assert receipt(delivery) == {"rows": 2083, "loaded": 2075, "duplicate": 8}
    assert delivery.reasons == []
    # `{}` and `{"tags": []}` are nothing; 15 are 定点医院, one is 民营二级.
    assert health.rows(
        "SELECT category_code, management_class, count(*) FROM star.dim_institution WHERE delivery_id = :d"
        " GROUP BY 1, 2 ORDER BY 3 DESC",
        d=delivery.delivery_id,
    ) == [(None, None, 2059), ("定点医院", None, 15), ("民营二级", "营利性", 1)]
    # By the first two digits of the city code; 北京 80, 上海 110.
    assert health.rows(
        "SELECT left(institution_id, 2), count(*) FROM star.dim_institution WHERE delivery_id = :d GROUP BY 1 ORDER BY 1",
        d=delivery.delivery_id,
    ) == [("11", 80), ("12", 48), ("31", 110), ("35", 1111), ("37", 95), ("42", 458), ("50", 173)]


def test_american_hospitals(health: Warehouse) -> None:
    # duckdb, all columns as text: 5,325 different ids of 6 characters. "Not Available" stands in 2,387 rows, in
    # numeric columns only, and is nothing: not one row is faulty.
    delivery = health.deliveries["us_cms_hospital_general_2021.csv"]
    assert receipt(delivery) == {"rows": 5325, "loaded": 5325}
    assert delivery.reasons == []
    assert delivery.period == "2021-01-01..2021-12-31"
    # 832 begin with 0; 35 hold a letter (02013F); 1,048 Proprietary and 77 Physician.
    assert health.rows(
        "SELECT count(*) FILTER (WHERE institution_id LIKE '0%'), count(*) FILTER (WHERE institution_id ~ '[A-Z]'),"
        " count(*) FILTER (WHERE length(institution_id) = 6), count(*) FILTER (WHERE management_class = '营利性')"
        " FROM star.dim_institution WHERE delivery_id = :d",
        d=delivery.delivery_id,
    ) == [(832, 35, 5325, 1125)]
    assert health.one(
        "SELECT institution_name FROM star.dim_institution WHERE institution_id = '010001'"
    ) == ("SOUTHEAST HEALTH MEDICAL CENTER")


def test_english_organisations(health: Warehouse) -> None:
    # Python's own utf-16 codec: 327 rows, CR LF, class names padded to 50 characters, 149 numbers such as 1,338;
    # formal, admissions and patients add up in all rows. The name of 8CE31 is "-": nothing.
    delivery = health.deliveries["uk_inpatients_mha_1011.csv"]
    assert receipt(delivery) == {"rows": 327, "loaded": 326, "quarantined": 1}
    assert reasons(delivery) == {"required.institution_name": 1}
    assert delivery.period == "2010-01-01..2010-12-31"
    assert (
        health.one(
            "SELECT business_key FROM ledger.quarantine WHERE delivery_id = :d",
            d=delivery.delivery_id,
        )
        == "8CE31"
    )
    assert health.rows(
        "SELECT category_code, count(*) FROM star.dim_institution WHERE delivery_id = :d GROUP BY 1 ORDER BY 1",
        d=delivery.delivery_id,
    ) == [("Independent Hospitals", 206), ("NHS Facilities", 120)]


def test_ids_say_whose_they_are(health: Warehouse) -> None:
    assert ids_without_authority(health) == []
