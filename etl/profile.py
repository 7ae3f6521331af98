"""Where the time goes: seconds of each step and of each SQL statement."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

_SHOWN = 25


@dataclass
class Profile:
    """Seconds by statement, and how often each ran."""

    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def statements(self) -> int:
        """How many statements were sent."""
        return sum(self.calls.values())

    def add(self, statement: str, seconds: float) -> None:
        """Count one execution."""
        text = " ".join(statement.split())[:110]
        self.seconds[text] += seconds
        self.calls[text] += 1

    def text(self) -> str:
        """A table, the slowest first."""
        rows = sorted(self.seconds.items(), key=lambda item: -item[1])
        total = sum(self.seconds.values())
        lines = [
            f"{seconds:9.3f} s {self.calls[name]:5d} ×  {name}" for name, seconds in rows[:_SHOWN]
        ]
        return "\n".join(
            [f"{total:9.3f} s {self.statements:5d} ×  SQL 合计 / all statements", *lines]
        )


_current: Profile | None = None


@contextmanager
def step(name: str) -> Iterator[None]:
    """Time a step that is not one SQL statement (decoding, COPY, importing)."""
    started = time.perf_counter()
    try:
        yield
    finally:
        if _current is not None:
            _current.add(f"[{name}]", time.perf_counter() - started)


@contextmanager
def profiled(engine: sa.Engine, *, enabled: bool = True) -> Iterator[Profile]:
    """Collect the profile of everything that this engine (and GX's own) runs meanwhile."""
    global _current
    profile = Profile()
    if not enabled:
        yield profile
        return

    def before(_c: Any, _cursor: Any, _statement: str, _p: Any, context: Any, _m: bool) -> None:
        context.minsheng_started = time.perf_counter()

    def after(_c: Any, _cursor: Any, statement: str, _p: Any, context: Any, _m: bool) -> None:
        profile.add(statement, time.perf_counter() - context.minsheng_started)

    sa.event.listen(sa.Engine, "before_cursor_execute", before)
    sa.event.listen(sa.Engine, "after_cursor_execute", after)
    _current = profile
    try:
        yield profile
    finally:
        _current = None
        sa.event.remove(sa.Engine, "before_cursor_execute", before)
        sa.event.remove(sa.Engine, "after_cursor_execute", after)
