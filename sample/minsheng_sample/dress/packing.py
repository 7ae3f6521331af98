"""Archives whose bytes depend on nothing but the content: stored, not compressed, one time stamp.

The output of a compressor differs between versions of zlib, and `zipfile` cannot write the
names in GBK that Chinese Windows writes.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

_DOS_DATE = (2020 - 1980) << 9 | 1 << 5 | 1
_UTF8_NAMES = 0x800


@dataclass(frozen=True)
class Entry:
    """One member of a zip; `crc` and `size` are those of the content before compression."""

    name: bytes
    content: bytes
    flags: int = 0
    method: int = 0
    crc: int = 0
    size: int = 0

    @classmethod
    def stored(cls, name: str, content: bytes, encoding: str = "utf-8") -> Entry:
        """A member as it is, its name in an encoding."""
        flags = _UTF8_NAMES if encoding == "utf-8" and not name.isascii() else 0
        return cls(name.encode(encoding), content, flags, 0, zlib.crc32(content), len(content))

    def _fields(self) -> bytes:
        return struct.pack(
            "<HHHHHIIIHH",
            *(20, self.flags, self.method, 0, _DOS_DATE, self.crc),
            *(len(self.content), self.size, len(self.name), 0),
        )

    def local(self) -> bytes:
        """The member with the header before it."""
        return b"PK\3\4" + self._fields() + self.name + self.content

    def central(self, offset: int) -> bytes:
        """Its line in the directory."""
        return (
            b"PK\1\2"
            + struct.pack("<H", 20)
            + self._fields()
            + struct.pack("<HHHII", 0, 0, 0, 0, offset)
            + self.name
        )


def zipped(entries: list[Entry], *, overlapping: bool = False) -> bytes:
    """A zip; with `overlapping` all names stand for the bytes of the first member."""
    body, directory = b"", b""
    for entry in entries:
        offset = 0 if overlapping else len(body)
        directory += entry.central(offset)
        if not (overlapping and body):
            body += entry.local()
    count = len(entries)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def gzipped(content: bytes) -> bytes:
    """A gzip file of stored blocks."""
    blocks = [content[start : start + 65535] for start in range(0, len(content), 65535)] or [b""]
    data = b"".join(
        struct.pack("<BHH", number == len(blocks), len(block), len(block) ^ 0xFFFF) + block
        for number, block in enumerate(blocks, start=1)
    )
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return head + data + struct.pack("<II", zlib.crc32(content), len(content) & 0xFFFFFFFF)


def zeros(count: int) -> tuple[bytes, int]:
    """`count` zero bytes deflated to about a hundred and sixtieth, and their checksum.

    Made by hand with fixed codes: one literal, then copies of 258 bytes, 13 bits each.
    """
    copies = (count - 1) // 258
    size = 1 + 258 * copies
    # Block header 1 01, literal 0, copies (length 285, distance 1), end of block; codes come high bit first.
    bits = "110" + "00110000" + ("11000101" + "00000") * copies + "0000000"
    bits += "0" * (-len(bits) % 8)
    data = bytes(int(bits[start : start + 8][::-1], 2) for start in range(0, len(bits), 8))
    return data, zlib.crc32(bytes(size))
