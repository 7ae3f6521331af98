"""Dated definitions (定义) of an indicator: by which rule it is counted, from which day, and what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.settings import FILES

MESSAGES = Catalogue(__file__)

FORMULAS = FILES / "warehouse" / "sql" / "indicators"
_KEYS = frozenset("version from to formula parameters changed comparable".split())


@dataclass(frozen=True)
class Definition:
    """One version of an indicator's rule."""

    version: str
    first: date
    """First day of its time; before the first version's, that one counts as well."""
    parameters: Mapping[str, Any]
    """Named parameters of the formula."""
    formula: str
    """A query of `warehouse/sql/indicators/`, without `.sql`."""
    changed_zh: str | None = None
    changed_en: str | None = None
    comparable: bool = True
    """Whether its figures continue those of the version before."""


def in_force(definitions: Sequence[Definition], day: date) -> Definition:
    """The last definition that began by `day`, else the first one."""
    begun = [each for each in definitions if each.first <= day]
    return begun[-1] if begun else definitions[0]


def read_definitions(
    path: Path, entry: Mapping[str, Any], default_version: str
) -> tuple[Definition, ...]:
    """The definitions of a statement's entry: its list, or the one that it says in short.

    MinshengError, with file, place, found, expected and fix, for a list that is not sound: an unknown key,
    no version or first day, what changed unsaid, versions out of order or twice, two that overlap, a gap
    between two, a formula that is not there.
    """
    code = str(entry.get("code", "?"))
    if "definitions" not in entry:
        return (
            Definition(
                str(entry.get("definition_version", default_version)),
                date.min,
                entry.get("definition") or {},
                code,
            ),
        )
    place = _Place(path, code)
    both = [name for name in ("definition", "definition_version") if name in entry]
    listed = entry["definitions"]
    if both:
        raise place.broken("definition_twice", "definitions", ", ".join(both))
    if not isinstance(listed, list) or not listed:
        raise place.broken("definition_empty", "definitions", listed)
    definitions = tuple(
        _definition(place, number, each, code) for number, each in enumerate(listed, 1)
    )
    _in_order(place, definitions, [each.get("to") for each in listed])
    return definitions


def _definition(place: _Place, number: int, each: Any, code: str) -> Definition:
    where = f"definitions[{number}]"
    unknown = sorted(set(each) - _KEYS) if isinstance(each, dict) else [each]
    if unknown:
        raise place.broken("definition_key", where, unknown, keys=", ".join(sorted(_KEYS)))
    if each.get("version") is None:
        raise place.broken("definition_version_missing", where, sorted(each))
    version = str(each["version"])
    where = f"{where} version {version}"
    for name in ("from", "to"):
        if (name == "from" or name in each) and type(each.get(name)) is not date:
            raise place.broken("definition_no_day", f"{where} {name}", each.get(name), name=name)
    changed = each.get("changed") or {}
    if number > 1 and not (changed.get("zh") and changed.get("en")):
        raise place.broken("definition_unsaid", f"{where} changed", each.get("changed"))
    if not isinstance(each.get("comparable", True), bool):
        raise place.broken("definition_comparable", f"{where} comparable", each["comparable"])
    formula = str(each.get("formula", code)).removesuffix(".sql")
    if "formula" in each and not (FORMULAS / f"{formula}.sql").is_file():
        raise place.broken("definition_formula", f"{where} formula", each["formula"])
    return Definition(
        version,
        each["from"],
        each.get("parameters") or {},
        formula,
        changed.get("zh"),
        changed.get("en"),
        each.get("comparable", True),
    )


def _in_order(
    place: _Place, definitions: Sequence[Definition], ends: Sequence[date | None]
) -> None:
    seen: set[str] = set()
    for each in definitions:
        if each.version in seen:
            raise place.broken("definition_version_twice", "definitions", each.version)
        seen.add(each.version)
    for before, after, end in zip(definitions, definitions[1:], ends, strict=False):
        where = f"definitions version {before.version}, {after.version}"
        days = f"{before.first}, {after.first}"
        if after.first < before.first:
            raise place.broken("definition_order", where, days)
        if after.first == before.first or (end is not None and end >= after.first):
            raise place.broken(
                "definition_overlap", where, f"{before.first}..{end or ''}, {after.first}.."
            )
        if end is not None and end < after.first - timedelta(1):
            raise place.broken("definition_gap", where, f"..{end}, {after.first}..")
    if ends[-1] is not None:
        raise place.broken(
            "definition_ended", f"definitions version {definitions[-1].version} to", ends[-1]
        )


@dataclass(frozen=True)
class _Place:
    path: Path
    code: str

    def broken(self, reason: str, where: str, found: Any, **more: Any) -> MinshengError:
        shown = "（无 nothing）" if found is None else found
        if isinstance(found, Iterable) and not isinstance(found, str):
            shown = ", ".join(map(str, found))
        return MinshengError(
            MESSAGES.reason(
                reason, file=str(self.path), where=f"{self.code} {where}", found=shown, **more
            )
        )
