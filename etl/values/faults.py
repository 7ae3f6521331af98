"""A fault: why one cell of one row could not be taken as it was sent, in words for the clerk who sent it."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right, insort
from collections.abc import Mapping
from dataclasses import dataclass

Fault = dict[str, str]
"""column, rule, found, expected_zh, expected_en, fix_zh, fix_en."""


class Faults(dict[int, list[Fault]]):
    """Faults by row_no, entered in the order of the rows."""

    def __init__(self) -> None:
        super().__init__()
        self._rows: list[int] = []

    def add(self, row_no: int, reason: Fault) -> None:
        """One more fault; rows come in ascending order."""
        if row_no not in self:
            insort(self._rows, row_no)
        self.setdefault(row_no, []).append(reason)

    def discard(self, row_no: int) -> None:
        """Forget a row that turned out to be no data."""
        if self.pop(row_no, None) is not None:
            self._rows.remove(row_no)

    def between(self, first: int, last: int) -> list[int]:
        """The faulty rows from `first` to `last`."""
        return self._rows[bisect_left(self._rows, first) : bisect_right(self._rows, last)]


HIDDEN = "***"
"""Stands for what was found in a field whose content must not leave the archive."""

_LONGEST = 80
_UNPRINTABLE = re.compile("[\0\ud800-\udfff]")


def shown(text: str) -> str:
    """Text that every program can hold: ␀ for a NUL, its code for half an emoji."""

    def instead(match: re.Match[str]) -> str:
        return "␀" if match[0] == "\0" else f"\\u{ord(match[0]):04x}"

    return _UNPRINTABLE.sub(instead, text)


@dataclass(frozen=True)
class Expectation:
    """What a cell should have been, and what to do when it is not."""

    rule: str
    zh: str
    en: str
    fix_zh: str
    fix_en: str


def fault(column: str, found: str, expected: Expectation) -> Fault:
    """The fault of a cell that holds `found`."""
    if len(found) > _LONGEST:
        found = found[: _LONGEST - 1] + "…"
    return {
        "column": column,
        "rule": expected.rule,
        "found": shown(found),
        "expected_zh": expected.zh,
        "expected_en": expected.en,
        "fix_zh": expected.fix_zh,
        "fix_en": expected.fix_en,
    }


ERROR_CELL = Expectation(
    "damage",
    "一个值",
    "a value",
    "单元格是 Excel 错误值，请修正公式或填写数值后重报",
    "the cell holds an Excel error: mend its formula or type the value, then send again",
)
NUL_CELL = Expectation(
    "damage",
    "不含空字符的文本",
    "text without NUL characters",
    "导出时文本被截断或损坏，请从业务系统重新导出",
    "the text was damaged by an export: export it again from the source system",
)
HALF_CELL = Expectation(
    "damage",
    "完整的字符",
    "whole characters",
    "文本按 UTF-16 单元截断，留下半个字符（如半个表情符号）；请从业务系统重新导出",
    "the text was cut within a character (half an emoji): export it again from the source system",
)
REPLACED_CELL = Expectation(
    "damage",
    "没有乱码（�）的文本",
    "text without replacement characters (�)",
    "字符在转码时丢失，请用正确的编码从业务系统重新导出",
    "characters were lost in a conversion: export again from the source system",
)
EXPONENT_CELL = Expectation(
    "damage",
    "完整的编号",
    "the whole identifier",
    "Excel 把编号变成了科学计数法，尾数已丢失；请把该列设为文本格式后从业务系统重新导出",
    "Excel turned the identifier into an exponent and its last digits are lost: "
    "format the column as text and export again from the source system",
)
LONG_NUMBER_CELL = Expectation(
    "damage",
    "以文本保存的编号",
    "an identifier stored as text",
    "超过15位的编号被存为数字，尾数已丢失；请把该列设为文本格式后从业务系统重新导出",
    "an identifier of more than 15 digits was stored as a number and its last digits are lost: "
    "format the column as text and export again from the source system",
)
FORMULA_CELL = Expectation(
    "damage",
    "公式的计算结果",
    "the formula's result",
    "公式没有保存计算结果；请在 Excel 中打开、重新计算并保存，或粘贴为数值",
    "the formula has no saved result: open the file in Excel, recalculate and save, or paste values",
)
AMBIGUOUS_DATE = Expectation(
    "ambiguous",
    "年在前的日期，如 2021-03-05",
    "a date with the year first, such as 2021-03-05",
    "无法判断日和月的先后；请改为年-月-日，或在数据契约的 formats 中声明格式",
    "day and month cannot be told apart: write year-month-day, or declare the format in the contract",
)
APPROXIMATE = Expectation(
    "approximate",
    "确切的数字",
    "an exact number",
    "请填写确切数字，不用“约”“余”“左右”",
    "give the exact number, without about, over or some",
)


def out_of_range(low: float, high: float) -> Expectation:
    """The number is none that the column can hold."""
    if abs(high) >= 1e300:
        return Expectation(
            "range",
            "有限的数字",
            "a finite number",
            "数值过大，常见于错列；请核对后重报",
            "the number is too large, often because columns moved: check it and send again",
        )
    return Expectation(
        "range",
        f"{low} 至 {high} 之间的数",
        f"a number from {low} to {high}",
        "数值超出该列所能存放的范围，常见于错列；请核对后重报",
        "the number is beyond what the column can hold, often because columns moved: check it and send again",
    )


def too_long(size: int, *, octets: bool) -> Expectation:
    """The text is longer than a name or id (in bytes), or than any text, may be."""
    return Expectation(
        "length",
        f"不超过 {size} 字节（约 {size // 3} 个汉字）的名称或编号"
        if octets
        else f"不超过 {size} 个字的文本",
        f"a name or id of at most {size} bytes"
        if octets
        else f"a text of at most {size} characters",
        "文本过长，常见于错列粘贴；请核对后重报",
        "the text is too long, often because columns moved: check it and send again",
    )


def unreadable(kind: str, examples: str) -> Expectation:
    """The cell cannot be read as `kind`, a logical type of the contract."""
    zh, en = _KINDS[kind]
    return Expectation(
        "type",
        f"{zh}，如 {examples}",
        f"{en}, such as {examples}",
        f"请改为{zh}后重报",
        f"correct it to {en} and send again",
    )


_KINDS: Mapping[str, tuple[str, str]] = {
    "date": ("真实存在的日期", "a date that exists"),
    "month": ("年月", "a month"),
    "year": ("年份", "a year"),
    "timestamp": ("真实存在的时间", "a time that exists"),
    "integer": ("整数", "a whole number"),
    "number": ("数字", "a number"),
    "boolean": ("是或否", "yes or no (是 or 否)"),
}
