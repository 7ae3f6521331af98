"""Two feeds in one workbook: one archived file, a delivery for each."""

from __future__ import annotations

from pathlib import Path

from tests.language.conftest import ESTATE, HOUSEHOLDS, PROJECT, TOWN, Feed, book, usual
from tests.make import write_csv

HEADER = [PROJECT, ESTATE, TOWN, HOUSEHOLDS]


def test_two_feeds_read_one_workbook(feed: Feed, tmp_path: Path) -> None:
    feed.write(usual(), file={"sheets": ["施工*"]})
    feed.write(usual(), name="plans", file={"sheets": ["计划*"]})
    sheets = {
        "施工表": [HEADER, ["P1", "E1", "旧宫镇", 1]],
        "计划表": [HEADER, ["P2", "E1", "旧宫镇", 2]],
        "说明": [["填报说明"]],
    }
    done = feed.send(book(tmp_path / "施工2020年3月.xlsx", sheets))
    assert sorted((d.feed, d.loaded) for d in done) == [("housing.plans", 1), ("housing.works", 1)]
    assert len({d.sha256 for d in done}) == 1
    assert [(p, n) for p, _, _, _, n, _ in feed.star()] == [("P1", 1), ("P2", 2)]
    again = feed.send(book(tmp_path / "施工2020年3月.xlsx", sheets))
    assert [d.state for d in again] == ["duplicate", "duplicate"]


def test_two_feeds_do_not_share_what_is_no_workbook(feed: Feed, tmp_path: Path) -> None:
    feed.write(usual(), file={"sheets": ["施工*"]})
    feed.write(usual(), name="plans", file={"sheets": ["计划*"]})
    sent = write_csv(tmp_path / "施工2020年3月.csv", HEADER, [["P1", "E1", "旧宫镇", 1]])
    assert [d.state for d in feed.send(sent)] == ["rejected"]
