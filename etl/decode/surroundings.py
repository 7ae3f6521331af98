"""What stands around the data of a table: one place says what each such row was taken for, or that it is none known.

Most rows are never looked at: only those that lack a required cell, begin like a note, hold a word of a total or of
the header, or follow a blank row. What cannot be placed holds the delivery and stays a row of its data, so that
nothing is eaten and the counts add up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from etl.contract.model import Contract
from etl.decode.header import key
from etl.decode.units import unit_row
from etl.values.numbers import header_scale
from etl.values.text import normalise, placeholders

Kind = Literal["note", "header", "units", "total", "other_header", "unplaced", "data"]

NOTES = (
    r"(?:附?注|说明|备注|注释)\s*[\d一二三四五六七八九十]*\s*[:：.、]",
    r"(?:资料|数据)?来源\s*[:：]",
    r"(?:填报|填表|报送|报出|审核|复核|制表|制单|统计|编制|打印|导出|经办|联系|负责|单位负责)"
    r"(?:人|单位|部门|日期|时间|电话)*\s*[:：]",
    r"(?:单位)?(?:负责人|盖章|公章|签字|签名|联系电话)\s*[:：]?",
    r"第\s*\d+\s*页|共\s*\d+\s*页|\d+\s*/\s*\d+\s*页",
    r"(?:数据|统计)?截[至止]",
    r"[*＊※†‡①-⑳⑴-⒇¹²³]\s*\S",
    r"(?i:notes?|sources?|prepared by|page)\s*[\d:：.]",
    r"[(—-]*\s*以下(?:空白|无正文|无内容)",
    r"[-=_─—]{3,}$",
    r"(?i:\(?\d+ rows? (?:affected|selected|in set))|\(?\d+\s*行受影响|已选择\s*\d+\s*行",
)
"""How a text beside a table begins, beside what the contract lists."""

TOTALS = frozenset(
    "合计 总计 小计 累计 共计 总合计 合计数 总计数 total totals subtotal grandtotal".split()
)
"""What no thing is called: such a row is a total in every feed."""

PARTS = (r"其中\s*[:：]",)
"""How a row begins that says a part of another one again."""
_PART = re.compile("|".join(PARTS))

STATISTICS = frozenset(
    "平均 均值 平均值 平均数 中位数 标准差 最大值 最小值 占比 比重 同比 环比 增幅 增长率 同比增长 average mean".split()
)
"""Nor is a thing called so, and no sum either: such a row is not placed."""

_SIGNED = re.compile(r"\d{4}\s*年\s*\d{1,2}\s*月(?:\s*\d{1,2}\s*日)?")
"""The day on which a table was signed, below it."""
_SENTENCE = re.compile(r"[。；;！!？?，,：:]|\s\S+\s")
_LONGEST_NAME = 20


@dataclass
class Told:
    """Rows of one kind: how many, and the first of them."""

    rows: int
    first: int
    text: str


@dataclass
class Surroundings:
    """Judges the conspicuous rows of one sheet, in their order."""

    contract: Contract
    headers: Mapping[str, str]
    """The fields that are read, with their headers."""
    told: dict[Kind, Told] = field(default_factory=dict)
    _in_notes: bool = False

    def __post_init__(self) -> None:
        patterns = (*self.contract.file.footnotes, *(f"^{each}" for each in NOTES))
        self._note = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
        self._names = {
            key(text): each.name for each in self.contract.fields for text in each.headers
        } | {key(text): name for name, text in self.headers.items()}
        by_name = self.contract.by_name
        self._key = [name for name in self.contract.key if name in self.headers]
        self._required = [name for name in self.headers if by_name[name].required]
        self._absent = placeholders(self.contract.file.placeholders).words
        self.measures = [
            name for name in self.headers if by_name[name].type not in ("string", "boolean")
        ]

    @property
    def words(self) -> Iterable[str]:
        """Words that make a row conspicuous where its first cells hold one."""
        yield from self._names
        yield from self.headers.values()
        for word in TOTALS | STATISTICS:
            yield from (word, f"{word}:", f"{word}：")
        for word in TOTALS:
            yield f"{word[:1]} {word[1:]}"
            yield f"{word[:1]}　{word[1:]}"
            yield f"{word[:1]}  {word[1:]}"

    def judge(self, first: str, cells: Mapping[str, str], row: int, *, after_blank: bool) -> Kind:
        """What a row is: `first` is its first filled cell, `cells` the filled ones of the fields, `row` in its sheet."""
        kind = self._kind(normalise(first), cells, after_blank=after_blank)
        if kind == "data":
            self._in_notes = False
            return kind
        self._in_notes = kind == "note" or (self._in_notes and kind == "unplaced")
        if kind == "total" and self.contract.file.totals is not None:
            return kind  # Told where it is compared with its detail.
        if kind in self.told:
            self.told[kind].rows += 1
        else:
            self.told[kind] = Told(1, row, " ".join(cells.values()) or first)
        return kind

    def data(self) -> None:
        """Data follow: a note has ended."""
        self._in_notes = False

    def _kind(self, first: str, cells: Mapping[str, str], *, after_blank: bool) -> Kind:
        named = {name: self._names.get(_key(text)) for name, text in cells.items()}
        hits = [name for name, field_name in named.items() if field_name is not None]
        if len(hits) >= 2 and len(hits) * 2 >= len(cells):
            same = sum(named[name] == name for name in hits)
            return "header" if same == len(hits) else "other_header"
        if (units := unit_row(list(cells.values()))) and len(units) == len(cells):
            return "units" if self._same_units(cells) else "unplaced"
        if self._is_total(first, cells):
            return "total"
        lead = first or normalise(next(iter(cells.values()), ""))
        if self._note.search(lead) and self._may_be_note(lead, cells):
            return "note"
        if _bare(lead) in STATISTICS or _PART.match(lead):
            return "unplaced"
        if len(cells) <= 1 and len(self.headers) >= 3:
            return self._lone(first, cells)
        if self._is_foreign_header(cells, after_blank=after_blank):
            return "other_header"
        return "data"

    def _same_units(self, cells: Mapping[str, str]) -> bool:
        return all(
            header_scale(f"x({normalise(text).strip('()')})")
            == header_scale(normalise(self.headers[name]))
            for name, text in cells.items()
        )

    def _is_total(self, first: str, cells: Mapping[str, str]) -> bool:
        totals = self.contract.file.totals
        if totals is None and _bare(first) in TOTALS:
            return True
        # Those that stand where the contract says are found, and compared with their detail, in etl.decode.totals.
        lacking = any(name not in cells for name in self._key)
        return lacking and any(_bare(text) in TOTALS for text in cells.values())

    def _may_be_note(self, first: str, cells: Mapping[str, str]) -> bool:
        """A row that has all it needs, or most, is data, whatever its first cell begins with."""
        others = {name: text for name, text in cells.items() if normalise(text) != first}
        needed = [name for name in self._required if normalise(cells.get(name, "")) != first]
        if needed and all(name in cells for name in needed):
            return False
        labels = sum(bool(self._note.search(normalise(text))) or "：" in text or ":" in text
                     for text in others.values())  # fmt: skip
        return len(others) - labels <= max(1, labels + 1) and len(others) * 2 < max(
            3, len(self.headers)
        )

    def _lone(self, first: str, cells: Mapping[str, str]) -> Kind:
        """A single cell: a key without its row is data (and lacks the rest); a sentence is none."""
        if self._in_notes:
            return "note"
        name = next(iter(cells), None)
        if name is None:
            # Of a form that is numbered in advance a line that nobody filled.
            return "note" if first.isdecimal() else "unplaced" if _is_sentence(first) else "data"
        text, each = normalise(cells[name]), self.contract.by_name[name]
        if name in self._key:
            fits = re.search(each.pattern, text) if each.pattern else not _is_sentence(text)
            return "data" if fits else "unplaced"
        if self._key:
            return "note" if _SIGNED.fullmatch(text) else "unplaced"
        return "unplaced" if each.type == "string" and _is_sentence(text) else "data"

    def _is_foreign_header(self, cells: Mapping[str, str], *, after_blank: bool) -> bool:
        """Words where figures and days belong: the header of another table."""
        measures = [normalise(cells[name]) for name in self.measures if name in cells]
        if not measures or any(re.search(r"\d", text) or text in self._absent for text in measures):
            return False
        return after_blank or (len(measures) > 1 and not re.search(r"\d", "".join(cells.values())))


@lru_cache(maxsize=16_384)
def _key(text: str) -> str:
    return key(text)


def _bare(text: str) -> str:
    return re.sub(r"[\s:：]+", "", text).casefold()


def _is_sentence(text: str) -> bool:
    return len(text) > _LONGEST_NAME or _SENTENCE.search(text) is not None
