"""What a long operation says while it runs: the step it is at, and how far it is.

Nobody listens unless a command that has a terminal does; then saying costs a comparison.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str, int | None, int | None], None]
"""Is called with the step (中文 / English), how many are done, and of how many where that is known.

Without a total what is counted are rows. Called from any thread.
"""

_listener: Listener | None = None


def report(step: str, done: int | None = None, total: int | None = None) -> None:
    """Say which step runs, and how many rows, or how many of `total`, are done."""
    if _listener is not None:
        _listener(step, done, total)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Hear all that this process reports meanwhile."""
    global _listener
    before, _listener = _listener, listener
    try:
        yield
    finally:
        _listener = before
