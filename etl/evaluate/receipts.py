"""The receipt of a number: every contributing thing, and the rows of the files it comes from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from etl.context import Context
from etl.errors import MinshengError
from etl.evaluate import figures
from etl.evaluate.run import Reading, reading, schedules
from etl.plan import load_plan
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)


def receipts(
    code: str,
    as_of: date | None = None,
    known_at: datetime | None = None,
    settings: Settings | None = None,
    *,
    policy: str | None = None,
    definition: str | None = None,
) -> list[dict[str, Any]]:
    """The contributing things of an indicator: area, entity, numerator, denominator, sources.

    A source is a delivery with its file, sheet and row. The query is the one that the figure
    is summed from, so the two cannot disagree. A declared indicator's receipt is its declaration.
    """
    load_plan().statement(code)  # no warehouse is asked for what the plan lacks
    ctx = Context.of(settings)
    with reading(ctx) as connection:
        now = Reading(connection, schedules(ctx), as_of, known_at, policy, definition)
        statement = now.plan.statement(code)
        if figures.has_query(statement):
            return figures.receipt(connection, statement, now.parameters(statement))
        if statement.computable == "C":
            parts = "、".join(statement.definition["score_of"])
            raise MinshengError(MESSAGES.reason("no_receipt", code=code, parts=parts))
        return figures.declared_receipt(connection, now.declarations.get(code))
