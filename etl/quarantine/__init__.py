"""Quarantine: the rows that were kept out, for the people who can say what is right."""

from etl.quarantine.decide import accept, withdraw
from etl.quarantine.entries import Entry, ages, count_entries, entries
from etl.quarantine.workbook import Exported, export

__all__ = ["Entry", "Exported", "accept", "ages", "count_entries", "entries", "export", "withdraw"]
