"""A fact's current rows, and those that leave for the history."""

from __future__ import annotations

import sqlalchemy as sa

from etl.load.scope import in_scope, own_time
from etl.load.work import Work
from etl.targets import Incoming, Target, prefixed, same

LARGE = 50_000
"""Staged rows from which on the first load of a fact is worth a lock."""


def open_fact(work: Work, target: Target) -> None:
    """Lock the fact for writing; an empty one is emptied before a large first load.

    With minimal WAL its rows then need none. Where others use the fact, it is left as it
    is. Called before the load holds a commit number: one that waits for a fact must not
    keep back those that have it.
    """
    work.execute(f"LOCK TABLE star.{target.name} IN ROW EXCLUSIVE MODE")
    if (work.delivery.staged_rows or 0) < LARGE or _filled(work, target):
        return
    attempt = work.connection.begin_nested()
    try:
        work.execute(f"LOCK TABLE star.{target.name} IN ACCESS EXCLUSIVE MODE NOWAIT")
    except sa.exc.OperationalError:
        attempt.rollback()
        return
    attempt.commit()
    if not _filled(work, target):
        work.execute(f"TRUNCATE star.{target.name}")


def _filled(work: Work, target: Target) -> bool:
    return bool(work.execute(f"SELECT EXISTS (SELECT FROM star.{target.name})").scalar_one())


def load_fact(work: Work, one: Incoming, *, only: bool) -> None:
    """Retract, or close what is absent, move what is known better, insert what has no current row.

    `only`: the fact's rows are the delivery's rows, so that counting them is enough.
    """
    target = one.target
    work.values["outranking"] = work.outranking
    same_key = same("c", "i", target.business_key)
    names = {
        "target": target.name,
        "columns": ", ".join(target.columns),
        "columns_c": prefixed("c", target.columns),
        "columns_i": prefixed("i", target.columns),
        "key": ", ".join(target.business_key),
        "known": f"c.{target.business_key[0]} IS NOT NULL",
        "same_key": same_key,
        "incoming": one.resolved(),
        "outranks": _outranks(target, bool(work.outranking)),
        "wanted": "true",
    }
    if work.result.retraction:
        work.file("fact_retract", names)
        return
    late = bool(work.later_snapshots) and not own_time(target)
    if late:
        names["incoming"] = _unreadable_later(work, one)
    filled = _filled(work, target)
    if filled:
        if work.delivery.mode == "full" and not late and work.keys_readable:
            work.result.closed += _close_absent(work, one, names)
        work.execute("DROP TABLE IF EXISTS pg_temp.differing")
        work.file("fact_differing", names)
        work.file("fact_move", names)
        names |= {"incoming": "SELECT * FROM differing", "wanted": "NOT i.is_known"}
    if work.outranking and not late:
        names["wanted"] += (
            f" AND NOT EXISTS (SELECT FROM history.{target.name} AS c"
            f" JOIN ledger.commit AS k ON k.seq = c.known_to"
            f" WHERE {same_key} AND k.delivery_id = ANY (:outranking))"
        )
    if only:
        work.result.touched = work.file("fact_insert", names)
    else:
        work.file("fact_insert_touched", names)
    if not filled:
        work.execute(f"ANALYZE star.{target.name}")


def _unreadable_later(work: Work, one: Incoming) -> str:
    """A later snapshot has spoken: this one only tells of what was unreadable in that."""
    work.values["newest"] = max(work.later_snapshots, key=lambda each: (each[1], each[0]))[0]
    return (
        f"SELECT * FROM ({one.resolved(extra=work.own_key())}) AS e WHERE EXISTS ("
        "SELECT FROM ledger.quarantine AS q WHERE q.delivery_id = :newest"
        " AND q.business_key = e.business_key AND q.resolved_by IS NULL)"
    )


def _close_absent(work: Work, one: Incoming, names: dict[str, str]) -> int:
    """Close what a full snapshot does not have any more; returns how many."""
    keyed = set(work.contract.key)
    # Of a row in quarantine only the contract's key is certain: all rows made from it stay.
    part = [c for c in one.target.business_key if one.source(c) in keyed or c in keyed]
    rows = work.everything(one)
    return work.file(
        "fact_absent",
        names
        | {
            "in_scope": in_scope(work, one),
            "incoming": rows,
            "incoming_bad": f"SELECT * FROM ({rows}) AS e WHERE e.row_no IN (SELECT row_no FROM {work.bad})",
            "same_part": same("c", "i", part or one.target.business_key),
        },
    )


def _outranks(target: Target, some_later: bool) -> str:
    """Precedence: source time where both give one, then period, then arrival (which is now)."""
    by_period = "c.delivery_id <> ALL (:outranking)" if some_later else "true"
    if "source_at" not in target.columns:
        return by_period
    return (
        f"CASE WHEN i.source_at <> c.source_at THEN i.source_at > c.source_at ELSE {by_period} END"
    )
