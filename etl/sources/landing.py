"""The landing zone: which files in it are complete."""

from __future__ import annotations

import os
import time
from pathlib import Path

from etl.settings import Settings

QUIET_SECONDS = 1.0
"""A file untouched for so long is complete; a sender that pauses longer writes `.part` and renames."""

_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".swp")
_PREFIXES = (".", "~$")


def is_candidate(path: Path) -> bool:
    """Whether the name is that of a finished file: not hidden, not an Excel lock, not `.part`."""
    return not path.name.startswith(_PREFIXES) and path.suffix.lower() not in _UNFINISHED


def scan(settings: Settings, *, now: float | None = None) -> list[Path]:
    """Complete files in the landing zone, oldest first; those still being written are left for later."""
    moment = time.time() if now is None else now
    complete: list[tuple[float, Path]] = []
    for folder, _, names in os.walk(settings.landing):
        for path in (Path(folder, name) for name in names):
            if not is_candidate(path):
                continue
            try:
                stat = path.stat()
            except FileNotFoundError:  # another worker was faster
                continue
            # A moved file keeps its old modification time, but its change time is now.
            touched = max(stat.st_mtime, stat.st_ctime)
            if moment - touched >= QUIET_SECONDS:
                complete.append((touched, path))
    return [path for _, path in sorted(complete)]
