"""What a filled workbook, or a decision written down as JSON, answers on quarantined rows.

A sheet of answers has a hidden first row of machine names: `#entry` (the mark of the entry),
`fix:<field>` for a corrected value, `#action` for what to do with the row as a whole. All other
columns only show. The same as JSON:

    {"minsheng": "repair", "warehouse": MARK, "answers": [{"entry": MARK, "action": "accept",
     "by": WHO, "reason": WHY, "rules": [RULE...]}]}
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from etl.errors import InputProblem
from etl.reasons import Catalogue, Reason
from etl.repair.identity import read_mark, warehouse_mark

MESSAGES = Catalogue(__file__)

Action = Literal["repair", "keep", "withdraw", "accept"]

MANIFEST = "_minsheng"
"""Name of the hidden sheet by which a workbook is recognised, whatever its file is called."""

ACTIONS: Mapping[str, Action] = {"修正": "repair", "保留": "keep", "撤回": "withdraw"}
"""What a clerk may choose for a row: corrected values, as it is (of rows that contradict each other), not ours."""

_LARGEST = 1 << 20
"""Bytes of the part that names a workbook's sheets; a larger one is none of ours, and perhaps a bomb."""

_JSON = b'{"minsheng": "repair"'
_ENTRY, _ACTION, _FIX = "#entry", "#action", "fix:"


@dataclass(frozen=True)
class Answer:
    """What is said of one entry."""

    delivery_id: int
    row_no: int
    """The row as the delivery that was kept out counts it."""
    mark: str
    action: Action
    sheet: str | None = None
    row: int = 0
    """Where the answer stands, as the workbook counts."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """Corrected values by field."""
    by: str | None = None
    reason: str | None = None
    rules: tuple[str, ...] = ()
    """Rules that an accepted row may break."""


@dataclass
class Answers:
    """All answers of one file, and what it says that is none."""

    answers: list[Answer] = field(default_factory=list)
    problems: list[Reason] = field(default_factory=list)

    def of(self, delivery_id: int) -> list[Answer]:
        """The answers on one delivery's entries, in the file's order."""
        return [each for each in self.answers if each.delivery_id == delivery_id]

    @property
    def deliveries(self) -> list[int]:
        """The deliveries they are about, in the file's order."""
        return list(dict.fromkeys(each.delivery_id for each in self.answers))


def read_answers(path: Path, key: bytes, name: str) -> Answers | None:
    """The answers in a file; None for a file that is no repair at all.

    Raises InputProblem for a repair that cannot be read, of another warehouse, or without an answer.
    """
    read = _of_json if _is_json(path) else _of_workbook if _has_manifest(path) else None
    if read is None:
        return None
    try:
        mark, found = read(path, name)
    except Exception as error:  # whatever a library says of a file that was cut or edited by hand
        raise InputProblem(MESSAGES.reason("broken", file=name, found=str(error)[:200])) from error
    if mark != warehouse_mark(key):
        raise InputProblem(MESSAGES.reason("other_warehouse", file=name))
    if not found.answers and not found.problems:
        raise InputProblem(MESSAGES.reason("no_answer", file=name))
    return found


def _is_json(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(_JSON)) == _JSON


def _of_json(path: Path, name: str) -> tuple[str | None, Answers]:
    given = json.loads(path.read_bytes())
    found = Answers()
    for number, each in enumerate(given["answers"], 1):
        place = read_mark(each["entry"])
        if place is None or each["action"] not in ("accept", "withdraw"):
            told = {"file": name, "row": number, "found": each["entry"]}
            found.problems.append(MESSAGES.reason("unknown_row", **told))
            continue
        found.answers.append(
            Answer(
                *place, each["entry"], each["action"], row=number,
                rules=tuple(each.get("rules", ())), by=each["by"], reason=each["reason"],
            )
        )  # fmt: skip
    return given["warehouse"], found


def _has_manifest(path: Path) -> bool:
    if not zipfile.is_zipfile(path):
        return False
    try:
        with zipfile.ZipFile(path) as parts:
            part = parts.getinfo("xl/workbook.xml")
            return part.file_size <= _LARGEST and MANIFEST.encode() in parts.read(part)
    except (KeyError, zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError):
        return False  # no workbook, or one that decoding will say all about


def _of_workbook(path: Path, name: str) -> tuple[str | None, Answers]:
    from openpyxl import load_workbook

    # By its bytes: the archive's names have no extension.
    with path.open("rb") as stream:
        book = load_workbook(stream, read_only=True, data_only=True)
        found = Answers()
        mark = None
        for sheet in book.worksheets:
            rows = sheet.iter_rows(values_only=True)
            first = next(rows, ())
            if sheet.title == MANIFEST:
                mark = str(first[1]) if len(first) > 1 else None
            elif first and first[0] == _ENTRY:
                _sheet(found, name, sheet.title, first, rows)
        return mark, found


def _sheet(
    found: Answers, file: str, sheet: str, names: tuple[Any, ...], rows: Iterator[tuple[Any, ...]]
) -> None:
    columns = {str(name): place for place, name in enumerate(names) if name}
    fixes = {name.removeprefix(_FIX): at for name, at in columns.items() if name.startswith(_FIX)}
    action_at = columns.get(_ACTION)
    taken = {each.mark: f"{each.sheet} {each.row}" for each in found.answers}
    next(rows, None)  # the visible header
    for row, values in enumerate(rows, 3):
        cells = {name: text for name, at in fixes.items() if (text := _text(values, at))}
        said = _text(values, action_at) if action_at is not None else ""
        if not cells and not said:
            continue
        place = {"file": file, "sheet": sheet, "row": row}
        mark = _text(values, 0)
        entry = read_mark(mark)
        if entry is None:
            found.problems.append(MESSAGES.reason("unknown_row", found=mark or None, **place))
        elif said and said not in ACTIONS:
            found.problems.append(
                MESSAGES.reason("unknown_action", found=said, expected="、".join(ACTIONS), **place)
            )
        elif mark in taken:
            found.problems.append(MESSAGES.reason("answered_twice", other=taken[mark], **place))
        else:
            taken[mark] = f"{sheet} {row}"
            action = ACTIONS[said] if said else "repair"
            found.answers.append(Answer(*entry, mark, action, sheet, row, cells))


def _text(values: tuple[Any, ...], at: int) -> str:
    """A cell as a clerk typed it: dates as ISO, whole numbers without .0."""
    import datetime as dt

    value = values[at] if at < len(values) else None
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
