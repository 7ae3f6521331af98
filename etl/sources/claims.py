"""Claiming a file: it is renamed into `.claimed/` before it is read, so that its name is free again.

A sender may put a corrected file under the same name at any moment; what is taken away later is what
was read. The claim keeps the place, `.claimed/<token>/<department>/<feed>/<file>`, and a lock on the
file says that somebody works on it. A process that dies gives the lock back: the file is then offered again.
"""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from etl.errors import MinshengError
from etl.sources.names import shown
from etl.sources.walk import CLAIMED, MESSAGES, Entry, judged

_ELSEWHERE = (errno.EXDEV, errno.EACCES, errno.EPERM, errno.EROFS)


class Claim:
    """A file that this process alone receives. Closed without `remove`, it is left for the next look."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        self._file = file
        self._stamp = self._now()

    def unchanged(self) -> bool:
        """Whether nobody has written to it since it was claimed: a sender may still have had it open."""
        return self._now() == self._stamp

    def remove(self) -> None:
        """The ledger has it. What was written to it meanwhile stays, to be received by itself."""
        if self.unchanged():
            self.path.unlink()
            for folder in self.path.parents:
                with suppress(OSError):  # others are claimed there
                    folder.rmdir()
                if folder.name == CLAIMED:
                    break
        self._file.close()

    def _now(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns


def claim(path: Path, zone: Path) -> Claim:
    """Claim a file of the zone, or again one that a dead process has left in `.claimed/`.

    Raises FileNotFoundError if it is gone or somebody else has it, MinshengError if it is no
    regular file or may not be taken away.
    """
    file = _locked(path)
    if file is None:
        raise FileNotFoundError(errno.ENOENT, "somebody else receives it", str(path))
    if is_claimed(path):
        return Claim(path, file)
    aside = _moved(path, zone)
    if os.path.samestat(os.lstat(aside), os.fstat(file.fileno())):
        return Claim(aside, file)
    file.close()  # another file was put under the name between our look and the renaming
    if not stat.S_ISREG(os.lstat(aside).st_mode):
        aside.rename(path)
        raise _refused(path)
    return claim(aside, zone)


def is_claimed(path: Path) -> bool:
    """Whether the path is that of a claimed file."""
    return CLAIMED in path.parts


def is_left(path: Path) -> bool:
    """Whether whoever claimed the file works on it no longer."""
    try:
        file = _locked(path)
    except (OSError, MinshengError):
        return False
    if file is not None:
        file.close()
    return file is not None


def place_of(path: Path) -> Path:
    """Where a file lay before it was claimed."""
    if not is_claimed(path):
        return path
    at = len(path.parts) - 1 - path.parts[::-1].index(CLAIMED)
    return Path(*path.parts[:at], *(path.parts[at + 2 :] or path.parts[at + 1 :]))


def _locked(path: Path) -> BinaryIO | None:
    """The open file, held by this process until it is closed; None if another one holds it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise _refused(path) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _refused(path)
    file = os.fdopen(descriptor, "rb")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    except OSError:
        pass  # a network drive without locks: received twice at worst, which the ledger recognises
    return file


def _moved(path: Path, zone: Path) -> Path:
    """Rename into the zone's claimed folder; into the file's own folder where that is another file system."""
    homes = [(zone, path.relative_to(zone))] if path.is_relative_to(zone) else []
    homes.append((path.parent, Path(path.name)))
    for last, (home, name) in enumerate(homes, 1 - len(homes)):
        aside = home / CLAIMED / secrets.token_hex(8) / name
        for _ in range(5):  # who has ended removes the folders that he leaves empty
            try:
                aside.parent.mkdir(parents=True, exist_ok=True)
                path.rename(aside)
                return aside
            except FileNotFoundError:
                if not os.path.lexists(path):
                    raise
            except OSError as error:
                if error.errno not in _ELSEWHERE:
                    raise
                if not last:
                    reason = MESSAGES.reason("file_unreadable", file=shown(path))
                    raise MinshengError(reason) from error
                break
    raise FileNotFoundError(errno.ENOENT, "the claimed folder vanishes", str(path))


def _refused(path: Path) -> MinshengError:
    status = os.lstat(path)
    judgement = judged(path, status)
    if isinstance(judgement, Entry) or stat.S_ISDIR(status.st_mode):
        # Replaced since: the next look finds what is there.
        raise FileNotFoundError(errno.ENOENT, "it was replaced", str(path))
    return MinshengError(judgement)
