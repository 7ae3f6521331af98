"""Decisions on single entries, without a workbook: accepted as they are, or withdrawn by the department.

A decision is a file of answers (`etl.repair.answers`) that is received like any other: so it lies in the
archive, is a delivery of its own, and the ledger closes the entry by it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from etl import ledger
from etl.context import Context
from etl.errors import MinshengError
from etl.ingest import ingest
from etl.ledger import Delivery
from etl.quarantine.entries import Entry, entries
from etl.reasons import Catalogue
from etl.repair import entry_mark, warehouse_mark

MESSAGES = Catalogue(__file__)

NEVER = ("fault", "key")
"""Rules that nobody can waive: a cell that cannot be read has no value, a key has to tell things apart."""

Place = tuple[int, int]
"""Delivery and row in its file, as `minsheng quarantine list` shows them."""


def accept(
    places: Sequence[Place], *, by: str, reason: str, ctx: Context | None = None
) -> list[Delivery]:
    """Load rows although they break rules of the contract; who says so and why is kept.

    Raises MinshengError for a row that is not in quarantine (any more), or whose value cannot be taken.
    """
    ctx = ctx or Context.of()
    answers = []
    for entry in _open(ctx, places):
        rules = sorted({str(each["rule"]) for each in entry.reasons})
        never = [each for each in entry.reasons if entry.business_key is None or _is_final(each)]
        if never:
            raise MinshengError(
                MESSAGES.reason(
                    "cannot_accept",
                    file=entry.file, sheet=entry.sheet, row=entry.row,
                    header=never[0].get("header"), found=never[0].get("found"),
                    why_zh=never[0]["message_zh"], why_en=never[0]["message_en"],
                )
            )  # fmt: skip
        answers.append({"entry": _mark(ctx, entry), "action": "accept", "rules": rules})
    return _hand_in(ctx, "accept", answers, by, reason)


def withdraw(
    places: Sequence[Place], *, by: str, reason: str, ctx: Context | None = None
) -> list[Delivery]:
    """Close entries whose rows the department takes back: they never were meant.

    Raises MinshengError for a row that is not in quarantine (any more).
    """
    ctx = ctx or Context.of()
    answers = [{"entry": _mark(ctx, entry), "action": "withdraw"} for entry in _open(ctx, places)]
    return _hand_in(ctx, "withdraw", answers, by, reason)


def _is_final(reason: dict[str, Any]) -> bool:
    """Whether nobody can waive it: it is about a cell without a value, the key, or an unknown name."""
    rule = str(reason["rule"])
    return "column" in reason or rule in NEVER or rule.startswith("register.")


def _open(ctx: Context, places: Sequence[Place]) -> list[Entry]:
    chosen = []
    with ctx.engine.connect() as connection:
        for delivery_id, row in places:
            there = entries(connection, delivery_id=delivery_id, row=row, everything=True)
            # An answer that comes late is an answer.
            fitting = [entry for entry in there if entry.state in ("open", "expired")]
            if len(fitting) != 1:
                code = "several_sheets" if fitting else "not_open"
                raise MinshengError(MESSAGES.reason(code, delivery_id=delivery_id, row=row))
            chosen += fitting
    return chosen


def _mark(ctx: Context, entry: Entry) -> str:
    with ctx.engine.connect() as connection:
        archived = ledger.get(connection, entry.delivery).sha256
    return entry_mark(ctx.settings.token_key(), entry.delivery, entry.row_no, archived)


def _hand_in(
    ctx: Context, action: str, answers: list[dict[str, Any]], by: str, reason: str
) -> list[Delivery]:
    if not by.strip() or not reason.strip():
        raise MinshengError(MESSAGES.reason("unsigned"))
    document = {
        "minsheng": "repair",
        "warehouse": warehouse_mark(ctx.settings.token_key()),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "answers": [{**each, "by": by, "reason": reason} for each in answers],
    }
    with TemporaryDirectory() as folder:
        path = Path(folder, f"{action}-{datetime.now(UTC):%Y%m%dT%H%M%S}.json")
        path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return ingest([path], ctx=ctx)
