"""Times on the clock of another zone, by column or by row; the moments are worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.contract import ContractProblem, read_contract
from tests.cases.author import KEYED, Author, codes

SQL = "-- target: fact_work_order\nSELECT row_no, order_id, opened_at FROM staging\n"
ZONED = (*KEYED, "zone:时区:string:")
BY_ROW = {
    "opened_at": {"timeZone": {"field": "zone"}},
    "zone": {"aliases": {"北京": "Asia/Shanghai", "东京": "Asia/Tokyo"}},
}
MOMENTS = (
    "SELECT order_id, to_char(opened_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI')"
    " FROM star.fact_work_order ORDER BY order_id"
)


def test_a_column_on_the_clock_of_another_zone(author: Author) -> None:
    """New York is 4 hours behind in summer, 5 in winter; on 7 November its clock showed 01:30 twice."""
    author.feed("ny", sql=SQL, fields_custom={"opened_at": {"timeZone": "America/New_York"}})
    done = author.one(
        "ny_1.csv",
        "单号,时间",
        "A,2021-07-01 08:00:00",
        "B,2021年12月1日 8时",
        "C,2021-11-07 01:30:00",
        "D,2021-11-07 01:30:00-04:00",
        "E,2021-07-01T20:00:00+08:00",
    )
    assert (done.state, done.loaded) == ("loaded", 5)
    assert author.rows(MOMENTS) == [
        ("A", "07-01 12:00"),
        ("B", "12-01 13:00"),
        ("C", "11-07 06:30"),
        ("D", "11-07 05:30"),
        ("E", "07-01 12:00"),
    ]


@pytest.mark.parametrize("repeated", [1, 200])
def test_each_row_names_its_zone(author: Author, repeated: int) -> None:
    author.feed("rows", ZONED, sql=SQL, fields_custom=BY_ROW)
    zones = {
        "A": ("北京", "01:00"),
        "B": ("Asia/Tokyo", "00:00"),
        "C": ("东京", "00:00"),
        "D": ("", "01:00"),
        "E": ("Europe/London", "08:00"),
    }
    lines = [
        f"{name}{n:03},2021-07-01 09:00,{zone}"
        for n in range(repeated)
        for name, (zone, _) in zones.items()
    ]
    done = author.one("rows_1.csv", "单号,时间,时区", *lines)
    assert (done.state, done.loaded) == ("loaded", 5 * repeated)
    assert author.rows(MOMENTS) == sorted(
        (f"{name}{n:03}", f"07-01 {time}")
        for n in range(repeated)
        for name, (_, time) in zones.items()
    )


def test_a_zone_that_nobody_knows_is_a_fault_of_its_cell(author: Author) -> None:
    author.feed("rows", ZONED, sql=SQL, fields_custom=BY_ROW)
    lines = ("A,2021-07-01 09:00,火星", "B,2021-07-01 09:00,北京", "C,2021-07-01 25:00,东京")
    done = author.one("rows_1.csv", "单号,时间,时区", *lines)
    assert (done.loaded, done.quarantined) == (1, 2)
    told = author.rows(
        "SELECT r ->> 'rule', r ->> 'column', r ->> 'found' FROM ledger.quarantine,"
        " jsonb_array_elements(reasons) AS r WHERE r ? 'column' ORDER BY row_no"
    )
    assert told == [("unknown_zone", "zone", "火星"), ("type", "opened_at", "2021-07-01 25:00")]


def test_an_hour_that_came_twice_on_the_clock_of_the_file(author: Author) -> None:
    """UTC tells the two apart that New York's clock does not."""
    author.feed(
        "ny", sql=SQL, timeZone="America/New_York", fields_custom={"opened_at": {"timeZone": "UTC"}}
    )
    author.one("ny_1.csv", "单号,时间", "A,2021-11-07 05:30", "B,2021-11-07 06:30")
    assert author.rows(MOMENTS) == [("A", "11-07 05:30"), ("B", "11-07 06:30")]


def test_moments_of_a_parquet_file_are_what_they_are(author: Author) -> None:
    author.feed("rows", ZONED, sql=SQL, fields_custom=BY_ROW)
    noon = datetime(2021, 7, 1, 12, tzinfo=UTC)
    path: Path = author.folder / "rows_1.parquet"
    pq.write_table(
        pa.table(
            {"单号": ["A"], "时间": pa.array([noon], pa.timestamp("us", "UTC")), "时区": ["东京"]}
        ),
        path,
    )
    [done] = author.ingest(path)
    assert (done.state, codes(done)) == ("loaded", [])
    assert author.rows(MOMENTS) == [("A", "07-01 12:00")]


@pytest.mark.parametrize(
    ("custom", "expected"),
    [
        ({"opened_at": {"timeZone": "Peking"}}, "Asia/Shanghai"),
        ({"opened_at": {"timeZone": {"field": "zon"}}}, "zone"),
        ({"opened_at": {"timeZone": {"field": "opened_at"}}}, "string"),
        ({"zone": {"timeZone": "UTC"}}, "timestamp"),
    ],
)
def test_wrong_use_is_told(
    author: Author, custom: dict[str, dict[str, object]], expected: str
) -> None:
    path = author.feed("rows", ZONED, sql=SQL, fields_custom=custom)
    with pytest.raises(ContractProblem) as told:
        read_contract(path)
    [problem] = told.value.problems
    assert "timeZone" in problem.path
    assert expected in problem.expected
