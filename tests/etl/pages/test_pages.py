"""A page per delivery: true to the ledger, without personal values, whole without a server, written only when due."""

from __future__ import annotations

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from openpyxl import load_workbook

from etl import ledger
from etl.cli.main import run
from etl.ingest import carry
from etl.pages import build
from etl.pages.site import LEAF, page_of, span
from etl.preview import preview, withdraw
from tests.browser import chromium, faults
from tests.etl.load.files import INSTITUTION, SEAT, Desk, institution, seats

ORDER = ["工单编号", "一级分类", "被反映街乡镇", "承办单位", "来电时间", "更新时间", "来电号码"]


class Page(HTMLParser):
    """Text, links and tables of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.links, self.parts = path, [], []
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts).split())


def page(folder: Path, number: int) -> Page:
    return Page(folder / page_of(number))


def test_a_browser_and_axe_find_nothing_wrong(desk: Desk, tmp_path: Path) -> None:
    desk.register()
    rows = [seats("C1", 100), seats("C2", "多"), seats("C1", 100)]
    loaded = desk.send("学位变动_2020年第1季度.csv", SEAT, rows)
    held = desk.send("学位变动_2020年第2季度.csv", SEAT[1:], [row[1:] for row in rows])
    assert (loaded.state, held.state) == ("loaded", "held")
    built = build(tmp_path / "site", desk.ctx)
    pages = [built.index, *(built.folder / page_of(d.delivery_id) for d in (loaded, held))]
    with chromium() as browser:
        assert [faults(browser, path.as_uri()) for path in pages] == [[], [], []]


def test_what_came_and_what_became_of_it(desk: Desk, tmp_path: Path) -> None:
    desk.register()
    rows = [seats("C1", 100), seats("C2", "多"), seats("C1", 100)]
    first = desk.send("学位变动_2020年第1季度.csv", SEAT, rows)
    built = build(tmp_path / "site", desk.ctx)
    assert (built.pages, built.index) == (2, tmp_path / "site" / "index.html")
    shown = page(built.folder, first.delivery_id)
    for word in (
        "已入库 loaded",
        "2020-01-01..2020-03-31",
        "学位变动_2020年第1季度.csv",
        "C2",
        "多",
    ):
        assert word in shown.text
    assert re.search(r"loaded 1 重复 duplicate 1 隔离 quarantined 1 合计 sum 3 ", shown.text)
    assert first.sha256 in shown.text
    [name] = [link for link in shown.links if link.endswith(".xlsx")]
    book = load_workbook(shown.path.with_name(name))
    assert any("学位" in str(cell.value) for sheet in book for row in sheet for cell in row)

    second = desk.send("学位变动_2020年第2季度.csv", SEAT, [seats("C2", 50)])
    build(built.folder, desk.ctx)
    shown = page(built.folder, first.delivery_id)
    assert "superseded" in shown.text
    assert f"../../{page_of(second.delivery_id)}" in shown.links
    assert not [link for link in shown.links if link.endswith(".xlsx")], "nothing is open any more"


def test_no_link_is_dead_and_nothing_is_asked_of_elsewhere(desk: Desk, tmp_path: Path) -> None:
    desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", "多")])
    desk.send("没有契约.csv", ["a"], [["1"]])
    folder = build(tmp_path / "site", desk.ctx).folder
    for path in folder.rglob("*.html"):
        for link in Page(path).links:
            assert "://" not in link
            assert (path.parent / link).resolve().is_file(), (path, link)


def test_only_what_changed_is_written(desk: Desk, tmp_path: Path) -> None:
    first = desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100)])
    other = desk.send("学位变动_2020年第2季度.csv", SEAT, [seats("C3", 10)])
    folder = build(tmp_path / "site", desk.ctx).folder
    assert build(folder, desk.ctx).written == 0
    kept = (folder / page_of(other.delivery_id)).stat().st_mtime_ns
    withdraw(first.delivery_id, by="李工", reason="报错了表", ctx=desk.ctx)
    assert build(folder, desk.ctx).written == 2, "its page and the index"
    assert (folder / page_of(other.delivery_id)).stat().st_mtime_ns == kept
    shown = page(folder, first.delivery_id).text
    assert "已撤销 withdrawn" in shown
    assert "李工 报错了表" in shown


def test_a_held_delivery_shows_the_last_preview(desk: Desk, tmp_path: Path) -> None:
    desk.register()
    rows = [institution(f"A{n}", f"甲{n}") for n in range(30)]
    desk.send("医疗卫生机构2020年1月.csv", INSTITUTION, rows)
    held = desk.send("医疗卫生机构2020年2月.csv", INSTITUTION, rows[:5])
    assert held.state == "held"
    preview(held.delivery_id, desk.ctx)
    folder = build(tmp_path / "site", desk.ctx).folder
    shown = page(folder, held.delivery_id).text
    assert re.search(r"医疗卫生机构.* 30 5 ", shown), "the figure, now and then"
    ledger.release(held.delivery_id, "王", desk.ctx, reason="停业")
    with desk.ctx.engine.connect() as connection:
        carry(ledger.get(connection, held.delivery_id), desk.ctx)
    build(folder, desk.ctx)
    assert "放行 released 王 停业" in page(folder, held.delivery_id).text


def test_personal_values_are_masked(desk: Desk, tmp_path: Path) -> None:
    phone = "13800138000"
    row = ["O1", "住房保障", "旧宫镇", "甲", "不知道", "2024-01-03 10:00:00", phone]
    done = desk.send("工单_2024年1月.csv", ORDER, [row])
    assert done.quarantined == 1
    folder = build(tmp_path / "site", desk.ctx).folder
    assert phone not in (folder / page_of(done.delivery_id)).read_text("utf-8")


def test_markup_in_values_stays_text(desk: Desk, tmp_path: Path) -> None:
    done = desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("<script>x</script>", "多")])
    folder = build(tmp_path / "site", desk.ctx).folder
    assert "<script" not in (folder / page_of(done.delivery_id)).read_text("utf-8")


def test_the_index_is_cut_into_leaves_that_stay_as_they_are(desk: Desk, tmp_path: Path) -> None:
    desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100)])
    _register(desk, 2 * LEAF)
    folder = build(tmp_path / "site", desk.ctx).folder
    shown = {name: Page(folder / name) for name in ("index.html", "index-1.html", "index-2.html")}
    linked = {
        link for each in shown.values() for link in each.links if link.startswith("deliveries/")
    }
    assert len(linked) == 2 * LEAF + 1
    assert {"index-1.html", "index-2.html"} <= set(shown["index.html"].links)
    assert {"index-1.html", "index.html"} <= set(shown["index-2.html"].links)
    before = {name: (folder / name).read_text("utf-8") for name in shown}
    _register(desk, 3)
    assert build(folder, desk.ctx).written == 4, "three pages and the newest of the index"
    assert (folder / "index.html").read_text("utf-8") != before["index.html"]
    assert all((folder / name).read_text("utf-8") == before[name] for name in list(before)[1:])


def test_a_leaf_is_written_anew_where_something_became_of_a_delivery(
    desk: Desk, tmp_path: Path
) -> None:
    first = desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", "多")])
    _register(desk, 2 * LEAF)
    folder = build(tmp_path / "site", desk.ctx).folder
    withdraw(first.delivery_id, by="王", reason="误报", ctx=desk.ctx)
    build(folder, desk.ctx)
    assert "已撤销" in Page(folder / "index-1.html").text


def _register(desk: Desk, count: int) -> None:
    with desk.ctx.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO ledger.delivery (sha256, file_name, state)"
            f" SELECT sha256, 'x' || n, 'rejected' FROM ledger.archive, generate_series(1, {count}) AS n"
        )


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (date(2020, 1, 1), date(2020, 12, 31), "2020"),
        (date(2020, 2, 1), date(2020, 2, 29), "2020-02"),
        (date(2020, 2, 1), date(2020, 2, 28), "2020-02-01–2020-02-28"),
        (date(2020, 1, 1), date(2020, 3, 31), "2020-01-01–2020-03-31"),
        (date(2020, 3, 31), date(2020, 3, 31), "2020-03-31"),
        (None, None, "—"),
    ],
)
def test_a_period_is_said_as_people_say_it(start: date, end: date, said: str) -> None:
    assert span(SimpleNamespace(period_start=start, period_end=end)) == said


def test_the_command(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100)])
    assert run(["pages", "-o", str(tmp_path / "site"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pages"] == 1
    assert Path(told["index"]).is_file()
