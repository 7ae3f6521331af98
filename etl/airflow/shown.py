"""How deliveries and reasons read in Airflow's UI."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from etl.reasons import ERROR, Reason, message, one_line

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
    told = [Reason.of(reason) for reason in reasons]
    stopping = [reason for reason in told if reason.severity == ERROR] or told
    if not stopping:
        return "-"
    return one_line(stopping[0]) if detail else message(stopping[0])


def reason_text(reason: dict[str, Any]) -> str:
    """A reason in one line, in both languages."""
    return one_line(Reason.of(reason))


def decision_text(
    delivery: Delivery, effect: Iterable[str] = (), *, page: str | None = None
) -> str:
    """What a person reads who decides on a held delivery (Markdown).

    `effect`: what a release would do; `page`: the address of the delivery's page.
    """
    facts = {
        "数据源 feed": delivery.feed,
        "报告期 period": delivery.period,
        "文件 file": delivery.member or delivery.file_name,
        "收到 received": f"{delivery.received_at:%Y-%m-%d %H:%M}",
        "行数 rows": delivery.staged_rows,
        "批次 delivery": delivery.delivery_id,
    }
    lines = [f"- **{name}**: {value}" for name, value in facts.items() if value is not None]
    if page:
        lines.append(f"- **批次页 page**: [#{delivery.delivery_id}]({page})")
    lines += ["", "**原因 reasons**", ""]
    lines += [
        f"{number}. {reason_text(reason)}" for number, reason in enumerate(delivery.reasons, 1)
    ]
    if told := list(effect):
        lines += ["", "**放行的后果 if released**", "", *(f"- {line}" for line in told)]
    lines += [
        "",
        "放行后按原样入库；退回后不入库，原件仍在档案中。 "
        "Released, it is loaded as it is; rejected, it never is, and its bytes stay in the archive.",
    ]
    return "\n".join(lines)
