"""Villages of the Taiwan region: codes, names, years of the ROC era; charities without a header."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.conftest import Warehouse, ids_without_authority, reasons, receipt

YEARS = (2013, 2014, 2017, 2020)


@pytest.fixture(scope="module")
def villages(warehouse: Warehouse, shared: Path) -> Warehouse:
    names = ["tw_cunli_code.csv", *(f"tw_village_education_{year}.csv" for year in YEARS)]
    for name in names:
        warehouse.load(shared / "data" / "civil_affairs" / name)
    return warehouse


def test_codes_give_three_levels(villages: Warehouse) -> None:
    # pandas: 7,851 villages (5,964 里, 1,887 村) in 368 towns of 22 counties.
    delivery = villages.deliveries["tw_cunli_code.csv"]
    assert receipt(delivery) == {"rows": 7851, "loaded": 7851}
    assert villages.rows("SELECT area_level, count(*) FROM star.dim_area GROUP BY 1 ORDER BY 1") == [
        ("community", 5964), ("district", 22), ("town", 368), ("village", 1887),
    ]  # fmt: skip
    # 6300100-002 of the list is 63000010002 of the statistics.
    assert villages.rows(
        "SELECT a.area_name, t.area_name, c.area_name FROM star.dim_area a"
        " JOIN star.dim_area t ON t.area_key = a.parent_area_key JOIN star.dim_area c ON c.area_key = t.parent_area_key"
        " WHERE a.area_code = '63000010002'"
    ) == [("莊敬里", "松山區", "台北市")]


def test_years_of_the_era_are_years(villages: Warehouse) -> None:
    # Column 統計年 or 資料年度: 102, 103, 106, 109 in every row.
    periods = [villages.deliveries[f"tw_village_education_{year}.csv"].period for year in YEARS]
    assert periods == [f"{year}-01-01..{year}-12-31" for year in YEARS]
    assert villages.rows("SELECT DISTINCT year FROM star.fact_population_year ORDER BY 1") == [
        (y,) for y in YEARS
    ]


def test_utf_16_names_padded_with_ideographic_spaces(villages: Warehouse) -> None:
    # Python's utf-16 codec, tabs: 7,839 rows; sum of 總計 20,026,916; all rows add up; 16 names hold characters
    # of Unicode category Co.
    delivery = villages.deliveries["tw_village_education_2013.csv"]
    assert receipt(delivery) == {"rows": 7839, "loaded": 7839}
    assert reasons(delivery) == {"name_without_private_characters": 16}
    assert (
        villages.one("SELECT sum(residents)::int FROM star.fact_population_year WHERE year = 2013")
        == 20026916
    )


def test_headers_of_2014_and_characters_its_source_lost(villages: Warehouse) -> None:
    # 7,851 rows; three columns renamed (後三畢, 後三肄, 前三肄); 上?里, ?林里 and 水?村 hold a question mark.
    delivery = villages.deliveries["tw_village_education_2014.csv"]
    assert receipt(delivery) == {"rows": 7851, "loaded": 7848, "quarantined": 3}
    # The names are the feed's key: three rows that cannot be read say nothing of who is missing.
    assert reasons(delivery) == {
        "name_was_read": 3,
        "name_without_private_characters": 15,
        "absence_unknown": 3,
    }
    keys = villages.rows(
        "SELECT business_key FROM ledger.quarantine WHERE delivery_id = :d ORDER BY 1",
        d=delivery.delivery_id,
    )
    assert set(keys) == {("新竹縣竹東鎮|上?里",), ("新竹縣竹東鎮|?林里",), ("新竹縣北埔鄉|水?村",)}
    assert (
        villages.one("SELECT sum(residents)::int FROM star.fact_population_year WHERE year = 2014")
        == 20142317
    )


def test_the_second_header_row_is_no_data(villages: Warehouse) -> None:
    # wc -l less two header rows: 7,851 and 7,760; sums of the fifth column 20,479,354 and 20,597,840.
    for year, rows, residents in ((2017, 7851, 20479354), (2020, 7760, 20597840)):
        delivery = villages.deliveries[f"tw_village_education_{year}.csv"]
        assert receipt(delivery) == {"rows": rows, "loaded": rows}
        assert reasons(delivery) == {"name_without_private_characters": 15}
        assert villages.rows(
            "SELECT count(*), sum(residents)::int FROM star.fact_population_year WHERE year = :y",
            y=year,
        ) == [(rows, residents)]


def test_how_many_villages_are_known_by_code_and_how_many_by_name(villages: Warehouse) -> None:
    # By code: of 7,851 and 7,760 villages, 7,688 and 7,670 are in the list. By name (NFKC, 台 = 臺): 7,066 of 7,839
    # (Taoyuan was a county then) and 7,603 of 7,848. The others have a key, and no version yet.
    known = villages.rows(
        "SELECT year, count(*) FROM star.fact_population_year"
        " WHERE EXISTS (SELECT FROM star.dim_area a WHERE a.area_key = fact_population_year.area_key) GROUP BY 1 ORDER BY 1"
    )
    assert known == [(2013, 7066), (2014, 7603), (2017, 7688), (2020, 7670)]
    assert villages.one("SELECT count(*) FROM star.fact_population_year WHERE area_key < 0") == 0


def test_leading_zeros_of_codes_stay(villages: Warehouse) -> None:
    # awk: 59 codes of the two counties 金門 and 連江 begin with 09.
    assert (
        villages.one(
            "SELECT count(*) FROM star.fact_population_year f"
            " WHERE year = 2020 AND EXISTS (SELECT FROM registry.area r WHERE r.area_key = f.area_key AND r.area_id LIKE 'tw:09%')"
        )
        == 59
    )


def test_charities_without_a_header(warehouse: Warehouse, shared: Path) -> None:
    # csv module: 638 rows of two columns, 628 different ones after trimming; awk: 5 postcodes do not begin with 99.
    delivery = warehouse.load(shared / "data" / "civil_affairs" / "us_alaska_charities.csv")
    assert receipt(delivery) == {"rows": 638, "loaded": 628, "duplicate": 10}
    assert reasons(delivery) == {"in_alaska": 5}
    # The first row is data: 3 to 5 Preschool, 99835.
    assert (
        warehouse.one(
            "SELECT count(*) FROM star.dim_organisation WHERE registration_no = '3 to 5 Preschool:99835'"
        )
        == 1
    )


def test_ids_say_whose_they_are(villages: Warehouse) -> None:
    assert ids_without_authority(villages) == []
