"""What all static sites share: the templates' environment, their digest, and files that are written only if they differ."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

BEIJING = timezone(timedelta(hours=8))
STYLE = (Path(__file__).parent / "templates" / "style.css").read_text("utf-8")
"""The common look."""


def environment(*packages: str) -> Environment:
    """Templates of these packages and the common ones; what a template names has to be there."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(name) for name in (*packages, "etl.pages")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"moment": moment, "count": count}
    return made


def moment(at: datetime | None) -> str:
    """A moment in Beijing, to the minute."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if at else "—"


def count(number: int | None) -> str:
    """A whole number, with a dash for none."""
    return "—" if number is None else f"{number:,}"


def digest(folders: Iterable[Path]) -> str:
    """Digest of all that a site is made by: templates, style, program."""
    files = [
        file
        for folder in folders
        for file in sorted(folder.rglob("*.*"))
        if file.suffix in (".html", ".css", ".py")
    ]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def put(path: Path, content: str | bytes) -> bool:
    """Write a file if its content is another one, and all of it at once; whether it was."""
    data = content.encode() if isinstance(content, str) else content
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_bytes(data)
    aside.replace(path)
    return True
