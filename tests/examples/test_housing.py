"""Blocks of Singapore as completed milestones, estates of Beijing as a portal lists them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.conftest import Warehouse, ids_without_authority, receipt


@pytest.fixture(scope="module")
def housing(warehouse: Warehouse, shared: Path) -> Warehouse:
    for name in ("sg_hdb_property_2023.csv", "bj_lianjia_xiaoqu_2019.csv"):
        warehouse.load(shared / "data" / "housing" / name)
    return warehouse


def test_blocks(housing: Warehouse) -> None:
    # duckdb: 12,626 different pairs of block and street; the twelve kinds of flats add up in every row.
    delivery = housing.deliveries["sg_hdb_property_2023.csv"]
    assert receipt(delivery) == {"rows": 12626, "loaded": 12626}
    assert delivery.reasons == []
    # 632 blocks have rented flats (112,139 dwellings in all), 2,314 have no dwelling; 1,112,052 dwellings.
    assert housing.rows(
        "SELECT housing_type, count(*), sum(units)::int FROM star.fact_housing_milestone GROUP BY 1 ORDER BY 2"
    ) == [("公共租赁住房", 632, 112139), ("非住宅", 2314, 0), ("公共出售住房", 9680, 999913)]
    # year_completed from 1937 to 2022; 243,280 dwellings since 2010.
    assert housing.rows(
        "SELECT min(milestone_on)::text, max(milestone_on)::text,"
        " sum(units) FILTER (WHERE milestone_on >= '2010-01-01')::int FROM star.fact_housing_milestone"
    ) == [("1937-01-01", "2022-01-01", 243280)]


def test_estates(housing: Warehouse) -> None:
    # sort | uniq -d: 5 rows occur twice, equal in every column. 294 rows say daxing, one of them such a repeat.
    delivery = housing.deliveries["bj_lianjia_xiaoqu_2019.csv"]
    assert receipt(delivery) == {"rows": 4851, "loaded": 4846, "duplicate": 5}
    assert delivery.reasons == []
    assert (
        housing.one(
            "SELECT count(*) FROM star.dim_estate JOIN registry.area USING (area_key) WHERE area_id = '110115000000'"
        )
        == 293
    )
    # awk '{print length($1)}': 46 ids of 16 digits, 18 of 15; a spreadsheet would have rounded them.
    assert housing.rows(
        "SELECT length(estate_id), count(*) FROM star.dim_estate GROUP BY 1 ORDER BY 1"
    ) == [(13, 4782), (15, 18), (16, 46)]
    assert (
        housing.one("SELECT count(*) FROM star.dim_estate WHERE estate_id = '1113403167404252'")
        == 1
    )


def test_ids_say_whose_they_are(housing: Warehouse) -> None:
    assert ids_without_authority(housing) == []
