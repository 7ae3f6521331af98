"""Rows put straight into a staging table, as `stage` would leave them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from etl.contract import Contract, create_staging_sql


def fill(
    connection: sa.Connection, contract: Contract, rows: Sequence[dict[str, Any]], number: int = 1
) -> None:
    """Make `stage.d<number>` anew with these rows; row_no counts them."""
    connection.execute(sa.text(f"DROP TABLE IF EXISTS stage.d{number}, restricted.d{number}"))
    connection.exec_driver_sql(create_staging_sql(contract, number).replace("%", "%%"))
    for row_no, row in enumerate(rows, 1):
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join(f":{name}" for name in row)
        connection.execute(
            sa.text(f"INSERT INTO stage.d{number} (row_no, {names}) VALUES ({row_no}, {marks})"),
            row,
        )
