"""Run an indicator's query of contributing things, added up or with its receipt: the same text both times."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from etl.database import sql_file
from etl.definitions import FORMULAS
from etl.errors import MinshengError
from etl.evaluate.score import Month, assessment_month
from etl.plan import Plan, ScorePolicy, Statement
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

COLUMNS = ("area_key", "entity", "numerator", "denominator", "delivery_ids", "row_nos")
"""What a formula returns of each contributing thing."""

_checked: set[str] = set()  # texts of formulas whose columns were seen to be these


Amounts = tuple[float | None, float | None]
"""Numerator and denominator."""


@dataclass(frozen=True)
class Figure:
    """A number and what it was made of."""

    value: float | None
    numerator: float | None = None
    denominator: float | None = None
    by_area: Mapping[int, Amounts] = field(default_factory=dict)
    """What each area adds."""

    @property
    def areas(self) -> frozenset[int]:
        """The areas that have a number."""
        return frozenset(
            area for area, (numerator, _) in self.by_area.items() if numerator is not None
        )


def parameters(
    plan: Plan,
    statement: Statement,
    as_of: date,
    known_at: int,
    policy: ScorePolicy,
    *,
    valid_on: date | None = None,
) -> dict[str, Any]:
    """The named parameters of an indicator's query: the two times, the definition, the policy.

    `valid_on` is the day on which registers are read, `as_of` unless they begin later.
    """
    month: Month = assessment_month(policy, as_of)
    given: dict[str, Any] = {
        "as_of": as_of,
        "valid_on": valid_on or as_of,
        "known_at": known_at,
        "period_start": plan.period_start(as_of),
        "month_from": month.first,
        "month_to": month.after,
        "month_basis": policy.month_basis,
        # A day that cannot be read is taken for the last that counts.
        "asked_day": month.after - timedelta(1) if statement.kind == "derived" else as_of,
        "k_basic": policy.k_basic,
        "partial_resolved": policy.partial_resolved,
    }
    # The wide query of orders takes the parameters of all measures that read it.
    for other in plan.statements:
        if other.kind == "derived" and "numerator" in other.definition:
            given |= _plain(other.definition)
    return given | _plain(statement.definition)


def has_query(statement: Statement) -> bool:
    """Whether there is a query for this indicator."""
    return statement.computable == "C" and "score_of" not in statement.definition


def figure(connection: sa.Connection, statement: Statement, given: Mapping[str, Any]) -> Figure:
    """The indicator's number: a sum, or the sum of numerators over the sum of denominators."""
    row, *parts = run(connection, statement, "evaluate/sum.sql", given)
    by_area = {part.area_key: (part.numerator, part.denominator) for part in parts}
    if is_ratio(statement):
        value = (
            row.numerator / row.denominator
            if row.numerator is not None and row.denominator
            else None
        )
        return Figure(value, row.numerator, row.denominator, by_area)
    total = row.numerator if row.things else 0.0
    return Figure(total, total, None, by_area)


def receipt(
    connection: sa.Connection, statement: Statement, given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Every contributing thing: area_key, area_name, entity, numerator, denominator, sources.

    A source is a row of a delivery, with what it tells of the thing's numerator and denominator: over all
    sources they sum to the figure's. None: another row tells it.
    """
    return [_entry(row) for row in run(connection, statement, "evaluate/receipt.sql", given)]


def run(
    connection: sa.Connection,
    statement: Statement,
    wrapper: str,
    given: Mapping[str, Any],
    world: str = "known",
    **values: Any,
) -> Sequence[Any]:
    """The rows that a wrapper (a file of `warehouse/sql/`, with `values`) makes of an indicator's things.

    The things' tables are those of the schema `world`: `known`, or `possible` with the open doubtful rows among them.
    """
    used = _used(statement, given)
    settings = {"world": world, "day": str(given["asked_day"])}
    connection.execute(
        sa.text(
            "SELECT set_config('search_path', :world, true), set_config('minsheng.asked_day', :day, true)"
        ),
        settings,
    )
    check_columns(connection, statement, used)
    values["feeds"] = list(statement.feeds)  # in the order in which they tell of amounts
    return connection.execute(_query(_things(statement), wrapper), {**used, **values}).all()


def check_columns(connection: sa.Connection, statement: Statement, used: Mapping[str, Any]) -> None:
    """MinshengError if a formula returns a column too many or too few; each text is looked at once a process."""
    query = _things(statement)
    if query in _checked:
        return
    answer = connection.execute(sa.text(f"SELECT * FROM (\n{query}\n) AS thing LIMIT 0"), used)
    names = [
        str(column[0]) for column in answer.cursor.description
    ]  # of all, also of two that are called alike
    if sorted(names) != sorted(COLUMNS):
        raise MinshengError(
            MESSAGES.reason(
                "formula_columns",
                file=f"warehouse/sql/indicators/{formula(statement)}.sql",
                code=statement.code,
                version=statement.definition_version,
                found=", ".join(names),
                expected=", ".join(COLUMNS),
                surplus=_listed(n for n in names if n not in COLUMNS or names.count(n) > 1),
                lacking=_listed(n for n in COLUMNS if n not in names),
            )
        )
    _checked.add(query)


def declared_receipt(connection: sa.Connection, declared: Any) -> list[dict[str, Any]]:
    """The declaration behind a figure as a receipt of one row, or of none."""
    if declared is None:
        return []
    things_text = (
        "SELECT -1 AS area_key, CAST(:entity AS text) AS entity, CAST(:value AS double precision) AS numerator,"
        " CAST(NULL AS double precision) AS denominator, ARRAY[CAST(:delivery AS bigint)] AS delivery_ids,"
        " ARRAY[CAST(:row AS int)] AS row_nos"
    )
    query = sa.text(f"WITH thing AS ({things_text})\n{sql_file('evaluate/receipt.sql')}")
    values = {
        "entity": f"{declared.declared_on} {declared.text_as_stated or ''}".strip(),
        "value": declared.value,
        "delivery": declared.delivery_id,
        "row": declared.row_no,
        "feeds": [],
    }
    return [_entry(row) for row in connection.execute(query, values)]


def is_ratio(statement: Statement) -> bool:
    """Whether the value is a quotient."""
    if statement.kind == "derived":
        return (
            statement.definition.get("denominator") is not None or "query" in statement.definition
        )
    return statement.kind in ("ratio", "coverage")


def _entry(row: Any) -> dict[str, Any]:
    names = ("area_key", "area_name", "entity", "numerator", "denominator", "sources")
    return {name: getattr(row, name) for name in names}


_formulas: ContextVar[Path] = ContextVar("formulas", default=FORMULAS)


@contextmanager
def formulas_in(folder: Path) -> Iterator[None]:
    """Let formulas be read from another folder: those that a publication was made by."""
    token = _formulas.set(folder)
    try:
        yield
    finally:
        _formulas.reset(token)


def things(query: str) -> str:
    """The text of an indicator's query."""
    return _text(_formulas.get() / f"{query}.sql")


@cache
def _text(path: Path) -> str:
    return sql_file(path).rstrip().rstrip(";")


def text(statement: Statement) -> str:
    """The text of the query that an indicator's things come from."""
    return _things(statement)


@cache
def _query(things: str, wrapper: str) -> sa.TextClause:
    return sa.text(f"WITH thing AS (\n{things}\n)\n{sql_file(wrapper)}")


def formula(statement: Statement) -> str:
    """The name of the file that an indicator's things come from."""
    if statement.kind != "derived":
        return statement.formula or statement.code
    return str(statement.definition.get("query", "hot_orders"))


def _things(statement: Statement) -> str:
    if statement.kind != "derived" or "query" in statement.definition:
        return things(formula(statement))
    counted, of = statement.definition["numerator"], statement.definition.get("denominator")
    return (
        f"SELECT o.area_key, o.entity, CAST(o.{counted} AS double precision) AS numerator,"
        f" CAST({'o.' + of if of else 'NULL'} AS double precision) AS denominator, o.delivery_ids, o.row_nos"
        f" FROM (\n{things('hot_orders')}\n) o WHERE o.{of or counted} <> 0"
    )


def _used(statement: Statement, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in _names(_things(statement))}


@cache
def _names(query: str) -> Sequence[str]:
    return tuple(sa.text(query).compile().params)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names))) or "–"


def _plain(definition: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
        for name, value in definition.items()
    }
