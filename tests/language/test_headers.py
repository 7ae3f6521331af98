"""The second of two columns of one name; columns that nobody wants."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.language.conftest import (
    ESTATE,
    HOUSEHOLDS,
    PROJECT,
    TOWN,
    Feed,
    Refused,
    book,
    codes,
    field,
    usual,
)
from tests.make import write_csv

HEADER = [PROJECT, ESTATE, TOWN, HOUSEHOLDS]
ROW = ["P1", "E1", "旧宫镇", 1]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_second_of_two_columns_of_one_name(feed: Feed, tmp_path: Path, form: str) -> None:
    fields = usual() | {
        "households": field("households", f"{HOUSEHOLDS}#2", "integer"),
        "name": field("name", f"{HOUSEHOLDS}#3"),
    }
    feed.write(fields, file={"otherColumns": "ignore"})
    header = [PROJECT, ESTATE, TOWN, HOUSEHOLDS, HOUSEHOLDS, "户 数"]
    rows = [["P1", "E1", "旧宫镇", 1, 2, 3]]
    path = tmp_path / f"施工2020年3月.{form}"
    [done] = feed.send(
        write_csv(path, header, rows) if form == "csv" else book(path, {"表": [header, *rows]})
    )
    assert (done.state, codes(done)) == ("loaded", [])
    assert feed.star() == [("P1", "E1", "3", "旧宫镇", 2, None)]


def test_two_columns_of_one_name_are_refused_where_nobody_tells_them_apart(
    feed: Feed, tmp_path: Path
) -> None:
    feed.write(usual())
    sent = write_csv(tmp_path / "施工2020年3月.csv", [*HEADER, HOUSEHOLDS], [[*ROW, 2]])
    [done] = feed.send(sent)
    assert (done.state, codes(done)) == ("rejected", ["duplicate_header"])


@pytest.mark.parametrize(("other", "told"), [("warn", ["unknown_columns"]), ("ignore", [])])
def test_columns_that_nobody_wants(feed: Feed, tmp_path: Path, other: str, told: list[str]) -> None:
    feed.write(usual(), file={"otherColumns": other})
    sent = write_csv(tmp_path / "施工2020年3月.csv", [*HEADER, "备注"], [[*ROW, "x"]])
    [done] = feed.send(sent)
    assert (done.state, codes(done)) == ("loaded", told)


def test_wrong_use_is_told(refused: Refused) -> None:
    told = refused(usual(), file={"otherColumns": "drop"})
    assert any("otherColumns" in each and "warn, ignore" in each for each in told)
