"""A dimension's timelines, made anew from all claims on the things that a delivery is about."""

from __future__ import annotations

from etl.load.targets import Incoming, Target
from etl.load.work import Work
from etl.quoting import identifier, identifiers


def load_dimension(work: Work, incoming: Incoming, *, closes: bool, told_before: bool) -> None:
    """Find the things concerned, make their timelines, and move and insert what differs."""
    names = dimension_names(incoming.target)
    work.values |= {
        "closes": closes,
        "told_before": told_before,
        "target": incoming.target.name,
        "is_retraction": work.result.retraction and not incoming.is_lookup,
    }
    work.execute("DROP TABLE IF EXISTS pg_temp.concerned")
    work.file("dimension_concerned", names)
    settle_dimension(work, names)
    if closes:
        key = names["key"]
        work.result.closed += work.execute(
            f"SELECT count(*) FROM (SELECT {key} FROM changed EXCEPT SELECT {key} FROM concerned WHERE row_no IS NOT NULL) AS c"
        ).scalar_one()
    work.file("dimension_touched", names)


def settle_dimension(work: Work, names: dict[str, str]) -> int:
    """Bring the star to the timelines of the things in `concerned`; returns how many changed."""
    work.execute("DROP TABLE IF EXISTS pg_temp.timeline, pg_temp.changed")
    work.execute(f"CREATE TEMP TABLE changed ({names['key']} int) ON COMMIT DROP")
    work.file("dimension_timeline", names)
    work.file("dimension_move", names)
    work.file("dimension_insert", names)
    return int(work.execute(f"SELECT count(DISTINCT {names['key']}) FROM changed").scalar_one())


def dimension_names(target: Target) -> dict[str, str]:
    """What the statements on a dimension have to be told of it."""
    key = target.business_key[0]
    attributes = [column for column in target.columns if column != key]
    return {
        "target": target.name,
        "key": identifier(key),
        "columns": identifiers(target.columns),
        "attributes": identifiers(attributes),
        **{f"attributes_{a}": identifiers(attributes, a) for a in "tvsb"},
    }
