"""A contract tried in the warehouse: a delivery without rows is judged and loaded, and all of it undone.

PostgreSQL reads every statement that the contract leads to, with its names and types, as it
would on the day of the first delivery; what it does not like is told with its place.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from etl import ledger
from etl.contract import Contract, Problem
from etl.contract.model import SQL_RULE
from etl.contract.reader import load_path
from etl.contract.trial import try_contract as try_queries
from etl.errors import MinshengError
from etl.ledger import Delivery
from etl.load.loader import run_load
from etl.load.targets import Incoming, read_targets
from etl.load.work import Held, Work
from etl.stage.table import bad_table_name, create_tables, drop_tables, table_name
from etl.validate import note_nothing, second_ids

_FIX = "见 docs/adding-a-feed.md / see docs/adding-a-feed.md"
_RUNS = "能装入目标表的 SELECT / a SELECT that its table takes"


def try_contract(
    connection: sa.Connection, contract: Contract, mode: str = "delta"
) -> list[Problem]:
    """What the database finds wrong with queries, conditions and the load; nothing is left behind.

    `mode` of the delivery that is tried: an empty full snapshot would end all that the feed has told of.
    """
    problems = [*try_queries(connection, contract), *_refused_rules(contract)]
    if problems:
        return problems
    attempt = connection.begin_nested()
    try:
        delivery = _delivery(connection, contract, mode)
        create_tables(connection, contract, delivery.delivery_id)
        note_nothing(connection, delivery, contract)
        names = table_name(delivery.delivery_id), bad_table_name(delivery.delivery_id)
        second_ids.find(connection, delivery, contract, *names)
        problems = _try_targets(connection, delivery, contract)
        if not problems:
            run_load(Work(connection, delivery, contract))
            drop_tables(connection, delivery.delivery_id)
    except Held:
        pass
    except (sa.exc.DBAPIError, MinshengError) as error:
        problems = [Problem(str(contract.path), "", _database_words(error), _RUNS, _FIX)]
    finally:
        attempt.rollback()
    return problems


def _refused_rules(contract: Contract) -> list[Problem]:
    """Expectations that the contract names and Great Expectations does not have, or not with these arguments."""
    from etl.validate import expect

    named = [rule for rule in contract.rules if not rule.generated and rule.expectation != SQL_RULE]
    wanted = "GX 的期望及其参数 / an expectation of Great Expectations with its arguments"
    refused = expect.refused(named) if named else {}
    return [
        Problem(
            str(contract.path), f"quality[{rule}].implementation", why.splitlines()[0], wanted, _FIX
        )
        for rule, why in refused.items()
    ]


def _try_targets(
    connection: sa.Connection, delivery: Delivery, contract: Contract
) -> list[Problem]:
    """Whether each table takes what its query gives: the types, and ids that registries can look up."""
    targets, problems = read_targets(connection), []
    for query in contract.loads:
        attempt = connection.begin_nested()
        work = Work(connection, delivery, contract)
        try:
            rows = work.rows_of(query)
            if query.kind == "target":
                incoming = Incoming.of(
                    connection,
                    query,
                    targets[query.target],
                    rows,
                    has_source_time=contract.source_time is not None,
                )
                work.execute(f"EXPLAIN {incoming.insert(delivery.period_end or date.max)}")
        except (sa.exc.DBAPIError, MinshengError) as error:
            place = f"-- {query.kind}: {query.target}"
            file = str(load_path(contract.path))
            problems.append(Problem(file, place, _database_words(error), _RUNS, _FIX))
        finally:
            attempt.rollback()
    return problems


def _delivery(connection: sa.Connection, contract: Contract, mode: str) -> Delivery:
    """An arrival without rows that nobody would hold."""
    entered = ledger.register(
        connection,
        sha256="0" * 64,
        size=0,
        file_name="feeds check --database",
        member=None,
        contract=contract,
        mode=mode,
    )
    return replace(
        entered,
        period_start=date(2020, 1, 1),
        period_end=date(2020, 1, 31),
        released_by="feeds check",
        staged_rows=0,
        totals_dropped=0,
        judged_seq=2**62,
    )


def _database_words(error: Exception) -> str:
    if isinstance(error, sa.exc.DBAPIError):
        return str(error.orig).strip().splitlines()[0]
    return str(error).splitlines()[0]
