"""A figure town by town, in today's boundaries: all towns of the register, what is too small hidden, nothing invented."""

from __future__ import annotations

from dataclasses import replace

from etl.evaluate import Reading, figures
from etl.plan import Statement
from etl.report.model import FEW, PERSONS, TownValue


def town_values(
    reading: Reading, statement: Statement
) -> tuple[tuple[TownValue, ...], float | None]:
    """Each town's part, and of a sum what lies in no town of the list.

    A town that should have reported and did not has no data; any other town without a contributing thing has 0.
    """
    figure, coverage = reading.computed(statement)
    absent, _ = reading.absent(statement, figure, coverage)
    sums: dict[int | None, tuple[float, float | None]] = {}
    if figure.value is not None:
        for area_key, (numerator, denominator) in figure.by_area.items():
            place = reading.places.get(area_key)
            town = place.town_key if place else None
            town = town if town in reading.towns else None
            before = sums.get(town, (0.0, None))
            below = before[1]
            if denominator is not None:
                below = (below or 0.0) + denominator
            sums[town] = (before[0] + (numerator or 0.0), below)
    ratio = figures.is_ratio(statement)
    cells = [
        _cell(
            key,
            name,
            sums.get(key),
            ratio=ratio,
            share=statement.unit_en == "rate",
            has_data=figure.value is not None and key not in absent,
        )
        for key, name in sorted(reading.towns.items())
    ]
    if not ratio and (statement.unit_zh or "") in PERSONS:
        cells = suppressed(cells)
    elsewhere = None if ratio or figure.value is None else sums.get(None, (0.0, None))[0]
    return tuple(cells), elsewhere


def suppressed(cells: list[TownValue]) -> list[TownValue]:
    """Counts of persons below FEW hidden; where that is one cell, the next smallest too: the total would give it away."""
    hidden = {c.key for c in cells if c.state == "value" and 0 < (c.value or 0.0) < FEW}
    if len(hidden) == 1:
        rest = [
            c for c in cells if c.state == "value" and c.key not in hidden and (c.value or 0.0) > 0
        ]
        hidden |= {c.key for c in sorted(rest, key=lambda c: c.value or 0.0)[:1]}
    return [
        replace(c, value=None, numerator=None, denominator=None, state="few")
        if c.key in hidden
        else c
        for c in cells
    ]


def _cell(
    key: int,
    name: str,
    sums: tuple[float, float | None] | None,
    *,
    ratio: bool,
    share: bool,
    has_data: bool,
) -> TownValue:
    if not has_data:
        return TownValue(key, name, None, None, None, "none")
    above, below = sums or (0.0, None)
    if not ratio:
        return TownValue(key, name, above, above, None, "value")
    if not below:
        return TownValue(key, name, None, None, 0.0, "none")
    if share and below < FEW:
        return TownValue(key, name, None, None, None, "few", is_share=True)
    return TownValue(key, name, above / below, above, below, "value", is_share=share)
