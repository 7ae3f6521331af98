"""One value as a clerk would type it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from etl.contract import Field
from minsheng_sample.dress.style import Style
from minsheng_sample.register import towns
from minsheng_sample.timeline import Value


@dataclass(frozen=True)
class Formula:
    """A spreadsheet formula whose result was never stored."""

    text: str


@dataclass(frozen=True)
class DayCell:
    """A real date cell: a serial day number, shown as a date."""

    day: date


Cell = str | int | float | Formula | DayCell | None

_ORIGIN = date(1899, 12, 30)
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_TOWNS = {town.code: town.names for town in towns()}


def serial(day: date) -> int:
    """Excel's number of a day."""
    return (day - _ORIGIN).days


def full_width(text: str) -> str:
    """Every ASCII letter, digit and sign in its wide form."""
    return text.translate(_FULL_WIDTH)


def render(value: Value, field: Field, style: Style, row: int, header: str) -> Cell:
    """How the department writes a true value in its `row`-th record."""
    if value is None:
        return None if field.type == "boolean" else style.empty
    odd = style.odd and row % style.odd == style.odd - 1
    if isinstance(value, bool):
        return style.booleans[0] if value else style.booleans[1]
    if isinstance(value, datetime):
        return _moment(value, style)
    if isinstance(value, date):
        return _date(value, field, style, row, odd=bool(odd))
    if isinstance(value, int):
        return _integer(value, field, style, header, odd=bool(odd))
    if isinstance(value, float):
        return value if style.is_sheet and not odd else f"{value:.15g}"
    return _text(str(value), field, style, row, odd=bool(odd))


def _text(value: str, field: Field, style: Style, row: int, *, odd: bool) -> str:
    if field.name == "town":
        names = _TOWNS[value]
        value = names[(style.town_name + (row if odd else 0)) % len(names)]
    elif style.aliases and field.aliases:
        value = next((alias for alias, meant in field.aliases.items() if meant == value), value)
    if not odd or style.text == "plain":
        return value
    return full_width(value) if style.text == "wide" else f" {value}\u3000"


def _integer(value: int, field: Field, style: Style, header: str, *, odd: bool) -> Cell:
    if "（万" in header:
        return format((Decimal(value) / 10000).normalize(), "f")
    form = style.numbers
    if form == "plain" or (form != "separators" and not odd):
        return value if style.is_sheet else str(value)
    if form == "separators":
        return f"{value:,}"
    if form == "wide":
        return full_width(str(value))
    # In words: only where the contract says that the number counts something.
    if field.unit and field.name not in ("built_year", "year"):
        if value >= 10000 and value % 100 == 0:
            return f"{format((Decimal(value) / 10000).normalize(), 'f')}万{field.unit}"
        return f"{value}{field.unit}"
    return str(value)


def _date(value: date, field: Field, style: Style, row: int, *, odd: bool) -> Cell:
    form = style.dates
    if form == "mixed":
        form = ("iso", "dot", "chinese", "compact", "slash")[row % 5]
    if form in ("month", "chinese_month"):
        if field.precision == "month":
            return (
                f"{value.year}-{value.month}"
                if form == "month"
                else f"{value.year}年{value.month}月"
            )
        form = "iso"
    if form == "cell":
        return DayCell(value)
    if form == "serial":
        return serial(value)
    text = {
        "iso": value.isoformat(),
        "slash": f"{value.year}/{value.month}/{value.day}",
        "dot": f"{value.year}.{value.month}.{value.day}",
        "compact": f"{value:%Y%m%d}",
        "chinese": f"{value.year}年{value.month}月{value.day}日",
    }[form]
    return full_width(text) if odd and style.text == "wide" else text


def _moment(value: datetime, style: Style) -> str:
    if style.dates == "slash":
        return f"{value.year}/{value.month}/{value.day} {value.hour}:{value:%M:%S}"
    if style.dates == "chinese":
        return f"{value.year}年{value.month}月{value.day}日 {value:%H:%M:%S}"
    return value.isoformat(sep=" ")
