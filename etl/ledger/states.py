"""The states of a delivery: which may follow which, and by which verb.

The database refuses other changes, too: `ledger.transition` has the same table and a
trigger asks it, so that no SQL file gets round this one. A change here needs a migration.
"""

from __future__ import annotations

from collections.abc import Mapping

from etl.errors import MinshengError
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

OPEN_STATES = ("received", "staged", "validated")
"""On its way: some verb is still due."""

REFUSED_STATES = ("held", "rejected")

MOVES: Mapping[str, Mapping[str | None, tuple[str, ...]]] = {
    "receive": {None: ("received", "rejected")},
    "stage": {"received": ("staged", "duplicate", "held", "rejected")},
    "validate": {"staged": ("validated", "held")},
    # What a crash emptied is staged anew; what a register outdated is judged anew.
    "load": {"validated": ("loaded", "duplicate", "held", "staged", "received")},
    "fail": dict.fromkeys(OPEN_STATES, ("failed",)),
    "retry": {"failed": ("received",)},
    "release": {"held": ("received",)},
    "resume": {"held": ("received",)},
    "reject": {"held": ("rejected",)},
    "withdraw": {"loaded": ("withdrawn",)},
}
"""Verb -> state before -> states after. None is the state of what has not arrived yet.

`duplicate`, `rejected` and `withdrawn` are final; `loaded` is, unless a person withdraws it. What is released, resumed or retried is
received again: staging may be repeated at will, and the contract may have changed since.
"""


class IllegalMove(MinshengError):
    """A verb does not apply to a delivery's state, or would bring it where it cannot get."""

    def __init__(self, delivery_id: int | None, before: str | None, verb: str, to: str) -> None:
        applies = ", ".join(str(state) for state in MOVES[verb])
        super().__init__(
            MESSAGES.reason(
                "illegal_move",
                delivery_id=delivery_id, state=before, verb=verb, to=to, applies=applies,
            )
        )  # fmt: skip


def before(verb: str, to: str) -> list[str | None]:
    """The states from which the verb leads to this one."""
    return [state for state, after in MOVES[verb].items() if to in after]


def check(verb: str, state: str | None, to: str, delivery_id: int | None = None) -> str:
    """The state that follows; IllegalMove if it does not."""
    if state not in before(verb, to):
        raise IllegalMove(delivery_id, state, verb, to)
    return to
