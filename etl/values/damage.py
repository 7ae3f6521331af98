"""Marks that spreadsheets and exports leave on text; a damaged value is withheld, never mended by guess."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.reasons import Reason
from etl.values.faults import (
    ERROR_CELL,
    EXPONENT_CELL,
    NUL_CELL,
    REPLACED_CELL,
)
from etl.values.text import Cells

_ERROR_WORDS = (
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
)  # fmt: skip
_ERROR = "^(?:" + "|".join(map(re.escape, _ERROR_WORDS)) + "|#{3,})$"
_EXPONENT = r"^\d(?:\.\d+)?[eE]\+\d{1,3}$"

# A byte that hardly any text holds says whether the pattern is worth trying.
_MARKS: tuple[tuple[bytes, str, Reason], ...] = (
    (b"\0", r"\x00", NUL_CELL),
    (b"\xef", "\ufffd", REPLACED_CELL),
    (b"#", _ERROR, ERROR_CELL),
    (b"+", _EXPONENT, EXPONENT_CELL),
)


def damaged(cells: Cells) -> tuple[Any, list[tuple[Any, str, Reason]]]:
    """The column with damaged values made null, and the faults."""
    bad: list[tuple[Any, str, Reason]] = []
    octets, values = cells.data.tobytes(), cells.values
    for mark, pattern, expected in _MARKS:
        if octets.find(mark) < 0:
            continue
        hit = pc.match_substring_regex(values, pattern=pattern).fill_null(False)
        rows = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
        bad += [(rows[i : i + 1], values[int(row)].as_py(), expected) for i, row in enumerate(rows)]
        if len(rows):
            values = pc.if_else(hit, pa.scalar(None, pa.string()), values)
    return values, bad


def without_nul(cells: Cells) -> tuple[Any, Any]:
    """The column with texts that hold a NUL, which PostgreSQL cannot, made null, and their rows."""
    if cells.data.tobytes().find(b"\0") < 0:
        return cells.values, ()
    hit = pc.match_substring(cells.values, "\0").fill_null(False)
    rows = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
    return pc.if_else(hit, pa.scalar(None, pa.string()), cells.values), rows


def is_error_word(text: str) -> bool:
    """Whether the cell holds a spreadsheet's error or the marks of a column too narrow."""
    return re.fullmatch(_ERROR, text) is not None
