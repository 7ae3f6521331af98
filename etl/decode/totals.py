"""Totals are compared with the detail before they are dropped; where they differ, both numbers are told."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract.model import Field
from etl.decode.problems import warning
from etl.reasons import Reason
from etl.values.convert import by_value
from etl.values.numbers import header_scale, parse_number
from etl.values.text import Cells, clean, normalise, placeholders

SUBTOTAL = "小计"
WORDS = frozenset(
    ("合计", "总计", "小计", "累计", "共计", "总合计", "合计数", "总计数", "总数", "总和", "合共", "区合计", "全区合计", "全区总计",
     "全区", "全市", "全县", "全市合计", "本区合计",
     "total", "totals", "subtotal", "grandtotal", "sum")
)  # fmt: skip
"""What no thing is called: always total rows, beside the words that the contract lists."""
_ENDINGS = "(?:小计|合计|总计|合计数)$"
_LOOK = re.compile(rb"(?i)total|sum|\xef[\xbc\xbd]")
_BLANKS = "[\\s\u3000:：]+"
_TOLERANCE = 1e-6

Sums = dict[str, float]


@dataclass
class _Total:
    """A total row, with what stood before it; what follows is added at the next one."""

    row_no: int
    label: str
    declared: dict[str, float | None]
    before: Sums
    since: Sums
    after: Sums = field(default_factory=dict)

    def candidates(self, name: str, grand: float) -> list[float]:
        """Sums that the total may mean: it may stand below or above its detail."""
        near = [self.since[name], self.after[name]]
        return near if self.label.endswith(SUBTOTAL) else [grand, self.before[name], *near]


class Totals:
    """The total rows of one sheet."""

    def __init__(
        self, fields: Iterable[Field], headers: Mapping[str, str], words: tuple[str, ...]
    ) -> None:
        self._fields = {each.name: each for each in fields if each.name in headers}
        self._parse = {
            name: partial(_number, unit=each.unit, scale=header_scale(normalise(headers[name])))
            for name, each in self._fields.items()
        }
        self._words = placeholders(words)
        self._grand: Sums = dict.fromkeys(self._fields, 0.0)
        self._since: Sums = dict.fromkeys(self._fields, 0.0)
        self._totals: list[_Total] = []

    def add(self, batch: Any, rows: Any, labels: list[str]) -> None:
        """The next rows, of which those at `rows` (ascending) are totals."""
        numbers = self.numbers(batch)
        start = 0
        for row, label in zip(rows.tolist(), labels, strict=True):
            self._detail(numbers, start, row)
            declared = {
                name: None if np.isnan(column[row]) else float(column[row])
                for name, column in numbers.items()
            }
            if self._totals:
                self._totals[-1].after = self._since
            number = batch["row_no"][row].as_py()
            self._totals.append(
                _Total(number, label, declared, dict(self._grand), dict(self._since))
            )
            self._since = dict.fromkeys(self._fields, 0.0)
            start = row + 1
        self._detail(numbers, start, batch.num_rows)

    def compare(self, sheet: str | None, offset: int) -> list[Reason]:
        """A warning for each total that no sum of its detail explains."""
        if self._totals:
            self._totals[-1].after = self._since
        warnings = []
        for total in self._totals:
            for name, declared in total.declared.items():
                sums = total.candidates(name, self._grand[name])
                if declared is None or any(_equal(declared, each) for each in sums):
                    continue
                warnings.append(
                    warning(
                        "total_mismatch",
                        label=total.label,
                        title_en=self._fields[name].title_en,
                        sheet=sheet,
                        row=total.row_no + offset,
                        column=name,
                        header=self._fields[name].title_zh,
                        found=f"{declared:.12g}",
                        expected=f"{sums[0]:.12g}",
                    )
                )
        return warnings

    def numbers(self, batch: Any) -> dict[str, Any]:
        """The numbers of the columns that add up; NaN where there is none."""
        return {name: self._numbers(name, batch[name]) for name in self._fields}

    def take_out(self, sums: Mapping[str, float]) -> None:
        """Rows already added turned out to be totals themselves."""
        for name, value in sums.items():
            self._grand[name] -= value

    def _detail(self, numbers: Mapping[str, Any], start: int, end: int) -> None:
        for name, column in numbers.items():
            part = float(np.nansum(column[start:end]))
            self._grand[name] += part
            self._since[name] += part

    def _numbers(self, name: str, values: Any) -> Any:
        if pa.types.is_dictionary(values.type):
            values = values.cast(pa.string())
        typed, _ = by_value(clean(values, self._words), self._parse[name], pa.float64())
        return typed.fill_null(float("nan")).to_numpy()


def find(columns: Iterable[Any], words: Iterable[str]) -> tuple[Any, list[str]]:
    """Rows one of whose columns says it is a total, and what it says.

    合 计, Ｔｏｔａｌ： and 黄村镇小计 count: compared half-width, in lower case, without blanks and colons.
    """
    wanted = WORDS | {_plain(word) for word in words}
    ends = {word[-1:].encode() for word in wanted if not word.isascii()}
    labels: dict[int, str] = {}
    for column in columns:
        text = column.dictionary if pa.types.is_dictionary(column.type) else column
        octets = Cells(text).data.tobytes()
        if not any(end in octets for end in ends) and not _LOOK.search(octets):
            continue
        squeezed = pc.replace_substring_regex(text, pattern=_BLANKS, replacement="")
        plain = pc.utf8_lower(pc.utf8_normalize(squeezed, form="NFKC"))
        plain = pc.replace_substring_regex(plain, pattern=_BLANKS, replacement="")
        hit = pc.is_in(plain, value_set=pa.array(sorted(wanted), pa.string()))
        hit = pc.or_kleene(hit, pc.match_substring_regex(plain, _ENDINGS)).fill_null(False)
        if text is not column:
            hit, squeezed = hit.take(column.indices), squeezed.take(column.indices)
        for row in np.flatnonzero(hit.fill_null(False).to_numpy(zero_copy_only=False)):
            labels.setdefault(int(row), squeezed[int(row)].as_py())
    rows = sorted(labels)
    return np.array(rows, np.int64), [labels[row] for row in rows]


def _plain(word: str) -> str:
    return re.sub(_BLANKS, "", unicodedata.normalize("NFKC", word)).lower()


def _number(text: str, *, unit: str | None, scale: Any) -> float | None:
    number = parse_number(text, unit=unit, integer=False, scale=scale)
    return float(number) if isinstance(number, int | float) else None


def _equal(declared: float, total: float) -> bool:
    return abs(declared - total) <= _TOLERANCE * max(1.0, abs(declared), abs(total))
