"""Values: text as it was sent, made into typed columns, then into what COPY takes."""

from etl.values.content import ContentHash
from etl.values.copy import copy_header, copy_statement, copy_trailer, to_copy, to_csv
from etl.values.typer import Typed, Typer

__all__ = [
    "ContentHash",
    "Typed",
    "Typer",
    "copy_header",
    "copy_statement",
    "copy_trailer",
    "to_copy",
    "to_csv",
]
