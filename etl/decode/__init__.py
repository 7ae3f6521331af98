"""Decode: any file that a department may send, as batches of text columns under the contract's names."""

from etl.decode.archive import members
from etl.decode.batches import batches
from etl.decode.open import is_workbook_at, open_tables, sheets_of
from etl.decode.periods import RowPeriods, only_of, periods_of, rows_of
from etl.decode.places import base_name, derived_headers, open_rows, with_numbers
from etl.decode.problems import UNPLACED, DecodeProblem
from etl.decode.table import Reading, Segment, Table

__all__ = [
    "UNPLACED",
    "DecodeProblem",
    "Reading",
    "RowPeriods",
    "Segment",
    "Table",
    "base_name",
    "batches",
    "derived_headers",
    "is_workbook_at",
    "members",
    "only_of",
    "open_rows",
    "open_tables",
    "periods_of",
    "rows_of",
    "sheets_of",
    "with_numbers",
]
