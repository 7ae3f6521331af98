"""Keep what changed between two kept evaluations of a day: each commit's part, with its cause and its delivery.

A part belongs to its commit, not to the evaluations beside it. So the parts of all kept evaluations of a day add up, whichever two
of them are compared, and an evaluation that is kept later for an earlier known time changes none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from etl.database import sql_file
from etl.evaluate.comparison import Asked, Comparison
from etl.evaluate.coverage import Schedule
from etl.plan import load_plan


def keep_revisions(
    connection: sa.Connection, schedules: Mapping[str, Schedule], evaluation_id: int
) -> int:
    """Keep the parts between an evaluation and the one kept before it (else the one after it); returns how many.

    An indicator is counted by the version that each of the two was counted by, where the plan still has it.
    """
    ends = _run(connection, "revision_ends", evaluation=evaluation_id).all()
    both: dict[tuple[Any, ...], Comparison] = {}
    rows: list[dict[str, Any]] = []
    for end in ends:
        versions = [_known(end.code, v) for v in (end.version_before, end.version_after)]
        key = (end.seq_before, end.seq_after, *versions)
        if key not in both:
            first, second = (
                Asked(end.as_of, _moment(connection, seq), version, end.policy)
                for seq, version in zip((end.seq_before, end.seq_after), versions, strict=True)
            )
            both[key] = Comparison(connection, schedules, first, second)
        for step in both[key].of(end.code).steps:
            seq = step.commit.seq if step.commit is not None else end.seq_after
            place = {"code": end.code, "as_of": end.as_of, "policy": end.policy, "seq": seq}
            said = {"cause": step.cause, "delivery_id": step.delivery, "part": float(step.part)}
            rows.append({**place, **said, "things": len(step.changes)})
    if rows:
        _run(connection, "revision_append", rows=json.dumps(rows, default=str))
    return len(rows)


def _known(code: str, version: str) -> str | None:
    """The version to ask for: none where there is one definition only, or no longer that one."""
    definitions = load_plan().statement(code).definitions
    listed = len(definitions) > 1 and version in [each.version for each in definitions]
    return version if listed else None


def _moment(connection: sa.Connection, seq: int) -> Any:
    return connection.execute(
        sa.text("SELECT max(at) FROM ledger.commit WHERE seq <= :seq"), {"seq": seq}
    ).scalar_one()


def _run(connection: sa.Connection, name: str, **values: Any) -> Any:
    return connection.execute(sa.text(sql_file(f"evaluate/{name}.sql")), values)
