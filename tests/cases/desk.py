"""What the cases do: hand a file in, ask the warehouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.ingest import carry
from etl.ledger import Delivery
from etl.receive import receive


def deliver(ctx: Context, path: Path) -> Delivery:
    """Take one file in, all the way."""
    return carry(receive(path, ctx=ctx)[0], ctx)


def query(ctx: Context, text: str, **values: Any) -> list[tuple[Any, ...]]:
    """Rows of the warehouse."""
    with ctx.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(text), values)]
