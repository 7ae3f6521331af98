"""The plan as data: its statements, the rules of the evaluation, the score policies (`warehouse/plan/`)."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from etl.definitions import Definition, in_force, read_definitions
from etl.errors import MinshengError, UsageError
from etl.reasons import Catalogue
from etl.settings import FILES

MESSAGES = Catalogue(__file__)

FOLDER = FILES / "warehouse" / "plan"
FLOWS = ("flow", "named_count")
"""Kinds that add up over a period; the others are read at a day."""

_KEYS = frozenset(
    "code position name section unit stated value half_width comparator kind period quote computable"
    " direction feeds by_town definition definition_version definitions caveat".split()
)


@dataclass(frozen=True)
class Statement:
    """One countable statement of the plan, or a measure derived from the hotline."""

    code: str
    position: int
    theme: str
    name_zh: str
    name_en: str
    section: str | None
    unit_zh: str | None
    unit_en: str | None
    stated: str | None
    value: float | None
    half_width: float | None
    comparator: str
    kind: str
    period_start: date | None
    period_end: date | None
    quote: str | None
    computable: str
    direction: str
    feeds: tuple[str, ...]
    by_town: bool
    definition: Mapping[str, Any]
    definition_version: str
    caveat_zh: str | None
    caveat_en: str | None
    formula: str = ""
    """The query of its definition in `warehouse/sql/indicators/`; its own code unless the definition says otherwise."""
    definitions: tuple[Definition, ...] = ()
    """All of its definitions; `definition`, its version and `formula` are those of one of them."""

    def on(self, day: date, version: str | None = None) -> Statement:
        """The statement by the definition in force on a day, or by the one of a version; UsageError if there is none."""
        if version is None:
            # What has one definition is counted by it on any day.
            return self.by(in_force(self.definitions, day)) if self.definitions[1:] else self
        for each in self.definitions:
            if each.version == version:
                return self.by(each)
        versions = ", ".join(each.version for each in self.definitions)
        raise UsageError(
            MESSAGES.reason("no_such_definition", where=self.code, found=version, versions=versions)
        )

    def by(self, definition: Definition) -> Statement:
        """The statement by a definition."""
        return replace(
            self,
            definition=definition.parameters,
            definition_version=definition.version,
            formula=definition.formula,
        )

    @property
    def in_chapter(self) -> bool:
        """Whether the plan says it; the other ones are derived measures."""
        return self.quote is not None

    @property
    def is_flow(self) -> bool:
        """Whether it adds up over a period."""
        return self.kind in FLOWS

    @property
    def quote_sha256(self) -> str | None:
        """Digest of the quoted text."""
        return hashlib.sha256(self.quote.encode()).hexdigest() if self.quote else None


@dataclass(frozen=True)
class Thresholds:
    """From which progress on which status is given."""

    on_schedule: float
    nearly: float
    min_completeness: float


@dataclass(frozen=True)
class ScorePolicy:
    """How the hotline's three rates are counted and weighed; official policies were not found."""

    policy_code: str
    valid_from: date
    valid_to: date
    w_response: float
    w_resolution: float
    w_satisfaction: float
    k_basic: float
    partial_resolved: float
    month_start_day: int
    month_basis: str
    status: str
    source: str
    grades: tuple[tuple[str, float], ...] = ()
    """Each with the lowest score that has it; none where the policy is not known to grade."""


@dataclass(frozen=True)
class Plan:
    """Everything in `warehouse/plan/`."""

    statements: tuple[Statement, ...]
    policies: tuple[ScorePolicy, ...]
    departments: Mapping[str, tuple[str, str]]
    thresholds: Thresholds
    statistical_unit_types: tuple[str, ...]
    chapter_sha256: str
    baseline_from: date
    baseline_on: date
    end_on: date

    def statement(self, code: str) -> Statement:
        """The statement with this code; UsageError if there is none."""
        for statement in self.statements:
            if statement.code == code:
                return statement
        raise UsageError(MESSAGES.reason("no_such_indicator", code=code))

    def on(self, day: date, version: str | None = None) -> Plan:
        """The plan by the definitions in force on a day; by those of a version where a statement has it.

        UsageError if no statement has that version.
        """
        if version is not None and not any(
            version == each.version for s in self.statements for each in s.definitions
        ):
            raise UsageError(
                MESSAGES.reason(
                    "no_such_definition",
                    where="*",
                    found=version,
                    versions=", ".join(
                        sorted({d.version for s in self.statements for d in s.definitions})
                    ),
                )
            )
        return replace(
            self,
            statements=tuple(
                s.on(day, version if any(version == d.version for d in s.definitions) else None)
                for s in self.statements
            ),
        )

    def period_start(self, as_of: date) -> date:
        """The first day of the plan period that `as_of` lies in."""
        return self.baseline_from if as_of <= self.baseline_on else self.baseline_on + timedelta(1)

    def policy(self, as_of: date, code: str | None = None) -> ScorePolicy:
        """The score policy of this code, or the first one in force on a day."""
        for policy in self.policies:
            if (
                code is None and policy.valid_from <= as_of < policy.valid_to
            ) or policy.policy_code == code:
                return policy
        raise UsageError(MESSAGES.reason("no_such_policy", code=code or as_of))


@cache
def load_plan(folder: Path = FOLDER) -> Plan:
    """Read the plan; a key nobody reads or a code twice is an error."""
    frame = yaml.safe_load((folder / "plan.yaml").read_text(encoding="utf-8"))
    version = str(frame["definition_version"])
    statements = sorted(
        (
            _statement(path, entry, version)
            for path in sorted((folder / "statements").glob("*.yaml"))
            for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
        ),
        key=lambda statement: statement.position,
    )
    for attribute in ("code", "position"):
        seen = [getattr(statement, attribute) for statement in statements]
        twice = {value for value in seen if seen.count(value) > 1}
        if twice:
            raise broken(folder / "statements", attribute, sorted(twice), "once each")
    plan = frame["plan"]
    return Plan(
        statements=tuple(statements),
        policies=_policies(folder / "score_policy.csv"),
        departments={key: (name["zh"], name["en"]) for key, name in frame["departments"].items()},
        thresholds=Thresholds(**frame["status"]),
        statistical_unit_types=tuple(frame["statistical_unit_types"]),
        chapter_sha256=plan["chapter_sha256"],
        baseline_from=plan["baseline_from"],
        baseline_on=plan["baseline_on"],
        end_on=plan["end_on"],
    )


def _statement(path: Path, entry: Mapping[str, Any], version: str) -> Statement:
    unknown = set(entry) - _KEYS
    if unknown:
        raise broken(path, entry.get("code", "?"), sorted(unknown), ", ".join(sorted(_KEYS)))
    unit, caveat = entry.get("unit") or {}, entry.get("caveat") or {}
    first, _, last = str(entry.get("period") or "").partition("..")
    definitions = read_definitions(path, entry, version)
    newest = definitions[-1]
    return Statement(
        code=entry["code"],
        position=entry["position"],
        theme=path.stem,
        name_zh=entry["name"]["zh"],
        name_en=entry["name"]["en"],
        section=entry.get("section"),
        unit_zh=unit.get("zh"),
        unit_en=unit.get("en"),
        stated=entry.get("stated"),
        value=_float(entry.get("value")),
        half_width=_float(entry.get("half_width")),
        comparator=entry["comparator"],
        kind=entry["kind"],
        period_start=date.fromisoformat(first) if first else None,
        period_end=date.fromisoformat(last or first) if first else None,
        quote=entry.get("quote"),
        computable=entry["computable"],
        direction=entry["direction"],
        feeds=tuple(entry.get("feeds") or ()),
        by_town=bool(entry.get("by_town", False)),
        definition=newest.parameters,
        definition_version=newest.version,
        caveat_zh=caveat.get("zh"),
        caveat_en=caveat.get("en"),
        formula=newest.formula,
        definitions=definitions,
    )


def _policies(path: Path) -> tuple[ScorePolicy, ...]:
    numbers = ("w_response", "w_resolution", "w_satisfaction", "k_basic", "partial_resolved")
    policies: list[ScorePolicy] = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            values: dict[str, Any] = dict(row)
            values |= {name: float(row[name]) for name in numbers}
            values["month_start_day"] = int(row["month_start_day"])
            for name, open_end in (("valid_from", date.min), ("valid_to", date.max)):
                values[name] = (
                    open_end if row[name] == "infinity" else date.fromisoformat(row[name])
                )
            where = f"policy_code {row['policy_code']}"
            weights = [values[name] for name in numbers[:3]]
            if abs(sum(weights) - 1) > 1e-9 or min(weights) < 0:
                raise broken(path, f"{where} w_*", " + ".join(map(str, weights)), "≥ 0, Σ = 1")
            if row["policy_code"] in {policy.policy_code for policy in policies}:
                raise broken(path, "policy_code", row["policy_code"], "once each")
            values["grades"] = _grades(path, where, row.get("grades") or "")
            policies.append(ScorePolicy(**values))
    return tuple(policies)


def _grades(path: Path, where: str, text: str) -> tuple[tuple[str, float], ...]:
    """`甲:90;乙:0`."""
    try:
        parts = [part.split(":") for part in text.split(";") if part]
        grades = tuple((name, float(low)) for name, low in parts)
    except ValueError:
        raise broken(path, f"{where} grades", text, "甲:90;乙:0") from None
    limits = {low for _, low in grades}
    if grades and (min(limits) > 0 or len(limits) < len(grades)):
        raise broken(
            path, f"{where} grades", text, "各不相同，最低为 0 / different limits, the lowest 0"
        )
    return grades


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def broken(path: Path, where: Any, found: Any, expected: str) -> MinshengError:
    """The refusal of a file of the plan."""
    return MinshengError(
        MESSAGES.reason("plan_data", file=str(path), where=where, found=found, expected=expected)
    )
