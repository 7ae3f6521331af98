"""The pages as files: only those are written anew whose delivery changed, and the index is cut into leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from jinja2 import Environment, PackageLoader, StrictUndefined

from etl.context import Context
from etl.database import sql_file
from etl.pages import words
from etl.pages.facts import facts
from etl.progress import report
from etl.quarantine import export

LEAF = 200
"""Deliveries on one page of the index."""
FOLDER = 1000
"""Pages in one folder."""
BUILT = ".built.json"
"""What the pages were made of, by their names."""

_BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Built:
    """What a build did."""

    folder: Path
    pages: int
    written: int
    """Pages and workbooks that were made anew."""

    @property
    def index(self) -> Path:
        """Where to begin."""
        return self.folder / "index.html"


def page_of(delivery_id: int) -> str:
    """Where the page of a delivery lies below the site's folder."""
    return f"deliveries/{delivery_id // FOLDER}/{delivery_id}.html"


def build(folder: Path, ctx: Context | None = None, *, only: Sequence[int] = ()) -> Built:
    """Write the pages of all deliveries, or of some, and the index. What has not changed is left alone."""
    ctx = ctx or Context.of()
    folder.mkdir(parents=True, exist_ok=True)
    environment = _environment()
    made = _templates_hash()
    state = _read_state(folder, made)
    written = 0
    with ctx.engine.connect() as connection:
        rows = connection.execute(sa.text(sql_file("pages/stamps.sql"))).mappings().all()
        due = [row for row in rows if _is_due(row, state, folder, only)]
        for number, row in enumerate(due, 1):
            report("批次页 / pages", number, len(due))
            written += _write(ctx, connection, environment, folder, row)
            state[str(row["delivery_id"])] = row["stamp"]
    written += _index(environment, folder, rows, state)
    _put(
        folder / "style.css", (Path(__file__).parent / "templates" / "style.css").read_text("utf-8")
    )
    text = json.dumps({"templates": made, "stamps": state})
    (folder / BUILT).write_text(text, encoding="utf-8")
    return Built(folder, len(rows), written)


def _is_due(row: Any, state: dict[str, str], folder: Path, only: Sequence[int]) -> bool:
    number = int(row["delivery_id"])
    if only:
        return number in only
    return state.get(str(number)) != row["stamp"] or not (folder / page_of(number)).is_file()


def _write(
    ctx: Context, connection: sa.Connection, environment: Environment, folder: Path, row: Any
) -> int:
    number = int(row["delivery_id"])
    page = folder / page_of(number)
    page.parent.mkdir(parents=True, exist_ok=True)
    workbook = page.with_suffix(".xlsx")
    has_workbook = bool(row["open"]) and row["state"] == "loaded"
    if has_workbook:
        export(workbook, delivery_id=number, ctx=ctx)
    else:
        workbook.unlink(missing_ok=True)
    told = facts(ctx, connection, number)
    template = environment.get_template("delivery.html")
    text = template.render(
        **told, row=row, workbook=workbook.name if has_workbook else None, root="../.."
    )
    return int(_put(page, text)) + int(has_workbook)


def _index(
    environment: Environment, folder: Path, rows: Sequence[Any], state: dict[str, str]
) -> int:
    """The newest first; each leaf has links to all others, so that nothing is more than two clicks away."""
    leaves = [rows[at : at + LEAF] for at in range(0, len(rows), LEAF)] or [[]]
    names = ["index.html", *(f"index-{n}.html" for n in range(1, len(leaves)))]
    template, written = environment.get_template("index.html"), 0
    # From the oldest on the leaves are full and stay as they are; the newest one grows.
    for at, (name, leaf) in enumerate(zip(names, leaves, strict=True)):
        text = template.render(
            rows=leaf, names=names, at=at, total=len(rows), page_of=page_of, root="."
        )
        written += int(_put(folder / name, text))
    for old in folder.glob("index-*.html"):
        if old.name not in names:
            old.unlink()
    return written


def _put(path: Path, text: str) -> bool:
    """Write a file if its text is another one; whether it was."""
    if path.is_file() and path.read_text("utf-8") == text:
        return False
    path.write_text(text, encoding="utf-8")
    return True


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("etl.pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    names = {name: value for name, value in vars(words).items() if name.isupper()}
    environment.globals |= names | {"page_of": page_of}
    environment.filters |= {
        "moment": lambda at: at.astimezone(_BEIJING).strftime("%Y-%m-%d %H:%M") if at else "—",
        "count": lambda n: "—" if n is None else f"{n:,}",
        "figure": lambda n: "—" if n is None else f"{n:,.6g}",
    }
    return environment


def _templates_hash() -> str:
    files = sorted((Path(__file__).parent).rglob("*.*"))
    parts = (file.read_bytes() for file in files if file.suffix in (".html", ".css", ".py"))
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _read_state(folder: Path, made: str) -> dict[str, str]:
    """What the pages there were made of; nothing where templates have changed since."""
    try:
        kept = json.loads((folder / BUILT).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    stamps: dict[str, str] = kept.get("stamps", {}) if kept.get("templates") == made else {}
    return stamps
