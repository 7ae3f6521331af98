"""Copy the plan's data into the warehouse: `plan.*`, and the dimensions of indicators and departments.

These rows come with the program and not with a delivery, so they are known from the start
(`known_from` 0) and hold for ever; what the program says now replaces what it said before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

import sqlalchemy as sa

from etl.livelihood import load_livelihood
from etl.plan import Plan, ScorePolicy, Statement, load_plan

_STATEMENT = (
    "indicator_code position in_chapter name_zh name_en theme section unit_zh unit_en value_as_stated value"
    " half_width comparator kind period_start period_end quote quote_sha256 computable direction feeds"
    " definition_version definition caveat_zh caveat_en"
).split()
_INDICATOR = "indicator_code name_zh name_en theme unit_zh unit_en kind direction computable definition_version".split()

Row = Mapping[str, Any]


def seed(
    connection: sa.Connection,
    departments: Mapping[str, tuple[str, str]] | None = None,
    plan: Plan | None = None,
) -> int:
    """Fill the tables from the plan; return how many rows were new or different.

    `departments` adds further ones (code: Chinese name, English name) to the plan's own, as
    contracts from outside the repository bring them. Safe to repeat; the caller commits.
    """
    plan = plan or load_plan().on(date.today())  # noqa: DTZ011
    statements = [_statement(statement) for statement in plan.statements]
    policies = [_policy(policy) for policy in plan.policies]
    names = {**(departments or {}), **plan.departments}
    livelihood = load_livelihood()
    bridges = [bridge.as_row() for bridge in livelihood.bridges]
    return (
        _replace(
            connection,
            "plan.livelihood",
            "livelihood_code",
            list(livelihood.dimensions[0]),
            livelihood.dimensions,
        )
        + _replace(connection, "plan.livelihood_bridge", "bridge_code", list(bridges[0]), bridges)
        + _replace(connection, "plan.statement", "indicator_code", _STATEMENT, statements)
        + _replace(
            connection,
            "plan.score_policy",
            "policy_code",
            [f.name for f in fields(ScorePolicy)],
            policies,
        )
        + _dimension(
            connection, "indicator", _INDICATOR, {r["indicator_code"]: r for r in statements}
        )
        + _dimension(
            connection,
            "department",
            ["name_zh", "name_en"],
            {code: {"name_zh": zh, "name_en": en} for code, (zh, en) in names.items()},
        )
    )


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        **{name: getattr(statement, name, None) for name in _STATEMENT},
        "indicator_code": statement.code,
        "value_as_stated": statement.stated,
        "definition": dict(statement.definition),
    }


def _policy(policy: ScorePolicy) -> dict[str, Any]:
    values = asdict(policy)
    until = "infinity" if policy.valid_to == date.max else policy.valid_to
    return values | {"valid_to": until, "grades": dict(policy.grades)}


def _replace(
    connection: sa.Connection, table: str, key: str, columns: Sequence[str], rows: Sequence[Row]
) -> int:
    """Make `table` hold exactly these rows."""
    given = {"rows": _json(rows)}
    removed = connection.execute(
        sa.text(
            f"DELETE FROM {table} WHERE {key} NOT IN"
            f" (SELECT {key} FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS jsonb)))"
        ),
        given,
    )
    names = ", ".join(columns)
    put = connection.execute(
        sa.text(
            f"INSERT INTO {table} AS t ({names}) SELECT {names}"
            f" FROM jsonb_populate_recordset(CAST(NULL AS {table}), CAST(:rows AS jsonb)) ORDER BY {key}"
            f" ON CONFLICT ({key}) {_unless_same(columns)}"
        ),
        given,
    )
    return removed.rowcount + put.rowcount


def _dimension(
    connection: sa.Connection, thing: str, columns: Sequence[str], rows: Mapping[str, Row]
) -> int:
    """Give each id its key, and its key one version that always holds."""
    connection.execute(
        sa.text(
            f"INSERT INTO registry.{thing} ({thing}_id) SELECT n FROM unnest(CAST(:ids AS text[])) n"
            f" WHERE NOT EXISTS (SELECT FROM registry.{thing} r WHERE r.{thing}_id = n)"
            f" ORDER BY n ON CONFLICT DO NOTHING"
        ),
        {"ids": list(rows)},
    )
    names = ", ".join(columns)
    put = connection.execute(
        sa.text(
            f"INSERT INTO star.dim_{thing} AS t ({thing}_key, {names}, valid_from, valid_to, known_from)"
            f" SELECT r.{thing}_key, {', '.join('g.' + name for name in columns)}, DATE '1900-01-01', 'infinity', 0"
            f" FROM jsonb_each(CAST(:rows AS jsonb)) e (id, row)"
            f" CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS star.dim_{thing}), e.row) g"
            f" JOIN registry.{thing} r ON r.{thing}_id = e.id ORDER BY 1"
            f" ON CONFLICT ({thing}_key, valid_from) {_unless_same(columns)}"
        ),
        {"rows": _json(rows)},
    )
    return put.rowcount


def _unless_same(columns: Sequence[str]) -> str:
    ours = ", ".join(f"t.{name}" for name in columns)
    theirs = ", ".join(f"excluded.{name}" for name in columns)
    return f"DO UPDATE SET ({', '.join(columns)}) = ROW ({theirs}) WHERE ({ours}) IS DISTINCT FROM ({theirs})"


def _json(rows: Any) -> str:
    return json.dumps(rows, ensure_ascii=False, default=str)
