"""Units that stand outside the cells: in a title (单位：万人) or in a row of their own below the header.

A unit is put behind the header of the column that it belongs to, as if the sender had written 常住人口（万人）: whoever
scales or shows the column reads it there. One that belongs to no column holds the delivery: figures would be
wrong by a power of ten.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etl.contract.model import Contract, Field
from etl.decode.problems import warning
from etl.reasons import Reason
from etl.values.numbers import ANY_UNIT, PERCENT_UNITS, UNIT, header_scale, other_kind
from etl.values.text import normalise

_UNIT = re.compile(rf"(?:(?:计量)?单位[::]?)?\s*[(\[]?\s*(?:单位[::]?)?\s*{UNIT}\s*[)\]]?")
_BARE = re.compile(rf"{UNIT}")
_ONE = UNIT.replace("?P<magnitude>", "?:").replace("?P<percent>", "?:").replace("?P<measure>", "?:")
_DECLARED = re.compile(
    rf"(?:计量|数量|金额)?单位[::]\s*(?P<units>{_ONE}(?:\s*[、,;/和]\s*{_ONE})*)\s*(?=$|[)\]\s,;。])"
)
_LABEL = re.compile(r"(?:计量)?单位[::]?|[-—]+")


@dataclass(frozen=True)
class Unit:
    """A unit as it is written: 万人 is 10,000 times 人."""

    text: str
    measure: str

    @property
    def scale(self) -> object:
        """What it multiplies a figure by."""
        return header_scale(f"x({self.text})")

    @property
    def is_percent(self) -> bool:
        """Whether it is of a rate."""
        return "%" in self.text or "‰" in self.text or "百分" in self.text


def unit_of(text: str) -> Unit | None:
    """The unit that a cell consists of, in brackets or not; None where it says anything else."""
    match = _UNIT.fullmatch(normalise(text))
    return _unit(match) if match else None


def declared(title: str) -> list[Unit]:
    """The units that a title declares: 单位：万人、%. The organisation of 填报单位：民政局 is none."""
    units = []
    for line in title.split("\n"):
        for match in _DECLARED.finditer(normalise(line)):
            for part in re.split(r"\s*[、,;/和]\s*", match["units"]):
                if (one := _BARE.fullmatch(part)) is not None:
                    units.append(_unit(one))
    return units


def _unit(match: re.Match[str]) -> Unit:
    part = match.groupdict()
    text = "".join(part[name] or "" for name in ("magnitude", "percent", "measure"))
    return Unit(text, part["measure"] or "")


def unit_row(row: Sequence[str]) -> Mapping[int, Unit] | None:
    """The units of a row that holds nothing else, by column; None for any other row."""
    cells = {place: text for place, text in enumerate(row) if text.strip()}
    units = {place: unit for place, text in cells.items() if (unit := unit_of(text)) is not None}
    rest = [text for place, text in cells.items() if place not in units]
    return units if units and all(_LABEL.fullmatch(normalise(text)) for text in rest) else None


class Placing:
    """Finds the columns that units belong to."""

    def __init__(self, contract: Contract, texts: Mapping[str, str]) -> None:
        self.texts = dict(texts)
        self.told: list[Reason] = []
        fields = [contract.by_name[name] for name in texts]
        self._fields = [each for each in fields if each.type in ("integer", "number")]
        self._own = {each.name for each in self._fields if _has_unit(texts[each.name])}

    def title(self, title: str, row: int) -> None:
        """Units of the title rows, which end above `row` (from 1)."""
        for unit in declared(title):
            fields = self._meant(unit)
            if fields:
                self._put([each for each in fields if each.name not in self._own], unit, row)
            elif unit.scale != 1:
                self.told.append(warning("unit_unplaced", row=row, found=unit.text))

    def row(self, units: Mapping[int, Unit], columns: Mapping[str, int], row: int) -> None:
        """Units of a row of their own; one that stands alone may stand anywhere in it."""
        by_place = {place: name for name, place in columns.items()}
        fields = {each.name: each for each in self._fields}
        for place, unit in units.items():
            each = fields.get(by_place.get(place, ""))
            if each is not None and _fits(each, unit):
                self._put([each], unit, row)
            elif each is None and len(units) == 1:
                self.title(f"单位：{unit.text}", row)
            elif unit.scale != 1:
                self.told.append(warning("unit_unplaced", row=row, found=unit.text))

    def _meant(self, unit: Unit) -> list[Field]:
        fitting = [each for each in self._fields if _fits(each, unit)]
        if unit.is_percent or not unit.measure:
            return fitting
        exact = [each for each in fitting if each.unit == unit.measure]
        loose = [each for each in fitting if each.unit != unit.measure]
        return exact or (loose if len(loose) == 1 else [])

    def _put(self, fields: list[Field], unit: Unit, row: int) -> None:
        for each in fields:
            if unit.scale == 1 or _has_unit(self.texts[each.name]):
                if unit.scale != header_scale(normalise(self.texts[each.name])):
                    self.told.append(warning("unit_unplaced", row=row, found=unit.text))
                continue
            self.texts[each.name] = f"{self.texts[each.name]}（{unit.text}）"
            header = each.title_zh
            self.told.append(warning("unit_taken", row=row, column=each.name, header=header,
                                     title_en=each.title_en, found=unit.text))  # fmt: skip


def _has_unit(header: str) -> bool:
    text = normalise(header)
    return header_scale(text) != 1 or unit_of(text.rpartition("(")[2].rstrip(")")) is not None


def _fits(each: Field, unit: Unit) -> bool:
    if each.unit is None:
        return False
    if unit.is_percent or each.unit in PERCENT_UNITS:
        return unit.is_percent and (each.unit in PERCENT_UNITS or each.unit == ANY_UNIT)
    if not unit.measure:
        return each.unit not in ("年", "岁", "天")
    return not other_kind(unit.measure, each.unit)
