"""Where the header of an extract is that no contract describes: the row of labels above rows of values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from etl.values.marks import nfkc

_VALUE = re.compile(
    r"[-+]?[\d,]*\.?\d+%?|\d{1,4}[-/.年]\d{1,2}([-/.月]\d{1,4}日?)?([ T]\d{1,2}:\d{2}.*)?"
)
_YEAR = re.compile(r"(?:19|20)\d\d年?")
_FULL = 0.8
_LOOKED_AT = 20


class Guess(NamedTuple):
    """The place of a header: `rows` is 0 where there is none."""

    row: int
    rows: int
    kind: Literal["none", "plain", "grouped", "bilingual"]
    """grouped: a row of groups above; bilingual: the same columns named in two languages."""


def guess(rows: Sequence[Sequence[str]]) -> Guess | None:
    """The likeliest header among the first rows; None where there are no cells at all.

    It is the first full row whose cells are labels: different from each other, no numbers and no days. A
    table whose first full row looks like those below it has no header.
    """
    tidy = [[nfkc(cell).strip() for cell in row] for row in rows]
    widest = max((_filled(row) for row in tidy[:_LOOKED_AT]), default=0)
    if not widest:
        return None
    full = [n for n, row in enumerate(tidy) if _filled(row) >= _FULL * widest]
    first = full[0]
    pair = next((n for n in range(first - 1) if _are_groups(tidy[n], tidy[n + 1], widest)), None)
    if pair is not None:
        return Guess(pair, 2, "grouped")
    at = next((n for n in full[:3] if _labels(tidy[n]) and not _repeats(tidy, n)), None)
    if at is None:
        return Guess(first, 0, "none")
    if (
        at + 1 < len(tidy)
        and _labels(tidy[at + 1])
        and _are_values_below(tidy, at + 2, tidy[at + 1])
    ):
        return Guess(at, 2, "bilingual")
    if at > 0 and len(set(filter(None, tidy[at - 1]))) >= 2 and _may_group(tidy[at - 1], tidy[at]):
        return Guess(at - 1, 2, "grouped")
    return Guess(at, 1, "plain")


def _filled(row: Sequence[str]) -> int:
    return sum(map(bool, row))


def _labels(row: Sequence[str]) -> bool:
    """Whether a row may be one of labels: all different, and hardly a number among them but for years in a row."""
    cells = [cell for cell in row if cell]
    values = sum(bool(_VALUE.fullmatch(cell)) for cell in cells) - len(_years(row))
    return len(set(cells)) == len(cells) and values * 5 <= len(cells)


def _years(row: Sequence[str]) -> list[str]:
    """The years by which columns are called: two or more, one after the other."""
    years = [cell for cell in row if _YEAR.fullmatch(cell)]
    numbers = [int(cell[:4]) for cell in years]
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    return years if steps in ({1}, {-1}) else []


def _are_groups(upper: Sequence[str], lower: Sequence[str], widest: int) -> bool:
    """Whether two rows of labels with gaps make one header together: groups, and below them their columns."""
    both = range(max(len(upper), len(lower)))
    together = sum(any(c < len(row) and row[c] for row in (upper, lower)) for c in both)
    cells = [cell for cell in (*upper, *lower) if cell]
    return (
        together >= _FULL * widest
        and min(_filled(upper), _filled(lower)) > 1
        and not any(map(_VALUE.fullmatch, cells))
    )


def _repeats(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column is of values, the row's own cell included: then the row is data."""
    below = [row for row in rows[at + 1 : at + 1 + _LOOKED_AT] if _filled(row)]
    years = _years(rows[at])
    for column, cell in enumerate(rows[at]):
        if cell in years:
            continue
        cells = [row[column] for row in below if column < len(row) and row[column]]
        if len(cells) > 1 and _VALUE.fullmatch(cell) and all(map(_VALUE.fullmatch, cells)):
            return True
    return False


def _are_values_below(rows: Sequence[Sequence[str]], start: int, row: Sequence[str]) -> bool:
    """Whether most columns hold values from there on, above which this row has labels, each in its column."""
    below = [each for each in rows[start : start + _LOOKED_AT] if _filled(each)]
    columns = range(len(row))
    valued = [
        column
        for column in columns
        if (cells := [r[column] for r in below if column < len(r) and r[column]])
        and all(map(_VALUE.fullmatch, cells))
    ]
    return len(below) > 1 and len(valued) * 2 > len(columns) and all(row[c] for c in valued)


def _may_group(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Whether the row above spans several columns each: a merged cell, or gaps after its texts."""
    cells = [cell for cell in upper if cell]
    gaps = any(not upper[n] and n and upper[n - 1] for n in range(min(len(upper), len(lower))))
    return len(set(cells)) < len(cells) or gaps
