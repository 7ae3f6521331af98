"""Decode: any file that a department may send, as batches of text columns under the contract's names."""

from etl.decode.archive import members
from etl.decode.batches import batches
from etl.decode.open import is_workbook_at, open_tables
from etl.decode.problems import UNPLACED, DecodeProblem
from etl.decode.table import Reading, Segment, Table

__all__ = [
    "UNPLACED",
    "DecodeProblem",
    "Reading",
    "Segment",
    "Table",
    "batches",
    "is_workbook_at",
    "members",
    "open_tables",
]
