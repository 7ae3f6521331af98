"""How a delivery and a reason look in a terminal."""

from __future__ import annotations

from typing import Any

import click

from etl.ledger import COUNTS, Delivery

COLOURS = {
    "loaded": "green",
    "duplicate": "blue",
    "held": "yellow",
    "rejected": "red",
    "failed": "red",
}


def delivery_line(delivery: Delivery) -> str:
    """One line a delivery: state, feed, period, file, counts; below it why it was stopped."""
    counts = "  ".join(
        f"{name} {value}" for name in (*COUNTS, "closed") if (value := getattr(delivery, name))
    )
    state = click.style(f"{delivery.state:<9}", fg=COLOURS.get(delivery.state))
    line = f"#{delivery.delivery_id:<4} {state} {delivery.label.rsplit(' #', 1)[0]}  {counts}  {delivery.seconds:.2f}s"
    if delivery.state in ("held", "rejected", "failed"):
        line += "".join(f"\n        {text}" for r in delivery.reasons for text in reason_lines(r))
    return line


def reason_lines(reason: dict[str, Any]) -> list[str]:
    """A reason in both languages: where, what, found, expected, how to fix."""
    place = " · ".join(
        f"{word} {reason[name]}"
        for name, word in (
            ("file", "文件 file"),
            ("sheet", "工作表 sheet"),
            ("row", "行 row"),
            ("column", "列 column"),
        )
        if reason.get(name) is not None
    )
    detail = "; ".join(
        f"{word}: {reason[name]}"
        for name, word in (
            ("found", "实际 found"),
            ("expected", "应为 expected"),
            ("rows", "行数 rows"),
        )
        if reason.get(name) is not None
    )
    lines = [f"{reason.get('message_zh', '')} {reason.get('message_en', '')}".strip()]
    lines += [text for text in (place, detail) if text]
    fix = f"{reason.get('fix_zh', '')} {reason.get('fix_en', '')}".strip()
    return lines + ([f"处理 fix: {fix}"] if fix else [])
