"""What the UI shows of a delivery: its name, what became of it, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from etl.airflow.shown import decision_text, main_reason, reason_text, task_name

WARNING = {"rule": "w", "message_zh": "提示", "message_en": "A hint.", "severity": "warning"}
MISSING = {
    "error": "InputProblem",
    "message_zh": "缺少必需的列。",
    "message_en": "Required columns are missing.",
    "file": "学校.xlsx",
    "sheet": "Sheet1",
    "row": 2,
    "column": "学校标识码",
    "found": "学校名称",
    "expected": "学校标识码",
    "fix_zh": "补齐。",
    "fix_en": "Add them.",
}


def delivery(**values: Any) -> Any:
    usual = {
        "delivery_id": 12, "feed": "education.school", "label": "education.school 2020-09 学校.xlsx #12",
        "state": "staged", "reasons": [], "rows": None, "quarantined": None, "period": None,
        "member": None, "file_name": "学校.xlsx", "staged_rows": 3,
        "received_at": datetime(2020, 9, 5, 8, 30, tzinfo=UTC),
    }  # fmt: skip
    return SimpleNamespace(**usual | values)


def test_a_mapped_task_is_named_after_its_delivery_and_its_fate() -> None:
    assert task_name(delivery()) == "education.school 2020-09 学校.xlsx #12"
    loaded = task_name(delivery(state="loaded", rows=120, quarantined=3))
    assert loaded.endswith("#12 · 120 rows, 3 quarantined")
    assert task_name(delivery(state="duplicate")).endswith("· duplicate")
    held = task_name(delivery(state="held", reasons=[WARNING, MISSING]))
    assert "· held: 缺少必需的列。 Required columns are missing." in held
    assert "提示" not in held


def test_a_name_fits_into_airflows_column() -> None:
    long = MISSING | {"message_zh": "很" * 500}
    assert len(task_name(delivery(state="rejected", reasons=[long]))) <= 250


def test_a_reason_says_where_what_and_how_to_mend_it() -> None:
    text = reason_text(MISSING)
    for part in (
        "学校.xlsx",
        "Sheet1",
        "row 2",
        "学校标识码",
        "found: 学校名称",
        "补齐。 Add them.",
    ):
        assert part in text


def test_a_refusal_without_reasons_is_still_shown() -> None:
    assert main_reason([]) == "-"
    assert main_reason([WARNING]) == "提示 A hint."


def test_the_question_links_to_the_page_of_the_delivery() -> None:
    text = decision_text(delivery(state="held"), page="https://x/pages/deliveries/0/7.html")
    assert "(https://x/pages/deliveries/0/7.html)" in text
    assert "page" not in decision_text(delivery(state="held"))


def test_who_decides_reads_facts_and_every_reason() -> None:
    text = decision_text(delivery(state="held", reasons=[WARNING, MISSING], period="2020"))
    for part in ("education.school", "学校.xlsx", "2020-09-05", "1. 提示", "2. 缺少必需的列"):
        assert part in text
