"""The manifest: what each file holds, which rows are faulty and why, and what is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from etl.contract import Contract, mode_of
from minsheng_sample.compose import Delivery
from minsheng_sample.dress.style import Style
from minsheng_sample.timeline import Period

LABEL_ZH = "合成数据：全部由程序生成，不是任何部门的真实数据；目标均为示例。"
LABEL_EN = (
    "Synthetic data: all of it is generated, none of it is any department's; targets are examples."
)
COUNTS = ("rows", "accepted", "duplicate", "quarantined", "retracted", "totals_dropped")


@dataclass
class Entry:
    """One file in the manifest."""

    path: str
    contract: Contract
    period: Period
    received: date
    style: Style
    delivery: Delivery
    features: list[str] = field(default_factory=list)
    states: tuple[str, ...] = ("loaded",)
    notes: list[dict[str, object]] = field(default_factory=list)
    """What is odd about the file as a whole."""

    @property
    def mode(self) -> str:
        """The mode that its name gives it."""
        return mode_of(self.contract, self.delivery.name)

    def expected(self) -> dict[str, int]:
        """What must become of its rows: `accepted` are those loaded or already known as they are.

        A file that is only a copy is not looked into at all.
        """
        if self.states == ("duplicate",):
            return dict.fromkeys(COUNTS, 0)
        delivery = self.delivery
        duplicate = delivery.count("duplicate_row")
        good = delivery.records - duplicate - delivery.quarantined
        retracts = self.mode == "retraction"
        return {
            "rows": delivery.records + delivery.totals,
            "accepted": 0 if retracts else good,
            "duplicate": duplicate,
            "quarantined": delivery.quarantined,
            "retracted": good if retracts else 0,
            "totals_dropped": delivery.totals,
        }

    def as_dict(self) -> dict[str, object]:
        """For the manifest."""
        return {
            "path": self.path,
            "feed": self.contract.feed,
            "department": self.contract.department,
            "period": {"start": self.period.start.isoformat(), "end": self.period.end.isoformat()},
            "mode": self.mode,
            "received_on": self.received.isoformat(),
            "format": self.style.format,
            "encoding": self.style.encoding if self.style.format in ("csv", "tsv") else None,
            "container": self.style.container or None,
            "features": self.features,
            "states": list(self.states),
            "expected": self.expected(),
            "notes": self.notes,
            "faults": [row.as_dict() for row in self.delivery.spoiled],
        }


def totals(entries: list[Entry]) -> dict[str, int]:
    """Sums over the files that are surely loaded, not over those that are or may be duplicates."""
    loaded = [entry.expected() for entry in entries if entry.states == ("loaded",)]
    return {"files": len(entries)} | {
        name: sum(counts[name] for counts in loaded) for name in COUNTS
    }


def features(style: Style) -> list[str]:
    """What is unusual about the way a file is written."""
    shown: Mapping[str, bool] = {
        "title_row": style.title,
        "two_row_header": style.two_rows,
        "merged_cells": style.is_sheet and (style.title or style.two_rows),
        "total_row": style.totals,
        "subtotal_rows": style.subtotals,
        "footnotes": style.footnotes,
        "several_sheets": style.sheets > 1,
        "old_headers": style.headers == "old",
        "value_aliases": style.aliases,
        "town_aliases": style.town_name > 0,
        "full_width": style.text == "wide" or style.numbers == "wide",
        "padded": style.text == "padded",
        "number_words": style.numbers == "words",
        "thousands_separators": style.numbers == "separators",
        "placeholders": style.empty is not None,
        f"dates_{style.dates}": style.dates != "iso",
        "extra_column": bool(style.extra),
        "gbk_names_in_zip": style.container == "zip",
        f"encoding_{style.encoding}": style.format in ("csv", "tsv"),
        f"format_{style.format}": True,
        f"container_{style.container}": bool(style.container),
    }
    return sorted(name for name, holds in shown.items() if holds)
