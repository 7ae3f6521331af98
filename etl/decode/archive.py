"""Packed files: what is inside a zip, under its true names, and bytes out of zip and gzip within limits.

Nothing is ever unpacked to a path of the archive's choosing; dubious names are refused all
the same, since whoever receives the archive next may do so.
"""

from __future__ import annotations

import gzip
import io
import re
import stat
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, cast

from etl.decode.problems import DecodeProblem
from etl.sources.names import readable

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".7z", ".rar", ".bz2", ".xz", ".zst")
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$|~\$|\._|\.[^/]*$)", re.I)
_UTF8_FLAG, _ENCRYPTED_FLAG = 0x800, 0x1
_UNICODE_PATH = 0x7075

UNREADABLE = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, OSError, EOFError,
    ValueError, LookupError,
)  # fmt: skip
"""What reading the parts of a damaged archive or workbook may raise."""


@dataclass(frozen=True)
class Limits:
    """What an archive may unpack to."""

    members: int = 2_000
    unpacked: int = 32 << 30
    ratio: int = 250
    ratio_from: int = 64 << 20
    """Below this size no ratio is suspicious."""

    def check(self, unpacked: int, packed: int, file: str) -> None:
        """Refuse what grows beyond the limits."""
        if unpacked > self.unpacked or (
            unpacked > self.ratio_from and unpacked > self.ratio * max(packed, 1)
        ):
            raise DecodeProblem(
                "zip_bomb",
                file=file,
                found=f"{packed:,} → {unpacked:,} bytes",
                expected=f"≤ {self.ratio} : 1, ≤ {self.unpacked:,} bytes",
            )


LIMITS = Limits()


def members(path: Path, *, name: str | None = None, limits: Limits = LIMITS) -> list[str | None]:
    """The data files in a zip; `[None]` for any other file, which is its own only member."""
    file = name or path.name
    if not is_zip(path) or is_workbook(path):
        return [None]
    with open_zip(path, file) as archive:
        entries = _entries(archive, path.stat().st_size, file, limits)
    if not entries:
        raise DecodeProblem("empty_archive", file=file)
    return list(entries)


def open_member(path: Path, member: str, file: str, limits: Limits = LIMITS) -> BinaryIO:
    """A member's bytes, unpacked as they are read."""
    archive = open_zip(path, file)
    try:
        info = _entries(archive, path.stat().st_size, file, limits).get(member)
        if info is None:
            raise DecodeProblem("no_such_member", file=file, expected=member)
        stream = archive.open(info)
    except DecodeProblem:
        archive.close()
        raise
    except NotImplementedError as error:
        archive.close()
        raise _unread_method(f"{file} / {member}", info, error) from error
    except UNREADABLE as error:
        archive.close()
        raise DecodeProblem("damaged", file=f"{file} / {member}", found=str(error)) from error
    return cast("BinaryIO", _Unpacked(stream, f"{file} / {member}", also_close=archive))


def _unread_method(
    file: str, info: zipfile.ZipInfo | None, error: NotImplementedError
) -> DecodeProblem:
    """Windows packs what is large by Deflate64; strong encryption is a password."""
    if "encryption" in str(error):
        return DecodeProblem("password", file=file)
    number = info.compress_type if info else 0
    found = {9: "Deflate64"}.get(number) or f"{error} ({number})"
    return DecodeProblem("packing_method", file=file, found=found)


def open_gzip(path: Path, file: str, limits: Limits = LIMITS) -> BinaryIO:
    """The bytes of a gzip file, unpacked as they are read."""
    stream = cast("IO[bytes]", gzip.open(path))  # noqa: SIM115 - closed with what reads it
    unpacked = _Unpacked(stream, file, packed=path.stat().st_size, limits=limits)
    return cast("BinaryIO", unpacked)


def is_zip(path: Path) -> bool:
    """Whether the file begins as a zip does."""
    with path.open("rb") as stream:
        return stream.read(4) in (ZIP, _EMPTY_ZIP)


def is_workbook(path: Path) -> bool:
    """Whether a zip is an office document, which is one file to everybody."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except UNREADABLE:
        # A cut-off workbook still says what it was in its first entry.
        with path.open("rb") as stream:
            return b"[Content_Types].xml" in (head := stream.read(4096)) or b"xl/" in head
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= set(names)


def open_zip(path: Path, file: str) -> zipfile.ZipFile:
    """The archive, or the problem with it."""
    try:
        return zipfile.ZipFile(path)
    except UNREADABLE as error:
        raise DecodeProblem("truncated", file=file, found=str(error)) from error


def _entries(
    archive: zipfile.ZipFile, packed: int, file: str, limits: Limits
) -> dict[str, zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
    if len(infos) > limits.members:
        raise DecodeProblem(
            "too_many_members", file=file, found=str(len(infos)), expected=f"≤ {limits.members}"
        )
    limits.check(sum(info.file_size for info in infos), packed, file)
    entries: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        name = _name(info)
        if not name or _unsafe(name, info):
            raise DecodeProblem("unsafe_name", file=file, found=name)
        if _JUNK.search(name):
            continue
        if name.lower().endswith(_ARCHIVES):
            raise DecodeProblem("nested_archive", file=file, found=name)
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise DecodeProblem("password", file=file, found=name)
        if name in entries:
            raise DecodeProblem("damaged", file=file, found=f"{name} × 2")
        entries[name] = info
    return entries


def _name(info: zipfile.ZipInfo) -> str:
    """The name as its sender saw it: Chinese Windows writes GBK without saying so."""
    name = _unicode_path(info.extra)
    if name is None:
        name = info.orig_filename
        if not info.flag_bits & _UTF8_FLAG:
            name = readable(name.split("\0")[0].encode("cp437"))
    return name.split("\0")[0].replace("\\", "/")


def _unicode_path(extra: bytes) -> str | None:
    while len(extra) >= 4:
        tag, size = struct.unpack("<HH", extra[:4])
        if tag == _UNICODE_PATH and size > 5:
            return extra[9 : 4 + size].decode("utf-8", "replace")
        extra = extra[4 + size :]
    return None


def _unsafe(name: str, info: zipfile.ZipInfo) -> bool:
    return (
        name.startswith("/")
        or re.match(r"[A-Za-z]:", name) is not None
        or ".." in PurePosixPath(name).parts
        or stat.S_ISLNK(info.external_attr >> 16)
    )


class _Unpacked(io.RawIOBase):
    """A stream that turns what can go wrong while unpacking into problems."""

    def __init__(
        self,
        stream: IO[bytes],
        file: str,
        *,
        packed: int | None = None,
        limits: Limits = LIMITS,
        also_close: zipfile.ZipFile | None = None,
    ) -> None:
        super().__init__()
        self._stream = stream
        self._file = file
        self._packed = packed
        self._limits = limits
        self._also_close = also_close
        self._read = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            data: bytes = self._stream.read(size)
        except EOFError as error:
            raise DecodeProblem("truncated", file=self._file, found=str(error)) from error
        except UNREADABLE as error:
            raise DecodeProblem("damaged", file=self._file, found=str(error)) from error
        self._read += len(data)
        if self._packed is not None:
            self._limits.check(self._read, self._packed, self._file)
        return data

    def close(self) -> None:
        self._stream.close()
        if self._also_close is not None:
            self._also_close.close()
        super().close()
