"""Repair: what a department answers on rows that were kept out, as rows of a delivery of its own.

An answer names the entry it is about, never a row by its place; the rest of the row is read again
from the archive. So a workbook may be sorted, cut or saved by another program.
"""

from etl.repair.answers import Answer, Answers, read_answers
from etl.repair.identity import entry_mark, warehouse_mark
from etl.repair.original import original_rows
from etl.repair.rows import of_known, open_repair

__all__ = [
    "Answer",
    "Answers",
    "entry_mark",
    "of_known",
    "open_repair",
    "original_rows",
    "read_answers",
    "warehouse_mark",
]
