"""Drafts: the blank workbook of a feed, a contract for an unknown extract, a change for headers that drifted."""
