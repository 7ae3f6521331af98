"""Values that no column gives: a cell as it was sent, keys from content, running numbers; columns that are filled where they are sent."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

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
DATED = [ESTATE, "确定日期", TOWN, HOUSEHOLDS]


def made(source: str, *of: str) -> dict[str, Any]:
    custom = {"valueFrom": {"source": source, **({"of": list(of)} if of else {})}}
    return field("project_id", PROJECT, key=1, custom=custom)


def dated(key: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        **usual(),
        "project_id": key,
        "designated_on": field("designated_on", "确定日期", "date"),
    }


def test_the_senders_own_spelling_is_kept(feed: Feed, tmp_path: Path) -> None:
    said = field("name", "原编码", custom={"valueFrom": {"source": "field", "of": ["estate_id"]}})
    spelling = {"drop": ["号"], "pad": 6}
    digits = {"pattern": r"^\d{6}$"}
    estate = field(
        "estate_id", ESTATE, key=2, custom={"spelling": spelling}, logicalTypeOptions=digits
    )
    feed.write({**usual(), "estate_id": estate, "name": said})
    rows = [["P1", "７号", "旧宫镇", 5], ["P2", "八号", "旧宫镇", 6]]
    [done] = feed.send(write_csv(tmp_path / "施工2020年3月.csv", HEADER, rows))
    assert feed.star() == [("P1", "000007", "7号", "旧宫镇", 5, None)]
    # A repair may change the spelling, too.
    clerk = Clerk(Desk(feed.ctx, feed.folder), delivery_id=done.delivery_id)
    clerk.fill(3, estate_id="9 号")
    assert [d.loaded for d in clerk.hand_in()] == [1]
    assert feed.star()[1] == ("P2", "000009", "9 号", "旧宫镇", 6, None)


def test_a_key_from_the_content(feed: Feed, tmp_path: Path) -> None:
    feed.write(dated(made("rowContent", "estate_id", "designated_on")))
    rows = [
        ["E1", "2020-03-01", "旧宫镇", 120],
        ["E2", None, "采育镇", 80],
        ["E3", "三月里", "采育镇", 9],
    ]
    [done] = feed.send(write_csv(tmp_path / "施工2020年3月.csv", DATED, rows))
    assert counts(done) == {"loaded": 2, "quarantined": 1}
    # By hand: the values as ISO texts, U+001F between them, U+0000 for an empty one.
    key = hashlib.sha256(b"E1\x1f2020-03-01").hexdigest()[:32]
    other = hashlib.sha256(b"E2\x1f\0").hexdigest()[:32]
    expected = [(key, "E1", 120), (other, "E2", 80)]
    assert [(p, e, n) for p, e, _, _, n, _ in feed.star()] == sorted(expected)
    [(told,)] = feed.query("SELECT reasons::text FROM ledger.quarantine")
    assert "三月里" in told
    assert "made_of_unreadable" in told
    assert "不能为空" not in told
    # The same row written otherwise, with another number: a correction of the same thing.
    again = [["Ｅ1 ", "2020年3月1日", "旧宫镇", "121"]]
    [corrected] = feed.send(write_csv(tmp_path / "施工2020年4月.csv", DATED, again))
    assert counts(corrected) == {"loaded": 1}
    expected[0] = (key, "E1", 121)
    assert [(p, e, n) for p, e, _, _, n, _ in feed.star()] == sorted(expected)
    # What is repaired has the key of what it says now.
    clerk = Clerk(Desk(feed.ctx, feed.folder), delivery_id=done.delivery_id)
    clerk.fill(4, designated_on="2020-03-09")
    assert [counts(d) for d in clerk.hand_in()] == [{"loaded": 1}]
    expected.append((hashlib.sha256(b"E3\x1f2020-03-09").hexdigest()[:32], "E3", 9))
    assert [(p, e, n) for p, e, _, _, n, _ in feed.star()] == sorted(expected)


def test_all_of_a_rows_content_is_its_key_however_it_is_written(feed: Feed, tmp_path: Path) -> None:
    feed.write(dated(made("rowContent")), mode="full")
    rows = [[f"E{n}", date(2020, 3, 1 + n % 9), "旧宫镇", 1000 + n] for n in range(12)]
    feed.send(book(tmp_path / "施工2020年3月.xlsx", {"表": [DATED, *rows]}))
    told = [[e, f"{d:%Y年%m月%d日}", town, f"{n:,}"] for e, d, town, n in rows]
    [done] = feed.send(write_csv(tmp_path / "施工2020年4月.csv", DATED, told))
    assert (done.state, codes(done)) == ("held", ["resaved_period"])
    told[0][3] = "7"
    [done] = feed.send(write_csv(tmp_path / "施工2020年5月.csv", DATED, told))
    assert (done.loaded, done.unchanged, done.closed) == (1, 11, 1)


def test_a_running_number_among_the_rows_alike(feed: Feed, tmp_path: Path) -> None:
    feed.write({**usual(), "project_id": made("rowNumber", "estate_id")})
    rows = [
        ["E1", "旧宫镇", 5],
        ["E2", "旧宫镇", 5],
        ["Ｅ1", "旧宫镇", 5],
        ["E1", "旧宫镇", "若干"],
        ["E1", "旧宫镇", 6],
    ]
    sent = write_csv(tmp_path / "施工2020年3月.csv", HEADER[1:], rows)
    [done] = feed.send(sent)
    assert counts(done) == {"loaded": 4, "quarantined": 1}
    assert [(p, e, n) for p, e, _, _, n, _ in feed.star()] == [
        ("1", "E1", 5),
        ("1", "E2", 5),
        ("2", "E1", 5),
        ("4", "E1", 6),
    ]
    clerk = Clerk(Desk(feed.ctx, feed.folder), delivery_id=done.delivery_id)
    clerk.fill(5, households=7)
    assert [codes(d) for d in clerk.hand_in()] == [["running_number"]]


def filled_if_sent() -> dict[str, dict[str, Any]]:
    households = field("households", HOUSEHOLDS, "integer", custom={"filledIfSent": True})
    return {**usual(), "households": households}


def test_a_column_that_may_be_missing_but_not_empty(feed: Feed, tmp_path: Path) -> None:
    feed.write(filled_if_sent())
    row = ["P1", "E1", "旧宫镇"]
    [done] = feed.send(write_csv(tmp_path / "施工2020年3月.csv", HEADER[:3], [row]))
    assert counts(done) == {"loaded": 1}
    rows = [[*row, 1], ["P2", "E1", "旧宫镇", None], ["P3", "E1", "旧宫镇", "好多"]]
    [done] = feed.send(write_csv(tmp_path / "施工2020年4月.csv", HEADER, rows))
    assert counts(done) == {"loaded": 1, "quarantined": 2}
    empty, unread = feed.query("SELECT reasons::text FROM ledger.quarantine ORDER BY row_no")
    assert "empty_cell" in empty[0]
    assert "empty_cell" not in unread[0]


def value_from(kind: str = "string", **said: Any) -> dict[str, Any]:
    return field("town", TOWN, kind, required=True, custom={"valueFrom": said})


@pytest.mark.parametrize(
    ("changed", "where", "expected"),
    [
        (value_from(source="sheetName", of=["estate_id"]), "of", "sheetName"),
        (value_from(source="rowContent", pattern="x"), "pattern", "rowContent"),
        (value_from(source="rowContent", of=["estate"]), "of", "estate_id"),
        (value_from(source="rowContent", of=["town"]), "of", "the file gives"),
        (value_from("integer", source="rowContent", of=["estate_id"]), "valueFrom", "string"),
        (value_from(source="field", of=["estate_id", "project_id"]), "of", "exactly one"),
        (value_from(source="field", of=["town"]), "of", "the file gives"),
        (
            field("town", TOWN, required=True, custom={"filledIfSent": True}),
            "filledIfSent",
            "required",
        ),
    ],
)
def test_wrong_use_is_told(
    refused: Refused, changed: dict[str, Any], where: str, expected: str
) -> None:
    told = refused({**usual(), "town": changed})
    assert any(where in problem and expected in problem for problem in told), told
