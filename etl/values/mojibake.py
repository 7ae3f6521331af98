"""Text that a wrong conversion has turned into other characters: 锟斤拷, ????, å…´ä¸°, 鍏翠赴.

What is suspected by its looks is confirmed by undoing the conversion: only what then reads as text was damaged by it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.reasons import Reason
from etl.values.faults import MOJIBAKE_CELL, REPLACED_CELL

MOST = 4_096
"""Longer columns of differing texts are searched only where a cheap look at their bytes, or at a sample, finds
something odd: there, a single cell of UTF-8 taken for GBK passes one time in four."""


def _characters(leads: range, trails: range) -> str:
    pairs = (bytes((lead, trail)) for lead in leads for trail in trails if trail != 0x7F)
    return "".join(pair.decode("gb18030") for pair in pairs)


_LOST = "锟斤拷|烫烫烫|屯屯屯|ï¿½"
# UTF-8 taken for GBK: its lead byte E4..E9 with the next, then the third with the lead of the character after it.
_AS_GBK = f"[{_characters(range(0xE4, 0xEA), range(0x80, 0xC0))}]" + (
    f"[{_characters(range(0x81, 0xC0), range(0xE4, 0xEA))}]"
)
_AS_LATIN = "[\u0080-\u00ff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_UTF8_AS_LATIN = f"[ÂÃâ-éïð]{_AS_LATIN}"
_GBK_AS_LATIN = "[\u00a1-\u00fe]{4}"
_LATIN_AS_GBK = "[a-z][㐀-鿿]"
_LATIN_AS_GBK_FIRST = "[㐀-鿿][a-z]"
_SUSPECTS = tuple(
    map(
        re.compile,
        (_LOST, _AS_GBK, _UTF8_AS_LATIN, _GBK_AS_LATIN, _LATIN_AS_GBK, _LATIN_AS_GBK_FIRST),
    )
)

_LATIN_RUN = re.compile(f"{_AS_LATIN}+")
_READABLE = re.compile(
    "[\u00a0-\u024f\u2000-\u2fff\u3000-\u9fff\uf900-\ufaff\uff00-\uffef\U0001f300-\U0003ffff]+"
)
_CHINESE = re.compile("[\\x00-\\x7f㐀-鿿\uf900-\ufaff\u3000-\u303f\uff00-\uffef‘’“”…—·×℃]+")
_HAN = re.compile("[㐀-鿿]{2}")
_BESIDE_LATIN = re.compile("(?<=[A-Za-z][a-z])[㐀-鿿]|[㐀-鿿](?=[a-z]{2})")
_ANY_HAN = re.compile("[㐀-鿿]")
_ACCENTED = re.compile(rb"[\xc0-\xd6\xd8-\xf6\xf8-\xff][A-Za-z]")


def turned(values: Any, octets: bytes, data: Any) -> list[tuple[int, Reason]]:
    """The rows of a text column, as it was sent, whose characters a conversion lost or changed."""
    found: list[tuple[int, Reason]] = []
    if octets.find(b"?") >= 0 and octets.find(b"??") >= 0:
        found += _confirmed(values, pc.match_substring(values, "??"), _lost_to_ascii)
    if octets.isascii():
        return found
    if len(values) <= MOST:
        text = octets.decode(errors="ignore")
        if any(pattern.search(text) for pattern in _SUSPECTS):
            found += _confirmed(values, values.is_valid(), reason_of)
    elif octets.find(b"\xc3") >= 0 or _odd(data) or _sampled(values):
        suspects = pc.match_substring_regex(values, "|".join(each.pattern for each in _SUSPECTS))
        found += _confirmed(values, suspects, reason_of)
    return found


def _sampled(values: Any) -> bool:
    """Whether one of some fifty is turned: then a conversion turned more than one."""
    rows = pa.array(range(0, len(values), len(values) // 50))
    return any(text is not None and reason_of(text) for text in values.take(rows).to_pylist())


def _odd(data: Any) -> bool:
    """Whether there is 锟, or one of the rare characters (鍏, 鐨, 鏄) that most Chinese becomes as GBK."""
    lead = np.flatnonzero(data[:-2] == 0xE9)
    second = data[lead + 1]
    if ((second - np.uint8(0x8D)) < 5).any():
        return True
    return bool(((second == 0x94) & (data[lead + 2] == 0x9F)).any())


def _confirmed(
    values: Any, suspects: Any, judge: Callable[[str], Reason | None]
) -> list[tuple[int, Reason]]:
    rows = np.flatnonzero(suspects.fill_null(False).to_numpy(zero_copy_only=False))
    known: dict[str, Reason | None] = {}
    confirmed = []
    for row, text in zip(rows.tolist(), values.take(pa.array(rows)).to_pylist(), strict=True):
        if text not in known:
            known[text] = judge(text)
        if (reason := known[text]) is not None:
            confirmed.append((row, reason))
    return confirmed


def reason_of(text: str) -> Reason | None:
    """Why a text is no longer what was written; None where it may be."""
    if not any(pattern.search(text) for pattern in _SUSPECTS):
        return None
    if re.search(_LOST, text):
        return REPLACED_CELL
    turned_text = _utf8_as_gbk(text) or _from_latin(text) or _latin_as_gbk(text)
    return MOJIBAKE_CELL if turned_text else None


def _lost_to_ascii(text: str) -> Reason | None:
    """Each character beyond ASCII became a question mark: only marks and ASCII are left."""
    marks = text.count("?")
    lost = text.isascii() and ("???" in text or marks * 2 >= len("".join(text.split())))
    return REPLACED_CELL if lost else None


def _utf8_as_gbk(text: str) -> bool:
    """At least two Chinese characters side by side, among such and ASCII; the last may have been cut."""
    octets = text.rstrip("?").encode("gb18030", "replace")
    try:
        meant = codecs.getincrementaldecoder("utf-8")().decode(octets)
    except UnicodeDecodeError:
        return False
    return _CHINESE.fullmatch(meant) is not None and _HAN.search(meant) is not None


def _from_latin(text: str) -> bool:
    for run in _LATIN_RUN.findall(text):
        octets = b"".join(map(_latin, run))
        try:
            meant = codecs.getincrementaldecoder("utf-8")().decode(octets)
            if meant and meant != run and len(meant) < len(run) and _READABLE.fullmatch(meant):
                return True
        except UnicodeDecodeError:
            pass
        if len(octets) >= 4 and len(octets) % 2 == 0 and min(octets) > 0xA0:
            try:
                if _HAN.search(octets.decode("gb2312")):
                    return True
            except UnicodeDecodeError:
                pass
    return False


def _latin(character: str) -> bytes:
    try:
        return character.encode("cp1252")
    except UnicodeEncodeError:
        return character.encode("latin-1")


def _latin_as_gbk(text: str) -> bool:
    """Se駉r for Señor: an accented letter and the one after it, as one rare character among Latin letters.

    Where other Chinese stands in the text it is Chinese: Latin-1 has none.
    """
    beside = _BESIDE_LATIN.findall(text)
    return (
        bool(beside)
        and len(beside) == len(_ANY_HAN.findall(text))
        and any(_ACCENTED.fullmatch(han.encode("gb18030")) is not None for han in beside)
    )
