"""Times of several zones in one column: each is read on the clock of its zone, and goes on by that of the contract."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract.options import is_zone
from etl.values.convert import TIMESTAMP, Bad, Converted, Converter
from etl.values.faults import EARLIER, MESSAGES
from etl.values.zones import to_utc

UNKNOWN_ZONE = MESSAGES.reason("unknown_zone")


class Zoned:
    """`make` gives the converter that reads a column in one zone; `own` is the contract's zone."""

    def __init__(self, make: Callable[[str], Converter], own: str) -> None:
        self._make = cache(make)
        self._own = own

    def __call__(self, values: Any, zones: Any) -> Converted:
        """Read a column of text; `zones` names the zone of each row, an empty one the contract's."""
        typed: Any = np.zeros(len(values), "datetime64[us]")
        absent: Any = np.ones(len(values), bool)
        bad: Bad = []
        for zone in pc.unique(zones).to_pylist():
            of_zone = pc.is_null(zones) if zone is None else pc.equal(zones, zone).fill_null(False)
            rows = np.flatnonzero(of_zone.to_numpy(zero_copy_only=False))
            part = values.take(pa.array(rows))
            if zone is not None and not is_zone(zone):
                filled = rows[part.is_valid().to_numpy(zero_copy_only=False)]
                bad += [(filled, zone, UNKNOWN_ZONE)] if len(filled) else []
                continue
            column, wrong = self._make(zone or self._own)(part)
            earlier: Any = np.zeros(len(rows), bool)
            for at, text, reason in wrong:
                if reason.code == EARLIER.code:
                    earlier[at] = True
                else:
                    bad.append((rows[at], text, reason))
            valid = column.is_valid().to_numpy(zero_copy_only=False)
            if not valid.any():
                continue
            local, first = self._moved(column.drop_null(), zone or self._own, earlier[valid])
            typed[rows[valid]] = local
            absent[rows[valid]] = False
            if first.any():
                bad.append((rows[valid][first], "", EARLIER))
        return pa.array(typed, TIMESTAMP, mask=absent), bad

    def _moved(self, column: Any, zone: str, earlier: Any) -> tuple[Any, Any]:
        """Local times of a zone as local times of the contract's, and which of them are the first of two hours."""
        if zone == self._own:
            return column.to_numpy(zero_copy_only=False), earlier
        utc = to_utc(column, zone, pa.array(earlier, mask=~earlier))
        moments = pa.array(utc, pa.int64()).cast(pa.timestamp("us", "UTC"))
        local = pc.local_timestamp(moments.cast(pa.timestamp("us", self._own)))
        return local.to_numpy(zero_copy_only=False), to_utc(local, self._own) != utc
