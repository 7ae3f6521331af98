"""The date dimension: every day from 2004 to 2035 with the State Council's shifted workdays (调休)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from chinese_calendar import constants, get_holiday_detail

from etl.database import sql_file

FIRST, LAST = date(2004, 1, 1), date(2035, 12, 31)
PUBLISHED = range(min(constants.holidays).year, max(constants.holidays).year + 1)
"""The years whose holiday arrangement the package knows; later ones are announced each autumn."""

_CHINESE = {holiday.value: holiday.chinese for holiday in constants.Holiday}


def fill(connection: sa.Connection) -> int:
    """Insert missing days and correct those that differ; return how many rows changed.

    Beyond the published years a day is a workday by its weekday alone and
    `is_provisional`; a newer package turns it into the real thing here.
    """
    from psycopg2.extras import execute_values

    cursor = connection.connection.cursor()
    try:
        # One page: the driver's row count is that of the last one.
        execute_values(cursor, sql_file("calendar.sql"), list(days()), page_size=20_000)
        changed: int = cursor.rowcount
        return changed
    finally:
        cursor.close()


def days() -> Iterator[tuple[Any, ...]]:
    """Every day in the order of the dimension's columns; weekday 1 is Monday, as in ISO."""
    day = FIRST
    while day <= LAST:
        provisional = day.year not in PUBLISHED
        weekend = day.isoweekday() >= 6
        off, name = (weekend, None) if provisional else get_holiday_detail(day)
        holiday = off and name is not None
        yield (
            day,
            day.year,
            (day.month + 2) // 3,
            day.month,
            day.day,
            day.isocalendar().week,
            day.isoweekday(),
            weekend,
            holiday,
            not off,
            _CHINESE[name] if holiday else None,
            provisional,
        )
        day += timedelta(days=1)
