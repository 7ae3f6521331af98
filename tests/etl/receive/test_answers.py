"""Answers on quarantined rows are for deliveries that this warehouse has loaded; of any other nothing is begun."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from etl.context import Context
from etl.receive import receive
from etl.repair.identity import entry_mark, warehouse_mark
from tests.make import write_csv


def answers(ctx: Context, path: Path, delivery_id: int) -> Path:
    """A decision on the first row of a delivery, as `minsheng quarantine accept` writes it."""
    key = ctx.settings.token_key()
    entry = {
        "entry": entry_mark(key, delivery_id, 1, "0" * 64),
        "action": "accept",
        "by": "李",
        "reason": "已核实",
        "rules": ["required.name"],
    }
    content = {"minsheng": "repair", "warehouse": warehouse_mark(key), "answers": [entry]}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize("which", ["unknown", "not loaded"])
def test_an_answer_on_what_is_not_loaded_is_rejected_and_says_so(
    opened: Context, tmp_path: Path, which: str
) -> None:
    delivery_id = 2**40
    if which == "not loaded":
        sent = write_csv(
            tmp_path / "模型学校_20200131_a.csv",
            ("编号", "名称", "状态"),
            [("2111000001", "一小", "正常")],
        )
        (delivery,) = receive(sent, ctx=opened)
        delivery_id = delivery.delivery_id
    (answer,) = receive(answers(opened, tmp_path / "答复.json", delivery_id), ctx=opened)
    assert (answer.state, answer.feed, answer.repairs) == ("rejected", None, None)
    assert [reason["rule"] for reason in answer.reasons] == ["forged_row"]
