"""Local times to UTC; at once where a zone's offset does not change, as China's since 1991."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MICROSECOND = timedelta(microseconds=1)
_MOST_YEARS = 60


def to_utc(column: Any, zone: str, earlier: Any = None) -> Any:
    """Microseconds since 1970 in UTC, as numpy; what stands at nulls means nothing.

    A time that the clock showed twice is the later one, as PostgreSQL has it, unless `earlier` is true there.
    """
    if earlier is not None and earlier.null_count < len(earlier):
        first = pc.assume_timezone(column, zone, ambiguous="earliest", nonexistent="latest")
        first = first.cast(pa.timestamp("us")).fill_null(0).cast(pa.int64())
        return np.where(earlier.is_valid(), first, to_utc(column, zone))
    bounds = pc.min_max(column).as_py()
    years = range(bounds["min"].year, bounds["max"].year + 1)
    few = len(years) <= _MOST_YEARS
    offsets = {_offset_of_year(zone, year) for year in years} if few else {None}
    offset = offsets.pop()
    if offset is None or offsets:
        column = pc.assume_timezone(column, zone, ambiguous="latest", nonexistent="latest")
        offset = 0
    local = np.frombuffer(column.buffers()[1], np.int64)
    return local[column.offset : column.offset + len(column)] - offset


@lru_cache(maxsize=4096)
def _offset_of_year(zone: str, year: int) -> int | None:
    """The offset in microseconds all through a year and the days beside it; None if it changes."""
    info = ZoneInfo(zone)
    if not 1 < year < 9998:
        return None
    day = datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=2)
    offsets = {info.utcoffset((day + timedelta(days=n)).replace(tzinfo=None)) for n in range(371)}
    offset = offsets.pop()
    return None if offsets or offset is None else offset // _MICROSECOND
