"""The habits of those who fill in the files: one style is one way of writing, and no feed has just one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Format = Literal["xlsx", "xls", "csv", "tsv", "jsonl", "parquet"]


@dataclass(frozen=True)
class Style:
    """One way of writing a file."""

    format: Format = "csv"
    encoding: str = "utf-8"
    newline: str = "\r\n"
    container: Literal["", "zip", "gz"] = ""
    title: bool = False
    """A title row above the header, merged over all columns in a workbook."""
    two_rows: bool = False
    """Grouped columns under merged headers."""
    totals: bool = False
    subtotals: bool = False
    footnotes: bool = False
    sheets: int = 1
    dates: str = "iso"
    numbers: Literal["plain", "separators", "wide", "words"] = "plain"
    text: Literal["plain", "wide", "padded"] = "plain"
    odd: int = 0
    """Every how many records a value is written in an odd way; 0 for never."""
    booleans: tuple[str, str] = ("是", "否")
    empty: str | None = None
    headers: Literal["now", "old", "name"] = "now"
    aliases: bool = False
    town_name: int = 0
    extra: str = ""
    """Header of a column that the contract does not know."""

    @property
    def is_sheet(self) -> bool:
        """Whether it is a workbook, where numbers are numbers."""
        return self.format in ("xlsx", "xls")

    @property
    def suffix(self) -> str:
        """The end of its file names."""
        inner = f".{self.format}"
        return {"": inner, "zip": ".zip", "gz": f"{inner}.gz"}[self.container]


_BOOK = Style("xlsx", title=True, totals=True, footnotes=True, dates="cell")
_TEXT = Style("csv")
_GB = replace(_TEXT, encoding="gb18030", headers="old")

STYLES: Mapping[str, tuple[Style, ...]] = {
    "reference.division": (
        replace(_GB, title=True, booleans=("Y", "N")),
        replace(_TEXT, encoding="utf-8-sig"),
        Style("xlsx", footnotes=True),
        _TEXT,
    ),
    "reference.population": (
        replace(_BOOK, headers="old", totals=False),
        replace(_TEXT, encoding="utf-8-sig", numbers="words", odd=3),
        replace(_BOOK, numbers="separators", totals=False),
    ),
    "reference.plan_target": (replace(_TEXT, encoding="utf-8-sig", footnotes=True),),
    "reference.declaration": (Style("xlsx", title=True, dates="chinese"),),
    "reference.task": (Style("xlsx", title=True),),
    "education.school": (
        Style("xls", title=True, headers="old"),
        replace(_GB, aliases=True, text="padded", odd=4),
        replace(_BOOK, two_rows=True, totals=False),
        replace(_TEXT, encoding="utf-8-sig", text="wide", odd=5),
        Style("xlsx", sheets=2),
    ),
    "education.seat_change": (
        replace(_BOOK, headers="old", dates="chinese", aliases=True),
        replace(_GB, dates="dot", totals=True),
        replace(_BOOK, dates="month", numbers="words", odd=4),
        Style("tsv", encoding="utf-16", dates="slash"),
        replace(_BOOK, dates="serial", subtotals=True),
        replace(_TEXT, dates="compact", newline="\n", footnotes=True),
    ),
    "health.institution": (
        replace(_GB, title=True, dates="slash", text="padded", odd=6, empty="-"),
        replace(_BOOK, two_rows=True, numbers="words", odd=9),
        Style("csv", encoding="gb18030", container="zip", dates="chinese"),
        replace(_BOOK, aliases=True, sheets=3, headers="old"),
        Style("csv", encoding="utf-8-sig", text="wide", odd=7, empty="—"),
    ),
    "housing.affordable_project": (
        replace(_BOOK, headers="old", dates="chinese_month", town_name=1),
        replace(_BOOK, dates="mixed", subtotals=True, aliases=True, town_name=2),
        replace(_GB, container="zip", dates="dot", empty="—"),
        replace(_BOOK, dates="cell", two_rows=True, town_name=1),
    ),
    "housing.estate": (
        replace(_GB, title=True, booleans=("有", "无"), text="padded", odd=8),
        replace(_BOOK, two_rows=True, booleans=("Y", "N")),
        replace(_TEXT, encoding="utf-16", booleans=("1", "0")),
        replace(_BOOK, sheets=2, headers="old", numbers="words", odd=6),
    ),
    "housing.property_contract": (
        replace(_GB, dates="slash", empty="/"),
        replace(_BOOK, totals=False, aliases=True, dates="mixed"),
        replace(_TEXT, encoding="utf-8-sig", container="gz"),
    ),
    "housing.renewal": (
        replace(_BOOK, headers="old", dates="chinese"),
        replace(_BOOK, two_rows=True, numbers="words", odd=3, aliases=True),
        replace(_GB, dates="dot", totals=True),
    ),
    "civil_affairs.social_organisation": (
        replace(_GB, dates="chinese", empty="-", town_name=1),
        replace(_BOOK, totals=False, headers="old", text="wide", odd=5, town_name=2),
        replace(_TEXT, encoding="utf-8-sig", aliases=True, extra="负责人电话"),
        replace(_BOOK, totals=False, dates="mixed", sheets=2, town_name=1),
    ),
    "civil_affairs.elderly_facility": (
        replace(_BOOK, two_rows=True, town_name=1),
        replace(_BOOK, headers="old", subtotals=True, numbers="wide", odd=4, aliases=True),
        replace(_GB, totals=True, dates="dot", town_name=2),
    ),
    "civil_affairs.community": (
        replace(_BOOK, totals=False, dates="chinese_month"),
        replace(_GB, dates="dot", booleans=("有", "无")),
        replace(_BOOK, totals=False, headers="old", dates="mixed", extra="备注"),
        replace(_TEXT, encoding="utf-8-sig", booleans=("TRUE", "FALSE"), dates="slash"),
    ),
    "civil_affairs.social_worker_month": (
        replace(_BOOK, two_rows=True, dates="chinese_month", town_name=1),
        replace(_GB, totals=True, dates="month", town_name=2),
        replace(_BOOK, headers="old", dates="month", numbers="words", odd=2),
    ),
    "hotline.work_order": (
        replace(_GB, dates="slash", newline="\n"),
        replace(_TEXT, encoding="utf-8-sig", headers="old"),
        Style("csv", container="gz", town_name=1),
        Style("csv", encoding="gb18030", container="zip", aliases=True, headers="old"),
        Style("jsonl", newline="\n", headers="name"),
        Style("tsv", dates="chinese", booleans=("1", "0"), town_name=2),
        Style("parquet", headers="name"),
    ),
}
"""The ways in which each feed is written, taken in turn."""

ORDER_BOOK = Style("xlsx")
"""One month of orders comes as a workbook, which ruins long order numbers."""

REPAIRED = Style("csv", encoding="utf-8-sig")
"""How corrected rows come back: as a form filled in with care."""
