"""Columns that may be missing, but are filled where they are there: an empty cell of one is a fault."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from etl.contract import Contract
from etl.decode import Reading
from etl.reasons import Catalogue
from etl.values.faults import fault

MESSAGES = Catalogue(__file__)


class FilledIfSent:
    """Judges the typed batches of one delivery."""

    def __init__(self, contract: Contract, reading: Reading) -> None:
        self._fields = [
            field
            for field in contract.fields
            if field.filled_if_sent and field.name in reading.table.headers
        ]

    def __call__(self, typed: Any) -> Any:
        """The batch with a fault for each empty cell that could be read."""
        reasons: dict[int, list[Any]] = {}
        for field in self._fields:
            column = typed[str(field.column)]
            if not column.null_count:
                continue
            for row in np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False)).tolist():
                reason = fault(field.name, "", MESSAGES.reason("empty_cell"))
                reasons.setdefault(row, []).append(reason)
        if not reasons:
            return typed
        texts = typed["fault"].to_pylist()
        for row, added in reasons.items():
            known = json.loads(texts[row] or "[]")
            unread = {each.get("column") for each in known}
            added = [each for each in added if each["column"] not in unread]
            texts[row] = json.dumps([*known, *added], ensure_ascii=False)
        place = typed.schema.get_field_index("fault")
        return typed.set_column(place, "fault", pa.array(texts, pa.string()))
