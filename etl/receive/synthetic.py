"""Which files are generated ones: known by their bytes, in a list beside them, never by their names.

The sample writes `synthetic.sha256` (lines as of `sha256sum`) at the top of its folder; the demo
keeps the same lines in the installation's home, so that a copy in the landing zone is known too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

LIST = "synthetic.sha256"
_LEVELS = 4  # sample/newest/<department>/<feed>/file


def write_list(folder: Path, entries: Mapping[str, str]) -> None:
    """Write the list of a folder: path -> sha256."""
    text = "".join(f"{digest}  {path}\n" for path, digest in sorted(entries.items()))
    (folder / LIST).write_text(text, encoding="utf-8")


def add_to_list(folder: Path, paths: Iterable[Path]) -> None:
    """Note these files in a folder's list, unless they are in it."""
    folder.mkdir(parents=True, exist_ok=True)
    known = listed(folder)
    fresh = {
        digest: path.name
        for path in paths
        if (digest := hashlib.sha256(path.read_bytes()).hexdigest()) not in known
    }
    with (folder / LIST).open("a", encoding="utf-8") as file:
        file.writelines(f"{digest}  {name}\n" for digest, name in fresh.items())


def listed(folder: Path) -> frozenset[str]:
    """The digests in a folder's list; none if it has none."""
    try:
        text = (folder / LIST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return frozenset()
    return frozenset(line.split(maxsplit=1)[0] for line in text.splitlines() if line.strip())


def is_synthetic(path: Path | None, sha256: str, home: Path) -> bool:
    """Whether a list near the file (its folder, four above it) or in the home has these bytes."""
    folders = list(path.absolute().parents)[: _LEVELS + 1] if path else []
    return any(sha256 in listed(folder) for folder in [*folders, home])
