"""What is wrong with a contract: where it stands, what was found, what was expected, what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from etl.contract.lines import line_of
from etl.errors import MinshengError
from etl.reasons import Catalogue, message

MESSAGES = Catalogue(__file__)


@dataclass(frozen=True)
class Problem:
    """One fault of one file. `expected` and `fix` are written 中文 / English."""

    file: str
    path: str
    found: str
    expected: str
    fix: str = ""

    @cached_property
    def line(self) -> int | None:
        """The line of the file, from 1, where it can be told."""
        return line_of(self.file, self.path)

    def as_dict(self) -> dict[str, Any]:
        """All fields, for `--json`."""
        return {**asdict(self), "line": self.line}

    def __str__(self) -> str:
        place = f"{self.path or '(file)'}" + (f" (行 line {self.line})" if self.line else "")
        text = f"{place}: 实际 found {self.found}; 应为 expected {self.expected}"
        return f"{text}; 处理 fix: {self.fix}" if self.fix else text


class ContractProblem(MinshengError):
    """Contracts that cannot be used, with all their faults."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        files = sorted({problem.file for problem in self.problems})
        counts = {"problems": len(self.problems), "files": "、".join(files)}
        super().__init__(MESSAGES.reason("contract", **counts))

    def as_dict(self) -> dict[str, Any]:
        """All fields, with the list of problems."""
        return super().as_dict() | {"problems": [problem.as_dict() for problem in self.problems]}

    def __str__(self) -> str:
        lines = [message(self.reason)]
        for file in dict.fromkeys(problem.file for problem in self.problems):
            lines.append(f"{file}:")
            lines += [f"  - {problem}" for problem in self.problems if problem.file == file]
        return "\n".join(lines)


class Sink:
    """Collects the problems of one file, at most one for each place."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def add(
        self, path: str, found: Any, expected: str, fix: str = "", file: Path | None = None
    ) -> None:
        """Note a problem unless its place has one already."""
        problem = Problem(str(file or self.file), path, shown(found), expected, fix)
        if not any((p.file, p.path) == (problem.file, problem.path) for p in self.problems):
            self.problems.append(problem)

    def unknown(self, path: str, name: str, known: Iterable[str], file: Path | None = None) -> None:
        """Note a name that means nothing here, with the names that do."""
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=1)
        fix = (
            f"是否想写 {near[0]} / did you mean {near[0]}?"
            if near
            else "删去或改名 / remove or rename it"
        )
        self.add(path, name, "one of " + ", ".join(names), fix, file)


def shown(value: Any) -> str:
    """A found value, short enough for one line."""
    if value is MISSING:
        return "缺失 / nothing"
    text = repr(value) if not isinstance(value, str) else f'"{value}"'
    return text if len(text) <= 90 else text[:87] + "..."


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING = _Missing()
"""Stands for a value that is not in the file."""
