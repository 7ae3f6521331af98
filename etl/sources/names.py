"""Names of files as text: whatever bytes a sender wrote, every name can be shown, logged and stored.

The kernel's names are bytes. Python keeps those that are no UTF-8 as lone surrogates, which neither
JSON nor a database takes: one such name used to stop whoever met it. So a name is read once, where a
file comes in, and travels on as text; the path itself is used only to reach the file.
"""

from __future__ import annotations

import os
import re
from pathlib import PurePath

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Control characters, line ends and marks that turn the direction of what follows: a terminal would obey them."""

_SHOWN = 300


def readable(name: str | bytes) -> str:
    r"""A name as text: UTF-8, else GB18030 (FTP from Chinese Windows), else its bytes as `\xNN`.

    Control characters are shown as `\xNN` and `\uNNNN`, too, so that a name is one line everywhere.
    """
    return _UNSEEN.sub(_escaped, _decoded(os.fsencode(name)))


def readable_path(path: str | bytes | PurePath) -> PurePath:
    """Each part of a path as text: one folder may be named in GBK and the file in it in UTF-8."""
    return PurePath(*(readable(part) for part in PurePath(os.fsdecode(path)).parts))


def shown(path: str | bytes | PurePath) -> str:
    """A path for a message, not longer than a person reads: its middle is left out."""
    text = str(readable_path(path))
    half = _SHOWN // 2
    return text if len(text) <= _SHOWN else f"{text[:half]} … {text[-half:]}"


def printable(text: str) -> str:
    """A text into which a path may have come as the kernel has it, an error's for instance, ready for a log."""
    return text.encode("utf-8", "backslashreplace").decode()


def _decoded(octets: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = octets.decode(encoding)
        except UnicodeDecodeError:
            continue
        return (encoding == "utf-8" and _by_chance(octets, text)) or text
    # A backslash is doubled, so that the bytes can be had again from what is shown.
    return octets.replace(b"\\", b"\\\\").decode("ascii", "backslashreplace")


def _by_chance(octets: bytes, text: str) -> str | None:
    """What was sent in GB2312 and happens to be UTF-8, too: 学校 would read ѧУ."""
    if any(not c.isascii() and not "\u0100" <= c <= "\u07ff" for c in text):
        return None
    try:
        return octets.decode("gb2312")
    except UnicodeDecodeError:
        return None


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
