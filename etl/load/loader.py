"""The order of a load: bad rows, keys, claims, commit number, targets, names, commit."""

from __future__ import annotations

import json
from dataclasses import replace

from etl import ledger
from etl.load.alias import load_aliases
from etl.load.claims import (
    has_names,
    is_ranked,
    keep_claims,
    keep_scope,
    keep_values,
    key_parts,
    warn_of_unreadable,
)
from etl.load.dimension import load_dimension
from etl.load.fact import load_fact, open_fact
from etl.load.ranked import load_ranked
from etl.load.scope import own_time
from etl.load.work import Loaded, Work
from etl.targets import Incoming, Target, read_targets
from etl.validate import DUPLICATE, business_key

LISTED = 50
"""Unknown keys that a held delivery names, and waits for."""


class Unknown(Exception):
    """A correction or retraction names things of which nobody has told; `reason` says which."""

    def __init__(self, reason: dict[str, object]) -> None:
        super().__init__(reason["message_en"])
        self.reason = reason


def run_load(work: Work) -> Loaded:
    """Do the whole load in the work's transaction; the caller commits. Raises Unknown before anything is written."""
    ledger.lock_feed(work.connection, work.delivery)
    # Whoever may change the meaning of keys waits for those who use them, and they for it.
    shared = "" if any(query.kind == "alias" for query in work.contract.loads) else "_shared"
    work.execute(f"SELECT pg_advisory_xact_lock{shared}(:a, 0)", a=ledger.KEYS)
    work.execute(
        "CREATE TEMP TABLE told (row_no int, is_touched boolean, is_believed boolean, outranked_by bigint) ON COMMIT DROP"
    )
    targets = read_targets(work.connection)
    _count_bad(work)
    incoming = _register(work, targets)
    counted = [one for one in incoming if not one.is_lookup]
    ranked = is_ranked(work, counted)
    if not ranked and _separate(work, counted):
        incoming = [
            one if one.is_lookup else replace(one, select=work.select(one.query))
            for one in incoming
        ]
        counted = [one for one in incoming if not one.is_lookup]
    _hold_unknown(work, counted if ranked else [])
    _quarantine(work)
    for one in incoming:
        if one.target.kind == "fact":
            open_fact(work, one.target)
    keep_claims(work, rows=not ranked)
    for one in incoming:
        if one.is_lookup or not ranked:
            keep_values(work, one)
    warn_of_unreadable(work)
    closing = {one.target.name for one in counted if keep_scope(work, one)}
    # After registries and facts: a load that holds a number waits for no other one's keys or facts.
    work.values["seq"] = work.result.seq = work.execute(
        "SELECT ledger.reserve_commit()"
    ).scalar_one()
    for one in incoming:
        closes = one.target.name in closing
        told_before = not one.is_lookup and not _row_for_row(work, one)
        if one.target.kind == "dimension":
            load_dimension(work, one, closes=closes, told_before=told_before)
        elif ranked:
            load_ranked(work, one)
        else:
            load_fact(work, one, closes=closes, told_before=told_before)
    load_aliases(work, targets)
    _close_quarantine(work, counted, ranked)
    _count(work, ranked)
    work.file("resume", {"not_in_star": _not_in_star(counted if ranked else [])})
    work.execute("CALL ledger.commit_in_order(:seq, :delivery_id)")
    return work.result


def _count_bad(work: Work) -> None:
    counts = work.execute(
        "SELECT count(DISTINCT row_no) FILTER (WHERE rule <> :duplicate) AS quarantined,"
        f" count(DISTINCT row_no) AS bad FROM {work.bad}",
        duplicate=DUPLICATE,
    ).one()
    work.result.quarantined = counts.quarantined
    work.result.duplicate = counts.bad - counts.quarantined


def _separate(work: Work, counted: list[Incoming]) -> int:
    """Keep out rows that are one thing, or one row of the star, once names are resolved; returns how many."""
    found = 0
    names = {"table": work.table, "bad": work.bad, "business_key": business_key(work.contract)}
    if has_names(work):
        key, joins = key_parts(work, resolved=True)
        content = ", ".join(
            f"s.{field.column}" for field in work.contract.staged if not field.register
        )
        rows = (
            f"SELECT s.row_no, {key} AS key, ROW({content})::text AS content,"
            f" {business_key(work.contract, 's')} AS said FROM {work.table} AS s {joins} WHERE {work.good}"
        )
        found += work.file("collisions", names | {"incoming": rows, "key": "i.key"}, rule="key")
        _count_bad(work)
    for one in counted:
        if _row_for_row(work, one) and not has_names(work):
            continue
        key_columns = [*one.target.business_key]
        if one.target.kind == "dimension":
            key_columns.append("valid_from")
        content = ", ".join(f"r.{column}" for column in one.target.columns)
        rows = (
            f"SELECT r.row_no, {', '.join(f'r.{c}' for c in key_columns)}, ROW({content})::text AS content,"
            f" {business_key(work.contract, 's')} AS said"
            f" FROM ({one.resolved(work.select(one.query))}) AS r JOIN {work.table} AS s ON s.row_no = r.row_no"
        )
        key = ", ".join(f"i.{c}" for c in key_columns)
        found += work.file("collisions", names | {"incoming": rows, "key": key}, rule="key")
        _count_bad(work)
    if found:
        rule = next(rule for rule in work.contract.rules if rule.id == "key")
        work.result.reasons.append(
            {
                "rule": "same_thing",
                "severity": "error",
                "rows": found,
                "message_zh": f"名称解析后，{found} 行与同一批次的其他行是同一对象：{rule.text_zh}",
                "message_en": f"With names resolved, {found} rows are the same thing as others of this file: {rule.text_en}",
            }
        )
    return found


def _hold_unknown(work: Work, in_star: list[Incoming]) -> None:
    """A correction or retraction of things that nobody knows is held, unless it may repair an unreadable key."""
    if not work.is_act or work.delivery.released_by:
        return
    repairs = work.execute(
        "SELECT EXISTS (SELECT FROM ledger.quarantine AS q JOIN ledger.delivery AS d USING (delivery_id)"
        " WHERE q.feed = :feed AND q.key IS NULL AND q.resolved_by IS NULL AND d.period_end = :period_end)"
    ).scalar_one()
    if repairs:
        return
    key, joins = key_parts(work, resolved=True)
    names = {"table": work.table, "key": key, "joins": joins, "good": work.good}
    names["not_in_star"] = _not_in_star(in_star)
    found = work.query("known_keys", names)
    unknown = [row[0] for row in found]
    if unknown:
        shown = "、".join(_shown(key) for key in unknown[:5])
        raise Unknown(
            {
                "rule": "unknown_key",
                "severity": "error",
                "rows": len(unknown),
                "keys": unknown[:LISTED],
                "found": shown,
                "message_zh": f"更正或撤回的 {len(unknown)} 个对象从未报送过：{shown}。原件到达后自动继续。",
                "message_en": f"{len(unknown)} things to be corrected or retracted were never told of: {shown}."
                " It goes on by itself when they arrive.",
                "fix_zh": f"核对主键；确认无误可运行 minsheng release {work.delivery.delivery_id}。",
                "fix_en": f"Check the key; if it is right, minsheng release {work.delivery.delivery_id}.",
            }
        )


def _not_in_star(in_star: list[Incoming]) -> str:
    """SQL on `k.key`: that no row of the star, now or before, has it; for facts that keep no claim of each row."""
    conditions = []
    for one in in_star:
        columns = [f"c.{column}" for column in one.target.business_key]
        same = f"jsonb_build_array({', '.join(columns)}) = k.key"
        if len(columns) == 1:
            same = f"{columns[0]} = k.key ->> 0"
        conditions.append(f"AND NOT EXISTS (SELECT FROM known.{one.target.name} AS c WHERE {same})")
    return " ".join(conditions)


def _shown(key: object) -> str:
    parts = key if isinstance(key, list) else [key]
    return "|".join(str(next(iter(p.values())) if isinstance(p, dict) else p) for p in parts)


def _quarantine(work: Work) -> None:
    """Bad rows become quarantine entries, each with every reason."""
    if not work.result.quarantined:
        return
    rules = [
        {
            "rule": rule.id,
            "columns": list(rule.columns),
            "message_zh": rule.text_zh,
            "message_en": rule.text_en,
        }
        for rule in work.contract.rules
    ]
    names = {"bad": work.bad}
    work.file("quarantine", names, rules=json.dumps(rules, ensure_ascii=False))


def _close_quarantine(work: Work, counted: list[Incoming], ranked: bool) -> None:
    """Close the entries that a readable row of the same thing outranks."""
    some_open = work.execute(
        "SELECT EXISTS (SELECT FROM ledger.quarantine WHERE feed = :feed AND resolved_by IS NULL)"
    ).scalar_one()
    if not some_open:
        return
    periodic = "true" if any(own_time(one.target) for one in counted) else "false"
    if ranked:
        target = counted[0].target
        key = target.business_key
        names = {
            "target": target.name,
            "key_json": f"jsonb_build_array({', '.join(f'c.{k}' for k in key)})",
            "key_text": f"c.{key[0]} = q.key ->> 0" if len(key) == 1 else "true",
        }
        work.file("close_quarantine_ranked", names)
        return
    repairs = (
        "l.feed = q.feed AND l.key = q.key AND l.kind = 'row'"
        f" AND ledger.rank_of(true, l.source_at, {periodic}, d) > ledger.rank_of(true, u.source_at, {periodic}, e)"
        " AND (NOT :is_snapshot OR d.period_end = e.period_end AND d.period_start = e.period_start)"
    )
    work.file("close_quarantine", {"repairs": repairs, "is_periodic": periodic})


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
    """Whether the target's key is the feed's key, column by column: a thing then always leads to the same row."""
    return {one.source(c) for c in one.target.business_key} == set(work.contract.key)


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
        {
            "rule": "superseded",
            "severity": "info",
            "rows": result.superseded,
            "deliveries": (above or [])[:50],
            "message_zh": f"{result.superseded} 行未采用：优先次序更高的批次{by and ' ' + by}另有说法。",
            "message_en": f"{result.superseded} rows do not count: deliveries that outrank this one{by and ' (' + by + ')'} say otherwise.",
        }
    )
