"""Arrivals enter the ledger."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from etl.contract import Contract
from etl.ledger.changes import as_json
from etl.ledger.contracts import keep_contract
from etl.ledger.delivery import Delivery, get
from etl.ledger.states import check
from etl.reasons import Reason


def register(
    connection: sa.Connection,
    *,
    sha256: str,
    size: int,
    file_name: str,
    member: str | None,
    contract: Contract | None,
    mode: str | None = None,
    reasons: Sequence[Reason] = (),
    repairs: int | None = None,
) -> Delivery:
    """Enter an arrival. Without a contract, or with reasons, it enters as rejected: nothing is lost."""
    connection.execute(
        sa.text(
            "INSERT INTO ledger.archive (sha256, bytes) VALUES (:s, :b) ON CONFLICT DO NOTHING"
        ),
        {"s": sha256, "b": size},
    )
    if contract:
        keep_contract(connection, contract)
    delivery_id = connection.execute(
        sa.text(
            "INSERT INTO ledger.delivery (feed, department, mode, sha256, file_name, member, state, contract_hash, reasons, repairs)"
            " VALUES (:feed, :department, :mode, :sha256, :file_name, :member, :state, :hash, CAST(:reasons AS jsonb), :repairs)"
            " RETURNING delivery_id"
        ),
        {
            "feed": contract.feed if contract else None,
            "department": contract.department if contract else None,
            "mode": mode,
            "sha256": sha256,
            "file_name": file_name,
            "member": member,
            "state": check(
                "receive", None, "rejected" if reasons or contract is None else "received"
            ),
            "hash": contract.hash if contract else None,
            "reasons": as_json(reasons),
            "repairs": repairs,
        },
    ).scalar_one()
    return get(connection, delivery_id)
