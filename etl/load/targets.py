"""What the generic loader knows of a target, and the queries it makes for it from a load SELECT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import sqlalchemy as sa

from etl.contract import LoadQuery
from etl.contract.loadsql import may_be_lookup
from etl.errors import MinshengError
from etl.quoting import identifier, identifiers
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)


@dataclass(frozen=True)
class Target:
    """One table of the star, as `ledger.target` describes it."""

    name: str
    kind: str
    business_key: tuple[str, ...]
    columns: tuple[str, ...]
    """Business columns in table order, the key columns among them."""
    refs: dict[str, str]
    """Key column -> registry."""
    sent: tuple[str, ...] = ()
    """Key columns beside which the star keeps the name that was sent."""

    types: Mapping[str, str] = field(default_factory=dict)
    """Column -> type in the star."""
    required: frozenset[str] = frozenset()
    """Columns that the star does not leave empty."""

    @property
    def sent_columns(self) -> tuple[str, ...]:
        """`area_sent` beside `area_key`: the number of the name in its registry."""
        return tuple(f"{column.removesuffix('_key')}_sent" for column in self.sent)

    @property
    def value_columns(self) -> list[str]:
        """What is kept of a row besides where it stands: the columns, and beside each key the id that it was resolved from."""
        dated = ["valid_from"] if self.kind == "dimension" else []
        return [*self.columns, *(f"{column}_id" for column in self.refs), *dated]

    @property
    def thing(self) -> str:
        """A dimension's own registry."""
        return self.refs[self.business_key[0]]


def read_targets(connection: sa.Connection) -> dict[str, Target]:
    """All targets of the star, by name."""
    rows = connection.execute(
        sa.text(
            "SELECT target, kind, business_key, columns, refs, sent, s.types, s.required FROM ledger.target"
            " CROSS JOIN LATERAL (SELECT jsonb_object_agg(attname, format_type(atttypid, atttypmod)) AS types,"
            " array_agg(attname::text) FILTER (WHERE attnotnull) AS required FROM pg_attribute"
            " WHERE attrelid = to_regclass('star.' || target) AND attnum > 0 AND NOT attisdropped) AS s"
        )
    )
    return {
        name: Target(
            name, kind, tuple(key), tuple(columns), refs, tuple(sent), types, frozenset(required)
        )
        for name, kind, key, columns, refs, sent, types, required in rows
    }


@dataclass(frozen=True)
class Incoming:
    """A load SELECT made ready for its target: ids turned into keys by the registries."""

    query: LoadQuery
    target: Target
    given: frozenset[str]
    """Columns of the SELECT."""
    rows: str
    """View or table that has the SELECT's rows."""
    view: str = ""
    """View of them with keys for ids (`resolved`), once the load has made it."""

    @classmethod
    def of(
        cls,
        connection: sa.Connection,
        query: LoadQuery,
        target: Target,
        rows: str,
        *,
        has_source_time: bool = False,
    ) -> Incoming:
        """Ask the database for the SELECT's columns; those of the target that it does not give are NULL.

        Raises MinshengError if a key or another column that is never empty is missing, if one is
        unknown, or if it tells of rows without saying of which.
        """
        given = frozenset(connection.execute(sa.text(f"SELECT * FROM {rows} AS i LIMIT 0")).keys())
        incoming = cls(query, target, given, rows)
        known = {incoming.source(c) for c in target.columns} | {"row_no", "valid_from"}
        needed = set(incoming.needed)
        if has_source_time and "source_at" in target.columns:
            needed.add("source_at")  # precedence reads it from there
        missing, unknown = needed - given, given - known
        if missing or unknown:
            raise MinshengError(
                MESSAGES.reason(
                    "load_columns",
                    target=query.target,
                    missing=sorted(missing),
                    unknown=sorted(unknown),
                )
            )
        if incoming.is_lookup and not may_be_lookup(query.sql, target.kind):
            raise MinshengError(MESSAGES.reason("load_row_no", target=query.target))
        return incoming

    def source(self, column: str) -> str:
        """The SELECT's column that a target column is made from: `<x>_registry_id` or `<x>_id` for `<x>_key`."""
        if column not in self.target.refs:
            return column
        stem = column.removesuffix("_key")
        explicit = f"{stem}_registry_id"
        return explicit if explicit in self.given else f"{stem}_id"

    @property
    def needed(self) -> frozenset[str]:
        """The columns that the SELECT has to give: the business key, and what is never empty."""
        target = self.target
        filled = (
            target.required - target.refs.keys()
        )  # a reference that is not given is "not supplied"
        columns = [c for c in target.columns if c in filled or c in target.business_key]
        # A dimension may have members that no row tells of.
        row = {"row_no"} if target.kind == "fact" else set()
        return frozenset({self.source(column) for column in columns} | row)

    def gives(self, column: str) -> bool:
        """Whether the SELECT gives a column of the target."""
        return self.source(column) in self.given

    @property
    def is_lookup(self) -> bool:
        """Whether the SELECT derives members (`SELECT DISTINCT`, no row) rather than telling of rows."""
        return "row_no" not in self.given

    @cached_property
    def registries(self) -> list[tuple[str, str]]:
        """(registry, id column) of every reference that is given."""
        refs = self.target.refs.items()
        return [(registry, self.source(column)) for column, registry in refs if self.gives(column)]

    def insert(self, day: date) -> str:
        """What the loader does in the end, at its simplest: the rows into the target, whatever is there."""
        dated = self.target.kind == "dimension"
        columns = identifiers(self.target.columns) + (", valid_from, valid_to" if dated else "")
        values = identifiers(self.target.columns, "i") + (
            ", i.valid_from, DATE 'infinity'" if dated else ""
        )
        return (
            f"INSERT INTO star.{self.target.name} ({columns}, known_from, delivery_id, row_no)"
            f" SELECT {values}, 0, 0, i.row_no FROM ({self.resolved(day)}) AS i"
        )

    def resolved(self, day: date, *, ids: bool = False, sent: bool = False) -> str:
        """The SELECT with keys for ids: the target's columns, `row_no`, and `valid_from` (else `day`) for a dimension.

        With `ids` also what each key was resolved from; with `sent` its number, where the star keeps it.
        """
        joins, columns = [], []
        for column in self.target.columns:
            registry = self.target.refs.get(column)
            if not self.gives(column):
                kind = self.target.types.get(column, "text")
                value = "-1" if registry else f"CAST(NULL AS {kind})"
                columns.append(f"{value} AS {identifier(column)}")
            elif registry:
                alias, source = f"r_{column}", identifier(self.source(column))
                joins.append(
                    f"LEFT JOIN registry.{registry} AS {alias} ON {alias}.{registry}_id = i.{source}"
                )
                columns.append(f"coalesce({alias}.{registry}_key, -1) AS {identifier(column)}")
            else:
                columns.append(f"i.{identifier(column)}")
        columns.append("NULL::int AS row_no" if self.is_lookup else "i.row_no")
        if self.target.kind == "dimension":
            columns.append(
                "i.valid_from" if "valid_from" in self.given else f"DATE '{day}' AS valid_from"
            )
        if ids:
            columns += [
                (
                    f"CAST(i.{identifier(self.source(column))} AS text)"
                    if self.gives(column)
                    else "CAST(NULL AS text)"
                )
                + f" AS {column}_id"
                for column in self.target.refs
            ]
        if sent:
            for column, kept in zip(self.target.sent, self.target.sent_columns, strict=True):
                number = (
                    f"r_{column}.{self.target.refs[column]}_no"
                    if self.gives(column)
                    else "CAST(NULL AS int)"
                )
                columns.append(f"{number} AS {kept}")
        return f"SELECT {', '.join(columns)} FROM {self.rows} AS i {' '.join(joins)}"
