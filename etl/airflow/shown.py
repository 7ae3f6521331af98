"""How deliveries and reasons read in Airflow's UI."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from etl.ledger import Delivery

REFUSED = ("held", "rejected", "failed")
_NAME_LENGTH = 160  # Airflow stores 250; longer ones make its tables unreadable


def task_name(delivery: Delivery) -> str:
    """The name of a mapped task: the delivery, and what came of it once it has ended.

    `education.school 2020-09 学校.xlsx #12 · held: 行数比上期少 63% …`
    """
    text = delivery.label
    if delivery.state in REFUSED:
        text += f" · {delivery.state}: {main_reason(delivery.reasons, detail=True)}"
    elif delivery.state == "duplicate":
        text += " · duplicate"
    elif delivery.state == "loaded":
        text += f" · {delivery.rows or 0} rows"
        if delivery.quarantined:
            text += f", {delivery.quarantined} quarantined"
    return shortened(text)


def shortened(text: str) -> str:
    """Text cut to what fits as the name of a mapped task."""
    return text if len(text) <= _NAME_LENGTH else text[: _NAME_LENGTH - 1] + "…"


def main_reason(reasons: list[dict[str, Any]], *, detail: bool = False) -> str:
    """One line for what stopped a delivery; warnings did not."""
    stopping = [one for one in reasons if one.get("severity") != "warning"] or reasons
    if not stopping:
        return "-"
    return reason_text(stopping[0]) if detail else _message(stopping[0])


def reason_text(reason: dict[str, Any]) -> str:
    """A reason in both languages: what, where, found, expected, how to put it right."""
    parts = [_message(reason)]
    for names in (("file", "sheet", "row", "column"), ("found", "expected", "rows")):
        shown = [f"{_WORDS[name]} {reason[name]}" for name in names if reason.get(name) is not None]
        if shown:
            parts.append(" · ".join(shown))
    fix = f"{reason.get('fix_zh') or ''} {reason.get('fix_en') or ''}".strip()
    if fix:
        parts.append(f"处理 fix: {fix}")
    return "; ".join(parts)


def decision_text(delivery: Delivery) -> str:
    """What a person reads who decides on a held delivery (Markdown)."""
    facts = {
        "数据源 feed": delivery.feed,
        "报告期 period": delivery.period,
        "文件 file": delivery.member or delivery.file_name,
        "收到 received": f"{delivery.received_at:%Y-%m-%d %H:%M}",
        "行数 rows": delivery.staged_rows,
        "批次 delivery": delivery.delivery_id,
    }
    lines = [f"- **{name}**: {value}" for name, value in facts.items() if value is not None]
    lines += ["", "**原因 reasons**", ""]
    lines += [f"{number}. {reason_text(one)}" for number, one in enumerate(delivery.reasons, 1)]
    lines += [
        "",
        "放行后按原样入库；退回后不入库，原件仍在档案中。 "
        "Released, it is loaded as it is; rejected, it never is, and its bytes stay in the archive.",
    ]
    return "\n".join(lines)


def _message(reason: dict[str, Any]) -> str:
    return f"{reason.get('message_zh', '')} {reason.get('message_en', '')}".strip()


_WORDS = {
    "file": "文件 file",
    "sheet": "工作表 sheet",
    "row": "行 row",
    "column": "列 column",
    "found": "实际 found",
    "expected": "应为 expected",
    "rows": "行数 rows",
}
