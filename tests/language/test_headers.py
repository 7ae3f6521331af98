"""Two layouts of one feed; files with and without a header; the second of two columns of one name; columns that nobody wants."""

from __future__ import annotations

from pathlib import Path
from typing import Any

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


def in_old(*texts: str) -> list[dict[str, Any]]:
    custom = [{"property": "layout", "value": "旧系统"}]
    return [{"synonym": text, "customProperties": custom} for text in texts]


def test_one_feed_in_two_layouts(feed: Feed, tmp_path: Path) -> None:
    """In the old system 编号 is the project and 名称 the town; in the new one 编号 is the estate and 名称 its name."""
    fields = {
        "project_id": field("project_id", PROJECT, key=1, synonyms=in_old("编号")),
        "estate_id": field("estate_id", "编号", key=2, synonyms=in_old("楼号")),
        "town": field("town", TOWN, required=True, synonyms=in_old("名称")),
        "households": field("households", HOUSEHOLDS, "integer"),
        "name": field("name", "名称"),
    }
    feed.write(fields)
    new = [[PROJECT, "编号", TOWN, "名称", HOUSEHOLDS], ["P1", "E1", "旧宫镇", "一里", 1]]
    old = [["编号", "楼号", "名称", HOUSEHOLDS], ["P2", "E2", "采育镇", 2]]
    done = feed.send(
        write_csv(tmp_path / "施工2020年3月.csv", new[0], new[1:]),
        write_csv(tmp_path / "施工2020年4月.csv", old[0], old[1:]),
        book(tmp_path / "施工2020年5月.xlsx", {"表": [old[0], ["P3", "E3", "采育镇", 3]]}),
    )
    assert [d.state for d in done] == ["loaded"] * 3
    assert not any("unknown_columns" in codes(d) for d in done)
    assert [row[:5] for row in feed.star()] == [
        ("P1", "E1", "一里", "旧宫镇", 1),
        ("P2", "E2", None, "采育镇", 2),
        ("P3", "E3", None, "采育镇", 3),
    ]


def test_a_file_in_no_layout_is_told_of_the_usual_one(feed: Feed, tmp_path: Path) -> None:
    feed.write(
        {**usual(), "project_id": field("project_id", PROJECT, key=1, synonyms=in_old("编号"))}
    )
    [done] = feed.send(
        write_csv(tmp_path / "施工2020年3月.csv", [TOWN, HOUSEHOLDS], [["旧宫镇", 1]])
    )
    assert (done.state, codes(done)) == ("held", ["columns_missing"])
    assert PROJECT in str(done.reasons[0]["header"])


def test_each_sheet_may_have_its_own_layout(feed: Feed, tmp_path: Path) -> None:
    fields = usual() | {"project_id": field("project_id", PROJECT, key=1, synonyms=in_old("编 号"))}
    fields |= {"estate_id": field("estate_id", "编号", key=2, synonyms=in_old("楼号"))}
    feed.write(fields)
    sheets = {
        "新": [[PROJECT, "编号", TOWN, HOUSEHOLDS], ["P1", "E1", "旧宫镇", 1]],
        "旧": [["编号", "楼号", TOWN, HOUSEHOLDS], ["P2", "E2", "采育镇", 2]],
    }
    [done] = feed.send(book(tmp_path / "施工2020年3月.xlsx", sheets))
    assert (done.state, codes(done)) == ("loaded", [])
    assert [row[:2] for row in feed.star()] == [("P1", "E1"), ("P2", "E2")]


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


AUTO = {"header": "auto"}
ROWS = [["P1", "E1", "旧宫镇", 1], ["P2", "E1", "采育镇", 2]]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_some_files_have_a_header_and_others_do_not(feed: Feed, tmp_path: Path, form: str) -> None:
    feed.write(usual(), file=AUTO)

    def sent(month: int, *rows: list[Any]) -> Path:
        path = tmp_path / f"施工2020年{month}月.{form}"
        return write_csv(path, rows[0], rows[1:]) if form == "csv" else book(path, {"表": rows})

    shuffled = [[households, *rest] for *rest, households in ROWS]
    done = feed.send(
        sent(3, ["台账"], [HOUSEHOLDS, *HEADER[:3]], *shuffled),
        sent(4, *[[f"N{project}", *rest] for project, *rest in ROWS]),
    )
    assert [(d.state, d.loaded, codes(d)) for d in done] == [
        ("loaded", 2, []),
        ("loaded", 2, ["header_not_there"]),
    ]
    assert [(p, town, n) for p, _, _, town, n, _ in feed.star()] == [
        ("NP1", "旧宫镇", 1),
        ("NP2", "采育镇", 2),
        ("P1", "旧宫镇", 1),
        ("P2", "采育镇", 2),
    ]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_header_in_other_words_is_not_taken_for_data(
    feed: Feed, tmp_path: Path, form: str
) -> None:
    feed.write(usual(), file=AUTO)
    rows = [["工程", "楼盘", "街镇", "住户"], *ROWS]
    path = tmp_path / f"施工2020年3月.{form}"
    [done] = feed.send(
        write_csv(path, rows[0], rows[1:]) if form == "csv" else book(path, {"表": rows})
    )
    assert (done.state, len(done.reasons)) == ("rejected", 1)
    assert codes(done)[0] in ("header_missing", "no_sheet")


def test_an_encoding_under_which_there_is_a_header_comes_before_a_file_without_one(
    feed: Feed, tmp_path: Path
) -> None:
    """Big5 reads as GB18030 without complaint; then the header is in no words that anybody knows."""
    path = tmp_path / "施工2020年3月.csv"
    fields = usual() | {"project_id": field("project_id", "項目編號", key=1)}
    fields |= {"town": field("town", "鎮街", required=True)}
    fields |= {"households": field("households", "戶數", "integer")}
    fields |= {"estate_id": field("estate_id", "小區編碼", key=2)}
    feed.write(fields, file={**AUTO, "encodings": ["gb18030", "big5"]})
    header = ["項目編號", "小區編碼", "鎮街", "戶數"]
    rows = [header, ["甲", "乙", "舊宮", ""]]
    path.write_bytes("\n".join(map(",".join, rows)).encode("big5"))
    [done] = feed.send(path)
    assert (done.state, done.loaded, codes(done)) == ("loaded", 1, [])


def test_wrong_use_is_told(refused: Refused) -> None:
    told = refused(usual(), file={"header": "maybe"})
    assert any("header" in each and "true, false, auto" in each for each in told)
    told = refused(usual(), file={"otherColumns": "drop"})
    assert any("otherColumns" in each and "warn, ignore" in each for each in told)
    twice = usual() | {
        "town": field("town", TOWN, required=True, synonyms=in_old("编号")),
        "estate_id": field("estate_id", ESTATE, key=2, synonyms=in_old("编号")),
    }
    assert any("properties[2]" in each for each in refused(twice))
