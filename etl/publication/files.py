"""The folder of a published version: written once, read-only, every file in a list with its digest."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from etl.context import Context
from etl.errors import MinshengError
from etl.publication.record import MANIFEST, REPORT, folder_of, version
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)


def to_bytes(value: Any) -> bytes:
    """JSON that is the same for the same value, byte for byte."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=str)
    return (text + "\n").encode()


def write(folder: Path, files: Mapping[str, bytes]) -> str:
    """Write a version's files and their list; returns the digest of the list.

    They appear all at once. What a publication that was cut off has left is replaced: nothing of it was published.
    """
    listed = {name: _digest(content) for name, content in sorted(files.items())}
    manifest = to_bytes(listed)
    draft = folder.with_name(f".{folder.name}")
    for left in (draft, folder):
        if left.exists():
            shutil.rmtree(left)
    for name, content in {**files, MANIFEST: manifest}.items():
        path = draft / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o444)
    draft.replace(folder)
    return _digest(manifest)


def published_report(ctx: Context, number: int, to: Path) -> Path:
    """Copy a version's report, as it was published, to a folder; returns where to begin.

    UsageError if there is no such version, MinshengError if anything of it is not as it was published, or it was
    made without a report.
    """
    with ctx.engine.connect() as connection:
        publication = version(connection, number)
    folder = folder_of(ctx.settings, number)
    for reason in differences(folder, publication.files_sha256):
        raise MinshengError(reason)
    if not (folder / REPORT / "index.html").is_file():
        raise MinshengError(MESSAGES.reason("no_report", file=str(folder / REPORT)))
    for path in sorted((folder / REPORT).rglob("*")):
        if path.is_file():
            target = to / path.relative_to(folder / REPORT)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(path, target)
    return to / "index.html"


def differences(folder: Path, files_sha256: str) -> Iterator[Reason]:
    """What is not as it was published."""
    manifest = folder / MANIFEST
    if not manifest.exists():
        yield MESSAGES.reason("file_missing", file=str(manifest))
        return
    found = _digest(manifest.read_bytes())
    if found != files_sha256:
        yield MESSAGES.reason("list_touched", found=found, expected=files_sha256)
    listed: dict[str, str] = json.loads(manifest.read_bytes())
    there = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path != manifest
    }
    for name, digest in listed.items():
        if name not in there:
            yield MESSAGES.reason("file_missing", file=str(folder / name))
        elif (now := _digest(there[name].read_bytes())) != digest:
            yield MESSAGES.reason(
                "file_touched", file=str(folder / name), found=now, expected=digest
            )
    for name in there.keys() - listed.keys():
        yield MESSAGES.reason("file_added", file=str(folder / name))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
