"""Claims: what the delivery says of each thing, kept whether it is believed or not (docs/precedence.md)."""

from __future__ import annotations

from etl.contract.deliveries import FULL_SHARE
from etl.contract.limits import passes_row_by_row
from etl.load.scope import own_time, scope_columns
from etl.load.targets import Incoming, Target
from etl.load.things import bind_kept_out, bind_things, count_unreadable
from etl.load.work import MESSAGES, Work
from etl.quoting import identifier, identifiers


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


def keep_claims(work: Work, *, rows: bool) -> None:
    """Enter the claims of the delivery's things; without `rows` only those that the star's rows do not tell."""
    if rows or work.result.retraction:
        bind_things(work)
        work.file("claim_rows", {}, kind="retracted" if work.result.retraction else "row")
    if work.result.quarantined:
        bind_kept_out(work)
        work.file("claim_unreadable", {})


def keep_values(work: Work, incoming: Incoming) -> None:
    """Enter what the load query made of the delivery's rows."""
    target = incoming.target
    columns = target.value_columns
    names = {
        "target": target.name,
        "columns": identifiers(columns),
        "columns_i": identifiers(columns, "i"),
        "incoming": incoming.view,
    }
    if incoming.is_lookup:
        key = target.business_key[0]
        attributes = [column for column in target.columns if column != key]
        names |= {"key": identifier(key)}
        names |= {f"attributes_{a}": identifiers(attributes, a) for a in "vi"}
        work.file("claim_members", names)
    else:
        work.file("claim_values", names | {"scope_i": identifiers(scope_of(work, incoming), "i")})


def keep_scope(work: Work, incoming: Incoming) -> bool:
    """Enter what this full snapshot speaks of; returns whether absence follows from it."""
    if work.delivery.mode != "full" or incoming.is_lookup:
        return False
    closes = not count_unreadable(work)
    scope = scope_columns(work, incoming)
    names = {"scope_s": identifiers(scope, "s"), "spoken": _spoken(work, incoming)}
    rule = work.contract.delivery_rule("volume")
    share = rule.share if rule else FULL_SHARE
    with work.staging("true"):  # those in quarantine are there, too
        work.file("claim_scope", names, target=incoming.target.name, share=share, closes=closes)
    if not scope:
        # Also a snapshot of rows that lead to nothing speaks of everything.
        work.execute(
            "INSERT INTO ledger.scope (delivery_id, target, scope, things, min_share, holds_from, closes)"
            " VALUES (:delivery_id, :target, '[]', 0, 0, :period_end, :closes) ON CONFLICT DO NOTHING",
            target=incoming.target.name,
            closes=closes,
        )
    return closes


def _spoken(work: Work, incoming: Incoming) -> str:
    """The view of a snapshot's rows: whether each is of the snapshot's own period, and since when it says so."""
    target, times = incoming.target, own_time(incoming.target)
    start, end = (f"DATE '{work.values[day]}'" for day in ("period_start", "period_end"))
    is_own = "true"
    if times:
        own = f"i.{identifier(times[0])}"
        year = f"{own} = extract(year FROM {end})"
        is_own = year if times[0] == "year" else f"{own} BETWEEN {start} AND {end}"
    # A row may hold since ever (a handling unit); its absence is news of this period.
    holds_from = f"greatest(i.valid_from, {start})" if target.kind == "dimension" else end
    return work.view(
        f"spoken_{work.contract.loads.index(incoming.query)}",
        f"SELECT i.*, {is_own} AS is_own, {holds_from} AS holds_from FROM {incoming.view} AS i",
    )


def warn_of_unreadable(work: Work) -> None:
    """Say that a snapshot closes nothing, and why."""
    if work.delivery.mode != "full" or not count_unreadable(work):
        return
    rows = count_unreadable(work)
    work.result.reasons.append(MESSAGES.reason("absence_unknown", rows=rows))


def scope_of(work: Work, incoming: Incoming) -> list[str]:
    """The columns of the scope that a row of the target belongs to; none for a feed whose snapshots are whole."""
    return scope_columns(work, incoming) if work.contract.mode == "full" else []


def is_periodic(target: Target) -> bool:
    """Whether the target's rows have a month or year of their own."""
    return bool(own_time(target))


def row_for_row(work: Work, incoming: Incoming) -> bool:
    """Whether the target's key is the feed's key, column by column and as it is: a thing always leads to the same row."""
    keys = {incoming.source(c) for c in incoming.target.business_key}
    return keys == set(work.contract.key) and passes_row_by_row(incoming.query.sql, keys)
