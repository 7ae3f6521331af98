"""Evidence: one file by which anybody checks every figure of a day without the warehouse (docs/evidence.md)."""

from etl.evidence.pack import Pack, make

__all__ = ["Pack", "make"]
