"""Several periods in one file, a period in a sheet's name: one archived file, several deliveries."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from etl.ingest import carry
from etl.load.rehearsal import rehearse
from etl.receive import receive
from tests.etl.load.files import Desk
from tests.etl.quarantine.conftest import Clerk
from tests.language.conftest import (
    ESTATE,
    HOUSEHOLDS,
    PROJECT,
    TOWN,
    Feed,
    Refused,
    book,
    codes,
    counts,
    field,
    usual,
)
from tests.make import write_csv

HEADER = [PROJECT, ESTATE, TOWN, HOUSEHOLDS]
BY_ROW = ({"from": "column", "grain": "month", "field": "month", "split": True},)
BY_SHEET = ({"from": "sheetName", "grain": "month", "yearFrom": "fileName", "split": True},)


def with_month() -> dict[str, dict[str, Any]]:
    """A feed of which every row says its month, with a name, so that the month can be seen in the star."""
    return {**usual(), "month": field("month", "月份", required=True)}


def periods(feed: Feed) -> list[tuple[Any, ...]]:
    """What the star holds, with the period of the delivery that told it."""
    return feed.query(
        "SELECT project_id, households, to_char(period_start, 'MM'), f.row_no FROM star.fact_renewal AS f"
        " JOIN ledger.delivery USING (delivery_id) ORDER BY 1"
    )


ROWS = [
    ["P1", "E1", "旧宫镇", 1, "2020年3月"],
    ["P2", "E1", "旧宫镇", 2, "2020-02"],
    ["P3", "E1", "旧宫镇", 3, "202003"],
    ["合计", None, None, 6, None],
]


def test_each_row_has_its_own_period(feed: Feed, tmp_path: Path) -> None:
    totals = {"field": "project_id", "sums": ["households"]}
    feed.write(with_month(), period=BY_ROW, file={"totals": totals})
    sent = write_csv(tmp_path / "施工.csv", [*HEADER, "月份"], ROWS)
    february, march = feed.send(sent)
    assert (february.period, march.period) == (
        "2020-02-01..2020-02-29",
        "2020-03-01..2020-03-31",
    )
    assert counts(february) == {"loaded": 1, "totals_dropped": 1}
    assert counts(march) == {"loaded": 2}
    assert periods(feed) == [("P1", 1, "03", 1), ("P2", 2, "02", 2), ("P3", 3, "03", 3)]
    # The same file again says nothing new, of either period.
    again = feed.send(sent)
    assert [(d.state, d.supersedes) for d in again] == [
        ("duplicate", february.delivery_id),
        ("duplicate", march.delivery_id),
    ]


def test_a_full_snapshot_of_each_period_ends_what_it_does_not_mention(
    feed: Feed, tmp_path: Path
) -> None:
    feed.write(with_month(), period=BY_ROW, mode="full", custom={"volume": {"severity": "allow"}})
    header = [*HEADER, "月份"]
    feed.send(write_csv(tmp_path / "施工a.csv", header, [*ROWS[:3]]))
    # March, the later snapshot, does not mention P2 of February.
    assert [p for p, *_ in periods(feed)] == ["P1", "P3"]
    feed.send(
        write_csv(tmp_path / "施工b.csv", header, [["P2", "E1", "旧宫镇", 2, "2020-04"], ROWS[0]])
    )
    assert [(p, month) for p, _, month, _ in periods(feed)] == [("P2", "04")]


def test_a_row_without_a_period_is_in_quarantine(feed: Feed, tmp_path: Path) -> None:
    feed.write(with_month(), period=BY_ROW)
    rows = [*ROWS[:3], ["P4", "E1", "旧宫镇", 4, "上月"], ["P5", "E1", "旧宫镇", 5, None]]
    february, march = feed.send(write_csv(tmp_path / "施工.csv", [*HEADER, "月份"], rows))
    assert counts(february) == {"loaded": 1}
    assert counts(march) == {"loaded": 2, "quarantined": 2}
    told = feed.query("SELECT row_no, reasons::text FROM ledger.quarantine ORDER BY 1")
    assert [row for row, _ in told] == [4, 5]
    assert "上月" in told[0][1]
    assert "row_period_unreadable" in told[1][1]


def test_a_full_snapshot_with_such_a_row_is_refused(feed: Feed, tmp_path: Path) -> None:
    """It might be a row of any of the periods, so none could say what is not there."""
    feed.write(with_month(), period=BY_ROW, mode="full")
    rows = [*ROWS[:3], ["P4", "E1", "旧宫镇", 4, "上月"]]
    [done] = feed.send(write_csv(tmp_path / "施工.csv", [*HEADER, "月份"], rows))
    assert (done.state, codes(done)) == ("rejected", ["period_of_row_unreadable"])
    [reason] = done.reasons
    assert (reason["row"], reason["found"], reason["header"]) == (5, "上月", "月份")


def test_more_periods_than_a_file_may_hold(feed: Feed, tmp_path: Path) -> None:
    daily = ({"from": "column", "grain": "day", "field": "month", "split": True},)
    feed.write(with_month(), period=daily)
    days = [date(2020, 1, 1) + timedelta(n) for n in range(121)]
    rows = [[f"P{n}", "E1", "旧宫镇", 1, day] for n, day in enumerate(days)]
    [done] = feed.send(write_csv(tmp_path / "施工.csv", [*HEADER, "月份"], rows))
    assert (done.state, codes(done)) == ("rejected", ["too_many_periods"])


def test_a_contract_that_came_to_split_files_after_one_was_received(
    feed: Feed, tmp_path: Path
) -> None:
    sent = write_csv(tmp_path / "施工2020年3月.csv", [*HEADER, "月份"], ROWS[:3])
    feed.write(with_month())
    [received] = receive(sent, ctx=feed.ctx)
    feed.write(with_month(), period=BY_ROW)
    assert codes(carry(received, feed.ctx)) == ["not_split"]
    february, _ = receive(sent, ctx=feed.ctx)
    yearly = ({"from": "column", "grain": "year", "field": "month", "split": True},)
    feed.write(with_month(), period=yearly)
    assert codes(carry(february, feed.ctx)) == ["no_rows_of_period"]


def test_one_sheet_a_month_and_the_year_in_the_file_name(feed: Feed, tmp_path: Path) -> None:
    feed.write(usual(), period=BY_SHEET)
    sheets = {
        f"{month}月": [HEADER, [f"P{n}", "E1", "旧宫镇", n]]
        for n, month in enumerate(("1", "二", "11"))
    }
    done = feed.send(book(tmp_path / "施工2020年.xlsx", sheets))
    assert [d.period for d in done] == [
        "2020-01-01..2020-01-31",
        "2020-02-01..2020-02-29",
        "2020-11-01..2020-11-30",
    ]
    assert [(p, month) for p, _, month, _ in periods(feed)] == [
        ("P0", "01"),
        ("P1", "02"),
        ("P2", "11"),
    ]


def test_a_sheet_without_a_period_is_told(feed: Feed, tmp_path: Path) -> None:
    feed.write(usual(), period=BY_SHEET)
    rows = [HEADER, ["P1", "E1", "旧宫镇", 1]]
    [done] = feed.send(book(tmp_path / "施工2020年.xlsx", {"1月": rows, "全年": rows}))
    assert (done.state, codes(done)) == ("rejected", ["period_of_row_unreadable"])
    assert done.reasons[0]["sheet"] == "全年"


def test_the_totals_of_a_sheet_are_of_its_period(feed: Feed, tmp_path: Path) -> None:
    totals = {"field": "project_id", "sums": ["households"]}
    feed.write(usual(), period=BY_SHEET, file={"totals": totals})
    sheets = {
        "1月": [HEADER, ["P1", "E1", "旧宫镇", 1], ["P2", "E1", "旧宫镇", 1]],
        "2月": [HEADER, ["P3", "E1", "旧宫镇", 3], ["合计", None, None, 4]],
    }
    january, february = feed.send(book(tmp_path / "施工2020年.xlsx", sheets))
    assert counts(january) == {"loaded": 2}
    assert counts(february) == {"loaded": 1, "totals_dropped": 1}
    # Nor is January told that the sums of February do not agree.
    assert (codes(january), codes(february)) == ([], ["total_mismatch"])


def test_one_title_a_sheet(feed: Feed, tmp_path: Path) -> None:
    by_title = ({"from": "title", "grain": "month", "split": True},)
    town = {"source": "title", "pattern": "(?P<value>[^ ]+镇)"}
    fields = usual() | {"town": field("town", TOWN, required=True, custom={"valueFrom": town})}
    feed.write(fields, period=by_title)
    header = [PROJECT, ESTATE, HOUSEHOLDS]
    sheets = {
        "表1": [["2020年3月 旧宫镇 台账"], header, ["P1", "E1", 1]],
        "表2": [["2020年4月 亦庄镇 台账"], header, ["P2", "E1", 2]],
    }
    done = feed.send(book(tmp_path / "施工.xlsx", sheets))
    assert [d.period for d in done] == ["2020-03-01..2020-03-31", "2020-04-01..2020-04-30"]
    assert [(project, town) for project, _, _, town, _, _ in feed.star()] == [
        ("P1", "旧宫镇"),
        ("P2", "亦庄镇"),
    ]


def test_a_row_is_repaired_in_its_period(feed: Feed, tmp_path: Path) -> None:
    feed.write(usual(), period=BY_SHEET)
    rows = [HEADER, ["P1", "E1", "旧宫镇", "若干"], ["P2", "E1", "旧宫镇", 2]]
    again = [HEADER, ["P3", "E1", "旧宫镇", 3]]
    january, _ = feed.send(book(tmp_path / "施工2020年.xlsx", {"1月": rows, "2月": again}))
    assert counts(january) == {"loaded": 1, "quarantined": 1}
    clerk = Clerk(Desk(feed.ctx, feed.folder), delivery_id=january.delivery_id)
    clerk.fill(2, households=1)
    [repair] = clerk.hand_in()
    assert (repair.state, repair.loaded, repair.period) == ("loaded", 1, january.period)
    assert [(p, n) for p, n, _, _ in periods(feed)] == [("P1", 1), ("P2", 2), ("P3", 3)]


def test_a_repaired_row_of_another_period_is_kept_out(feed: Feed, tmp_path: Path) -> None:
    feed.write(with_month(), period=BY_ROW)
    rows = [*ROWS[:3], ["P4", "E1", "旧宫镇", 4, "上月"], ["P5", "E1", "旧宫镇", 5, None]]
    _, march = feed.send(write_csv(tmp_path / "施工.csv", [*HEADER, "月份"], rows))
    clerk = Clerk(Desk(feed.ctx, feed.folder), delivery_id=march.delivery_id)
    clerk.fill(5, month="2020-03")
    clerk.fill(6, month="2020-02")
    [repair] = clerk.hand_in()
    assert counts(repair) == {"loaded": 1, "quarantined": 1}
    assert [p for p, *_ in periods(feed)] == ["P1", "P2", "P3", "P4"]
    told = feed.query(
        f"SELECT reasons::text FROM ledger.quarantine WHERE delivery_id = {repair.delivery_id}"
    )
    assert "other_period" in told[0][0]


def test_feeds_try_tries_the_last_period(feed: Feed, tmp_path: Path) -> None:
    feed.write(with_month(), period=BY_ROW)
    path = write_csv(tmp_path / "施工.csv", [*HEADER, "月份"], ROWS[:3])
    result = rehearse(path, feed.ctx.contract("housing.works"), feed.ctx)
    assert (result["state"], result["period"]) == ("loaded", "2020-03-01..2020-03-31")
    assert result["counts"]["loaded"] == 2
    assert result["reasons"][0]["rule"] == "last_period"
    assert feed.query("SELECT count(*) FROM ledger.delivery") == [(0,)]


def test_a_school_year_in_a_sheets_name(feed: Feed, tmp_path: Path) -> None:
    feed.write(usual(), period=({"from": "sheetName", "grain": "schoolYear"},))
    rows = [HEADER, ["P1", "E1", "旧宫镇", 1]]
    [done] = feed.send(book(tmp_path / "施工.xlsx", {"2020-2021学年": rows}))
    assert (done.state, done.period) == ("loaded", "2020-09-01..2021-08-31")


@pytest.mark.parametrize(
    ("period", "where", "expected"),
    [
        ({"from": "fileName", "grain": "month", "split": True}, "split", "column, sheetName"),
        ({"from": "fileName", "grain": "month", "yearFrom": "title"}, "yearFrom", "sheetName"),
        ({"from": "sheetName", "grain": "month", "yearFrom": "column"}, "yearFrom", "fileName"),
        ({"from": "column", "grain": "schoolyear", "field": "town"}, "grain", "schoolYear"),
    ],
)
def test_wrong_use_is_told(
    refused: Refused, period: dict[str, object], where: str, expected: str
) -> None:
    told = refused(usual(), period=[period])
    assert any(where in each and expected in each for each in told), told


def test_a_split_field_is_one_that_the_file_gives_and_that_is_kept(refused: Refused) -> None:
    made = field("month", "月份", custom={"valueFrom": {"source": "rowContent"}})
    dropped = field("month", "月份", custom={"handling": "drop"})
    for month in (made, dropped):
        told = refused({**usual(), "month": month}, period=BY_ROW)
        assert any("period" in each and "field" in each for each in told), told


def test_a_split_source_stands_alone(refused: Refused) -> None:
    told = refused(with_month(), period=[*BY_ROW, {"from": "fileName", "grain": "month"}])
    assert any("exactly one source" in each for each in told), told
