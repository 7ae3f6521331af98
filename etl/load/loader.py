"""The order of a load: bad rows, keys, commit number, targets, commit."""

from __future__ import annotations

import json
from dataclasses import replace

from etl import ledger
from etl.load.alias import load_alias
from etl.load.dimension import load_dimension
from etl.load.fact import load_fact, open_fact
from etl.load.work import Loaded, Work
from etl.targets import Incoming, Target, read_targets
from etl.validate import DUPLICATE, business_key, key_columns


def run_load(work: Work) -> Loaded:
    """Do the whole load in the work's transaction; the caller commits."""
    work.execute("SELECT pg_advisory_xact_lock(:a, hashtext(:feed))", a=ledger.LOAD)
    # Whoever may change the meaning of keys waits for those who use them, and they for it.
    shared = "" if any(query.kind == "alias" for query in work.contract.loads) else "_shared"
    work.execute(f"SELECT pg_advisory_xact_lock{shared}(:a, 0)", a=ledger.KEYS)
    work.execute("CREATE TEMP TABLE touched (row_no int) ON COMMIT DROP")
    _quarantine(work)
    targets = read_targets(work.connection)
    incoming = _register(work, targets)
    for one in incoming:
        if one.target.kind == "fact":
            open_fact(work, one.target)
    # After registries and facts: a load that holds a number waits for no other one's keys or facts.
    work.values["seq"] = work.result.seq = work.execute(
        "SELECT ledger.reserve_commit()"
    ).scalar_one()
    counted = [one for one in incoming if not one.is_lookup]
    for one in incoming:
        if one.target.kind == "dimension":
            load_dimension(work, one)
        else:
            load_fact(work, one, only=len(counted) == 1 and _row_for_row(work, one))
    for query in work.contract.loads:
        if query.kind == "alias":
            load_alias(work, query, targets)
    if not work.result.touched:
        work.result.touched = work.execute(
            "SELECT count(DISTINCT row_no) FROM pg_temp.touched WHERE row_no IS NOT NULL"
        ).scalar_one()
    work.execute("CALL ledger.commit_in_order(:seq, :delivery_id)")
    return work.result


def _quarantine(work: Work) -> None:
    """Bad rows become quarantine entries; entries that this delivery answers are closed."""
    counts = work.execute(
        "SELECT count(DISTINCT row_no) FILTER (WHERE rule <> :duplicate) AS quarantined,"
        f" count(DISTINCT row_no) AS bad FROM {work.bad}",
        duplicate=DUPLICATE,
    ).one()
    work.result.quarantined = counts.quarantined
    work.result.duplicate = counts.bad - counts.quarantined
    names = {"table": work.table, "bad": work.bad, "business_key": business_key(work.contract)}
    if work.result.quarantined:
        rules = [
            {
                "rule": rule.id,
                "columns": list(rule.columns),
                "message_zh": rule.text_zh,
                "message_en": rule.text_en,
            }
            for rule in work.contract.rules
        ]
        work.file("quarantine", names, rules=json.dumps(rules, ensure_ascii=False))
    some_open = work.execute(
        "SELECT EXISTS (SELECT FROM ledger.quarantine WHERE feed = :feed AND resolved_by IS NULL"
        " AND delivery_id <> :delivery_id)"
    ).scalar_one()
    if some_open:
        work.file("close_quarantine", names)


def _register(work: Work, targets: dict[str, Target]) -> list[Incoming]:
    """Give every thing that the delivery names its key."""
    incoming: list[Incoming] = []
    for query in work.contract.loads:
        if query.kind == "target":
            select = work.select(query)
            one = Incoming.of(work.connection, query, targets[query.target], select, work.values)
            if one.is_lookup:
                # A few members out of all rows, asked for several times from here on.
                name = f"lookup_{len(incoming)}"
                work.file("lookup", {"name": name, "select": select})
                one = replace(one, select=f"SELECT * FROM pg_temp.{name}")
            incoming.append(one)
            ids = {column for _, column in one.registries}
            if ids:
                work.execute("DROP TABLE IF EXISTS pg_temp.heard_ids")
                work.file("hear_ids", {"ids": ", ".join(sorted(ids)), "select": one.select})
            for registry, column in one.registries:
                work.file("register_ids", {"registry": registry, "id": column})
    return incoming


def _row_for_row(work: Work, one: Incoming) -> bool:
    """Whether a staged row makes at most one row of the target, so that counting those is enough."""
    return {one.source(c) for c in one.target.business_key} == set(key_columns(work.contract))
