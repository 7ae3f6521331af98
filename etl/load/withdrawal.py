"""The withdrawal of a loaded delivery: what it said counts no more, from a commit of its own on.

What is believed is a function of the claims (docs/precedence.md), so a withdrawal takes the
delivery's claims out and believes anew what they were about. Facts whose rows carry their own
rank have no claims of what was outranked: there the deliveries that may have told of the same
rows are staged again from the archive, and speak again. Earlier known times stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract
from etl.database import run_file
from etl.database.locks import Lock
from etl.ledger import Delivery
from etl.load.alias import decide_names
from etl.load.claims import is_periodic, is_ranked
from etl.load.dimension import dimension_names, settle_dimension
from etl.load.fact import fact_names, settle_fact
from etl.load.quarantine import reopen_quarantine
from etl.load.ranked import tell_again, withdrawn_names
from etl.load.targets import Incoming, Target, read_targets
from etl.load.things import viewed
from etl.load.work import Work
from etl.quoting import identifier, identifiers
from etl.stage import fill
from etl.stage.table import create_tables, drop_tables
from etl.validate import recall


@contextmanager
def undoing(ctx: Context) -> Iterator[tuple[sa.Connection, sa.Connection, list[int]]]:
    """A transaction, a connection that makes staging tables others can see, and the deliveries whose tables it made.

    The tables are dropped when the transaction has ended, however it did.
    """
    staged: list[int] = []
    autocommit = ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with autocommit as outside, ctx.engine.connect() as connection:
        try:
            yield connection, outside, staged
        finally:
            if connection.in_transaction():
                connection.rollback()
            for number in staged:
                drop_tables(outside, number, keep_text=True)


def with_repairs(connection: sa.Connection, delivery_id: int) -> list[Delivery]:
    """The delivery and the loaded repairs of its rows, which go with it; the last first."""
    repairs = connection.execute(
        sa.text(
            "WITH RECURSIVE chain (delivery_id) AS (SELECT CAST(:d AS bigint) UNION"
            " SELECT r.delivery_id FROM ledger.delivery AS r JOIN chain AS c ON r.repairs = c.delivery_id"
            " WHERE r.state = 'loaded') SELECT delivery_id FROM chain ORDER BY delivery_id DESC"
        ),
        {"d": delivery_id},
    ).scalars()
    return [ledger.get(connection, number) for number in repairs]


def take_back(
    ctx: Context,
    connection: sa.Connection,
    outside: sa.Connection,
    delivery: Delivery,
    staged: list[int],
    **changes: Any,
) -> Delivery:
    """Withdraw one loaded delivery in the connection's transaction; returns it as the ledger has it then.

    `staged` gets the deliveries whose staging tables were made, `changes` go into the ledger's
    row. Raises IllegalMove if the delivery is not loaded.
    """
    contract = ledger.contract_of(ctx, connection, delivery)
    work = Work(connection, delivery, contract)
    ledger.lock_feed(connection, delivery)
    shared = "" if work.names_told else "_shared"
    work.execute(f"SELECT pg_advisory_xact_lock{shared}(:a, 0)", a=Lock.KEYS)
    work.execute(
        "CREATE TEMP TABLE IF NOT EXISTS told (row_no int, is_touched boolean, is_believed boolean, outranked_by bigint)"
        " ON COMMIT DROP"
    )
    targets = read_targets(connection)
    create_tables(outside, contract, delivery.delivery_id, text=False)
    staged.append(delivery.delivery_id)
    ranked = _ranked(work, targets)
    again = _tellers(ctx, work, outside, ranked, staged) if ranked else []
    concerned = [target for target in targets.values() if _set_apart(work, target)]
    work.values["seq"] = work.execute("SELECT ledger.reserve_commit()").scalar_one()
    withdrawn = ledger.advance(
        connection, delivery.delivery_id, verb="withdraw", state="withdrawn",
        withdrawn_seq=work.values["seq"], **changes,
    )  # fmt: skip
    for target in concerned:
        names = _names(target)
        work.file("withdraw_claims", names)
        work.file("withdraw_leave", names)
    for table in ("claim", "scope", "confirmed"):
        work.execute(f"DELETE FROM ledger.{table} WHERE delivery_id = :delivery_id")
    for target in sorted(concerned, key=lambda target: target.kind):  # dimensions first
        _settle(work, target)
    for other, query in again:
        _speak_again(other, query, targets, work.values["seq"])
    for query in contract.loads:
        if query.kind == "alias":
            decide_names(work, query.target, targets)
    reopen_quarantine(work, ranked)
    work.drop_views()
    work.execute("CALL ledger.commit_in_order(:seq, :delivery_id)")
    return withdrawn


def changes_of_commit(connection: sa.Connection, seq: int) -> dict[str, dict[str, int]]:
    """By table of the star, how many things are `new`, `changed` and `closed` since a commit."""
    changed = {}
    for target in read_targets(connection).values():
        names = {"target": target.name, "key": identifiers(target.business_key)}
        rows = run_file(connection, "load/commit_changes.sql", names, seq=seq)
        counts = dict(rows.mappings().one())
        if any(counts.values()):
            changed[target.name] = counts
    return changed


def _ranked(work: Work, targets: dict[str, Target]) -> Target | None:
    """The fact of a feed whose rows carry their own rank."""
    told = [
        Incoming.of(
            work.connection, query, targets[query.target], work.rows_of(query),
            has_source_time=work.contract.source_time is not None,
        )
        for query in work.contract.loads if query.kind == "target"
    ]  # fmt: skip
    work.drop_views()
    counted = [incoming for incoming in told if not incoming.is_lookup]
    return counted[0].target if is_ranked(work, counted) else None


def _tellers(
    ctx: Context, work: Work, outside: sa.Connection, fact: Target, staged: list[int]
) -> list[tuple[Work, Any]]:
    """Deliveries that may have told of the withdrawn one's rows, staged again; each with its query of the fact."""
    names = withdrawn_names(work, fact)
    work.execute("DROP TABLE IF EXISTS pg_temp.withdrawn_rows")
    work.file("withdraw_concerned_ranked", names)
    again = []
    for (number,) in work.query("withdraw_tellers", names).all():
        if number == work.delivery.delivery_id:
            continue
        other = ledger.get(work.connection, number)
        contract: Contract = ledger.contract_of(ctx, work.connection, other)
        query = next(
            (q for q in contract.loads if q.kind == "target" and q.target == fact.name), None
        )
        if query is None:
            continue
        fill(ctx, work.connection, other, contract, tables_by=outside)
        staged.append(number)
        recall(work.connection, other, contract)
        again.append((Work(work.connection, other, contract), query))
    return again


def _speak_again(work: Work, query: Any, targets: dict[str, Target], seq: int) -> None:
    """Of a delivery staged again, the rows that the withdrawn one was about."""
    work.values |= {"seq": seq, "target": query.target}
    work.count_bad()
    target, fields = targets[query.target], work.contract.by_name
    rows = work.rows_of(query)
    sent = {column: identifier(fields[column].column or column) for column in target.business_key}
    same_row = " AND ".join(f"s.{name} = k.{identifier(column)}" for column, name in sent.items())
    with work.staging(
        f"{work.good} AND EXISTS (SELECT FROM pg_temp.withdrawn_rows AS k WHERE {same_row})"
    ):
        incoming = Incoming.of(
            work.connection, query, target, rows, has_source_time=True
        )  # fmt: skip
        tell_again(work, viewed(work, incoming, sent=True))
    work.drop_views()


def _set_apart(work: Work, target: Target) -> bool:
    """Note what of a target the withdrawal may decide about; whether there is anything."""
    work.values["target"] = target.name
    work.execute("DROP TABLE IF EXISTS pg_temp.concerned")
    work.file("withdraw_concerned", _names(target))
    rows = work.execute("SELECT EXISTS (SELECT FROM pg_temp.concerned)").scalar_one()
    if rows:
        work.execute(f"DROP TABLE IF EXISTS pg_temp.concerned_{target.name}")
        work.execute(f"ALTER TABLE pg_temp.concerned RENAME TO concerned_{target.name}")
    return bool(rows)


def _settle(work: Work, target: Target) -> None:
    work.values |= {
        "target": target.name,
        "is_retraction": False,
        "told_before": True,
        "is_periodic": is_periodic(target),
    }
    work.execute("DROP TABLE IF EXISTS pg_temp.concerned")
    work.execute(f"ALTER TABLE pg_temp.concerned_{target.name} RENAME TO concerned")
    if target.kind == "dimension":
        settle_dimension(work, dimension_names(target))
    else:
        settle_fact(work, fact_names(target))


def _names(target: Target) -> dict[str, str]:
    dated = ("valid_from", "valid_to") if target.kind == "dimension" else ()
    key = target.business_key
    return {
        "target": target.name,
        "key": identifiers(key),
        **{f"key_{a}": identifiers(key, a) for a in "tco"},
        "columns": identifiers((*target.columns, *dated)),
    }
