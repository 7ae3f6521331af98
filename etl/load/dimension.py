"""A dimension's timeline, painted over by what a delivery says."""

from __future__ import annotations

from etl.load.scope import in_scope
from etl.load.work import Work
from etl.targets import Incoming, prefixed


def load_dimension(work: Work, one: Incoming) -> None:
    """Hear, find what is absent, paint, and move and insert what differs."""
    target, key = one.target, one.target.business_key[0]
    attributes = [column for column in target.columns if column != key]
    # A snapshot's word ends where a later snapshot's begins; a lookup's never does.
    dated = work.contract.mode == "full" and not one.is_lookup
    later = work.later_snapshots if dated else []
    names = {
        "target": target.name,
        "key": key,
        "columns": ", ".join(target.columns),
        "attributes": ", ".join(attributes),
        "attributes_v": prefixed("v", attributes),
        "attributes_h": prefixed("h", attributes),
        "attributes_t": prefixed("t", attributes),
        "open_end": _open_end(work, one, key),
        "incoming": one.resolved(extra=work.own_key() if later else "NULL::text AS business_key"),
    }
    bounds = {"later_ids": [one for one, _ in later], "later_ends": [day for _, day in later]}
    work.execute("DROP TABLE IF EXISTS pg_temp.heard, pg_temp.timeline")
    work.file("dimension_heard", names, **bounds)
    if work.result.retraction:
        work.execute("UPDATE heard SET is_gone = true")
        work.execute("INSERT INTO pg_temp.touched SELECT row_no FROM heard")
    elif work.delivery.mode == "full" and dated and work.keys_readable:
        names |= {"incoming_all": work.everything(one), "in_scope": in_scope(work, one)}
        work.result.closed += work.file("dimension_absent", names, **bounds)
    work.file("dimension_paint", names)
    work.file("dimension_move", names)
    work.file("dimension_insert", names)


def _open_end(work: Work, one: Incoming, key: str) -> str:
    """Until when a delivery's word holds where no snapshot ends it."""
    if work.contract.mode == "full" or one.is_lookup:
        return "'infinity'::date"
    next_version = (
        f"SELECT min(v.valid_from) FROM star.{one.target.name} AS v"
        f" WHERE v.{key} = i.{key} AND v.valid_from > i.valid_from"
    )
    return f"({next_version}), 'infinity'::date"
