"""七有五性: twelve dimensions and their dated bridges to indicators and categories of orders (`warehouse/plan/livelihood.yaml`)."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml

from etl.plan import FOLDER, broken, load_plan

KINDS = {"have": 7, "nature": 5}
"""七有 and 五性, and how many there are of each."""

_DIMENSION = frozenset("code kind name indicators categories gap".split())
_BRIDGE = frozenset("indicator category_1 category_2 from to".split())
_FIRST, _LAST = date(1900, 1, 1), date.max


@dataclass(frozen=True)
class Bridge:
    """What says something of a dimension from a day on, until before another: an indicator, or a category of orders."""

    livelihood_code: str
    indicator_code: str | None
    category_1: str | None
    category_2: str | None
    valid_from: date
    valid_to: date

    @property
    def thing(self) -> tuple[str | None, ...]:
        """What it leads to."""
        return (self.livelihood_code, self.indicator_code, self.category_1, self.category_2)

    def as_row(self) -> dict[str, Any]:
        """A row of `plan.livelihood_bridge`."""
        name = "/".join(part for part in self.thing if part)
        until = "infinity" if self.valid_to == _LAST else self.valid_to
        return vars(self) | {"bridge_code": f"{name}@{self.valid_from}", "valid_to": until}


@dataclass(frozen=True)
class Livelihood:
    """The dimensions as rows of `plan.livelihood`, and the bridges."""

    dimensions: tuple[Mapping[str, Any], ...]
    bridges: tuple[Bridge, ...]


@cache
def load_livelihood(path: Path = FOLDER / "livelihood.yaml") -> Livelihood:
    """Read the file.

    MinshengError: not seven and five, a code twice, a key nobody reads, an indicator that the plan lacks, a gap unsaid,
    a bridge to nothing or to both, one that ends before it begins, two of the same that overlap.
    """
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    place = _Place(path)
    entries = document["dimensions"]
    codes = [entry.get("code") for entry in entries]
    place.check(len(set(codes)) == len(codes), "dimensions code", codes, "各不相同 / once each")
    for kind, number in KINDS.items():
        found = sum(entry.get("kind") == kind for entry in entries)
        place.check(found == number, f"dimensions kind {kind}", found, number)
    place.check(
        len(entries) == sum(KINDS.values()), "dimensions", len(entries), sum(KINDS.values())
    )
    known = {statement.code for statement in load_plan().statements}
    dimensions, bridges = [], []
    for position, entry in enumerate(entries, 1):
        place.keys(f"{entry['code']}", entry, _DIMENSION)
        gap = entry.get("gap") or {}
        mine = [
            _bridge(place, entry["code"], each, known)
            for each in (*(entry.get("indicators") or ()), *(entry.get("categories") or ()))
        ]
        has_gap = not (entry.get("indicators") and entry.get("categories"))
        place.check(
            bool(gap) == has_gap,
            f"{entry['code']} gap",
            gap or None,
            "缺口须说明，没有缺口则不写 / said where there is one, and only there",
        )
        bridges += mine
        dimensions.append(
            {
                "livelihood_code": entry["code"],
                "position": position,
                "kind": entry["kind"],
                "name_zh": entry["name"]["zh"],
                "name_en": entry["name"]["en"],
                "gap_zh": gap.get("zh"),
                "gap_en": gap.get("en"),
                "basis": document["basis"],
                "source_zh": document["source"]["zh"],
                "source_en": document["source"]["en"],
            }
        )
    for one, other in combinations(bridges, 2):
        if one.thing == other.thing:
            apart = one.valid_to <= other.valid_from or other.valid_to <= one.valid_from
            place.check(
                apart,
                f"{one.livelihood_code}",
                f"{one.valid_from}.., {other.valid_from}..",
                "不重叠 / no overlap",
            )
    return Livelihood(tuple(dimensions), tuple(bridges))


def _bridge(place: _Place, code: str, entry: Mapping[str, Any], known: Set[str]) -> Bridge:
    place.keys(code, entry, _BRIDGE)
    indicator, category = entry.get("indicator"), entry.get("category_1")
    place.check(
        (indicator is None) != (category is None), code, dict(entry), "indicator 或 category_1 / or"
    )
    if indicator is not None:
        place.check(
            indicator in known,
            f"{code} indicator",
            indicator,
            "规划中的指标代码 / a code of the plan",
        )
    first, last = entry.get("from", _FIRST), entry.get("to")
    until = _LAST if last is None else last + timedelta(1)
    place.check(first < until, f"{code} from..to", f"{first}..{last}", "from ≤ to")
    return Bridge(code, indicator, category, entry.get("category_2"), first, until)


@dataclass(frozen=True)
class _Place:
    path: Path

    def keys(self, where: str, entry: Mapping[str, Any], allowed: Set[str]) -> None:
        unknown = sorted(set(entry) - allowed)
        self.check(not unknown, where, ", ".join(unknown), ", ".join(sorted(allowed)))

    def check(self, holds: bool, where: str, found: Any, expected: Any) -> None:
        if not holds:
            raise broken(self.path, where, found, str(expected))
