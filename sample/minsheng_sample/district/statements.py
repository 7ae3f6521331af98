"""Declared values and example targets: the rows that people, not registers, hand in.

The declared texts are the plan's own words; who declared and approved them is invented,
so their basis is `example`, and every target is one.
"""

from __future__ import annotations

import csv
from datetime import date

from minsheng_sample.register import DATA
from minsheng_sample.timeline import Period, Row, Span

PLAN = "dx-14fyp-social-governance"
EXAMPLE = "示例目标（合成，非官方）"


class Statements:
    """Targets and declarations of a sample."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def plan_target(self, period: Period) -> list[Row]:
        """Invented targets for the end of the fourteenth plan."""
        return [
            {
                "indicator_code": line["indicator_code"],
                "plan_code": PLAN,
                "target_on": date(2025, 12, 31),
                "target_value": float(line["target_value"]),
                "comparator": line["comparator"],
                "nature": "预期性",
                "basis": "example",
                "source_title": EXAMPLE,
                "source_url": None,
                "page": None,
                "quote": None,
                "supplied_by": "示例提供人（合成）",
                "supplied_on": period.start,
                "approved_by": None,
                "definition_version": "1",
            }
            for line in _read("targets.csv")
        ]

    def declaration(self, period: Period) -> list[Row]:
        """What the plan states and no register can count, as declared at the anchor day."""
        return [
            {
                "indicator_code": line["indicator_code"],
                "declared_on": self._span.anchor,
                "value": float(line["value"]) if line["value"] else None,
                "half_width": float(line["half_width"]) if line["half_width"] else None,
                "comparator": line["comparator"] or None,
                "text_as_stated": line["text_as_stated"],
                "quote": line["quote"],
                "evidence": f"示例佐证材料（合成）第{number}号",
                "basis": "example",
                "declared_by": "示例填报人（合成）",
                "approved_by": "示例审批人（合成）",
                "definition_version": "1",
            }
            for number, line in enumerate(_read("declarations.csv"), start=1)
        ]

    def task(self, period: Period) -> list[Row]:
        """Invented tasks, as their lead units report them at the end of the sample."""
        return [
            {
                "task_id": f"示例-{number:02d}",
                "reported_on": period.start,
                "plan_code": PLAN,
                "task_name": f"{line['task_name']}（合成示例）",
                "lead_unit": line["lead_unit"],
                "supporting_units": line["supporting_units"] or None,
                "deadline_on": date(int(line["deadline"]), 12, 31),
                "status": line["status"],
                "progress": float(line["progress"]) if line["progress"] else None,
                "progress_note": f"示例进展（合成）第{number}号",
                "evidence": f"示例佐证材料（合成）第{number}号"
                if line["status"] == "已完成"
                else None,
                "quote": None,
                "basis": "example",
                "reported_by": "示例填报人（合成）",
                "approved_by": None,
            }
            for number, line in enumerate(_read("tasks.csv"), start=1)
        ]


def _read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
