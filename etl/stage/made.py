"""Fields that are made of typed ones: a key from a row's content, a running number among rows alike."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract import Contract
from etl.contract.model import ValueFrom
from etl.reasons import Catalogue
from etl.values.faults import fault

MESSAGES = Catalogue(__file__)

_DIGITS = 32
"""Length of a key made from content: 128 bits of a SHA-256 in hexadecimal."""
_BETWEEN, _ABSENT = "\x1f", "\0"
"""Between the values that make a key, and in the place of an empty one; neither can be in a value."""


class Made:
    """Puts the made fields of one delivery into its typed batches, in the order of the rows."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._fields = [
            (field, field.value_from, self._of(field.value_from))
            for field in contract.fields
            if field.value_from is not None and field.is_of_typed
        ]
        self._counts: dict[str, Counter[tuple[Any, ...]]] = {
            field.name: Counter() for field, _, _ in self._fields
        }

    def _of(self, source: ValueFrom) -> tuple[str, ...]:
        """The fields that it is made of; where none is named, a row's content is all that is kept of it."""
        if source.of:
            return source.of
        return tuple(
            f.name for f in self._contract.fields if f.handling != "drop" and not f.is_made
        )

    def __call__(self, narrow: Any, text: Any = None) -> Any:
        """The typed batch with keys and numbers made of its values; `text` holds the restricted ones."""
        for field, source, of in self._fields:
            columns = [_as_text(self._column(name, narrow, text)) for name in of]
            keys: list[tuple[str | None, ...]] = list(zip(*columns, strict=True))
            values: list[Any] = (
                [_digest(key) for key in keys]
                if source.source == "rowContent"
                else _numbered(keys, self._counts[field.name])
            )
            unread = _unread(narrow, set(of))
            for row in unread:
                values[row] = None
            place = narrow.schema.get_field_index(str(field.column))
            kind = pa.string() if field.type == "string" else narrow.schema.field(place).type
            made = pa.array([each if each is None else str(each) for each in values], pa.string())
            narrow = narrow.set_column(place, str(field.column), made.cast(kind))
            if unread:
                narrow = _with_faults(narrow, field.name, unread)
        return narrow

    def _column(self, name: str, narrow: Any, text: Any) -> Any:
        column = self._contract.by_name[name].column
        return text[name] if column is None else narrow[column]


def _unread(typed: Any, of: set[str]) -> list[int]:
    """The rows in which something that the value is made of could not be read."""
    faults = typed["fault"]
    rows: Any = np.flatnonzero(faults.is_valid()) if faults.null_count < len(faults) else []
    return [
        int(row)
        for row in rows
        if of & {reason.get("column") for reason in json.loads(faults[int(row)].as_py())}
    ]


def _as_text(column: Any) -> list[str | None]:
    """The typed values as one text each, however they were written: dates as ISO, 1 and 1.0 alike."""
    texts: list[str | None] = pc.cast(column, pa.string()).to_pylist()
    return texts


def _digest(key: tuple[str | None, ...]) -> str | None:
    if not any(key):
        return None
    text = _BETWEEN.join(_ABSENT if part is None else part for part in key)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _numbered(keys: Sequence[tuple[Any, ...]], counts: Counter[tuple[Any, ...]]) -> list[int]:
    numbers = []
    for key in keys:
        counts[key] += 1
        numbers.append(counts[key])
    return numbers


def _with_faults(typed: Any, name: str, rows: Sequence[int]) -> Any:
    texts = typed["fault"].to_pylist()
    for row in rows:
        reason = fault(name, "", MESSAGES.reason("made_of_unreadable"))
        texts[row] = json.dumps([*json.loads(texts[row]), reason], ensure_ascii=False)
    place = typed.schema.get_field_index("fault")
    return typed.set_column(place, "fault", pa.array(texts, pa.string()))
