"""Why a known figure is another one now: the cause of each changed thing, from the rows that it comes from.

Every load and every withdrawal is a commit of its own. So a figure is read before and after each commit at which it
may have changed, and what changed there is that delivery's doing: nothing is guessed from what else arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from etl.database import sql_file
from etl.evaluate.exact import Change
from etl.evaluate.known import REGISTER
from etl.load.targets import Target
from etl.quoting import identifier, string

LATE, CORRECTED, REPAIRED, WITHDRAWN = (
    "late_rows",
    "corrections",
    "repaired_quarantine",
    "withdrawn",
)
DEFINITION, BOUNDARY, RULE = "definition", "boundary", "rule"

CAUSES = (LATE, CORRECTED, REPAIRED, WITHDRAWN, DEFINITION, BOUNDARY, RULE)
"""In the order in which they are shown, and in which causes of one commit are applied to a quotient."""

WORDS = {
    LATE: ("迟到数据", "late rows"),
    CORRECTED: ("更正", "corrections"),
    REPAIRED: ("隔离数据修正", "repaired quarantine"),
    WITHDRAWN: ("批次撤销", "withdrawn"),
    DEFINITION: ("定义变更", "definition"),
    BOUNDARY: ("区划变更", "boundary"),
    RULE: ("规则变更", "rule"),
}


def by_cause(
    connection: sa.Connection, commit: Any, made: Sequence[Change], targets: Iterable[Target]
) -> dict[str, list[Change]]:
    """The changes of one commit (a row of `evaluate/compare_commits.sql`) by cause, in the causes' order.

    `targets` are the tables that the indicator reads. Of a withdrawal all is withdrawn; of the register of areas, boundary. Otherwise the rows decide that the thing comes
    from since, and where there are none (it was taken back, or counts no more) the delivery as a whole.
    """
    whole = WITHDRAWN if commit.is_withdrawal else BOUNDARY if commit.feed == REGISTER else None
    if whole is not None:
        return {whole: list(made)} if made else {}
    told = _rows(connection, commit, made, targets)
    found: dict[str, list[Change]] = {}
    for change in made:
        rows = [told[row] for row in _own(commit, change) if row in told]
        found.setdefault(_cause(commit, change, rows), []).append(change)
    return {cause: found[cause] for cause in CAUSES if cause in found}


def _cause(commit: Any, change: Change, rows: Sequence[Any]) -> str:
    if commit.is_judged_anew or any(row.is_accepted for row in rows):
        return RULE
    if commit.is_repair or any(row.is_closing for row in rows):
        return REPAIRED
    if commit.mode in ("correction", "retraction"):
        return CORRECTED
    if any(row.is_said_anew for row in rows) or _same_period(commit, change):
        return CORRECTED
    return LATE


def _same_period(commit: Any, change: Change) -> bool:
    return any(delivery in commit.earlier for delivery, _ in change.before.sources)


def _own(commit: Any, change: Change) -> list[int]:
    return [
        row
        for delivery, row in change.after.sources
        if delivery == commit.delivery_id and row is not None
    ]


def _rows(
    connection: sa.Connection, commit: Any, made: Iterable[Change], targets: Iterable[Target]
) -> dict[int, Any]:
    wanted = sorted({row for change in made for row in _own(commit, change)})
    if not wanted:
        return {}
    told = " UNION ALL ".join(map(_told, targets))
    text = sql_file("evaluate/compare_rows.sql").format(told=told)
    given = {"delivery_id": commit.delivery_id, "row_nos": wanted}
    rows = connection.execute(
        sa.text(text), {**given, "earlier": list(commit.earlier), "seq": commit.seq}
    )
    return {row.row_no: row for row in rows}


def _told(target: Target) -> str:
    """SQL of the rows of a table that a delivery made: what may name the thing, and whether it was said before."""
    same = " AND ".join(f"o.{identifier(c)} = k.{identifier(c)}" for c in target.business_key)
    names = [
        column
        for column in target.columns
        if column in (*target.business_key, *target.refs)
        or target.types[column].startswith(("text", "date", "timestamp"))
    ]
    named = ", ".join(f"{string(c)}, k.{identifier(c)}" for c in names)
    return (
        f"SELECT k.row_no, jsonb_build_object({named}) AS named,"
        f" EXISTS (SELECT FROM known.{identifier(target.name)} AS o WHERE {same} AND o.known_from < :seq"
        " AND o.delivery_id = ANY (CAST(:earlier AS bigint[]))) AS is_said_anew"
        f" FROM known.{identifier(target.name)} AS k"
        " WHERE k.delivery_id = :delivery_id AND k.row_no = ANY (CAST(:row_nos AS int[]))"
    )
