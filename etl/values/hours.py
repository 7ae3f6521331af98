"""Hours as people say them: 下午3点半, 中午12点, 晚上12点; what may be either of two moments is told as such."""

from __future__ import annotations

import re

HALVES = "凌晨|清晨|早晨|早上|上午|中午|正午|下午|午后|傍晚|晚上|晚间|夜间|夜里|夜晚|深夜|半夜|午夜|早|晚"
"""Words for the parts of a day, as a pattern."""

_DIGITS = {**dict(zip("〇零一二三四五六七八九", "00123456789", strict=True)), "○": "0", "两": "2"}


class UntoldTimeError(ValueError):
    """The words fit two moments (晚上2点: of this night or of the next) or none."""


def hour_of(half: str | None, hour: int, *, spoken: bool) -> int:
    """The hour on the 24-hour clock; 24 is the midnight at the end of the day.

    `spoken`: written with 点; 上午12:00 of a program is midnight, 上午12点 of a person may be noon. Raises
    UntoldTimeError where the words do not tell, ValueError for an hour that no clock has.
    """
    if not 0 <= hour <= 24:
        raise ValueError(hour)
    if half is None:
        return hour
    if half in ("pm", "下午", "午后"):
        return _within(hour if hour >= 12 else hour + 12, 12, 23)
    if half in ("am", "上午"):
        if spoken and hour == 12:
            raise UntoldTimeError
        if hour > 12:
            raise ValueError(hour)
        return hour % 12
    if half in ("中午", "正午"):
        return _within(hour if hour >= 10 else hour + 12, 11, 14)
    if half == "傍晚":
        return _within(hour if hour >= 12 else hour + 12, 16, 20)
    if half in ("晚上", "晚间", "夜晚", "晚"):
        return _within(hour if hour > 12 else hour + 12, 17, 24)
    if half in ("夜间", "夜里", "深夜", "半夜", "午夜"):
        # 夜里12点 may begin or end the day.
        return _within(hour if hour >= 12 else hour + 12, 20, 23)
    if half == "凌晨":
        return _within(hour % 12 if hour == 12 else hour, 0, 6)
    return _within(hour, 4, 11)


def _within(hour: int, first: int, last: int) -> int:
    if not first <= hour <= last:
        raise UntoldTimeError
    return hour


def spelt_number(match: re.Match[str]) -> str:
    """Chinese figures before 年, 月, 点 … as digits: 二〇二一 is 2021, 二十三 is 23. ValueError for 二三十."""
    text = match[0].replace("廿", "二十").replace("卅", "三十")
    if "十" not in text:
        return "".join(_DIGITS[character] for character in text)
    tens, ones = text.split("十", 1)
    if not {tens, ones} <= {"", *_DIGITS}:
        raise ValueError(text)
    return (_DIGITS[tens] if tens else "1") + (_DIGITS[ones] if ones else "0")
