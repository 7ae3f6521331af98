"""What a pattern asks for, in words, where it is one of the usual ones: digits, with what they begin."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"\^(?P<start>\d*)\\d\{(?P<count>\d+)\}\$")


def in_words(pattern: str) -> tuple[str, str]:
    r"""Chinese and English for `^110115\d{6}$` and `^\d{12}$`; empty for any other, which is shown as it is."""
    parts = _DIGITS.fullmatch(pattern)
    if parts is None:
        return "", ""
    start, count = parts["start"], len(parts["start"]) + int(parts["count"])
    if not start:
        return f"{count} 位数字", f"{count} digits"
    return f"{count} 位数字，以 {start} 开头", f"{count} digits that begin with {start}"
