"""Targets and declarations that arrived and cannot be read: said so, never 没有目标值 or 未申报."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from etl.evaluate.known import TARGETS
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)


def unread_reasons(rows: Sequence[Any], feed: str, code: str, *, supplied: bool) -> list[Reason]:
    """What of a feed may be about this indicator; `rows` as of `evaluate/unread.sql`.

    A quarantined row tells which indicator it means. A held delivery does not: it is named where
    nothing else was `supplied`, for it may be in there.
    """
    kind = "target" if feed == TARGETS else "declaration"
    mine = [row for row in rows if row.feed == feed]
    word = re.compile(rf"(?<![a-z0-9_]){re.escape(code)}(?![a-z0-9_])")
    stuck = sorted(
        {r.delivery_id for r in mine if r.why == "quarantine" and word.search(r.words or "")}
    )
    held = [] if supplied else sorted({r.delivery_id for r in mine if r.why == "held"})
    reasons = []
    if stuck:
        numbers = ", ".join(f"#{number}" for number in stuck)
        reasons.append(MESSAGES.reason(f"{kind}_in_quarantine", numbers=numbers))
    if held:
        numbers = ", ".join(f"#{number}" for number in held)
        reasons.append(MESSAGES.reason(f"{kind}_held", numbers=numbers))
    return reasons
