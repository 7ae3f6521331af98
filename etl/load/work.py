"""One load in its transaction: what is loaded, how its statements are run, what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from etl.contract import Contract, LoadQuery
from etl.database import sql_file
from etl.ledger import Delivery
from etl.staging import bad_table_name, table_name
from etl.targets import Incoming
from etl.validate import business_key

FEW = 50_000
"""So many bad rows fit in the least memory that a server gives a hash table."""


@dataclass
class Loaded:
    """What a load did, in rows of the delivery; `closed` are things of the star."""

    staged: int
    totals_dropped: int
    retraction: bool
    reasons: list[dict[str, Any]]
    seq: int = 0
    quarantined: int = 0
    duplicate: int = 0
    touched: int = 0
    closed: int = 0

    def changes(self) -> dict[str, Any]:
        """The ledger's columns."""
        good = self.staged - self.quarantined - self.duplicate
        return {
            "state": "loaded",
            "seq": self.seq,
            "rows": self.staged + self.totals_dropped,
            "loaded": 0 if self.retraction else self.touched,
            "retracted": self.touched if self.retraction else 0,
            "unchanged": good - self.touched,
            "duplicate": self.duplicate,
            "quarantined": self.quarantined,
            "totals_dropped": self.totals_dropped,
            "closed": self.closed,
            "reasons": self.reasons,
        }


@dataclass
class Work:
    """A load under way; the parts of the loader share it."""

    connection: sa.Connection
    delivery: Delivery
    contract: Contract
    values: dict[str, Any] = field(default_factory=dict)
    """Parameters that the statements may name."""

    def __post_init__(self) -> None:
        self.table = table_name(self.delivery.delivery_id)
        self.bad = bad_table_name(self.delivery.delivery_id)
        self.values |= {
            "delivery_id": self.delivery.delivery_id,
            "feed": self.delivery.feed,
            "period_start": self.delivery.period_start,
            "period_end": self.delivery.period_end,
            "is_snapshot": self.contract.mode == "full",
        }
        self.result = Loaded(
            self.delivery.staged_rows or 0,
            self.delivery.totals_dropped or 0,
            self.delivery.mode == "retraction",
            list(self.delivery.reasons),
        )

    def execute(self, statement: str, **values: Any) -> sa.CursorResult[Any]:
        """Run a statement with those of the known parameters that it names."""
        query = sa.text(statement)
        known = {**self.values, **values}
        return self.connection.execute(
            query, {n: known[n] for n in query._bindparams if n in known}
        )

    def file(self, name: str, names: dict[str, str], **values: Any) -> int:
        """Run a file of `warehouse/sql/load/` with identifiers and queries put in; returns the row count."""
        lines = sql_file(f"load/{name}.sql").splitlines()
        body = "\n".join(line for line in lines if not line.startswith("--"))
        return self.execute(body.format(**names), **values).rowcount

    def select(self, query: LoadQuery, *, all_rows: bool = False) -> str:
        """The load SELECT with `staging` bound to this delivery's good rows (or to all of them)."""
        bad = self.result.quarantined + self.result.duplicate
        good = f"NOT EXISTS (SELECT FROM {self.bad} AS b WHERE b.row_no = s.row_no)"
        if bad <= FEW:
            # Looked up in a hash table, row by row: cheaper than a join, but only for one that fits in memory.
            good = f"row_no NOT IN (SELECT row_no FROM {self.bad})"
        where = f" WHERE {good}" if bad and not all_rows else ""
        rows = f"SELECT * FROM {self.table} AS s{where}"
        return f"WITH staging AS ({rows}) SELECT * FROM ({query.sql.rstrip().rstrip(';')}) AS q"

    def everything(self, one: Incoming) -> str:
        """All rows of the delivery in the target's keys, those in quarantine too."""
        return one.resolved(self.select(one.query, all_rows=True))

    def own_key(self) -> str:
        """The business key of the staged row that an incoming row was made from."""
        key = business_key(self.contract)
        return f"(SELECT {key} FROM {self.table} AS staged WHERE staged.row_no = i.row_no) AS business_key"

    @cached_property
    def later_snapshots(self) -> list[tuple[int, date]]:
        """Accepted snapshots of later periods, for a feed of snapshots: (delivery, day)."""
        rows = self.execute(
            "SELECT delivery_id, period_end FROM ledger.delivery WHERE feed = :feed AND state = 'loaded'"
            " AND mode = 'full' AND period_end > :period_end AND :is_snapshot"
        )
        return [(row.delivery_id, row.period_end) for row in rows]

    @cached_property
    def outranking(self) -> list[int]:
        """Accepted deliveries of later periods."""
        rows = self.execute(
            "SELECT delivery_id FROM ledger.delivery WHERE feed = :feed AND state = 'loaded'"
            " AND period_end > :period_end"
        )
        return [int(row[0]) for row in rows]

    @cached_property
    def keys_readable(self) -> bool:
        """Whether every row says which thing it is about; if not, nothing can be called absent."""
        key = business_key(self.contract)
        unreadable = self.execute(
            f"SELECT count(*) FROM {self.table} AS staged WHERE ({key}) IS NULL"
        ).scalar_one()
        if unreadable:
            self.result.reasons.append(
                {
                    "rule": "absence_unknown",
                    "severity": "warning",
                    "rows": unreadable,
                    "message_zh": f"{unreadable} 行主键无法识别，本次快照不据缺失关闭任何对象。",
                    "message_en": f"{unreadable} rows have no readable key, so nothing is closed for being absent.",
                }
            )
        return not unreadable
