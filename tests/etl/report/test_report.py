"""The report: one model, true to `evaluate --json`, whole without a server, two sheets for the leaders, rebuilt by hash."""

from __future__ import annotations

import csv
import json
import re
import zipfile
from dataclasses import replace
from datetime import date
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from openpyxl import load_workbook

from etl.evaluate import evaluate
from etl.plan import load_plan
from etl.report import Built, build
from etl.report.model import FEW, Kept, Revision, UnitScore
from etl.report.site import Site
from etl.report.tables import DOCUMENT, VALUES, WORKBOOK
from etl.report.views import View
from tests.browser import faults
from tests.etl.load.files import INSTITUTION, Desk, institution
from tests.etl.report.conftest import AS_OF, TOWNS
from tests.office import needs_office, sheets, tables

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class Page(HTMLParser):
    """Text, links and ids of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.links, self.sources, self.ids, self.parts = path, [], [], set(), []
        self.scripts = 0
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.append(value)
            if name == "id" and value:
                self.ids.add(value)

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts).split())


def _rows(built: Built, name: str) -> list[dict[str, str]]:
    with (built.folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _evaluated(desk: Desk) -> dict[str, dict[str, Any]]:
    told = evaluate(AS_OF, settings=desk.ctx.settings, hotline=True).to_json()
    return {row["code"]: row for row in told["indicators"]}


def test_the_model_says_what_the_evaluation_says(built: Built, desk: Desk) -> None:
    told = {i.code: i.result.to_json() for i in built.report.indicators}
    assert len(told) == 57
    assert told == _evaluated(desk)


def test_revisions_are_shown_with_cause_and_delivery(built: Built, tmp_path: Path) -> None:
    at, code = built.report.evaluation.known_at, "hlt_institutions_total"
    assert at is not None
    report = replace(
        built.report,
        kept=tuple(Kept(n, n, at, {code: 6.0 + n}, {code: "无目标"}) for n in (1, 2)),
        revisions=(Revision(code, "late_rows", 1.0, 1, 9, "补报.csv", at),),
    )
    Site(tmp_path, "", report).write(View(report, load_plan(), "zh"))
    text = Page(tmp_path / "revisions.html").text
    assert "因何修订" in text
    assert re.search(r"迟到数据 \+1 ?家 1 #9 补报\.csv", text)


def test_units_are_scored_with_intervals_and_few_callbacks_are_not(
    built: Built, tmp_path: Path
) -> None:
    month = {
        "first_on": date(2020, 11, 19),
        "after_on": date(2020, 12, 19),
        "overdue_rate": None,
        "return_rate": 0.25,
        "extension_rate": None,
    }
    none = dict.fromkeys(
        f"{rate}_{part}"
        for rate in ("response", "resolution", "satisfaction")
        for part in ("rate", "low", "high")
    )
    many = none | {"response_rate": 0.9, "response_low": 0.596, "response_high": 0.982}
    of = partial(UnitScore, unit_kind="town", **month)
    scores = (
        of(
            unit_name="甲镇",
            orders=12,
            valid=10,
            score=91.234,
            rank=1,
            grade="示例甲",
            score_with_excluded=88.0,
            **many,
        ),
        of(
            unit_name="乙镇",
            orders=7,
            valid=3,
            score=None,
            rank=None,
            grade=None,
            score_with_excluded=None,
            **none,
        ),
        of(
            unit_name="丙镇",
            orders=0,
            valid=0,
            score=None,
            rank=None,
            grade=None,
            score_with_excluded=None,
            **none,
        ),
    )
    Site(tmp_path, "", replace(built.report, scores=scores)).write(
        View(replace(built.report, scores=scores), load_plan(), "zh")
    )
    text = Page(tmp_path / "hotline.html").text
    assert "2020-11-19 — 2020-12-18" in text
    assert re.search(r"甲镇 12 10 90\.0% 60–98% — — 91\.23 88\.00 1 示例甲 — 25\.0% —", text), text
    assert re.search(r"乙镇 7 <5 — — — — — — — — 25\.0% — 丙镇 0 0 ", text), text


def test_tasks_are_shown_as_reported_by_the_day(built: Built) -> None:
    """T3 was reported after the day; of T2 the last report counts; T1 is past its deadline, T2 is done."""
    page = (built.index.parent / "tasks.html").read_text(encoding="utf-8")
    rows = {
        name: row
        for row in page.split("<tr>")[2:]
        for name in ("T1", "T2", "T3")
        if f"任务{name}·" in row
    }
    assert set(rows) == {"T1", "T2"}
    assert "任务T1·2020-11-30" in rows["T1"]
    assert "逾期" in rows["T1"]
    assert "任务T2·2020-12-31" in rows["T2"]
    assert "逾期" not in rows["T2"]
    assert "材料" in rows["T2"]


def test_every_page_is_there_and_nothing_is_asked_of_elsewhere(built: Built) -> None:
    pages = [*built.folder.rglob("*.html")]
    computed = sum(i.result.statement.computable == "C" for i in built.report.indicators)
    assert len(pages) == 2 * (10 + 57 + 22 + computed)
    for path in pages:
        page = Page(path)
        assert page.scripts == 0
        for link in page.links:
            assert "://" not in link
            assert not link.startswith("//")
            target, _, mark = unquote(link).partition("#")
            place = (path.parent / target).resolve()
            assert place.is_file(), (path, link)
            assert not mark or mark in Page(place).ids, (path, link)
    style = (built.folder / "report.css").read_text() + (built.folder / "style.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


def test_both_languages_have_the_same_pages(built: Built) -> None:
    names = {p.relative_to(built.folder).as_posix() for p in built.folder.rglob("*.html")}
    english = {name.removeprefix("en/") for name in names if name.startswith("en/")}
    assert english == {name for name in names if not name.startswith("en/")}


def test_no_feed_id_and_no_json_in_what_people_read(built: Built) -> None:
    for path in built.folder.rglob("*.html"):
        shown = Page(path).text
        assert not re.search(
            r"\b(health|civil_affairs|housing|education|reference)\.[a-z_]+", shown
        ), path
        assert '{"' not in shown, path


def test_all_towns_are_listed_and_nothing_differs_from_nought(built: Built) -> None:
    health = Page(built.folder / "indicators/hlt_institutions_total.html").text
    workers = Page(built.folder / "indicators/civ_social_work_professionals.html").text
    for name in TOWNS.values():
        assert name in health
        assert name in workers
    *_, last = TOWNS.values()
    assert f"{last} 0 家" in health, "there is none"
    assert f"{last} × 没有数据" in workers, "it did not report"
    cells = {c.name: c for c in built.report["civ_social_work_professionals"].towns}
    assert cells[last].state == "none"
    assert len(cells) == 22


def test_counts_of_persons_below_five_are_hidden_and_cannot_be_worked_out(built: Built) -> None:
    cells = built.report["civ_social_work_professionals"].towns  # 2 each
    assert all(c.value is None for c in cells)
    assert {c.state for c in cells} == {"few", "none"}
    rows = [
        r for r in _rows(built, "data/towns.csv") if r["code"] == "civ_social_work_professionals"
    ]
    assert all(r["value"] == "" or float(r["value"]) >= FEW for r in rows)
    institutions = {c.name: c.value for c in built.report["hlt_institutions_total"].towns}
    assert institutions["街道2"] == 1, "institutions are public"


def test_a_receipt_sums_to_the_figure(built: Built) -> None:
    counted = [i for i in built.report.indicators if i.sources]
    assert {i.code for i in counted} >= {"hlt_institutions_total", "edu_compulsory_seats_added"}
    for indicator in counted:
        assert sum(s.numerator for s in indicator.sources) == pytest.approx(
            indicator.result.numerator
        )
        assert all(s.sha256 for s in indicator.sources if s.delivery)
        listed = _rows(built, f"receipts/{indicator.code}.csv")
        assert sum(float(row["numerator"] or 0) for row in listed) == pytest.approx(
            indicator.result.numerator
        )
    seats = Page(built.folder / "indicators/edu_compulsory_seats_added.html").text
    assert "学位变动_2020年第1季度.csv" in seats
    assert "暂定值" in seats
    assert "不定" in seats, "a row's amount cannot be read"


def test_every_row_has_unit_definition_and_basis(built: Built) -> None:
    package = json.loads((built.folder / "data/datapackage.json").read_text("utf-8"))
    assert {r["name"] for r in package["resources"]} == {"values", "series", "towns", "sources"}
    for resource in package["resources"]:
        listed = _rows(built, f"data/{resource['path']}")
        assert listed
        assert [f["name"] for f in resource["schema"]["fields"]] == list(listed[0])
        for row in listed:
            assert row["unit"]
            assert row["definition_version"]
            assert row["basis"]
        same = json.loads((built.folder / f"data/{resource['name']}.json").read_text("utf-8"))
        assert len(same) == len(listed)


def test_every_cell_of_the_workbook_is_the_evaluations(built: Built, desk: Desk) -> None:
    book = load_workbook(built.folder / WORKBOOK)
    assert book.sheetnames == ["封面", "说明", "指标", "走势", "按镇街", "来源文件"]
    for sheet in book:
        assert not sheet.merged_cells.ranges
        assert all(cell.value is not None for row in sheet.iter_rows() for cell in row), sheet.title
    columns = list(VALUES)
    told = _evaluated(desk)
    lines = list(book["指标"].iter_rows(min_row=2, values_only=True))
    assert len(lines) == len(told)
    for line in lines:
        row = dict(zip(columns, line, strict=True))
        want = told[row["code"]]
        want |= {"low": want["bounds"]["low"], "high": want["bounds"]["high"]}
        for name in ("value", "numerator", "denominator", "baseline", "half_width", "target", "progress",
                     "time_progress", "status", "completeness", "low", "high", "name_zh", "definition_version"):  # fmt: skip
            assert row[name] == ("—" if want[name] is None else want[name]), (row["code"], name)
        assert row["provisional"] == ("是" if want["provisional"] else "否")


@needs_office
def test_libreoffice_reads_in_every_cell_of_the_workbook_what_the_evaluation_says(
    built: Built, desk: Desk, tmp_path: Path
) -> None:
    read = sheets(built.folder / WORKBOOK, tmp_path)
    assert set(read) == {"封面", "说明", "指标", "走势", "按镇街", "来源文件"}
    told = _evaluated(desk)
    head, *lines = read["指标"]
    assert head == [title for title, _ in VALUES.values()]
    assert len(lines) == len(told)
    for line in lines:
        row = dict(zip(VALUES, line, strict=True))
        want = told[row["code"]]
        want |= {"low": want["bounds"]["low"], "high": want["bounds"]["high"], "as_of": str(AS_OF)}
        want |= {"open_ends": " ".join(want["bounds"]["open"])}
        want |= {"reasons": "；".join(reason["zh"] for reason in want["reasons"])}
        words = {"rate": "比率（0至1）", "boolean": "是否（1为是）"}
        want |= {"unit": words.get(want["unit"], want["unit"])}
        for name in row.keys() - {"basis"}:
            assert _is(row[name], want[name]), (row["code"], name, want[name])
    # The other tables have no place in `evaluate --json`: as in the data beside the workbook.
    for sheet, name in (("走势", "series"), ("按镇街", "towns"), ("来源文件", "sources")):
        beside = json.loads((built.folder / f"data/{name}.json").read_text("utf-8"))
        assert len(read[sheet]) == len(beside) + 1
        for line, want in zip(read[sheet][1:], beside, strict=True):
            assert all(_is(cell, value) for cell, value in zip(line, want.values(), strict=True))


def _is(cell: str, value: Any) -> bool:
    """Whether a cell as LibreOffice writes it (numbers to 15 digits) says a value of JSON."""
    if isinstance(value, bool):
        return cell == ("是" if value else "否")
    if isinstance(value, int | float):
        return float(cell) == pytest.approx(value, rel=1e-14, abs=0)
    return cell == (value or "—")


@needs_office
def test_libreoffice_reads_in_the_document_what_the_evaluation_says(
    built: Built, desk: Desk, tmp_path: Path
) -> None:
    told = {row["name_zh"]: row for row in _evaluated(desk).values()}
    judged, without = tables(built.folder / DOCUMENT, tmp_path)
    assert judged[0] == ["指标", "现值", "目标", "差距", "状态", "可信度"]
    assert without[0] == ["指标", "现值", "依据"]
    names = [line[0] for line in (*judged[1:], *without[1:])]
    assert len(set(names)) == len(names) == 45, "those of the plan"
    assert {"新增义务教育学位", "医疗卫生机构数"} <= {line[0] for line in judged}
    assert {told[line[0]]["status"] for line in without[1:]} == {"无目标"}
    for name, shown, target, _, status, _ in judged[1:]:
        want = told[name]
        assert (_printed(shown, want["value"]), _printed(target, want["target"])) == (True, True)
        assert (status, shown.endswith("*")) == (want["status"], want["provisional"])
    for name, shown, _ in without[1:]:
        assert _printed(shown, told[name]["value"]), (name, shown)
        assert shown.endswith("*") == told[name]["provisional"]


def _printed(text: str, value: float | None) -> bool:
    """Whether a text shows a value, rounded to the digits that it has."""
    if value is None:
        return text.strip("* ") == "—"
    number, decimals, percent = re.fullmatch(r"([\d,]+(?:\.(\d+))?)(%?)\D*", text).groups()
    of = 100 if percent else 1
    half = 0.5 * 10 ** -len(decimals or "")
    return abs(float(number.replace(",", "")) - value * of) <= half + 1e-9


def test_only_what_changed_is_written_anew(built: Built, desk: Desk, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    build(folder, desk.ctx, AS_OF)
    assert build(folder, desk.ctx, AS_OF).written == 0
    kept = {p: p.stat().st_mtime_ns for p in folder.rglob("*.html")}
    first, second = list(TOWNS)[:2]
    rows = [institution(f"A{n}", f"甲{n}", first) for n in range(8)]
    sent = desk.send(
        "医疗卫生机构2020年12月_补.csv", INSTITUTION, [*rows, institution("B", "乙", second)]
    )
    assert sent.state == "loaded", sent.reasons
    build(folder, desk.ctx, AS_OF)
    new = {p.relative_to(folder).as_posix() for p, at in kept.items() if p.stat().st_mtime_ns != at}
    assert {"indicators.html", "indicators/hlt_institutions_total.html"} <= new
    assert not any("seats" in name or "civ_" in name for name in new)
    whole = build(tmp_path / "other", desk.ctx, AS_OF).folder
    for path in sorted(whole.rglob("*.csv")):
        assert path.read_bytes() == (folder / path.relative_to(whole)).read_bytes(), path


def test_a_chart_can_be_read_aloud(built: Built) -> None:
    page = (built.folder / "indicators/hlt_institutions_total.html").read_text("utf-8")
    [label] = re.findall(r'<svg [^>]*role="img" aria-label="([^"]*)"', page)
    assert "2020-12-31: 8" in label
    assert "<text " in page


def test_the_leaders_page_is_two_sheets(built: Built, browser: Browser) -> None:
    page = browser.new_page()
    for name in ("index.html", "en/index.html"):
        page.goto((built.folder / name).as_uri())
        printed = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2, name


KINDS = (
    "index indicators towns hotline tasks unevaluable deliveries revisions dictionary data "
    "indicators/hlt_institutions_total indicators/civ_social_work_professionals receipts/hlt_institutions_total "
    "en/index en/indicators/hlt_institutions_total en/receipts/hlt_institutions_total"
).split()


@pytest.mark.parametrize("name", [*KINDS, "towns/", "en/towns/"])
def test_a_browser_and_axe_find_nothing_wrong(built: Built, browser: Browser, name: str) -> None:
    """A page of each kind: no word on the console, no request to elsewhere, nothing against WCAG, no sideways phone."""
    path = built.folder / f"{name}.html"
    if name.endswith("/"):
        path = min((built.folder / name).glob("*.html"))
    assert faults(browser, path.as_uri()) == []


def test_the_document_is_whole_and_says_what_the_report_says(built: Built) -> None:
    with zipfile.ZipFile(built.folder / DOCUMENT) as parts:
        for name in parts.namelist():
            ElementTree.fromstring(parts.read(name))
        text = "".join(ElementTree.fromstring(parts.read("word/document.xml")).itertext())
    assert "医疗卫生机构数" in text
    assert f"截至 {AS_OF}" in text
