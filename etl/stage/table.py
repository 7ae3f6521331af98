"""The staging tables of a delivery: their names, their making, their end."""

from __future__ import annotations

import sqlalchemy as sa

from etl.contract import Contract
from etl.contract.staging import create_staging_sql
from etl.quoting import as_it_stands


def table_name(delivery_id: int) -> str:
    """The typed rows: `row_no`, `fault` and a column a field."""
    return f"stage.d{delivery_id}"


def bad_table_name(delivery_id: int) -> str:
    """The rows that are not loaded: `row_no`, the rule's id, what was found, the thing's key."""
    return f"stage.d{delivery_id}_bad"


def text_table_name(delivery_id: int) -> str:
    """The free text of the rows; stays when the delivery is loaded, and goes with its expiry."""
    return f"restricted.d{delivery_id}"


def create_tables(
    connection: sa.Connection, contract: Contract, delivery_id: int, *, text: bool = True
) -> None:
    """Make them anew, empty; without `text` that of the free text is left as it is, or missing."""
    drop_tables(connection, delivery_id, keep_text=not text)
    statements = create_staging_sql(contract, delivery_id, text=text)
    connection.execute(sa.text(as_it_stands(statements)))


def is_whole(connection: sa.Connection, delivery_id: int, rows: int) -> bool:
    """Whether the staging table is there with its rows.

    It is filled in one transaction, and a crash leaves an unlogged table empty: one row
    is as good as all.
    """
    table = table_name(delivery_id)
    present = connection.execute(sa.text("SELECT to_regclass(:t) IS NOT NULL"), {"t": table})
    if not present.scalar_one():
        return False
    filled = connection.execute(sa.text(f"SELECT EXISTS (SELECT FROM {table})"))
    return bool(filled.scalar_one()) or not rows


def drop_tables(connection: sa.Connection, delivery_id: int, *, keep_text: bool = False) -> None:
    """Clean up; `keep_text` for a delivery that was loaded."""
    names = [table_name(delivery_id), bad_table_name(delivery_id)]
    if not keep_text:
        names.append(text_table_name(delivery_id))
    connection.execute(sa.text(f"DROP TABLE IF EXISTS {', '.join(names)}"))
