"""What lies below a folder: finished files, and whatever else bears a name, with the reason why it is passed over.

Nothing is opened here and, unless asked for, no link followed: a FIFO would wait for ever, a link lead out of the
folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from etl.reasons import Catalogue, Reason
from etl.sources.names import shown

MESSAGES = Catalogue(__file__)

CLAIMED = ".claimed"
"""Folder of the files that somebody is receiving (see `etl.sources.claims`)."""

CLAIM_LENGTH = 40
"""Bytes by which a claimed file's path is longer than the file's own."""

_UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".swp")
_PREFIXES = (".", "~$")
_SUFFIXES = frozenset(
    ".csv .tsv .txt .xls .xlsx .xlsm .xlsb .et .ods .json .jsonl .ndjson .parquet .zip .gz .xml".split()
)
_PATH_MAX = 4096
_KINDS = {
    stat.S_IFIFO: "FIFO",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "block device",
    stat.S_IFCHR: "character device",
}


@dataclass(frozen=True)
class Entry:
    """A regular file with a finished name."""

    path: Path
    status: os.stat_result

    @property
    def touched(self) -> float:
        """When it was touched last, in seconds: a moved file keeps its modification time, but its change time is now."""
        return max(self.status.st_mtime, self.status.st_ctime)


def is_candidate(path: Path) -> bool:
    """Whether the name is that of a finished file: not hidden, not an Excel lock, not `.part`."""
    return not path.name.startswith(_PREFIXES) and path.suffix.lower() not in _UNFINISHED


def walk(
    root: Path, *, hidden: frozenset[str] = frozenset(), links: bool = False
) -> Iterator[Entry | Reason]:
    """Everything below a folder, in no particular order; of hidden folders only those named are entered.

    With `links` those that lead to a file stand for it; those to folders are passed over all the same.
    """
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except FileNotFoundError:  # gone meanwhile
            continue
        except OSError as error:
            yield MESSAGES.reason("folder_unreadable", file=shown(folder), found=error.strerror)
            continue
        for entry in entries:
            path = Path(entry.path)
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:  # another worker was faster
                continue
            except OSError as error:
                yield MESSAGES.reason("path_too_long", file=shown(path), found=error.strerror)
                continue
            if stat.S_ISDIR(status.st_mode):
                if not entry.name.startswith(".") or entry.name in hidden:
                    folders.append(path)
                    if path.suffix.lower() in _SUFFIXES:
                        yield MESSAGES.reason("folder_as_file", file=shown(path))
            elif is_candidate(path):
                yield judged(path, followed(path, status) if links else status)


def followed(path: Path, status: os.stat_result) -> os.stat_result:
    """The status of what a link leads to; the path's own if that is a folder, or nothing."""
    with suppress(OSError):
        if stat.S_ISLNK(status.st_mode) and not stat.S_ISDIR((target := path.stat()).st_mode):
            return target
    return status


def judged(path: Path, status: os.stat_result) -> Entry | Reason:
    """The file, or why there is none to receive; `status` is that of the path itself, not of what a link names."""
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFLNK:
        return MESSAGES.reason("link", file=shown(path))
    if kind != stat.S_IFREG:
        return MESSAGES.reason("special_file", file=shown(path), found=_KINDS.get(kind, oct(kind)))
    length = len(os.fsencode(path))
    if length + CLAIM_LENGTH >= _PATH_MAX:
        return MESSAGES.reason("path_too_long", file=shown(path), found=f"{length} bytes")
    return Entry(path, status)
