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
from etl.values.mojibake import turned
from etl.values.text import Cells, mask_of

# Errors of Excel, WPS, LibreOffice and Google in whatever language (#WERT!, #¡VALOR!, #ИМЯ?), #N/A in those that
# write it otherwise, and the marks of a column too narrow.
_ERROR = (
    r"^=?(?:#[¡¿]?[A-ZÀ-ÞĀ-ŽА-Я]{2,14}(?:/0)?[!?]|(?i:#N/A|#N/D|#NV|#NA|#Н/Д|#GETTING_DATA)(?: N/A)?"
    r"|#{3,})$"
)
_OFFICE = r"^Err:\d{3}$"
_EXPONENT = r"^\d(?:\.\d+)?[eE]\+\d{1,3}$"

Bad = list[tuple[Any, str, Reason]]

# A byte that hardly any text holds says whether the pattern is worth trying.
_MARKS: tuple[tuple[bytes, str, Reason], ...] = (
    (b"\0", r"\x00", NUL_CELL),
    (b"\xef", "\ufffd", REPLACED_CELL),
    (b"#", _ERROR, ERROR_CELL),
    (b":", _OFFICE, ERROR_CELL),
    (b"+", _EXPONENT, EXPONENT_CELL),
)


def damaged(cells: Cells, sent: Cells | None = None) -> tuple[Any, list[tuple[Any, str, Reason]]]:
    """The column with damaged values made null, and the faults; `sent` is the column before it was cleaned.

    What a wrong conversion made shows only there: NFKC changes it once more.
    """
    bad: list[tuple[Any, str, Reason]] = []
    octets, values = cells.data.tobytes(), cells.values
    if sent is not None:
        values, bad = _turned(values, sent, octets)
    for mark, pattern, expected in _MARKS:
        if octets.find(mark) < 0 or (mark == b":" and octets.find(b"Err:") < 0):
            continue
        hit = pc.match_substring_regex(values, pattern=pattern).fill_null(False)
        rows = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
        bad += [(rows[i : i + 1], values[int(row)].as_py(), expected) for i, row in enumerate(rows)]
        if len(rows):
            values = pc.if_else(hit, pa.scalar(None, pa.string()), values)
    return values, bad


def _turned(values: Any, sent: Cells, octets: bytes) -> tuple[Any, Bad]:
    if sent.values is not values:
        octets = sent.data.tobytes()
    rows = turned(sent.values, octets, sent.data)
    # A word that the contract lists as a placeholder (??) is none by now.
    rows = [(row, reason) for row, reason in rows if values[row].is_valid]
    if not rows:
        return values, []
    lost = mask_of(len(values), [row for row, _ in rows])
    bad = [(np.array([row]), sent.values[row].as_py(), reason) for row, reason in rows]
    return pc.if_else(pa.array(lost), pa.scalar(None, pa.string()), values), bad


def without_nul(cells: Cells) -> tuple[Any, Any]:
    """The column with texts that hold a NUL, which PostgreSQL cannot, made null, and their rows."""
    if cells.data.tobytes().find(b"\0") < 0:
        return cells.values, ()
    hit = pc.match_substring(cells.values, "\0").fill_null(False)
    rows = np.flatnonzero(hit.to_numpy(zero_copy_only=False))
    return pc.if_else(hit, pa.scalar(None, pa.string()), cells.values), rows


def is_error_word(text: str) -> bool:
    """Whether the cell holds a spreadsheet's error or the marks of a column too narrow."""
    return re.search(_ERROR, text) is not None or re.fullmatch(_OFFICE, text) is not None
