"""Reconciliation: what departments say of the same things, side by side (`warehouse/plan/reconciliation.yaml`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml

from etl.database import SQL, sql_file
from etl.errors import MinshengError
from etl.evaluate import figures
from etl.evaluate.computed import Computed
from etl.plan import FOLDER
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

RELATIONS = ("at_most", "equal")
_SLACK = 1e-9
_KEYS = {
    "code",
    "name",
    "left",
    "right",
    "sql",
    "figures",
    "relation",
    "tolerance",
    "owner",
    "feeds",
}


@dataclass(frozen=True)
class Check:
    """Two sides of one thing; `left` is not above `right`, or equal to it, within the tolerance."""

    code: str
    name_zh: str
    name_en: str
    left_zh: str
    left_en: str
    right_zh: str
    right_en: str
    sql: str | None
    relation: str
    absolute: float
    relative: float
    owner: str
    feeds: tuple[str, ...]

    def holds(self, left: float, right: float) -> bool:
        """Whether the two sides agree."""
        allowed = self.absolute + self.relative * abs(right) + _SLACK
        return (
            left - right <= allowed if self.relation == "at_most" else abs(left - right) <= allowed
        )


@dataclass(frozen=True)
class Disagreement:
    """Where two sides do not agree; values in the unit of their feeds."""

    check: Check
    area_key: int
    area_name: str
    entity: str
    left: float
    right: float

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "code": self.check.code,
            "name_zh": self.check.name_zh,
            "name_en": self.check.name_en,
            "owner": self.check.owner,
            "area": self.area_name,
            "entity": self.entity,
            "left": self.left,
            "right": self.right,
        }


def reconcile(reading: Computed) -> list[Disagreement]:
    """Every check at one reading; what does not agree."""
    disagreements = []
    for check in load_checks():
        for row in _rows(reading, check):
            if not check.holds(row["left_value"], row["right_value"]):
                place = reading.places.get(row["area_key"])
                name = place.town_name if place else "全区 / district"
                disagreements.append(
                    Disagreement(
                        check,
                        row["area_key"],
                        name,
                        row["entity"] or "",
                        row["left_value"],
                        row["right_value"],
                    )
                )
    return disagreements


def keep(connection: sa.Connection, evaluation: int, found: Iterable[Disagreement]) -> None:
    """Keep them beside a kept evaluation."""
    rows = [
        {
            "evaluation": evaluation,
            "code": each.check.code,
            "name_zh": each.check.name_zh,
            "name_en": each.check.name_en,
            "owner": each.check.owner,
            "feeds": list(each.check.feeds),
            "area_key": each.area_key,
            "entity": each.entity,
            "left": each.left,
            "right": each.right,
        }
        for each in found
    ]
    if rows:
        connection.execute(
            sa.text(
                "INSERT INTO ledger.reconciliation VALUES (:evaluation, :code, :name_zh, :name_en, :owner, :feeds, :area_key,"
                " :entity, :left, :right)"
            ),
            rows,
        )


@cache
def load_checks(path: Path = FOLDER / "reconciliation.yaml") -> tuple[Check, ...]:
    """The checks; MinshengError for an unknown key, relation or SQL file, or a code that stands twice."""
    entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    codes = [entry.get("code") for entry in entries]
    checks = []
    for entry in entries:
        code = str(entry.get("code"))
        unknown = sorted(set(entry) - _KEYS)
        if unknown:
            raise _broken(path, code, unknown, ", ".join(sorted(_KEYS)))
        if codes.count(code) > 1:
            raise _broken(path, code, code, "once each")
        if entry["relation"] not in RELATIONS:
            raise _broken(path, f"{code}.relation", entry["relation"], " | ".join(RELATIONS))
        name = entry.get("sql")
        if bool(name) == bool(entry.get("figures")):
            raise _broken(path, code, name, "sql | figures: true")
        if name and not (SQL / "reconciliation" / f"{name}.sql").exists():
            raise _broken(path, f"{code}.sql", name, "warehouse/sql/reconciliation/*.sql")
        checks.append(_check(entry))
    return tuple(checks)


def _check(entry: Mapping[str, Any]) -> Check:
    tolerance = entry.get("tolerance") or {}
    return Check(
        code=entry["code"],
        name_zh=entry["name"]["zh"],
        name_en=entry["name"]["en"],
        left_zh=entry["left"]["zh"],
        left_en=entry["left"]["en"],
        right_zh=entry["right"]["zh"],
        right_en=entry["right"]["en"],
        sql=entry.get("sql"),
        relation=entry["relation"],
        absolute=float(tolerance.get("absolute", 0)),
        relative=float(tolerance.get("relative", 0)),
        owner=entry["owner"],
        feeds=tuple(entry["feeds"]),
    )


def _rows(reading: Computed, check: Check) -> list[dict[str, Any]]:
    if check.sql:
        query = sa.text(sql_file(f"reconciliation/{check.sql}.sql"))
        given = {"as_of": reading.as_of, "known_at": reading.seq}
        used = {name: given[name] for name in query._bindparams}
        return [dict(row._mapping) for row in reading.connection.execute(query, used)]
    rows = []
    for statement in reading.plan.statements:
        if statement.kind not in ("ratio", "coverage") or not figures.has_query(statement):
            continue
        figure = reading.figure(statement)
        if figure.numerator is not None and figure.denominator is not None:
            rows.append(
                {
                    "area_key": -1,
                    "entity": statement.name_zh,
                    "left_value": figure.numerator,
                    "right_value": figure.denominator,
                }
            )
    return rows


def _broken(path: Path, where: str, found: Any, expected: str) -> MinshengError:
    return MinshengError(
        MESSAGES.reason(
            "reconciliation_data", path=path, where=where, found=found, expected=expected
        )
    )
