"""How a feed's files are named and written, and where their period and mode are read from."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from etl.contract.model import Field, FileOptions, Grain, Mode, PeriodSource, Totals
from etl.contract.node import Node
from etl.contract.period import GROUPS, PATTERNS, ROC_PATTERNS

DEFAULT_MODES: tuple[tuple[str, Mode], ...] = (
    ("更正|修正|correction", "correction"),
    ("撤回|作废|retraction", "retraction"),
)
PLACEHOLDERS = (
    "-", "--", "---", "—", "——", "–", "/", "\\", "无", "暂无", "空", "空值", "未填", "未填写",
    "N/A", "NA", "N.A.", "n/a", "<NA>", "NaN", "-nan", "NaT", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
    "None", "NULL", "(null)", "[NULL]", "<null>", "nil", "<nil>", "undefined", "\\N",
    "(空白)", "(空)", "(blank)", "(empty)", "(leer)", "(vide)", "(비어 있음)",
    "0000-00-00", "0000-00-00 00:00:00",
)  # fmt: skip
"""What people and programs write where nothing is: MySQL, Hive, pandas, Python, C, Go, JavaScript, SQL clients, pivot
tables. In whatever case; what a field lists as a code or an alias is none in it. -999 or 1900-01-01 is for a contract to say."""
FOOTNOTES = (
    r"^注[:：]",
    r"^说明[:：]",
    r"^备注[:：]",
    r"^填报人",
    r"^审核人",
    r"^制表",
    r"^单位负责人",
    r"^数据来源[:：]",
)
TOTALS = ("合计", "总计", "小计")

FILE = frozenset(
    [
        "names",
        "encodings",
        "delimiter",
        "headerRows",
        "header",
        "sheets",
        "totals",
        "footnotes",
        "maxMegabytes",
        "maxRows",
        "placeholders",
        "timeZone",
        "recordPath",
        "otherColumns",
        "hiddenRows",
        "struckRows",
        "struckRuns",
    ]
)
"""What `file` may say."""


SPLIT = ("column", "sheetName", "title")
"""Where a file may say several periods."""


def read_modes(node: Node) -> tuple[tuple[str, Mode], ...]:
    """File-name patterns that make a delivery a correction or a retraction."""
    if not node:
        return DEFAULT_MODES
    modes: list[tuple[str, Mode]] = []
    for item in node.items():
        item.keys(("pattern", "mode"))
        pattern = item.get("pattern").regex()
        mode: Mode = item.get("mode").choice(get_args(Mode), "delta")
        if pattern:
            modes.append((pattern, mode))
    return tuple(modes)


def read_periods(node: Node, names: Mapping[str, Field]) -> tuple[PeriodSource, ...]:
    """The places to look for the report period, in their order."""
    sources = []
    for item in node.items():
        item.keys(
            ("from", "grain", "written", "pattern", "field", "era", "value", "yearFrom", "split")
        )
        source = item.get("from")
        where = source.choice(
            ("fileName", "sheetName", "title", "column", "received", "fixed"), "received"
        )
        grain: Grain = item.get("grain").choice(get_args(Grain), "month")
        if not item.get("grain"):
            item.get("grain").wrong("one of " + ", ".join(get_args(Grain)))
        era = item.get("era").choice(("roc",), "roc") if item.get("era") else None
        # A quarter's file may name a month of it: {grain: quarter, written: month}.
        written: Grain = item.get("written").choice(get_args(Grain), grain)
        pattern = item.get("pattern").regex()
        if pattern is None and where in ("fileName", "sheetName", "title"):
            pattern = (ROC_PATTERNS if era else PATTERNS)[written]
        if pattern is not None:
            groups = set(re.compile(pattern).groupindex)
            if not any(groups.issuperset(wanted) for wanted in GROUPS[grain]):
                item.get("pattern" if item.get("pattern") else "written").wrong(
                    " or ".join("+".join(w) for w in GROUPS[grain]) + f" ({grain})"
                )
        field = item.get("field").text() or None
        split = item.get("split").flag()
        column = names.get(str(field)) if where == "column" else None
        if where == "column" and column is None:
            item.sink.unknown(f"{item.path}.field", str(field), names)
        elif column and column.is_made:
            item.get("field").wrong("来自文件的字段 / a field that the file gives")
        elif column and split and column.handling != "keep":
            item.get("field").wrong("保留的字段 / a field that is kept")
        if where == "fixed" and not item.get("value"):
            item.get("value").wrong("必填 / required")
        value = item.get("value").text() or None
        year_from = item.get("yearFrom").choice(("fileName", "title"), "fileName")
        if item.get("yearFrom") and where != "sheetName":
            item.get("yearFrom").wrong("仅用于 from: sheetName / nothing, unless from is sheetName")
        if split and where not in SPLIT:
            item.get("split").wrong(
                f"仅用于 {', '.join(SPLIT)} / nothing, unless from is one of these"
            )
        sources.append(
            PeriodSource(
                where,  # type: ignore[arg-type]
                grain,
                pattern,
                field,
                "roc" if era else None,
                value,
                year_from if item.get("yearFrom") else None,  # type: ignore[arg-type]
                split,
            )
        )
    if len(sources) > 1 and any(source.split for source in sources):
        node.wrong("split: true 时恰好一个来源 / exactly one source, as one of them is split")
    if not sources:
        node.wrong("至少一个报告期来源 / at least one source of the period")
    return tuple(sources)


def read_file(node: Node, names: Mapping[str, Field]) -> FileOptions:
    """How the files look."""
    node.keys(FILE)
    globs = node.get("names").texts()
    if not globs:
        node.get("names").wrong("文件名通配符 / name patterns such as 名单*.xlsx")
    totals = None
    place = node.get("totals").keys(("field", "values", "sums", "by"))
    if place:
        field = place.get("field").needed()
        sums = place.get("sums").texts()
        by = place.get("by").texts() if place.get("by") else None
        for name in (field, *sums, *(by or ())):
            if name not in names:
                node.sink.unknown(place.path, name, names)
            elif name in sums and names[name].type not in ("integer", "number"):
                place.get("sums").wrong("数字字段 / fields of type integer or number")
        if by is not None and not sums:
            place.get("by").wrong("与 sums 同用 / together with sums")
        totals = Totals(field, place.get("values").texts() or TOTALS, sums, by)
    return FileOptions(
        names=globs,
        encodings=_encodings(node.get("encodings")),
        delimiter=node.get("delimiter").text("auto")
        if node.get("delimiter").value != "\t"
        else "\t",
        header=_header(node.get("header")),
        header_rows=node.get("headerRows").integer(1) or 1,
        sheets=node.get("sheets").texts(),
        totals=totals,
        footnotes=tuple(item.regex() or "" for item in node.get("footnotes").items()) or FOOTNOTES,
        placeholders=node.get("placeholders").texts() if node.get("placeholders") else PLACEHOLDERS,
        max_megabytes=node.get("maxMegabytes").integer(1) or 64,
        max_rows=node.get("maxRows").integer(1),
        time_zone=read_time_zone(node.get("timeZone")),
        record_path=node.get("recordPath").text() or None,
        ignores_others=node.get("otherColumns").choice(("warn", "ignore"), "warn") == "ignore",
        hidden_rows=node.get("hiddenRows").choice(("count", "skip"), "count"),
        struck_rows=node.get("struckRows").choice(("count", "skip"), "count"),
        struck_runs=node.get("struckRuns").choice(("count", "skip"), "skip"),
    )


def _header(node: Node) -> bool | Literal["auto"]:
    if isinstance(node.value, bool):
        return node.value
    if node and node.value != "auto":
        node.wrong("true, false, auto")
    return "auto" if node else True


def _encodings(node: Node) -> tuple[str, ...]:
    for item in node.items():
        try:
            codecs.lookup(item.text("utf-8"))
        except LookupError:
            item.wrong("utf-8, gb18030, utf-16, big5, ...")
    return node.texts() or ("utf-8", "gb18030")


def read_time_zone(node: Node) -> str:
    """The name of a zone; that of Beijing where none is given."""
    name = node.text("Asia/Shanghai")
    if node and not is_zone(name):
        node.wrong("时区名 / a time zone such as Asia/Shanghai")
    return name


@cache
def is_zone(name: str) -> bool:
    """Whether a time zone of this name is known."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
