"""Early childhood in New York, two feeds in one workbook; schools of an English authority."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.conftest import Warehouse, ids_without_authority, reasons, receipt

WORKBOOK = "nyc_dcp_capacity_and_enrollment.xlsx"


@pytest.fixture(scope="module")
def education(shared: Path) -> Path:
    return shared / "data" / "education"


@pytest.fixture(scope="module")
def nyc(warehouse: Warehouse, education: Path) -> Warehouse:
    for feed in ("education.nyc_enrolment", "education.nyc_seats"):
        warehouse.deliveries[feed] = warehouse.load(education / WORKBOOK, feed=feed)
    return warehouse


def test_one_workbook_serves_two_feeds(nyc: Warehouse) -> None:
    # openpyxl: sheet "24-25 Enrollment" has 3,245 rows, "25-26 Seats" 2,036; README and dictionary are no data.
    enrolment, seats = (
        nyc.deliveries["education.nyc_enrolment"],
        nyc.deliveries["education.nyc_seats"],
    )
    assert enrolment.sha256 == seats.sha256
    assert [
        name
        for (name,) in nyc.rows("SELECT sheet FROM ledger.segment ORDER BY delivery_id, segment_no")
    ] == ["24-25 Enrollment", "25-26 Seats"]
    # Site XBXN stands there twice, as CBO and as FCC: a contradiction. In 932 rows the parts do not add up
    # to the total, and in each of them the total is 0: suppressed by the source, as its README says. One site is
    # written xbsl, in small letters: the contract's aliases put it right.
    assert receipt(enrolment) == {"rows": 3245, "loaded": 3243, "quarantined": 2}
    assert reasons(enrolment) == {"key": 2, "not_suppressed": 932}
    # Seats: no repeated site, all totals are the sum of their parts; 48 coordinates are a dash.
    assert receipt(seats) == {"rows": 2036, "loaded": 2036}
    assert reasons(seats) == {}


def test_seats_are_an_opening_balance(nyc: Warehouse) -> None:
    # openpyxl: the column Total Seat sums to 26,422; 372 sites have any.
    assert nyc.rows(
        "SELECT count(*), sum(seats), count(*) FILTER (WHERE seats > 0), min(change_type), max(change_type)"
        " FROM star.fact_seat_change"
    ) == [(2036, 26422, 372, "期初", "期初")]


def test_sites_of_both_sheets_are_one_school_each(nyc: Warehouse) -> None:
    # 3,243 good sites of 2024-25, 2,036 of 2025-26, 1,936 of them in both (XBXN, in quarantine in the first sheet,
    # is good in the second): 3,243 + 2,036 - 1,936 = 3,343. "QCRT " has a blank behind it.
    assert nyc.one("SELECT count(DISTINCT school_key) FROM star.dim_school") == 3343
    assert nyc.one("SELECT count(*) FROM star.dim_school WHERE school_id IN ('QCRT', 'XBSL')") == 2
    # Two sites were renamed between the sheets (one of them only in capitals); each has two versions.
    assert nyc.rows(
        "SELECT school_id, array_agg(school_name ORDER BY valid_from), array_agg(valid_from::text ORDER BY valid_from)"
        " FROM star.dim_school GROUP BY 1 HAVING count(*) > 1 ORDER BY 1"
    ) == [
        ("KBAW", ["YESODOT HATORAH", "YAAKOV OHR SARAH"], ["2025-06-30", "2025-11-30"]),
        (
            "MCEA",
            ["DIKI HARMONY PLAY HOUSE", "Diki Harmony Play House"],
            ["2025-06-30", "2025-11-30"],
        ),
    ]


def test_letters_of_boroughs_are_boroughs(nyc: Warehouse) -> None:
    assert nyc.rows("SELECT area_name FROM star.dim_area ORDER BY 1") == [
        ("BRONX",), ("BROOKLYN",), ("MANHATTAN",), ("QUEENS",), ("STATEN ISLAND",),
    ]  # fmt: skip
    # Seats by column Boro (M 290, K 693): sites of the second sheet.
    assert nyc.rows(
        "SELECT area_name, count(*) FROM star.fact_seat_change"
        " JOIN star.dim_school s USING (school_key) JOIN star.dim_area a ON a.area_key = s.area_key"
        " WHERE s.valid_to = 'infinity' AND area_name IN ('MANHATTAN', 'BROOKLYN') GROUP BY 1 ORDER BY 1"
    ) == [("BROOKLYN", 693), ("MANHATTAN", 290)]


def test_english_schools(warehouse: Warehouse, education: Path) -> None:
    # awk -F'\t': 881 rows, 881 URNs, 285 with an end date (the last is 2016-10-31), 174 without capacity.
    delivery = warehouse.load(education / "uk_school_eng_schools.tsv")
    assert receipt(delivery) == {"rows": 881, "loaded": 881}
    assert delivery.reasons == []
    assert warehouse.rows(
        "SELECT status, count(*) FROM star.dim_school WHERE delivery_id = :d GROUP BY 1 ORDER BY 1",
        d=delivery.delivery_id,
    ) == [("停办", 285), ("正常", 596)]


def test_head_teachers_leave_the_archive_nowhere(warehouse: Warehouse, education: Path) -> None:
    # The first row's is Mr Stephen Yeo.
    texts = (education / "uk_school_eng_schools.tsv").read_text(encoding="utf-8")
    assert "Mr Stephen Yeo" in texts
    found = warehouse.one(
        "SELECT count(*) FROM star.dim_school AS s WHERE s::text LIKE '%Mr Stephen Yeo%'"
    )
    assert found == 0
    assert (
        warehouse.one("SELECT count(*) FROM ledger.quarantine AS q WHERE q::text LIKE '%Mr %'") == 0
    )


def test_ids_say_whose_they_are(nyc: Warehouse) -> None:
    assert ids_without_authority(nyc) == []
