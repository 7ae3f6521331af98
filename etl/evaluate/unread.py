"""Targets and declarations that arrived and cannot be read: said so, never 没有目标值 or 未申报."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from etl.evaluate.known import TARGETS
from etl.evaluate.status import Reason


def unread_reasons(rows: Sequence[Any], feed: str, code: str, *, supplied: bool) -> list[Reason]:
    """What of a feed may be about this indicator; `rows` as of `evaluate/unread.sql`.

    A quarantined row tells which indicator it means. A held delivery does not: it is named where
    nothing else was `supplied`, for it may be in there.
    """
    kind, zh, en = (
        ("target", "目标值", "target")
        if feed == TARGETS
        else ("declaration", "申报", "declaration")
    )
    mine = [row for row in rows if row.feed == feed]
    word = re.compile(rf"(?<![a-z0-9_]){re.escape(code)}(?![a-z0-9_])")
    stuck = sorted(
        {r.delivery_id for r in mine if r.why == "quarantine" and word.search(r.words or "")}
    )
    held = [] if supplied else sorted({r.delivery_id for r in mine if r.why == "held"})
    found = []
    if stuck:
        numbers = ", ".join(f"#{number}" for number in stuck)
        found.append(
            Reason(
                f"{kind}_in_quarantine",
                f"{zh}在隔离中（批次 {numbers}）：minsheng quarantine 查看原因并更正",
                f"a {en} is in quarantine (delivery {numbers}): see minsheng quarantine, correct it",
            )
        )
    if held:
        numbers = ", ".join(f"#{number}" for number in held)
        found.append(
            Reason(
                f"{kind}_held",
                f"{zh}批次 {numbers} 暂扣，可能含有：minsheng release 放行或 reject 退回",
                f"delivery {numbers} of {en}s is held and may hold one: release or reject it",
            )
        )
    return found
