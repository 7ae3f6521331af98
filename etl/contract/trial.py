"""A contract tried in the warehouse: its load queries and conditions run on an empty staging table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from etl.contract.loadsql import may_be_lookup, put_in
from etl.contract.model import SQL_RULE, Contract, LoadQuery
from etl.contract.problems import Problem
from etl.contract.reader import load_path
from etl.contract.staging import staging_columns
from etl.quoting import as_it_stands, identifier

if TYPE_CHECKING:
    import sqlalchemy as sa

_OPTIONAL = frozenset({"row_no", "valid_from"})
_ROW_NO = (
    "row_no；只列维度成员时 SELECT DISTINCT / row_no; SELECT DISTINCT where it only lists members"
)
_FIX = "见 docs/adding-a-feed.md / see docs/adding-a-feed.md"


def try_contract(connection: sa.Connection, contract: Contract) -> list[Problem]:
    """What the database finds wrong; nothing is left behind."""
    import sqlalchemy as sa

    columns = ", ".join(f"{identifier(name)} {kind}" for name, kind in staging_columns(contract))
    attempt = connection.begin_nested()
    try:
        connection.execute(
            sa.text(f"CREATE TEMP TABLE staging (row_no int, fault text, {columns})")
        )
        return [*_try_loads(connection, contract), *_try_rules(connection, contract)]
    finally:
        attempt.rollback()


def _try_loads(connection: sa.Connection, contract: Contract) -> Iterator[Problem]:
    import sqlalchemy as sa

    targets = {
        row.target: row
        for row in connection.execute(
            sa.text(
                "SELECT target, kind, columns, refs, business_key, ARRAY(SELECT attname::text FROM pg_attribute"
                " WHERE attrelid = to_regclass('star.' || target) AND attnotnull) AS required FROM ledger.target"
            )
        )
    }
    for load in contract.loads:
        file, place = str(load_path(contract.path)), f"-- {load.kind}: {load.target}"
        if load.kind == "target" and load.target not in targets:
            yield Problem(file, place, load.target, "one of " + ", ".join(sorted(targets)), _FIX)
            continue
        given, error = _columns(connection, load)
        if error:
            yield Problem(file, place, error, "可执行的 SELECT / a SELECT that runs", _FIX)
            continue
        wanted = needed = {"alias", f"{load.target}_id"}
        if load.kind == "target":
            row = targets[load.target]
            wanted = {_source(column, row.refs, given) for column in row.columns}
            filled = {*row.business_key, *row.required} - (row.refs.keys() - {*row.business_key})
            needed = {_source(c, row.refs, given) for c in row.columns if c in filled}
            if contract.source_time and "source_at" in row.columns:
                needed.add("source_at")
            if "row_no" not in given and not may_be_lookup(load.sql, row.kind):
                yield Problem(file, place, "没有 row_no / no row_no", _ROW_NO, _FIX)
        missing, unknown = sorted(needed - given), sorted(given - wanted - _OPTIONAL)
        if missing:
            yield Problem(
                file, place, "缺列 / lacks " + ", ".join(missing), ", ".join(sorted(wanted)), _FIX
            )
        if unknown:
            yield Problem(
                file, place, "多列 / has " + ", ".join(unknown), ", ".join(sorted(wanted)), _FIX
            )


def _columns(connection: sa.Connection, load: LoadQuery) -> tuple[frozenset[str], str]:
    import sqlalchemy as sa

    days = {"period_start": "DATE '2020-01-01'", "period_end": "DATE '2020-01-31'"}
    attempt = connection.begin_nested()
    try:
        # As the loader does: the author's text stands in no other statement.
        view = f"CREATE TEMP VIEW tried AS\n{put_in(load.sql, days)}"
        connection.execute(sa.text(as_it_stands(view)))
        return frozenset(connection.execute(sa.text("SELECT * FROM tried LIMIT 0")).keys()), ""
    except sa.exc.DBAPIError as error:
        return frozenset(), str(error.orig).strip().splitlines()[0]
    finally:
        attempt.rollback()


def _source(column: str, refs: dict[str, str], given: frozenset[str]) -> str:
    if column not in refs:
        return column
    stem = column.removesuffix("_key")
    explicit = f"{stem}_registry_id"
    return explicit if explicit in given else f"{stem}_id"


def _try_rules(connection: sa.Connection, contract: Contract) -> Iterator[Problem]:
    import sqlalchemy as sa

    for rule in contract.rules:
        if rule.expectation != SQL_RULE:
            continue
        condition = rule.kwargs["condition"]
        attempt = connection.begin_nested()
        try:
            query = f"SELECT row_no FROM staging WHERE NOT ({condition})"
            connection.execute(sa.text(as_it_stands(query)))
        except sa.exc.DBAPIError as error:
            message = str(error.orig).strip().splitlines()[0]
            yield Problem(
                str(contract.path),
                f"quality[{rule.id}].query",
                message,
                "SQL 条件 / a condition in SQL",
            )
        finally:
            attempt.rollback()
