"""Personal data found in a column: resident numbers by their check digit, mobile numbers, names by the header."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from etl.values.text import normalise

Personal = Literal["identity", "phone", "name", "email", "text"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Province, and a birthday: of all numbers of 18 digits, every eleventh has a right check digit.
_IDENTITY = re.compile(
    r"(?<!\d)(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])\d{4}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"\d{3}[\dXx](?!\d)"
)
_PHONE = re.compile(r"(?<!\d)(?:(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}|0\d{2,3}-\d{7,8})(?!\d)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NAMED = re.compile(
    r"姓名|联系人|负责人|法定代表|法人代表|校长|院长|园长|主任|经办人|填报人|来电人|诉求人|申请人|户主|监护人|患者|学生$"
    r"|(?:first|last|full|family|given|maiden|contact|owner|person|patient|pupil|caller)[ _-]?name|surname|headteacher"
    r"|head[ _-]?teacher|principal$|contact[ _-]?person",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"电话|号码|代码|编号|部门|单位|类型|数$|人数|phone|code|type|count", re.IGNORECASE
)
_CALLED = re.compile(r"电话|手机|联系方式|phone|mobile|tel(?:ephone)?$|fax|传真", re.IGNORECASE)
_WHOLE: tuple[Personal, ...] = ("identity", "phone", "email")
_FEW = 0.02
"""From this share of values on, a column holds personal data beside other text."""
_MOST = 0.5


class Marked(NamedTuple):
    """What was taken for personal: which kind, in which share of the values."""

    kind: Personal
    share: float
    by_header: bool = False


def is_identity(number: str) -> bool:
    """Whether a resident number has its right check digit (GB 11643-1999)."""
    if not re.fullmatch(r"[0-9]{17}[0-9Xx]", number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return number[17].upper() == "10X98765432"[total % 11]


def kinds_in(text: str) -> set[Personal]:
    """What one cell holds, whole or within other text: `text` is added where there is more around it."""
    held: set[Personal] = set()
    plain = normalise(text)
    identities = [match for match in _IDENTITY.finditer(plain) if is_identity(match[0])]
    phones, mails = list(_PHONE.finditer(plain)), list(_EMAIL.finditer(plain))
    for kind, matches in zip(_WHOLE, (identities, phones, mails), strict=True):
        if matches:
            held.add(kind)
            if sum(len(match[0]) for match in matches) * 2 < len(plain):
                held.add("text")
    return held


def marked(header: str, seen: Mapping[Personal, int], filled: int) -> Marked | None:
    """What a column holds, from its header and from how many of its `filled` cells hold each kind."""
    if seen.get("text", 0) * 2 > max(seen.values(), default=1) and filled:
        return Marked("text", max(seen.values()) / filled)
    for kind in _WHOLE:
        share = seen.get(kind, 0) / filled if filled else 0.0
        if share >= _MOST:
            return Marked(kind, share)
        if share >= _FEW or (kind == "identity" and share):
            return Marked("text", share)
    if _CALLED.search(header):
        return Marked("phone", seen.get("phone", 0) / filled if filled else 0.0, by_header=True)
    if _NAMED.search(header) and not _NO_NAME.search(header):
        return Marked("name", 1.0, by_header=True)
    return None


def masked(kind: Personal | None, examples: Iterable[str]) -> list[str]:
    """Examples as they may be shown: of personal data only the shape."""
    if kind is None:
        return list(examples)
    return [re.sub(r"[^\W_]", "*", text)[:18] for text in examples]
