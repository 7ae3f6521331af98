"""A row that equals the sum of the others is a total, whatever it is called: 大兴区 among its towns.

Only for feeds that say by which fields their rows add up (`totals.by`), which are tables of some
twenty towns a month. What a row is shows only when the last of its month was read, so the batches of a
sheet wait here until it ends; a sheet of more than `MOST` rows is no such table, and from there on
all is passed on at once and no row is judged. Memory is bounded by `MOST` rows, and the order stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from etl.decode.totals import _TOLERANCE
from etl.values.text import normalise

MOST = 20_000
"""Rows that are kept waiting: twenty towns for eighty years of months."""

_COPIES = 3
"""As often as one total may stand in one month under several names."""

_FEW_OTHERS, _FEW_OTHERS_OF_ONE_COLUMN = 2, 5
"""One number that happens to be the sum of two others is chance; of five, or in two columns, it is none."""


class AddingUp:
    """The batches of one sheet, until it is known which of their rows are sums of the others."""

    def __init__(self, by: tuple[str, ...]) -> None:
        self._by = by
        self._batches: list[Any] = []
        self._numbers: list[dict[str, Any]] = []
        self._rows = 0
        self._gave_up = False

    def add(self, batch: Any, numbers: dict[str, Any]) -> list[Any]:
        """One more batch; what can go on by now."""
        if self._gave_up:
            return [batch]
        self._batches.append(batch)
        self._numbers.append(numbers)
        self._rows += batch.num_rows
        if self._rows <= MOST:
            return []
        self._gave_up = True
        waiting, self._batches, self._numbers = self._batches, [], []
        return waiting

    def close(self) -> Iterator[tuple[Any, Any]]:
        """The batches that waited, each with True at the rows that are totals."""
        totals = self._totals() if self._batches else np.zeros(0, bool)
        start = 0
        for batch in self._batches:
            yield batch, totals[start : start + batch.num_rows]
            start += batch.num_rows
        self._batches, self._numbers, self._rows = [], [], 0

    def _totals(self) -> Any:
        totals: Any = np.zeros(self._rows, bool)
        names = list(self._numbers[0])
        if not names or not self._rows:
            return totals
        table = np.column_stack(
            [np.concatenate([each[name] for each in self._numbers]) for name in names]
        )
        for rows in self._groups().values():
            totals[_sums_of_the_others(table, np.array(rows))] = True
        return totals

    def _groups(self) -> dict[tuple[str, ...], list[int]]:
        """Rows by their month; a row without one belongs to the only month there is."""
        columns = [_texts([batch[name] for batch in self._batches if name in batch.schema.names])
                   for name in self._by]  # fmt: skip
        keys = list(zip(*(column or [""] * self._rows for column in columns), strict=True))
        keys = keys or [()] * self._rows
        months = {key for key in keys if all(key)}
        only = next(iter(months)) if len(months) == 1 else None
        groups: dict[tuple[str, ...], list[int]] = {}
        for row, key in enumerate(keys):
            groups.setdefault(only if only is not None and not all(key) else key, []).append(row)
        return groups


def _texts(parts: list[Any]) -> list[str]:
    column = [
        part.cast(pa.string()) if pa.types.is_dictionary(part.type) else part for part in parts
    ]
    words: dict[str | None, str] = {None: ""}
    texts = []
    for text in (text for part in column for text in part.to_pylist()):
        if text not in words:
            words[text] = normalise(text)
        texts.append(words[text])
    return texts


def _sums_of_the_others(table: Any, rows: Any) -> Any:
    """Which of these rows are totals of the rest: T = S / (copies + 1) in every number that they have."""
    part = table[rows]
    missing = np.isnan(part)
    sums = np.nansum(part, axis=0)
    told = (~missing & (sums != 0)).sum(axis=1)
    for copies in range(1, _COPIES + 1):
        share = sums / (copies + 1)
        near = np.abs(part - share) <= _TOLERANCE * np.maximum(1.0, np.abs(share))
        hit = (told > 0) & (near | missing).all(axis=1)
        if int(hit.sum()) != copies:
            continue
        # Others that have nothing to add are no detail: A, A and zeros are no towns and their total.
        others = int((~hit & (np.nan_to_num(part) != 0).any(axis=1)).sum())
        if others >= (_FEW_OTHERS if told[hit].min() > 1 else _FEW_OTHERS_OF_ONE_COLUMN):
            return rows[hit]
    return rows[:0]
