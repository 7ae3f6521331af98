"""Numbers as departments write them: thousands separators, 万, %, 约; never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from etl.reasons import Reason
from etl.values.faults import APPROXIMATE, EXPONENT_CELL, MESSAGES, out_of_range, unreadable
from etl.values.marks import without_notes

PERCENT_UNITS = frozenset({"%", "percent"})
"""`unit` of a field whose values are rates between 0 and 1."""

ANY_UNIT = "1"
"""`unit` of a field that holds figures of all kinds, quantities and rates; any other unit names a quantity."""

MAGNITUDES: Mapping[str, int] = {
    "百": 10**2,
    "千": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "億": 10**8,
}
_MEASURE_WORDS = "个|家|人|户|套|张|名|所|座|栋|床|册|次|件|处|位|幢|间|岁|年|天|元|平方米|m2"
_NUMBER = re.compile(
    rf"""
    (?P<about>约|近|大约|大概|~|≈)?\s*
    (?P<sign>[-+−])?\s*
    (?P<digits>\d{{1,3}}(?:,\d{{3}})+|\d+)?(?P<fraction>\.\d+|(?<=\d)\.)?
    (?P<exponent>[eE][-+]?\d{{1,3}})?
    \s*(?P<magnitude>[十百千]?[万萬]|[百千亿億])?
    (?P<over>余|多|左右|上下)?
    \s*(?P<percent>%|‰)?
    (?P<measure>{_MEASURE_WORDS})?
    (?P<around>左右|上下)?
    """,
    re.VERBOSE | re.ASCII,
)
_LARGEST = 2**63 - 1
_RANGE = out_of_range(-(2**63), _LARGEST)

_INTEGER = unreadable("integer", "1200")
_NUMBER_EXPECTED = unreadable("number", "1200.5")
_UNIT = MESSAGES.reason("unit")


def parse_number(
    text: str, *, unit: str | None, integer: bool, scale: Decimal = Decimal(1)
) -> int | float | Reason:
    """The number that a cell means, scaled to the unit 1; otherwise what was expected instead.

    `scale` is what the column's header says, as in 常住人口（万人）.
    """
    expected = _INTEGER if integer else _NUMBER_EXPECTED
    match = _NUMBER.fullmatch(text)
    if match is None or not (match["digits"] or match["fraction"]):
        return expected
    part = match.groupdict()
    if part["exponent"] and integer:
        return EXPONENT_CELL
    value = Decimal(
        (part["digits"] or "0").replace(",", "")
        + (part["fraction"] or "").rstrip(".")
        + (part["exponent"] or "")
    )
    if part["sign"] in ("-", "−"):
        value = -value
    percent_field = unit in PERCENT_UNITS
    if part["percent"]:
        if not (percent_field or unit == ANY_UNIT) or part["magnitude"]:
            return _UNIT
        value /= 100 if part["percent"] == "%" else 1000
    else:
        value *= scale
    if part["magnitude"] or part["measure"]:
        if unit is None or percent_field or other_kind(part["measure"], unit):
            return _UNIT
        value *= MAGNITUDES.get(part["magnitude"] or "", 1)
    if (part["about"] or part["over"] or part["around"]) and (unit is None or percent_field):
        return APPROXIMATE
    if not integer:
        return float(value)
    whole = int(value)
    if whole != value:
        return expected
    return whole if abs(whole) <= _LARGEST else _RANGE


_QUANTITIES = ({"元"}, {"平方米", "m2"}, {"岁"}, {"年", "天"})
"""Measures of another kind than counts: people are not counted in yuan."""


def other_kind(measure: str | None, unit: str) -> bool:
    """Whether a measure counts another kind of thing than a unit of a contract."""
    return unit != ANY_UNIT and any(
        (measure in kind) != (unit in kind) for kind in _QUANTITIES if measure
    )


UNIT = (
    r"(?=[^\s)\]])(?P<magnitude>[十百千]?[万萬]|[百千亿億])?"
    rf"(?:(?P<percent>%|百分比|‰)|(?P<measure>{_MEASURE_WORDS}|人次|户次|公顷|亩|公里|吨|千克|公斤)?)"
)
"""A unit as it stands in a header or a title, as a pattern: 万人, 元, %."""
_HEADER_UNIT = re.compile(rf"[(\[](?:单位[::]?)?\s*{UNIT}[)\]]$")


def header_scale(header: str) -> Decimal:
    """What the unit in a (half-width) header multiplies its column by: 10000 for 人口(万人), 0.01 for (%)."""
    match = _HEADER_UNIT.search(without_notes(header))
    if match is None:
        return Decimal(1)
    if match["percent"]:
        return Decimal("0.001") if match["percent"] == "‰" else Decimal("0.01")
    return Decimal(MAGNITUDES.get(match["magnitude"] or "", 1))


_YES = frozenset("是 有 y yes 1 true t √ ✓ ✔ 对 真".split())
_NO = frozenset("否 无 n no 0 false f × x ✗ ✘ 没有 不是 错 假".split())
_BOOLEAN = unreadable("boolean", "是")


def parse_boolean(text: str) -> bool | Reason:
    """Yes or no, in the words that forms use."""
    word = text.casefold()
    if word in _YES:
        return True
    return False if word in _NO else _BOOLEAN


def is_boolean_word(text: str) -> bool:
    """Whether the text says yes or no; then it is no placeholder in a boolean field (无)."""
    return text.casefold() in _YES | _NO
