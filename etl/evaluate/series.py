"""The series of indicators: day by day, district and towns, each definition, kept up to date by what changed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.database import sql_file
from etl.database.locks import Lock
from etl.database.seed import seed
from etl.evaluate import figures
from etl.evaluate.definition import definition_hash
from etl.evaluate.figures import Amounts
from etl.evaluate.known import DECLARATIONS, NOTHING, REGISTER, TARGETS
from etl.evaluate.run import Reading, schedules
from etl.evaluate.score import composite
from etl.logs import logger
from etl.plan import Plan, Statement, load_plan
from etl.progress import report
from etl.settings import Settings

log = logger(__name__)

DISTRICT, NO_TOWN = 0, -1
BASES = ("then", "today")
_SHARED = ("moment", "deliveries", "places", "unread", "doubts", "targets_of_star", "targets")
"""What a reading knows that is the same on every day."""


def build_series(
    settings: Settings | None = None,
    *,
    code: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> dict[str, Any]:
    """Bring the series of all indicators (or of `code`) up to the newest commit; return what was done.

    Its days are the ends of the quarters from `first` (default: the plan's first day) to `last` (default: the
    last month's end that data cover), `last` itself, and the first day of each definition, on which the one
    before is computed as well. A point is computed anew only if a feed of its indicator, the register of areas,
    targets or declarations had a commit since, or its rule changed. Result: {seq, days, points, rows, seconds}.
    """
    ctx, started = Context.of(settings), time.perf_counter()
    with ctx.engine.begin() as connection:
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(:lock, 1)"), {"lock": Lock.EVALUATION}
        )
        seed(connection)
        done = Series(Reading(connection, schedules(ctx)), code, first, last).build()
    done["seconds"] = round(time.perf_counter() - started, 3)
    log.info("series", **done)
    return done


class Series:
    """The points that a reading's commit asks for."""

    def __init__(
        self,
        now: Reading,
        code: str | None = None,
        first: date | None = None,
        last: date | None = None,
    ) -> None:
        self.now, self.connection = now, now.connection
        plan: Plan = load_plan()
        if code is not None:
            plan.statement(code)
        self.code, self.first, self.last = code, first or plan.baseline_from, last or now.as_of

    def build(self) -> dict[str, Any]:
        """Compute what is due and append what differs."""
        days = self.days()
        points = rows = 0
        for number, day in enumerate(days):
            report(f"指标序列 / series {day}", number, len(days))
            computed: list[dict[str, Any]] = []
            states: list[dict[str, Any]] = []
            for reading, statement in self._due(day):
                states.append(self._state(reading, statement))
                computed += self._point(reading, statement)
            if states:
                rows += self._run("series_append", rows=_json(computed), seq=self.now.seq).rowcount
                self.connection.execute(sa.text(_REMEMBER), {"rows": _json(states)})
            points += len(states)
        return {"seq": self.now.seq, "days": len(days), "points": points, "rows": rows}

    def days(self) -> list[date]:
        """Ends of quarters, the last day, and first days of definitions."""
        ends = {
            date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
            for year in range(self.first.year, self.last.year + 1)
            for month in (3, 6, 9, 12)
        }
        changes = {d.first for s in self._statements(load_plan()) for d in s.definitions[1:]}
        return sorted(day for day in ends | changes | {self.last} if self.first <= day <= self.last)

    def _statements(self, plan: Plan) -> list[Statement]:
        return [s for s in plan.statements if self.code in (None, s.code)]

    def _due(self, day: date) -> Iterable[tuple[Reading, Statement]]:
        """What is computed on a day: by the definition in force, on a first day also by the one before."""
        versions = {
            before.version
            for s in self._statements(load_plan())
            for before, after in zip(s.definitions, s.definitions[1:], strict=False)
            if after.first == day
        }
        for version in (None, *sorted(versions)):
            reading = self._reading(day, version)
            for statement in self._statements(reading.plan):
                if version is not None and statement.definition_version != version:
                    continue
                if version is not None and not statement.definitions[1:]:
                    continue
                if not self._is_known(reading, statement):
                    yield reading, statement

    def _reading(self, day: date, version: str | None) -> Reading:
        reading = Reading(
            self.connection, self.now.schedules, day, self.now.asked_known_at, None, version
        )
        reading.__dict__.update({name: getattr(self.now, name) for name in _SHARED})
        return reading

    def _is_known(self, reading: Reading, statement: Statement) -> bool:
        key = (
            statement.code,
            reading.as_of,
            statement.definition_version,
            reading.policy.policy_code,
        )
        state = self._states.get(key)
        if state is None or state.definition_hash != _hash(reading, statement):
            return False
        feeds = (*statement.feeds, TARGETS, DECLARATIONS, REGISTER, NOTHING)
        return all((self._changed.get(feed) or 0) <= state.seq for feed in feeds)

    @cached_property
    def _states(self) -> dict[tuple[str, date, str, str], Any]:
        policies = {policy.policy_code for policy in self.now.plan.policies}
        return {
            (row.code, row.as_of, row.definition_version, policy): row
            for policy in policies
            for row in self._run("series_due", policy=policy)
        }

    @cached_property
    def _changed(self) -> dict[str, int]:
        return {row.feed: row.seq for row in self._run("series_changed")}

    @cached_property
    def _keys(self) -> dict[str, int]:
        rows = self.connection.execute(
            sa.text("SELECT indicator_id, indicator_key FROM registry.indicator")
        )
        return {row.indicator_id: row.indicator_key for row in rows}

    def _state(self, reading: Reading, statement: Statement) -> dict[str, Any]:
        return {
            **self._place(reading, statement),
            "definition_hash": _hash(reading, statement),
            "seq": self.now.seq,
        }

    def _place(self, reading: Reading, statement: Statement) -> dict[str, Any]:
        return {
            "indicator_key": self._keys[statement.code],
            "as_of": reading.as_of,
            "definition_version": statement.definition_version,
            "policy": reading.policy.policy_code,
        }

    def _point(self, reading: Reading, statement: Statement) -> Iterable[dict[str, Any]]:
        """The rows of an indicator on a day: the district, and its towns in both boundaries."""
        figure = reading.judged(statement)
        place = self._place(reading, statement)
        whole = {
            **place,
            "town_key": DISTRICT,
            "value": figure.value,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "low": figure.bounds.low,
            "high": figure.bounds.high,
            "open_ends": figure.bounds.as_dict()["open"],
            "is_provisional": figure.provisional,
            "status": figure.status,
        }
        for basis in BASES:
            yield {**whole, "basis": basis}
            if statement.computable != "C" or figure.value is None:
                continue
            for town, (value, numerator, denominator) in self._towns(
                reading, statement, basis
            ).items():
                yield {
                    **place,
                    "basis": basis,
                    "town_key": town,
                    "value": value,
                    "numerator": numerator,
                    "denominator": denominator,
                    "is_provisional": figure.provisional,
                }

    def _towns(
        self, reading: Reading, statement: Statement, basis: str
    ) -> dict[int, tuple[float | None, float | None, float | None]]:
        if "score_of" in statement.definition:
            first, second, third = (
                self._towns(reading, reading.plan.statement(code), basis)
                for code in statement.definition["score_of"]
            )
            return {
                town: (
                    composite(
                        reading.policy,
                        (
                            first.get(town, _NONE)[0],
                            second.get(town, _NONE)[0],
                            third.get(town, _NONE)[0],
                        ),
                    ),
                    None,
                    None,
                )
                for town in sorted({*first, *second, *third})
            }
        places = self._places(reading.as_of)
        towns: dict[int, Amounts] = {}
        for area, amounts in reading.figure(statement).by_area.items():
            town = places.get(area, {}).get(basis) or NO_TOWN
            towns[town] = _sum(towns.get(town, (None, None)), amounts)
        is_ratio = figures.is_ratio(statement)
        return {
            town: ((n / d if n is not None and d else None, n, d) if is_ratio else (n, n, None))
            for town, (n, d) in sorted(towns.items())
        }

    def _places(self, day: date) -> Mapping[int, Mapping[str, int]]:
        kept = self.__dict__.setdefault("_places_by_day", {})
        if day not in kept:
            kept[day] = {
                row.area_key: {"then": row.town_then, "today": row.town_today}
                for row in self._run("series_places", day=day)
            }
        towns: Mapping[int, Mapping[str, int]] = kept[day]
        return towns

    def _run(self, name: str, **values: Any) -> Any:
        return self.connection.execute(sa.text(sql_file(f"evaluate/{name}.sql")), values)


_NONE = (None, None, None)
_REMEMBER = (
    "INSERT INTO ledger.series_state SELECT * FROM jsonb_populate_recordset("
    "CAST(NULL AS ledger.series_state), CAST(:rows AS jsonb))"
    " ON CONFLICT (indicator_key, as_of, definition_version, policy)"
    " DO UPDATE SET definition_hash = excluded.definition_hash, seq = excluded.seq"
)


def _hash(reading: Reading, statement: Statement) -> str:
    return definition_hash(reading.plan, statement, reading.policy)


def _sum(one: Amounts, other: Amounts) -> Amounts:
    added = [
        None if a is None and b is None else (a or 0.0) + (b or 0.0)
        for a, b in zip(one, other, strict=True)
    ]
    return added[0], added[1]


def _json(rows: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps(rows, default=str)
