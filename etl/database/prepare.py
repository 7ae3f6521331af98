"""Make a database a warehouse: the schema, then what the plan and the contracts say of it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from etl.database import migrate
from etl.database.seed import seed
from etl.progress import report


def prepare(engine: sa.Engine) -> dict[str, Any]:
    """Upgrade the schema and fill the indicators and departments; returns what `migrate.upgrade` did. Idempotent."""
    done = migrate.upgrade(engine)
    report("指标与部门 / indicators and departments")
    with engine.begin() as connection:
        seed(connection)
    return done
