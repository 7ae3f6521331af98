"""What a filled workbook, or a decision written down as JSON, answers on quarantined rows.

A sheet of answers has a hidden first row of machine names: `#entry` (the mark of the entry),
`fix:<field>` for a corrected value, `#action` for what to do with the row as a whole, `#shown` for
what its other columns showed: these only show, and a row in which they say something else now is no
row that was exported. The same as JSON:

    {"minsheng": "repair", "warehouse": MARK, "answers": [{"entry": MARK, "action": "accept",
     "by": WHO, "reason": WHY, "rules": [RULE...]}]}
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

from etl.errors import InputProblem
from etl.reasons import Catalogue, Reason
from etl.repair.books import MANIFEST, is_ours, sheets
from etl.repair.identity import read_mark, warehouse_mark

MESSAGES = Catalogue(__file__)

Action = Literal["repair", "keep", "withdraw", "accept"]

ACTIONS: Mapping[str, Action] = {"修正": "repair", "保留": "keep", "撤回": "withdraw"}
"""What a clerk may choose for a row: corrected values, as it is (of rows that contradict each other), not ours."""

_JSON = b'{"minsheng": "repair"'
_ENTRY, _ACTION, _SHOWN, _FIX = "#entry", "#action", "#shown", "fix:"
_ABOVE = 20
"""Rows that a clerk may have put above the names of the columns."""


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
    read = _of_json if _is_json(path) else _of_workbook if is_ours(path) else None
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


def digests(shown: Mapping[str, str]) -> str:
    """What a row showed, by column: a short digest of each cell, so that it can be said which is another one now."""
    # Blanks aside: programs end lines in ways of their own.
    return " ".join(
        f"{name}:{crc32(''.join(text.split()).encode()) & 0xFFFF:04x}"
        for name, text in shown.items()
    )


def _of_workbook(path: Path, name: str) -> tuple[str | None, Answers]:
    found = Answers()
    mark = None
    for title, rows in sheets(path):
        if title == MANIFEST:
            first = next(rows, ())
            mark = str(first[1]) if len(first) > 1 else None
        else:
            _sheet(found, name, title, enumerate(rows, 1))
    return mark, found


def _sheet(
    found: Answers, file: str, sheet: str, rows: Iterator[tuple[int, tuple[Any, ...]]]
) -> None:
    columns = _columns(found, file, sheet, rows)
    if columns is None:
        return
    fixes = {name.removeprefix(_FIX): at for name, at in columns.items() if name.startswith(_FIX)}
    shown = {name: at for name, at in columns.items() if not name.startswith(("#", _FIX))}
    taken = {each.mark: f"{each.sheet} {each.row}" for each in found.answers}
    _, heads = next(rows, (0, ()))
    titles = {name: _text(heads, at) or name for name, at in shown.items()}
    for row, values in rows:
        cells = {name: text for name, at in fixes.items() if (text := _text(values, at))}
        said = _text(values, columns.get(_ACTION))
        place = {"file": file, "sheet": sheet, "row": row}
        mark = _text(values, columns[_ENTRY])
        entry = read_mark(mark)
        changed = _changed(values, shown, columns.get(_SHOWN)) if entry else []
        # Who wrote over a wrong cell and into the column beside it has answered.
        elsewhere = [titles[name] for name in changed if name not in cells]
        if problem := _problem(cells, said, elsewhere, mark, entry):
            code, facts = problem
            found.problems.append(MESSAGES.reason(code, **facts, **place))
        elif entry is None or not (cells or said):
            continue
        elif mark in taken:
            found.problems.append(MESSAGES.reason("answered_twice", other=taken[mark], **place))
        else:
            taken[mark] = f"{sheet} {row}"
            action = ACTIONS[said] if said else "repair"
            found.answers.append(Answer(*entry, mark, action, sheet, row, cells))


def _problem(
    cells: Mapping[str, str],
    said: str,
    changed: Sequence[str],
    mark: str,
    entry: tuple[int, int] | None,
) -> tuple[str, dict[str, Any]] | None:
    """Why what a row says cannot be taken, or None."""
    if entry is None:
        return ("unknown_row", {"found": mark or None}) if cells or said else None
    if changed:
        return "changed_cell", {"header": "、".join(changed)}
    if said and said not in ACTIONS:
        return "unknown_action", {"found": said, "expected": "、".join(ACTIONS)}
    if said and ACTIONS[said] == "withdraw" and cells:
        return "contradicts_itself", {"found": said}
    if said and ACTIONS[said] == "repair" and not cells:
        return "no_value", {"found": said}
    return None


def _columns(
    found: Answers, file: str, sheet: str, rows: Iterator[tuple[int, tuple[Any, ...]]]
) -> dict[str, int] | None:
    """Where the columns of machine names are; rows and columns may have been put before them.

    Where the names are gone but rows are there that were exported, that is said.
    """
    for row, values in rows:
        names = {str(name): at for at, name in enumerate(values) if name}
        if _ENTRY in names:
            return names
        if any(read_mark(str(value)) for value in values[:1] if value):
            found.problems.append(MESSAGES.reason("names_gone", file=file, sheet=sheet, row=row))
            return None
        if row > _ABOVE:
            return None
    return None


def _changed(values: tuple[Any, ...], shown: Mapping[str, int], at: int | None) -> list[str]:
    """The columns that show something else than was exported; none where nobody can tell."""
    before = _text(values, at).split()
    now = digests({name: _text(values, place) for name, place in shown.items()}).split()
    names = (each.rpartition(":")[0] for each in before if each not in now)
    return [name for name in names if name in shown]


def _text(values: tuple[Any, ...], at: int | None) -> str:
    """A cell as a clerk typed it: dates as ISO, whole numbers without .0."""
    import datetime as dt

    value = values[at] if at is not None and at < len(values) else None
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()
