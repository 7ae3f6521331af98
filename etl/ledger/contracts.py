"""The contracts that judged deliveries: their texts are kept, so that work under way does not depend on a file."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa

from etl.context import Context
from etl.contract import Contract, ContractProblem, broken_contracts
from etl.contract.reader import read_texts
from etl.ledger.delivery import Delivery


def keep_contract(connection: sa.Connection, contract: Contract) -> None:
    """Keep the text of a contract that judges a delivery."""
    connection.execute(
        sa.text(
            "INSERT INTO ledger.contract (contract_hash, feed, version, contract, load_sql, corrections, by_source_time, mode,"
            " answer_days, owner)"
            " VALUES (:h, :f, :v, :c, :l, :k, :t, :m, :a, :o) ON CONFLICT (contract_hash) DO UPDATE"
            " SET answer_days = excluded.answer_days, owner = excluded.owner WHERE contract.owner IS NULL"
        ),
        {
            "h": contract.hash,
            "f": contract.feed,
            "v": contract.version,
            "c": contract.yaml_text,
            "l": contract.load_text,
            "k": contract.corrections_text,
            "t": contract.source_time is not None,
            "m": contract.mode,
            "a": contract.answer_days,
            "o": contract.owner,
        },
    )


def contract_of(
    ctx: Context, connection: sa.Connection, delivery: Delivery, *, anew: bool = False
) -> Contract:
    """The contract that judges a delivery: the one it was staged by, whatever stands in the file by now.

    With `anew`, as when it is staged, the file counts, and the kept text only where the file
    is broken. Raises MinshengError if the feed is gone, ContractProblem if nothing was kept either.
    """
    feed = delivery.feed or ""
    current = ctx.contracts.get(feed)
    if current and (anew or current.hash == delivery.contract_hash):
        return current
    if anew and not any(broken.feed == feed for broken in broken_contracts(ctx.settings)):
        return ctx.contract(feed)  # says that there is none
    row = connection.execute(
        sa.text(
            "SELECT contract_hash, contract, load_sql, corrections FROM ledger.contract WHERE contract_hash = :h"
        ),
        {"h": delivery.contract_hash},
    ).one_or_none()
    if row is not None:
        try:
            return _read(feed, *row)
        except ContractProblem:  # written for another version of this program
            pass
    return ctx.contract(feed)


@lru_cache(maxsize=64)
def _read(feed: str, _hash: str, yaml_text: str, load_text: str, corrections: str) -> Contract:
    department, _, name = feed.partition(".")
    return read_texts(Path(department, f"{name}.yaml"), yaml_text, load_text, corrections)
