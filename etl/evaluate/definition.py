"""By which rule a figure is made: its parameters and its query as one digest, and what was kept under it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa

from etl.database import sql_file
from etl.errors import MinshengError
from etl.evaluate import figures
from etl.plan import Plan, ScorePolicy, Statement
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

_COMMENT = re.compile(r"--[^\n]*")


def definition_hash(plan: Plan, statement: Statement, policy: ScorePolicy) -> str:
    """Digest of all that decides the figure, 16 hex digits: kind, parameters, text of the query.

    Comments and white space of the query do not count. A measure of the hotline is also made by
    its score policy; its weights are part of the digest, its code, source and grades are not.
    """
    return hashlib.sha256(
        json.dumps(
            _parts(plan, statement, policy), ensure_ascii=False, sort_keys=True, default=str
        ).encode()
    ).hexdigest()[:16]


def _parts(plan: Plan, statement: Statement, policy: ScorePolicy) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "kind": statement.kind,
        "direction": statement.direction,
        "comparator": statement.comparator,
        "by_town": statement.by_town,
        "definition": dict(statement.definition),
    }
    if figures.has_query(statement):
        parts["query"] = " ".join(_COMMENT.sub(" ", figures.text(statement)).split())
    if statement.kind == "derived":
        parts["policy"] = {
            name: value
            for name, value in asdict(policy).items()
            if name not in ("policy_code", "valid_from", "valid_to", "status", "source", "grades")
        }
    for code in statement.definition.get("score_of", ()):
        parts[code] = _parts(plan, plan.statement(code), policy)
    return parts


def changed(
    connection: sa.Connection, plan: Plan, statements: Iterable[Statement], policy: ScorePolicy
) -> Mapping[str, Any]:
    """Kept values, by indicator, that were made under the same version by another rule (the newest of each)."""
    wanted = list(statements)
    given = {
        "codes": [statement.code for statement in wanted],
        "versions": [statement.definition_version for statement in wanted],
        "hashes": [definition_hash(plan, statement, policy) for statement in wanted],
        "by_policy": [statement.kind == "derived" for statement in wanted],
        "policy": policy.policy_code,
    }
    rows = connection.execute(sa.text(sql_file("evaluate/changed.sql")), given)
    return {row.code: row for row in rows}


def refuse(changes: Mapping[str, Any]) -> None:
    """MinshengError if a definition changed under its version."""
    if not changes:
        return
    listed = list(changes.values())
    zh = "；".join(
        f"{row.code}（版本 {row.version}，评估 #{row.evaluation_id} 保存时摘要 {row.kept}，现为 {row.hash}）"
        for row in listed
    )
    en = "; ".join(
        f"{row.code} (version {row.version}: kept by evaluation #{row.evaluation_id} as {row.kept}, now {row.hash})"
        for row in listed
    )
    raise MinshengError(MESSAGES.reason("definition_unversioned_error", names_zh=zh, names_en=en))
