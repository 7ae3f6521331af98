"""What can go wrong, with typed fields and in both languages; `etl.cli` turns each into an exit code."""

from __future__ import annotations

from typing import Any, ClassVar


class MinshengError(Exception):
    """A failure that a person can act on; shown without a traceback."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message_zh: str,
        message_en: str,
        *,
        fix_zh: str = "",
        fix_en: str = "",
    ) -> None:
        super().__init__(message_zh, message_en)
        self.message_zh = message_zh
        self.message_en = message_en
        self.fix_zh = fix_zh
        self.fix_en = fix_en

    def as_dict(self) -> dict[str, Any]:
        """All fields, for `--json` and for the ledger."""
        return {
            "error": type(self).__name__,
            "message_zh": self.message_zh,
            "message_en": self.message_en,
            "fix_zh": self.fix_zh,
            "fix_en": self.fix_en,
        }

    def __str__(self) -> str:
        chinese = self.message_zh + (f" 处理：{self.fix_zh}" if self.fix_zh else "")
        english = self.message_en + (f" Fix: {self.fix_en}" if self.fix_en else "")
        return "\n".join(line for line in (chinese, english) if line)


class UsageError(MinshengError):
    """The command was called in a way that cannot work."""

    exit_code = 2


class InputProblem(MinshengError):
    """Something is wrong with what was handed over: where it is, what was found, what was expected.

    `row` counts as the department's own spreadsheet does, from 1 and with the header.
    """

    def __init__(
        self,
        message_zh: str,
        message_en: str,
        *,
        file: str | None = None,
        sheet: str | None = None,
        row: int | None = None,
        column: str | None = None,
        found: str | None = None,
        expected: str | None = None,
        fix_zh: str = "",
        fix_en: str = "",
    ) -> None:
        super().__init__(message_zh, message_en, fix_zh=fix_zh, fix_en=fix_en)
        self.file = file
        self.sheet = sheet
        self.row = row
        self.column = column
        self.found = found
        self.expected = expected

    def as_dict(self) -> dict[str, Any]:
        """All fields, the unknown ones as None."""
        return super().as_dict() | {
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "found": self.found,
            "expected": self.expected,
        }

    def __str__(self) -> str:
        return "\n".join((self._line(_ZH), self._line(_EN)))

    def _line(self, words: dict[str, str]) -> str:
        chinese = words is _ZH
        colon, stop = ("：", "；") if chinese else (": ", "; ")
        place = " · ".join(
            f"{words[name]} {value}"
            for name in ("file", "sheet", "row", "column")
            if (value := getattr(self, name)) is not None
        )
        detail = stop.join(
            f"{words[name]}{colon}{value}"
            for name in ("found", "expected")
            if (value := getattr(self, name)) is not None
        )
        fix = self.fix_zh if chinese else self.fix_en
        parts = (
            f"[{place}]" if place else "",
            self.message_zh if chinese else self.message_en,
            (f"（{detail}）" if chinese else f"({detail})") if detail else "",
            f"{words['fix']}{colon}{fix}" if fix else "",
        )
        return " ".join(part for part in parts if part)


_ZH = {
    "file": "文件",
    "sheet": "工作表",
    "row": "行",
    "column": "列",
    "found": "实际",
    "expected": "应为",
    "fix": "处理",
}
_EN = {
    "file": "file",
    "sheet": "sheet",
    "row": "row",
    "column": "column",
    "found": "found",
    "expected": "expected",
    "fix": "fix",
}
