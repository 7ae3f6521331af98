"""Claims: what the delivery says of each thing, kept whether it is believed or not (docs/precedence.md)."""

from __future__ import annotations

from etl.contract.deliveries import FULL_SHARE
from etl.contract.limits import passes_row_by_row
from etl.database import identifier, identifiers
from etl.load.scope import own_time, scope_columns
from etl.load.targets import Incoming, Target
from etl.load.work import MESSAGES, Work


def is_ranked(work: Work, counted: list[Incoming]) -> bool:
    """Whether the star's row carries all that precedence needs, so that no claim is kept of each row.

    So where the rows of one fact are the rows of the feed, and the source tells its time; a
    feed of full snapshots keeps its claims, since absence needs to know who mentioned what.
    """
    modes = {work.contract.mode, *(mode for _, mode in work.contract.modes)}
    if len(counted) != 1 or work.contract.source_time is None or "full" in modes:
        return False
    only = counted[0]
    return (
        only.target.kind == "fact"
        and "source_at" in only.target.columns
        and row_for_row(work, only)
        and not set(only.target.business_key) & set(only.target.refs)
    )


def key_parts(work: Work, *, resolved: bool) -> tuple[str, str]:
    """The business key of `s`, a staged row, as JSON; and the joins that resolve the names in it."""
    parts, joins = [], []
    for name in work.contract.key:
        field = work.contract.by_name[name]
        column = f"s.{identifier(field.column or name)}"
        registry = field.register.registry if field.register else None
        if registry is None:
            parts.append(f"to_jsonb({column})")
        elif resolved:
            known = f"k_{name}"
            joins.append(
                f"LEFT JOIN registry.{registry} AS {known} ON {known}.{registry}_id = {column}"
            )
            key = f"coalesce(to_jsonb({known}.{registry}_key), to_jsonb({column}))"
            parts.append(f"jsonb_build_object('{registry}', {key})")
        else:
            parts.append(f"jsonb_build_object('{registry}', {column})")
    return f"jsonb_build_array({', '.join(parts)})", " ".join(joins)


def has_names(work: Work) -> bool:
    """Whether a part of the business key is a name that a register resolves."""
    return any(work.contract.by_name[name].register for name in work.contract.key)


def keep_claims(work: Work, *, rows: bool) -> None:
    """Enter the claims of the delivery's things; without `rows` only those that the star's rows do not tell."""
    key, joins = key_parts(work, resolved=True)
    sent = key_parts(work, resolved=False)[0] if has_names(work) else "CAST(NULL AS jsonb)"
    names = {
        "table": work.table,
        "bad": work.bad,
        "key": key,
        "sent": sent,
        "joins": joins,
        "source_at": work.source_time,
        "readable": work.key_is_readable,
        "good": work.good,
    }
    if rows or work.result.retraction:
        kind = "retracted" if work.result.retraction else "row"
        work.file("claim_rows", names, kind=kind)
    if work.result.quarantined:
        work.file("claim_unreadable", names)


def keep_values(work: Work, incoming: Incoming) -> None:
    """Enter what the load query made of the delivery's rows."""
    columns = [*incoming.target.columns, *incoming.id_columns]
    if incoming.target.kind == "dimension":
        columns.append("valid_from")
    names = {
        "target": incoming.target.name,
        "columns": identifiers(columns),
        "columns_i": identifiers(columns, "i"),
        "scope": scope_of(work, incoming, "i"),
        "incoming": incoming.resolved(ids=True),
    }
    if incoming.is_lookup:
        # Who only repeats a derived member has said nothing.
        attributes = [c for c in incoming.target.columns if c != incoming.target.business_key[0]]
        key = identifier(incoming.target.business_key[0])
        names["incoming"] = (
            f"SELECT i.* FROM ({names['incoming']}) AS i WHERE NOT EXISTS (SELECT FROM star.{incoming.target.name} AS v"
            f" WHERE v.{key} = i.{key} AND v.valid_from <= i.valid_from AND i.valid_from < v.valid_to"
            f" AND ({identifiers(attributes, 'v')}) IS NOT DISTINCT FROM ({identifiers(attributes, 'i')}))"
        )
    work.file("claim_values", names)


def keep_scope(work: Work, incoming: Incoming) -> bool:
    """Enter what this full snapshot speaks of; returns whether absence follows from it."""
    if work.delivery.mode != "full" or incoming.is_lookup:
        return False
    closes = not work.unreadable_keys
    times = own_time(incoming.target)
    own = [f"i.{identifier(column)}" for column in times]
    period = (
        f"{own[0]} = extract(year FROM CAST(:period_end AS date))"
        if times and times[0] == "year"
        else f"{own[0]} BETWEEN :period_start AND :period_end"
        if own
        else "true"
    )
    # A row may hold since ever (a handling unit); its absence is news of this period.
    day = (
        "greatest(max(i.valid_from), CAST(:period_start AS date))"
        if incoming.target.kind == "dimension"
        else "CAST(:period_end AS date)"
    )
    names = {
        "scope": scope_of(work, incoming, "i"),
        "incoming": incoming.resolved(),
        "is_own": f"bool_and({period})",
        "day": day,
        "complete": " AND ".join(
            f"i.{identifier(c)} IS NOT NULL" for c in scope_columns(work, incoming)
        )
        or "true",
    }
    rule = work.contract.delivery_rule("volume")
    share = rule.share if rule else FULL_SHARE
    with work.staging("true"):  # those in quarantine are there, too
        work.file("claim_scope", names, target=incoming.target.name, share=share, closes=closes)
    if not scope_columns(work, incoming):
        # Also a snapshot of rows that lead to nothing speaks of everything.
        work.execute(
            "INSERT INTO ledger.scope (delivery_id, target, scope, things, min_share, holds_from, closes)"
            " VALUES (:delivery_id, :target, '[]', 0, 0, :period_end, :closes) ON CONFLICT DO NOTHING",
            target=incoming.target.name,
            closes=closes,
        )
    return closes


def warn_of_unreadable(work: Work) -> None:
    """Say that a snapshot closes nothing, and why."""
    if work.delivery.mode != "full" or not work.unreadable_keys:
        return
    rows = work.unreadable_keys
    work.result.reasons.append(MESSAGES.reason("absence_unknown", rows=rows))


def scope_of(work: Work, incoming: Incoming, alias: str) -> str:
    """The scope that a row of the target belongs to, as JSON; empty for a feed whose snapshots are whole."""
    if work.contract.mode != "full" or incoming.is_lookup:
        return "CAST('[]' AS jsonb)"
    return f"jsonb_build_array({identifiers(scope_columns(work, incoming), alias)})"


def is_periodic(target: Target) -> str:
    """SQL boolean: whether the target's rows have a month or year of their own."""
    return "true" if own_time(target) else "false"


def row_for_row(work: Work, incoming: Incoming) -> bool:
    """Whether the target's key is the feed's key, column by column and as it is: a thing always leads to the same row."""
    keys = {incoming.source(c) for c in incoming.target.business_key}
    return keys == set(work.contract.key) and passes_row_by_row(incoming.query.sql, keys)


def not_in_star(in_star: list[Incoming], alias: str = "k", further: str = "") -> str:
    """SQL on `<alias>.key`: that no row of the star, now or before, has it; for facts that keep no claim of each row."""
    conditions = []
    for incoming in in_star:
        columns = [f"c.{identifier(column)}" for column in incoming.target.business_key]
        same = f"jsonb_build_array({', '.join(columns)}) = {alias}.key"
        if len(columns) == 1:
            same = f"{columns[0]} = {alias}.key ->> 0"
        conditions.append(
            f"AND NOT EXISTS (SELECT FROM known.{incoming.target.name} AS c WHERE {same} {further})"
        )
    return " ".join(conditions)
