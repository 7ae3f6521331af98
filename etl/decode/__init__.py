"""Decode: any file that a department may send, as batches of text columns under the contract's names."""

from etl.decode.archive import members
from etl.decode.open import open_tables
from etl.decode.problems import DecodeProblem
from etl.decode.table import Segment, Table

__all__ = ["DecodeProblem", "Segment", "Table", "members", "open_tables"]
