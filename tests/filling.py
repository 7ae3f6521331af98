"""A clerk who knows the truth: fills an exported workbook in from the manifest of a sample."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import load_workbook


def fill(
    path: Path, manifest: Mapping[str, Any], names: Mapping[int, str]
) -> list[tuple[str, int]]:
    """Answer every row of the workbook; returns the rows (file, row) that the manifest did not spoil.

    `names` are the files' names by delivery. Of rows that contradict each other the true one is kept.
    """
    spoiled: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
    for entry in (*manifest["history"], *manifest["newest"]):
        for fault in entry["faults"]:
            if fault["outcome"] == "quarantined":
                spoiled[entry["path"].rsplit("/", 1)[1], fault["row"]].append(fault)
    unknown = []
    book = load_workbook(path)
    for sheet in book.worksheets:
        if sheet["A1"].value != "#entry":
            continue
        columns = {cell.value: cell.column for cell in sheet[1]}
        headers = {cell.column: str(cell.value) for cell in sheet[2]}
        for row in range(3, sheet.max_row + 1):
            delivery = int(str(sheet.cell(row, 1).value).split("/")[0])
            place = names[delivery], int(str(sheet.cell(row, 2).value))
            if place not in spoiled:
                unknown.append(place)
            for fault in spoiled[place]:
                if fault["kind"] == "conflicting_key":
                    action = "撤回" if fault["true"] else "保留"
                    sheet.cell(row, columns["#action"]).value = action
                    continue
                for name, value in fault["true"].items():
                    at = columns.get(f"fix:{name}")
                    if at is not None and value is not None:
                        is_scaled = "万人" in headers[at]
                        sheet.cell(row, at).value = float(value) / 10_000 if is_scaled else value
    book.save(path)
    return unknown
