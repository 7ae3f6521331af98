"""Facts: what is believed of the rows concerned, from all claims; and the star brought to it."""

from __future__ import annotations

import sqlalchemy as sa

from etl.load.claims import is_periodic
from etl.load.scope import own_time
from etl.load.targets import Incoming, Target
from etl.load.work import Work
from etl.quoting import identifiers

LARGE = 50_000
"""Staged rows from which on the first load of a fact is worth a lock."""


def open_fact(work: Work, target: Target) -> None:
    """Lock the fact for writing; an empty one is emptied before a large first load.

    With minimal WAL its rows then need none. Where others use the fact, it is left as it
    is. Called before the load holds a commit number: one that waits for a fact must not
    keep back those that have it.
    """
    work.execute(f"LOCK TABLE star.{target.name} IN ROW EXCLUSIVE MODE")
    if (work.delivery.staged_rows or 0) < LARGE or is_filled(work, target):
        return
    attempt = work.connection.begin_nested()
    try:
        work.execute(f"LOCK TABLE star.{target.name} IN ACCESS EXCLUSIVE MODE NOWAIT")
    except sa.exc.OperationalError:
        attempt.rollback()
        return
    attempt.commit()
    if not is_filled(work, target):
        work.execute(f"TRUNCATE star.{target.name}")


def is_filled(work: Work, target: Target) -> bool:
    """Whether the star has any row of the target."""
    return bool(work.execute(f"SELECT EXISTS (SELECT FROM star.{target.name})").scalar_one())


def load_fact(work: Work, incoming: Incoming, *, closes: bool, told_before: bool) -> None:
    """Believe anew what the delivery is about; `told_before`: its keys may lead to other rows than before."""
    names = fact_names(incoming.target)
    periodic = is_periodic(incoming.target)
    work.values |= {
        "target": incoming.target.name,
        "closes": closes,
        "told_before": told_before or work.result.retraction,
        "is_periodic": periodic,
        "fullness_may_change": closes and periodic,
    }
    work.execute("DROP TABLE IF EXISTS pg_temp.concerned")
    work.file("fact_concerned", names)
    settle_fact(work, names)
    if closes:
        work.result.closed += work.execute(
            f"SELECT count(*) FROM changed AS k WHERE k.was_there AND NOT k.is_there AND NOT EXISTS"
            f" (SELECT FROM concerned AS n WHERE ({names['key_n']}) = ({names['key_k']}) AND n.row_no IS NOT NULL)"
        ).scalar_one()
    work.file("fact_touched", names)


def settle_fact(work: Work, names: dict[str, str]) -> int:
    """Bring the star to what is believed of the rows in `concerned`; returns how many rows changed."""
    work.execute("DROP TABLE IF EXISTS pg_temp.believed, pg_temp.changed")
    work.file("fact_believed", names)
    changed = work.file("fact_changed", names)
    work.file("fact_leave", names)
    work.file("fact_enter", names)
    return changed


def fact_names(target: Target) -> dict[str, str]:
    """What the statements on a fact have to be told of it."""
    key, columns = target.business_key, target.columns
    names = {"target": target.name, "key": identifiers(key), "columns": identifiers(columns)}
    names |= {f"key_{a}": identifiers(key, a) for a in "tcknb"}
    names |= {f"columns_{a}": identifiers(columns, a) for a in "tcb"}
    own = own_time(target)
    names |= {f"own_{a}": identifiers(own, a) for a in "tco"}
    alias = "c" if "source_at" in columns else "timeless"
    return names | {"source_at": identifiers(["source_at"], alias)}
