"""Quarantine: the rows that were kept out, for the people who can say what is right."""

from etl.quarantine.decide import accept, withdraw
from etl.quarantine.entries import Count, Entry, ages, count_entries, entries, stream
from etl.quarantine.workbook import Exported, export

__all__ = [
    "Count",
    "Entry",
    "Exported",
    "accept",
    "ages",
    "count_entries",
    "entries",
    "export",
    "stream",
    "withdraw",
]
