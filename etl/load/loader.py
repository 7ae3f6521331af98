"""The order of a load: bad rows, keys, claims, commit number, targets, names, commit."""

from __future__ import annotations

from dataclasses import replace

from etl import ledger
from etl.database.locks import Lock
from etl.load.alias import load_aliases
from etl.load.apart import keep_apart, renamed
from etl.load.claims import (
    is_ranked,
    keep_claims,
    keep_scope,
    keep_values,
    row_for_row,
    warn_of_unreadable,
)
from etl.load.closing import check_closing
from etl.load.dimension import load_dimension
from etl.load.doubtful import keep_doubtful
from etl.load.fact import load_fact, open_fact
from etl.load.lookups import tell_disputed
from etl.load.quarantine import close_quarantine, enter_quarantine
from etl.load.ranked import load_ranked
from etl.load.registers import check_registers
from etl.load.separate import separate
from etl.load.targets import Incoming, Target, read_targets
from etl.load.things import bind_readable, viewed
from etl.load.unknown import hold_unknown, resume
from etl.load.work import MESSAGES, Loaded, Work
from etl.quoting import identifier, identifiers


def run_load(work: Work) -> Loaded:
    """Do the whole load in the work's transaction; the caller commits. Raises Held if it must wait."""
    work.report()
    ledger.lock_feed(work.connection, work.delivery)
    # Whoever may change the meaning of keys waits for those who use them, and they for it.
    shared = "" if work.names_told else "_shared"
    work.execute(f"SELECT pg_advisory_xact_lock{shared}(:a, 0)", a=Lock.KEYS)
    check_registers(work)
    work.execute(
        "CREATE TEMP TABLE told (row_no int, is_touched boolean, is_believed boolean, outranked_by bigint) ON COMMIT DROP"
    )
    targets = read_targets(work.connection)
    work.count_bad()
    keep_apart(work, targets)
    all_incoming = _register(work, targets)
    if work.result.retraction:  # what is taken back tells of no members
        all_incoming = [incoming for incoming in all_incoming if not incoming.is_lookup]
    counted = [incoming for incoming in all_incoming if not incoming.is_lookup]
    # Ids that are kept apart are not those that the file's keys show, which a ranked fact compares.
    ranked = is_ranked(work, counted) and not work.apart
    all_incoming = [
        viewed(work, incoming, sent=ranked and not incoming.is_lookup) for incoming in all_incoming
    ]
    counted = [incoming for incoming in all_incoming if not incoming.is_lookup]
    if not ranked and separate(work, counted):
        work.bind_staging()
    in_star = counted[0].target if ranked else None
    hold_unknown(work, in_star)
    enter_quarantine(work)
    for incoming in all_incoming:
        if incoming.target.kind == "fact":
            open_fact(work, incoming.target)
    keep_claims(work, rows=not ranked)
    for incoming in all_incoming:
        if incoming.is_lookup or not ranked:
            keep_values(work, incoming)
    keep_doubtful(work, counted)
    warn_of_unreadable(work)
    closing = {incoming.target.name for incoming in counted if keep_scope(work, incoming)}
    # After registries and facts: a load that holds a number waits for no other one's keys or facts.
    work.values["seq"] = work.result.seq = work.execute(
        "SELECT ledger.reserve_commit()"
    ).scalar_one()
    for incoming in all_incoming:
        work.report(incoming.target.name)
        closes = incoming.target.name in closing
        told_before = not incoming.is_lookup and not row_for_row(work, incoming)
        if incoming.target.kind == "dimension":
            load_dimension(work, incoming, closes=closes, told_before=told_before)
        elif ranked:
            load_ranked(work, incoming)
        else:
            load_fact(work, incoming, closes=closes, told_before=told_before)
        if closes:
            check_closing(work, incoming.target)
    load_aliases(work, targets)
    close_quarantine(work, in_star)
    _count(work, ranked)
    resume(work, in_star)
    work.drop_views()
    work.execute("CALL ledger.commit_in_order(:seq, :delivery_id)")
    return work.result


def _register(work: Work, targets: dict[str, Target]) -> list[Incoming]:
    """Give every thing that the delivery names its key."""
    all_incoming: list[Incoming] = []
    for query in work.contract.loads:
        if query.kind == "target":
            incoming = Incoming.of(
                work.connection,
                query,
                targets[query.target],
                work.rows_of(query),
                has_source_time=work.contract.source_time is not None,
            )
            incoming = renamed(work, incoming)
            if incoming.is_lookup:
                # A few members out of all rows, asked for several times from here on.
                name = f"lookup_{len(all_incoming)}"
                work.file("lookup", {"name": name, "rows": incoming.rows})
                incoming = replace(incoming, rows=f"pg_temp.{name}")
                tell_disputed(work, incoming)
            all_incoming.append(incoming)
            ids = {column for _, column in incoming.registries}
            if ids:
                work.execute("DROP TABLE IF EXISTS pg_temp.named_ids")
                work.file("named_ids", {"ids": identifiers(sorted(ids)), "rows": incoming.rows})
            for registry, column in incoming.registries:
                work.file("register_ids", {"registry": registry, "id": identifier(column)})
    for name in work.contract.key:
        field = work.contract.by_name[name]
        if field.register and work.result.quarantined:
            # Names in the keys of rows that are kept out, so that their repair is known by them.
            bind_readable(work)
            column = identifier(str(field.column))
            names = {"registry": field.register.registry, "id": f"s.{column}"}
            work.file("register_names", names)
    return all_incoming


def _count(work: Work, ranked: bool) -> None:
    """How many rows changed anything, and how many say something else than what is believed."""
    result = work.result
    if not ranked:
        counts = work.execute(
            "SELECT count(*) FILTER (WHERE is_touched) AS touched,"
            " count(*) FILTER (WHERE NOT is_touched AND NOT is_believed) AS superseded"
            " FROM (SELECT row_no, bool_or(is_touched) AS is_touched, bool_and(is_believed) AS is_believed"
            " FROM pg_temp.told GROUP BY row_no) AS r"
        ).one()
        result.touched, result.superseded = counts.touched, counts.superseded
    if not result.superseded:
        return
    above = work.execute(
        "SELECT array_agg(DISTINCT outranked_by ORDER BY outranked_by DESC) FROM pg_temp.told"
        " WHERE NOT is_touched AND outranked_by <> :delivery_id"
    ).scalar_one()
    by = "、".join(f"#{number}" for number in (above or [])[:3])
    result.reasons.append(
        MESSAGES.reason(
            "superseded",
            rows=result.superseded,
            by_zh=f" {by} " if by else "",
            by_en=f" ({by})" if by else "",
            details={"deliveries": (above or [])[:50]},
        )
    )
