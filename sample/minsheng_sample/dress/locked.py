"""A workbook behind a password: the outer container that Excel writes, with nothing inside to open."""

from __future__ import annotations

import struct

_SECTOR = 512
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_STREAM_SECTORS = 8
"""Streams below 4096 bytes would need a second allocation table."""

_INFO = (
    b"\4\0\4\0\x40\0\0\0"
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    b'<encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"/>'
)


def locked_workbook() -> bytes:
    """An OLE container with the streams EncryptionInfo and EncryptedPackage."""
    size = _STREAM_SECTORS * _SECTOR
    info_at, package_at = 2, 2 + _STREAM_SECTORS
    chain = [_FAT, _END]
    for first in (info_at, package_at):
        chain += [first + step for step in range(1, _STREAM_SECTORS)] + [_END]
    table = struct.pack("<128I", *chain, *[_FREE] * (128 - len(chain)))
    directory = (
        _entry("Root Entry", 5, child=1, start=_END, size=0)
        + _entry("EncryptedPackage", 2, left=2, start=package_at, size=size)
        + _entry("EncryptionInfo", 2, start=info_at, size=size)
        + _entry("", 0, start=0, size=0)
    )
    package = bytes((37 * step + 11) % 256 for step in range(size))
    return _header() + table + directory + _INFO.ljust(size, b" ") + package


def _header() -> bytes:
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0)
    return head + struct.pack("<109I", 0, *[_FREE] * 108)


def _entry(
    name: str, kind: int, *, start: int, size: int, left: int = _FREE, child: int = _FREE
) -> bytes:
    text = f"{name}\0".encode("utf-16-le") if name else b""
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text), kind, 1, left, _FREE, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
