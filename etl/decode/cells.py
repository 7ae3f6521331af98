"""What a field takes of a spreadsheet's cell: text fields what the sheet shows, numbers and days the value.

A text takes a number as it is shown: 000100001 under the format 000000000, 2020.10 under 0.00. A figure is
the value at the 15 digits that spreadsheets reckon with, in the unit of its header: what a format says of
the unit (39 % for 0.39, 万 for 2,500 shown as 0.3万) is not said a second time. A day is ISO; a year or a
month that was typed under a date's format, which shows 1905-06-20 for 1998, is that year.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pyarrow as pa

from etl.contract.model import Field
from etl.decode.number_format import NumberFormat, exact, plain
from etl.decode.problems import MESSAGES
from etl.reasons import Reason
from etl.values.numbers import ANY_UNIT, PERCENT_UNITS

_HAIR = 1_000
"""Microseconds."""
_TYPED_YEARS = range(1900, 2101)
_TYPED_MONTH = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])")
_TYPED_SHOWS = range(1909, 2420)
"""Between these years stands no day that a typed year or month shows as."""

UNIT_TWICE = MESSAGES.reason("unit_twice")
MERGED_FIGURE = MESSAGES.reason("merged_figure")

Show = Callable[[], NumberFormat | None]
"""Looks up the number format of a cell."""


def is_figure(field: Field) -> bool:
    """Whether a field's numbers say how much: they count once, however many rows their cell is merged over."""
    return field.type in ("integer", "number") and field.key_position is None and field.unit != "年"


def stored(cell: Any, epoch: dt.date) -> str | None:
    """A cell as text by its value: days as ISO, numbers at 15 digits, blank as None."""
    kind = type(cell)
    if kind is str:
        return cell if cell and not cell.isspace() else None
    if kind is float:
        # Most are whole, and short.
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else plain(exact(cell))
    if kind is bool:
        return "true" if cell else "false"
    if kind is dt.datetime:
        return str(_to_second(cell))
    if kind is dt.date:
        return typed_number(cell, epoch) or str(cell)
    return None if cell is None else str(cell)


def shown(cell: Any, epoch: dt.date, form: Show, *, days: bool = True) -> str | None:
    """A cell as text as the sheet shows it; a whole date always as ISO, so that one day is one text.

    `days`: of a day of which only a part is shown (3月5日), that part; otherwise all of it.
    """
    kind = type(cell)
    if kind is float:
        look = form()
        return stored(cell, epoch) if look is None else look.show(cell)
    if days and kind is dt.date and typed_number(cell, epoch) is None:
        look = form()
        if look is not None and look.is_date and not look.is_whole_date:
            return look.show_date(cell) or str(cell)
    return stored(cell, epoch)


def figure(number: float, form: NumberFormat | None, field: Field, scale: Decimal) -> str | Reason:
    """A number in the unit of its column's header, which multiplies it by `scale` later on.

    0.39 shown as 39% under a header in % is 39; 2,500 shown as 0.3万 under a header in 万 is 0.25. A format
    and a header that speak of different units are a fault.
    """
    value = exact(number)
    if form is None or form.is_plain:
        return plain(value)
    section = form.section(value)
    unit, divisor = section.unit, section.divisor
    if unit is not None and unit < 1:
        if scale > 1:
            return UNIT_TWICE
        if scale == 1 and field.unit not in (*PERCENT_UNITS, ANY_UNIT):
            return plain(value)
        return plain(value / divisor * unit / scale)
    if unit is not None:
        if scale < 1:
            return UNIT_TWICE
        if divisor == 1 and field.unit is None and scale == 1:
            return form.show(
                number
            )  # 12.3万 in a column without a unit, which the conversion judges
        return plain(value / divisor * unit / scale)
    if divisor == 1 or scale == 1:
        return plain(value)
    return plain(value / scale) if divisor == scale else UNIT_TWICE


def typed_number(day: dt.date, epoch: dt.date) -> str | None:
    """The year (1998) or month (202103) that was typed under the format of a date and shows 1905-06-20 there."""
    if _TYPED_SHOWS.start < day.year < _TYPED_SHOWS.stop:
        return None
    serial = (day - epoch).days
    if serial in _TYPED_YEARS or _TYPED_MONTH.fullmatch(str(serial)):
        return str(serial)
    return None


def moments(cells: tuple[Any, ...], epoch: dt.date) -> Any:
    """A column of dates and times as text."""
    # calamine gives midnight as a date.
    midnight = dt.time()
    column = pa.array(
        [
            cell
            if type(cell) is dt.datetime
            else dt.datetime.combine(cell, midnight)
            if cell
            else None
            for cell in cells
        ],
        pa.timestamp("us"),
    )
    micro = column.cast(pa.int64()).fill_null(0).to_numpy()
    rest = micro % 1_000_000
    odd = ((rest > _HAIR) & (rest < 1_000_000 - _HAIR)).any()
    if odd or any(type(cell) is dt.date and typed_number(cell, epoch) for cell in cells):
        return pa.array([stored(cell, epoch) for cell in cells], pa.string())
    seconds = pa.array((micro + 500_000) // 1_000_000, mask=column.is_null().to_numpy(False))
    return seconds.cast(pa.timestamp("s")).cast(pa.string())


def _to_second(moment: dt.datetime) -> dt.datetime:
    """Excel counts in fractions of a day, which miss the second by a hair."""
    rest = moment.microsecond
    if _HAIR < rest < 1_000_000 - _HAIR:
        return moment
    return moment.replace(microsecond=0) + dt.timedelta(seconds=rest > 500_000)
