"""What can go wrong: a reason, and by its type an exit code of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from etl.reasons import Reason


class MinshengError(Exception):
    """A failure that a person can act on; shown without a traceback."""

    exit_code: ClassVar[int] = 1
    transient: bool = False
    """Whether the same may succeed a little later, nothing having been put right."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason

    def as_dict(self) -> dict[str, Any]:
        """All that is known, for `--json` and for the ledger."""
        return {"error": type(self).__name__, **self.reason.as_dict()}

    def __str__(self) -> str:
        from etl.reasons import lines  # not needed by a command that does what it was asked

        return "\n".join(lines(self.reason))


class UsageError(MinshengError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class InputProblem(MinshengError):
    """Something is wrong with what was handed over: where it is, what was found, what was expected."""
