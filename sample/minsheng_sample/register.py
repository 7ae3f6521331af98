"""Daxing's divisions at seven dates, and the names in use for its towns."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
DISTRICT = "110115000000"
REGISTER_DATES = tuple(
    date.fromisoformat(day)
    for day in (
        "2016-07-31",
        "2018-10-31",
        "2019-10-31",
        "2020-06-30",
        "2021-10-31",
        "2022-10-31",
        "2023-06-30",
    )
)


@dataclass(frozen=True)
class Division:
    """One line of a register."""

    code: str
    name: str
    parent: str
    level: str
    unit_type: str
    urban_rural_class: str
    is_etown: bool
    aliases: tuple[str, ...]

    @property
    def is_committee(self) -> bool:
        """Whether it is a residents' committee."""
        return self.level == "社区"


@dataclass(frozen=True)
class Town:
    """One of the 22 towns and subdistricts."""

    code: str
    names: tuple[str, ...]
    is_etown: bool

    @property
    def name(self) -> str:
        """The name used first."""
        return self.names[0]

    @property
    def short(self) -> str:
        """The name without the kind of unit."""
        return self.name.removesuffix("街道").removesuffix("地区").removesuffix("镇")


@cache
def _units() -> dict[str, tuple[str, bool, tuple[str, ...]]]:
    return {
        row["division_code"]: (
            row["unit_type"],
            row["is_etown"] == "是",
            tuple(row["aliases"].split(";")),
        )
        for row in _read("towns.csv")
    }


@cache
def towns() -> tuple[Town, ...]:
    """The 22 real towns and subdistricts, without the four statistical units."""
    return tuple(
        Town(code, aliases, is_etown)
        for code, (unit_type, is_etown, aliases) in _units().items()
        if code != DISTRICT and unit_type != "统计类似乡级单位"
    )


@cache
def town(code: str) -> Town:
    """The town of a town's or a community's code."""
    return next(candidate for candidate in towns() if candidate.code[:9] == code[:9])


def in_force(day: date) -> date:
    """The register to go by on a day: the last before it, or else the first."""
    return max((cut_off for cut_off in REGISTER_DATES if cut_off <= day), default=REGISTER_DATES[0])


@cache
def register(day: date) -> tuple[Division, ...]:
    """All divisions of the register with this cut-off date, the district first."""
    lines = [
        (row["division_code"], row["name"])
        for row in _read("daxing_register.csv")
        if row["first_register"] <= day.isoformat() <= row["last_register"]
    ]
    return (_division(DISTRICT, "大兴区"), *(_division(code, name) for code, name in lines))


@cache
def committees(day: date) -> tuple[Division, ...]:
    """The residents' committees of a register."""
    return tuple(division for division in register(day) if division.is_committee)


@cache
def lasting_committees() -> tuple[Division, ...]:
    """Residents' committees whose code stands in every register."""
    codes = set.intersection(*({c.code for c in committees(day)} for day in REGISTER_DATES))
    return tuple(division for division in committees(REGISTER_DATES[3]) if division.code in codes)


def _division(code: str, name: str) -> Division:
    unit_type, is_etown, aliases = _units().get(code, ("", False, ()))
    if code == DISTRICT:
        return Division(code, name, "", "区县", unit_type, "", False, aliases)
    if code.endswith("000"):
        return Division(code, name, DISTRICT, "镇街", unit_type, "", is_etown, aliases)
    parent = code[:9] + "000"
    number = int(code[9:])
    if number < 200:
        # Synthetic: the real classes are not part of the package. Communities are urban here.
        level, unit_type = "社区", "社区居委会"
        urban = "111" if int(code[6:9]) <= 13 else "112"
    elif number < 400:
        level, unit_type = "村", "村委会"
        # Class is not kind: some real village committees lie in the built-up area.
        urban = "111" if int(code[6:9]) <= 11 and number % 17 == 0 else "220"
    else:
        level, unit_type, urban = "虚拟", "", "123"
    return Division(code, name, parent, level, unit_type, urban, _units()[parent][1], ())


def _read(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)
