"""Files and folders that somebody names: read where they lie, and left there."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from etl.errors import UsageError
from etl.reasons import Reason
from etl.sources.names import readable_path, shown
from etl.sources.source import Look
from etl.sources.walk import MESSAGES, Entry, followed, judged, walk


@dataclass(frozen=True)
class LocalFile:
    """A file on this machine."""

    path: Path

    @property
    def place(self) -> PurePath:
        """Its path as text."""
        return readable_path(self.path)

    @property
    def arrived_at(self) -> datetime:
        """When it was modified last."""
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    def save(self, to: Path) -> None:
        """Copy it."""
        shutil.copyfile(self.path, to)  # in the kernel where it can

    def taken(self) -> None:
        """It stays where it is."""


@dataclass(frozen=True)
class LocalPaths:
    """The source of `minsheng ingest`: the files named, and those in the folders named, by their names."""

    paths: tuple[Path, ...]

    def look(self) -> Look:
        """All of them. Raises UsageError for a path that does not exist."""
        files: list[LocalFile] = []
        passed_over: list[Reason] = []
        for path in self.paths:
            if not os.path.lexists(path):
                raise UsageError(MESSAGES.reason("no_such_path", path=shown(path)))
            if path.is_dir():
                # Who names a folder of his own machine knows where its links lead; a sender may be anybody.
                entries = sorted(walk(path, links=True), key=_name)
            else:
                entries = [judged(path, followed(path, path.lstat()))]
            for entry in entries:
                if isinstance(entry, Reason):
                    passed_over.append(entry)
                else:
                    files.append(LocalFile(entry.path))
        return Look(files, passed_over)


def _name(entry: Entry | Reason) -> tuple[str, ...]:
    return entry.path.parts if isinstance(entry, Entry) else (entry.file or "",)
