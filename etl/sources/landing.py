"""The landing zone: a folder into which senders put files, and out of which `receive` takes them."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePath

from etl.reasons import Reason
from etl.sources import claims
from etl.sources.names import readable_path, shown
from etl.sources.source import Look
from etl.sources.walk import CLAIMED, MESSAGES, Entry, walk

QUIET_SECONDS = 1.0
"""A file untouched for so long is complete; a sender that pauses longer writes `.part` and renames."""

Stamp = tuple[str, int, int]
"""A file as it was seen: path, size, time of last change. A file written anew is a new stamp."""


@dataclass
class LandedFile:
    """A complete file in the landing zone, or one claimed by a process that has died."""

    zone: Path
    file: Path
    touched: float
    stamp: Stamp
    _claim: claims.Claim | None = field(default=None, repr=False)

    @property
    def place(self) -> PurePath:
        """Folders and name below the zone."""
        own = claims.place_of(self.file)
        return readable_path(own.relative_to(self.zone) if own.is_relative_to(self.zone) else own)

    @property
    def arrived_at(self) -> datetime:
        """When it was touched last."""
        return datetime.fromtimestamp(self.touched, UTC)

    @property
    def path(self) -> Path:
        """Where it was put."""
        return claims.place_of(self.file)

    def save(self, to: Path) -> None:
        """Claim it and copy it. It stays claimed until `taken`, or until this process ends."""
        self._claim = claims.claim(self.file, self.zone)
        shutil.copyfile(self._claim.path, to)  # in the kernel where it can
        if not self._claim.unchanged():
            raise OSError("it is still being written")  # and stays claimed for the next look

    def taken(self) -> None:
        """Remove it."""
        if self._claim is not None:
            self._claim.remove()


@dataclass(frozen=True)
class LandingZone:
    """The source that senders reach by whatever they have: a shared drive, FTP, a copy."""

    root: Path

    def look(self) -> Look:
        """Complete files, oldest first; those still being written are left for later."""
        return Look(*self.entries())

    def entries(self) -> tuple[list[LandedFile], list[Reason]]:
        """The same, the files as what they are here."""
        moment = time.time()
        files: list[LandedFile] = []
        passed_over: list[Reason] = []
        for entry in walk(self.root, hidden=frozenset({CLAIMED})):
            if isinstance(entry, Reason):
                passed_over.append(entry)
            elif moment - entry.touched < QUIET_SECONDS:
                continue
            elif claims.is_claimed(entry.path):
                if claims.is_left(entry.path):
                    files.append(self._landed(entry))
            elif not _may_be_taken(entry.path):
                passed_over.append(MESSAGES.reason("file_unreadable", file=shown(entry.path)))
            else:
                files.append(self._landed(entry))
        files.sort(key=lambda file: (file.touched, file.file))
        return files, sorted(passed_over, key=lambda reason: reason.file or "")

    def file(self, path: Path) -> LandedFile:
        """One file of the zone, whether or not it is complete. Raises OSError if it is not there."""
        return self._landed(Entry(path, path.lstat()))

    def _landed(self, entry: Entry) -> LandedFile:
        stamp = (os.fsdecode(entry.path), entry.status.st_size, entry.status.st_mtime_ns)
        return LandedFile(self.root, entry.path, entry.touched, stamp)


def _may_be_taken(path: Path) -> bool:
    return os.access(path, os.R_OK) and os.access(path.parent, os.W_OK | os.X_OK)
