"""One load in its transaction: what is loaded, how its statements are run, what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from etl.contract import Contract, LoadQuery
from etl.contract.key import DUPLICATE
from etl.contract.loadsql import PARAMETERS, put_in
from etl.database import filled
from etl.ledger import Delivery
from etl.progress import report
from etl.quoting import as_it_stands
from etl.reasons import Catalogue, Reason
from etl.stage.table import bad_table_name, table_name

MESSAGES = Catalogue(__file__)

FEW = 50_000
"""So many bad rows fit in the least memory that a server gives a hash table."""


class Held(Exception):
    """A person, or a later delivery, decides whether this one is loaded; nothing of it is kept until then."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*(reason.message_en for reason in reasons))
        self.reasons = reasons


class Outdated(Exception):
    """A register has told of things since the delivery was judged by it: it has to be judged again."""


@dataclass
class Loaded:
    """What a load did, in rows of the delivery; `closed` are rows of the star that a snapshot ended."""

    staged: int
    totals_dropped: int
    retraction: bool
    reasons: list[Reason | dict[str, Any]]
    seq: int = 0
    quarantined: int = 0
    duplicate: int = 0
    touched: int = 0
    superseded: int = 0
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
            "unchanged": good - self.touched - self.superseded,
            "superseded": self.superseded,
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
        self._staging: str | None = None
        self._views: list[str] = []
        self.apart: dict[str, str] = {}
        """Whose ids are kept apart from other feeds' (`etl.load.apart`): the temporary tables that list them."""
        self.unreadable_keys: int | None = None
        """How many rows do not say which thing they are about, once it has been asked."""
        self.table = table_name(self.delivery.delivery_id)
        self.bad = bad_table_name(self.delivery.delivery_id)
        self.values |= {
            "delivery_id": self.delivery.delivery_id,
            "feed": self.delivery.feed,
            "period_start": self.delivery.period_start,
            "period_end": self.delivery.period_end,
            "received_at": self.delivery.received_at,
            "is_snapshot": self.contract.mode == "full",
            "retracts": self.delivery.mode == "retraction",
        }
        self.result = Loaded(
            self.delivery.staged_rows or 0,
            self.delivery.totals_dropped or 0,
            self.delivery.mode == "retraction",
            list(self.delivery.reasons),
        )

    def report(self, target: str = "") -> None:
        """Say that the load runs, and which target it is at."""
        name = self.delivery.member or self.delivery.file_name
        report(f"{name} · 入库 / loading {target}".rstrip(), self.delivery.staged_rows)

    def execute(self, statement: str, **values: Any) -> sa.CursorResult[Any]:
        """Run a statement with those of the known parameters that it names."""
        query = sa.text(statement)
        known = {**self.values, **values}
        return self.connection.execute(
            query, {n: known[n] for n in query._bindparams if n in known}
        )

    def file(self, name: str, names: dict[str, str], **values: Any) -> int:
        """Run a file of `warehouse/sql/load/` with identifiers put in; returns the row count."""
        return self.query(name, names, **values).rowcount

    def query(self, name: str, names: dict[str, str], **values: Any) -> sa.CursorResult[Any]:
        """The same, for its rows."""
        return self.execute(self.render(name, names), **values)

    def render(self, name: str, names: dict[str, str]) -> str:
        """The text of a file with identifiers put in."""
        return filled(f"load/{name}.sql", names)

    def count_bad(self) -> None:
        """Count the rows that are kept out; again after more have been."""
        counts = self.execute(
            "SELECT count(DISTINCT row_no) FILTER (WHERE rule <> :duplicate) AS quarantined,"
            f" count(DISTINCT row_no) AS bad FROM {self.bad}",
            duplicate=DUPLICATE,
        ).one()
        self.result.quarantined = counts.quarantined
        self.result.duplicate = counts.bad - counts.quarantined

    @property
    def names_told(self) -> bool:
        """Whether the feed is a register that says what names mean."""
        return any(query.kind == "alias" for query in self.contract.loads)

    @property
    def is_act(self) -> bool:
        """Whether the delivery is a correction or a retraction of what was said."""
        return self.delivery.mode in ("correction", "retraction")

    @property
    def good(self) -> str:
        """SQL on `s`, a staged row: that it is not kept out."""
        bad = self.result.quarantined + self.result.duplicate
        if not bad:
            return "true"
        if bad <= FEW:
            # Looked up in a hash table, row by row: cheaper than a join, but only for one that fits in memory.
            return f"s.row_no NOT IN (SELECT row_no FROM {self.bad})"
        return f"NOT EXISTS (SELECT FROM {self.bad} AS b WHERE b.row_no = s.row_no)"

    def view(self, name: str, query: str) -> str:
        """A query that statements of the load read from, as a temporary view; returns its name. Made once."""
        if name not in self._views:
            self.connection.execute(sa.text(as_it_stands(f"CREATE TEMP VIEW {name} AS\n{query}")))
            self._views.append(name)
        return f"pg_temp.{name}"

    def view_of(self, name: str, file: str, names: dict[str, str]) -> str:
        """The same, made by a file of `warehouse/sql/load/`, since it names parameters."""
        if name not in self._views:
            self.file(file, {"name": name, **names})
            self._views.append(name)
        return f"pg_temp.{name}"

    def rows_of(self, query: LoadQuery) -> str:
        """The view of a load SELECT: the author's text stands in no other statement, whatever is in it."""
        self.bind_staging()
        days = {day: f"DATE '{self.values[day]}'" for day in PARAMETERS}
        return self.view(f"load_{self.contract.loads.index(query)}", put_in(query.sql, days))

    def bind_staging(self, where: str | None = None, rows: str | None = None) -> None:
        """Let `staging`, which the load SELECTs read, be the delivery's good rows, or those of a condition on `s`.

        `rows` is a table to read instead of the staging table, with the same columns.

        A view, and not a table, since PostgreSQL reads no temporary table in parallel.
        """
        query = f"SELECT * FROM {rows or self.table} AS s WHERE {where or self.good}"
        if query != self._staging:
            self.execute(f"CREATE OR REPLACE TEMP VIEW staging AS {query}")
            self._staging = query

    @contextmanager
    def staging(self, where: str, rows: str | None = None) -> Iterator[None]:
        """The load SELECTs on other rows, for a while."""
        self.bind_staging(where, rows)
        yield
        self.bind_staging()

    def drop_views(self) -> None:
        """At the end of the load: views stay with the connection, and the staging table could not be dropped."""
        staging = [] if self._staging is None else ["staging"]
        if views := ", ".join(f"pg_temp.{name}" for name in (*staging, *self._views)):
            self.execute(f"DROP VIEW {views} CASCADE")
        self._staging, self._views = None, []
