"""A file handed over, wherever it lies: plain, in a gzip, in a zip; opened as often as needed."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from etl.decode.archive import GZIP, LIMITS, Limits, is_workbook, is_zip, open_gzip, open_member
from etl.decode.problems import DecodeProblem

_SPOOL = 32 << 20


@dataclass(frozen=True)
class Source:
    """Bytes and the name by which people know them."""

    path: Path
    member: str | None
    name: str
    limits: Limits = LIMITS

    @property
    def file(self) -> str:
        """How messages call it."""
        return (
            f"{self.name} / {self.member}"
            if self.member and self.member != self.name
            else self.name
        )

    @property
    def label(self) -> str:
        """The innermost name, whose extension says the format."""
        label = self.member or self.name
        return label[:-3] if self.packed and label.lower().endswith(".gz") else label

    @property
    def packed(self) -> bool:
        """Whether the bytes have to be unpacked."""
        return self.member is not None or _is_gzip(self.path)

    def open(self) -> BinaryIO:
        """The bytes from the beginning."""
        if self.member is not None:
            return open_member(self.path, self.member, self.name, self.limits)
        if _is_gzip(self.path):
            return open_gzip(self.path, self.file, self.limits)
        if is_zip(self.path) and not is_workbook(self.path):
            raise DecodeProblem("nested_archive", file=self.file, found="zip", expected="member=…")
        return self.path.open("rb")

    @property
    def padded(self) -> bool:
        """Whether the file ends in what is written after the last line; of a packed one nobody knows yet."""
        if self.packed:
            return True
        with self.path.open("rb") as stream:
            stream.seek(max(0, self.path.stat().st_size - 1))
            return stream.read(1) in (b"\0", b"\x1a")

    def head(self, size: int) -> bytes:
        """The first bytes, fewer if the file is shorter."""
        with self.open() as stream:
            parts = []
            while size > 0 and (part := stream.read(size)):
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def seekable(self, limit: int | None = None) -> IO[bytes]:
        """The bytes with random access; what is packed goes to a temporary file. `limit` in bytes."""
        if not self.packed:
            self._check(self.path.stat().st_size, limit)
            return self.path.open("rb")
        spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL)  # noqa: SIM115 - the caller closes it
        with self.open() as stream:
            if limit is None:
                shutil.copyfileobj(stream, spool, 1 << 20)
            else:
                while part := stream.read(1 << 20):
                    spool.write(part)
                    self._check(spool.tell(), limit)
        spool.seek(0)
        return cast("IO[bytes]", spool)

    def _check(self, size: int, limit: int | None) -> None:
        if limit is not None and size > limit:
            raise DecodeProblem(
                "too_large",
                file=self.file,
                found=f"{size / 2**20:.1f} MB",
                expected=f"≤ {limit / 2**20:.0f} MB",
            )


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == GZIP
