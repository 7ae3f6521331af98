"""The report as files: pages in two languages, tables, workbook, document. What has not changed is left alone."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment

from etl.context import Context
from etl.pages.files import STYLE, digest, environment, moment, put
from etl.plan import Statement, load_plan
from etl.progress import report as tell
from etl.report import charts, document, receipt, tables, words, workbook
from etl.report.gather import gather
from etl.report.model import Indicator, Issue, Report, TownValue
from etl.report.pieces import Piece, Pieces, receipt_list, receipt_page
from etl.report.views import View

BUILT = ".built.json"
"""What the pages were made of, by their names."""

ROWS = 16
"""Judged statements that the leaders' first sheet has room for."""
GAPS = 7
"""Towns with gaps that its second sheet has room for."""
_CODE = re.compile(r"^\d{6,} ")
"""The division code before a community's name."""
_KIND = re.compile(r"(社区)?居委会$")
_GAPS_OF = "civ_15min_circle_urban_coverage"
_BY_TOWN = "hot_resolution_rate"

MENU = (
    ("index.html", "首页", "Summary"),
    ("indicators.html", "全部指标", "Indicators"),
    ("towns.html", "镇街", "Towns"),
    ("hotline.html", "接诉即办", "Hotline"),
    ("tasks.html", "重点任务", "Tasks"),
    ("unevaluable.html", "不可评", "Not judged"),
    ("deliveries.html", "报送", "Deliveries"),
    ("revisions.html", "修订", "Revisions"),
    ("dictionary.html", "字典", "Dictionary"),
    ("data.html", "数据", "Data"),
)


@dataclass(frozen=True)
class Built:
    """What a build did."""

    folder: Path
    report: Report
    files: int
    written: int
    """Files that were made anew."""

    @property
    def index(self) -> Path:
        """Where to begin."""
        return self.folder / "index.html"


def build(
    folder: Path,
    ctx: Context | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    issue: Issue | None = None,
) -> Built:
    """Write the report of a day (default: the newest month's end that data cover) into a folder.

    `issue` is the published version that it belongs to; without one it says that it is a draft.
    """
    ctx = ctx or Context.of()
    folder.mkdir(parents=True, exist_ok=True)
    made = digest([Path(__file__).parent, Path(words.__file__).parents[1] / "pages" / "templates"])
    pieces = Pieces(folder, made)
    report = replace(gather(ctx, as_of, known_at, pieces), issue=issue)
    site = Site(folder, made, report)
    for number, lang in enumerate(words.LANGUAGES):
        tell("页面 / pages", number, len(words.LANGUAGES))
        site.write(View(report, load_plan(), lang))
    site.beside(pieces)
    site.end()
    pieces.keep()
    return Built(folder, report, len(site.names), site.written)


class Site:
    """One build."""

    def __init__(self, folder: Path, made: str, report: Report) -> None:
        self.folder, self.report = folder, report
        self.names: set[str] = set()
        self.written = 0
        self._made = made
        self._old = _read(folder / BUILT, made)
        self._now: dict[str, str] = {}
        self._templates = _environment()
        plan, as_of = load_plan(), report.evaluation.as_of
        span = (plan.end_on - plan.baseline_on).days
        self._elapsed = min(1.0, max(0.0, (as_of - plan.baseline_on).days / span))

    def write(self, view: View) -> None:
        """All pages of a language."""
        report = view.report
        shared = _shared(report)
        # What is told of all feeds or all indicators hangs on everything; its known time is the report's.
        whole = [shared, str(report.evaluation.known_at), _plain(report.indicators), _plain(report.feeds), _plain(report.changes), _plain(report.tasks), _plain(report.scores)]  # fmt: skip
        self._leaders(view, whole)
        for name in ("indicators", "towns", "unevaluable", "deliveries", "dictionary", "tasks"):
            self._page(view, f"{name}.html", f"{name}.html", whole)
        self._page(view, "data.html", "data.html", shared, downloads=tables.DOWNLOADS)
        months = next((i.points for i in report.measures if i.points), ())
        self._page(view, "hotline.html", "hotline.html", whole, months=[p.on for p in months])
        self._page(
            view, "revisions.html", "revisions.html", [*whole, _plain(report.kept), _plain(report.revisions)],
            revised=[i for i in report.indicators if _is_revised(report, i)],
        )  # fmt: skip
        for indicator in report.indicators:
            self._indicator(view, indicator, shared)
        for key, name in report.towns.items():
            self._town(view, key, name, shared)

    def _leaders(self, view: View, whole: Any) -> None:
        report = view.report
        codes = {i.code: i for i in report.indicators}
        gap_of = codes.get(_GAPS_OF)
        by_town = codes.get(_BY_TOWN)
        gaps = sorted(_by_town(gap_of), key=lambda pair: -len(pair[1])) if gap_of else []
        month = next((i.points[-1].on for i in report.measures if i.points), None)
        chart = ""
        if by_town and by_town.towns:
            chart = charts.towns(by_town.towns, by_town.result.value, view.towns_words(by_town))
        self._page(
            view, "index.html", "leaders.html", whole,
            ROWS=ROWS, GAPS=GAPS, gap_of=gap_of if gaps else None, gaps=[(town, [_KIND.sub("", name) for name in names]) for town, names in gaps], month=month, town_chart=chart,
            spark=lambda i: charts.spark(i.points, view.reading(i)),
        )  # fmt: skip

    def _indicator(self, view: View, indicator: Indicator, shared: Any) -> None:
        chart = town_chart = ""
        if indicator.points:
            chart = charts.line(indicator, view.chart_words(indicator))
        if any(cell.is_share for cell in indicator.towns):
            town_chart = charts.towns(
                indicator.towns, indicator.result.value, view.towns_words(indicator)
            )
        self._page(
            view,
            f"indicators/{indicator.code}.html",
            "indicator.html",
            [shared, _plain(indicator)],
            i=indicator,
            chart=chart,
            town_chart=town_chart,
            cut=bool(indicator.points) and charts.is_cut(indicator),
            hidden_bounds=bool(indicator.points) and charts.has_hidden_bounds(indicator),
            gaps=_by_town(indicator),
        )

    def _town(self, view: View, key: int, name: str, shared: Any) -> None:
        rows = []
        for indicator in view.report.indicators:
            for cell in indicator.towns:
                if cell.key == key:
                    rows.append((indicator, cell, *_rank(indicator, cell)))
        gaps = [
            (indicator, names)
            for indicator in view.report.indicators
            for town, names in _by_town(indicator)
            if town == name
        ]
        inputs = [shared, name, [(i.code, _plain(c), i.result.value, i.result.provisional, r, of) for i, c, r, of in rows], [names for _, names in gaps]]  # fmt: skip
        self._page(view, f"towns/{key}.html", "town.html", inputs, town=name, rows=rows, gaps=gaps)

    def _page(self, view: View, file: str, template: str, inputs: Any, **values: Any) -> None:
        """Write a page unless what it is made of is as it was; its known time is that of its last change."""
        name = file if view.lang == "zh" else f"en/{file}"
        other = f"en/{file}" if view.lang == "zh" else file
        up = "../" * name.count("/")
        key = _hash([inputs, view.lang])
        self.names.add(name)
        self._now[name] = key
        if self._old.get(name) == key and (self.folder / name).is_file():
            return
        known_at = self.report.evaluation.known_at
        here = f"{up}en" if view.lang == "en" else up.rstrip("/") or "."
        text = self._templates.get_template(template).render(
            v=view, root=up.rstrip("/") or ".", here=here, other=f"{up}{other}", page=file, menu=MENU,
            running=_running(view), known_at=known_at, elapsed=self._elapsed,
            pick=lambda pair: words.pick(pair, view.lang), **values,
        )  # fmt: skip
        self._put(name, text)

    def beside(self, pieces: Pieces) -> None:
        """Tables, receipts, workbook, document, style."""
        self._put("style.css", STYLE)
        self._put(
            "report.css", (Path(__file__).parent / "templates" / "report.css").read_text("utf-8")
        )
        for name, content in tables.files(self.report):
            self._put(name, content)
        for indicator in self.report.indicators:
            statement = indicator.result.statement
            if statement.computable == "C":
                self._receipt(statement, pieces.all[indicator.code])
            if not indicator.sources:
                continue
            piece, name = pieces.all[indicator.code], receipt_list(statement)
            if piece.things is not None:
                self._put(name, tables.text(receipt.CONTRIBUTIONS, piece.things))
            self.names.add(name)
        key = _hash([*_plain(self.report.indicators), _shared(self.report)])
        for name, make in ((tables.WORKBOOK, workbook.make), (tables.DOCUMENT, document.make)):
            self.names.add(name)
            self._now[name] = key
            if self._old.get(name) != key or not (self.folder / name).is_file():
                self._put(name, make(self.report))

    def _receipt(self, statement: Statement, piece: Piece) -> None:
        """The receipt's pages, whose known time is that of the last change."""
        for lang in words.LANGUAGES:
            name = receipt_page(statement, lang)
            self.names.add(name)
            if piece.receipt is not None:
                self._put(name, receipt.to_html(piece.receipt, self.report.feed_names, lang))

    def end(self) -> None:
        """Take away pages of what is no longer there, and remember what all were made of."""
        for old in self.folder.rglob("*.html"):
            name = old.relative_to(self.folder).as_posix()
            if name not in self.names and name in self._old:
                old.unlink()
        text = json.dumps({"made": self._made, "pages": self._now})
        (self.folder / BUILT).write_text(text, encoding="utf-8")

    def _put(self, name: str, content: str | bytes) -> None:
        self.names.add(name)
        self.written += put(self.folder / name, content)


def _rank(indicator: Indicator, cell: TownValue) -> tuple[int | None, int]:
    """The town's place among those with enough cases; only shares with a direction are ranked."""
    better = {"higher": -1.0, "lower": 1.0}.get(indicator.result.statement.direction)
    ranked = [c for c in indicator.towns if c.is_share and c.is_ranked]
    if better is None or cell not in ranked:
        return None, 0
    ahead = [c for c in ranked if better * (c.value or 0.0) < better * (cell.value or 0.0)]
    return 1 + len(ahead), len(ranked)


def _by_town(indicator: Indicator) -> list[tuple[str, list[str]]]:
    pairs = sorted((town, _CODE.sub("", name)) for town, name in indicator.gaps)
    return [
        (town, [name for _, name in group]) for town, group in groupby(pairs, key=lambda p: p[0])
    ]


def _is_revised(report: Report, indicator: Indicator) -> bool:
    values = {kept.values.get(indicator.code) for kept in report.kept}
    statuses = {kept.statuses.get(indicator.code) for kept in report.kept}
    return (
        len(values | {indicator.result.value}) > 1 or len(statuses | {indicator.result.status}) > 1
    )


def _running(view: View) -> Mapping[str, str]:
    """What stands on every printed sheet."""
    evaluation = view.report.evaluation
    mark = view.t(
        "示例：含合成或示例数据，不代表任何官方数据", "Example: synthetic data, nothing official"
    )
    version, people = view.report.version(view.lang), "/".join(view.report.people)
    basis = view.t(
        f"数据截至 {evaluation.as_of} · 所知时点 {moment(evaluation.known_at)} · {version} · 编制/审核/批准 {people} · 按今日区划",
        f"Data up to {evaluation.as_of} · known at {moment(evaluation.known_at)} · {version} · prepared/reviewed/approved {people} · boundaries of today",
    )
    # What people typed stands in a string of CSS.
    basis = re.sub(r'[\\"<>\n\r]', " ", basis)
    return {"mark": mark if evaluation.synthetic else "", "basis": basis}


def _shared(report: Report) -> list[Any]:
    evaluation = report.evaluation
    return [str(evaluation.as_of), repr(report.issue), evaluation.synthetic, evaluation.policy.policy_code, report.feed_names, list(report.towns.items())]  # fmt: skip


def _plain(value: Any) -> list[str]:
    """Every value of a frozen dataclass as text; equal for equal ones."""
    return [repr(value)]


def _hash(inputs: Any) -> str:
    return hashlib.sha256(json.dumps(inputs, default=str, sort_keys=True).encode()).hexdigest()


def _read(path: Path, made: str) -> dict[str, str]:
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    pages: dict[str, str] = kept["pages"] if kept.get("made") == made else {}
    return pages


def _environment() -> Environment:
    templates = environment("etl.report")
    names: Iterator[str] = (name for name in vars(words) if name.isupper())
    templates.globals |= {name: getattr(words, name) for name in names}
    return templates
