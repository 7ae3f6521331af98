"""A file that cannot be read. What can be wrong stands in `messages.yaml`; docs/input-formats.md explains it."""

from __future__ import annotations

from typing import Any

from etl.errors import InputProblem
from etl.reasons import Catalogue, Reason
from etl.values.faults import shown

MESSAGES = Catalogue(__file__)


UNPLACED = frozenset({"unit_unplaced", "other_header", "unplaced_rows"})
"""What stands around a table and could not be placed: the delivery is held."""


class DecodeProblem(InputProblem):
    """A file that cannot be read; `code` is one of the catalogue and stays the same over releases."""

    def __init__(self, code: str, **place: Any) -> None:
        if place.get("found"):
            place["found"] = shown(place["found"].replace("\r", "").replace("\n", "⏎"))
        super().__init__(MESSAGES.reason(code, **place))

    @property
    def code(self) -> str:
        """What is wrong."""
        return self.reason.code


def warning(code: str, **place: Any) -> Reason:
    """Something that does not stop the delivery but that somebody should look at."""
    # A name in the file may hold what no ledger can, too.
    told = {
        name: shown(value) if isinstance(value, str) else value for name, value in place.items()
    }
    return MESSAGES.reason(code, **told)
