"""The pages as files: only those are written anew whose delivery changed, and the index is cut into leaves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from jinja2 import Environment

from etl.context import Context
from etl.database import sql_file
from etl.pages import words
from etl.pages.facts import facts
from etl.pages.files import BEIJING, STYLE, digest, environment, put
from etl.progress import report
from etl.quarantine import export

LEAF = 200
"""Deliveries on one page of the index."""
FOLDER = 1000
"""Pages in one folder."""
BUILT = ".built.json"
"""What the pages were made of, by their names."""


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


def url_of(delivery_id: int, ctx: Context) -> str | None:
    """The address of a delivery's page: at MINSHENG_PAGES_URL, else beside Airflow; None where neither is known."""
    base = ctx.settings.address("pages")
    return f"{base}/{page_of(delivery_id)}" if base else None


def build(folder: Path, ctx: Context | None = None, *, only: Sequence[int] = ()) -> Built:
    """Write the pages of all deliveries, or of some, and the index. What has not changed is left alone."""
    ctx = ctx or Context.of()
    folder.mkdir(parents=True, exist_ok=True)
    templates = _environment()
    made = digest([Path(__file__).parent])
    state = _read_state(folder, made)
    written = 0
    with ctx.engine.connect() as connection:
        rows = connection.execute(sa.text(sql_file("pages/stamps.sql"))).all()
        due = [row for row in rows if _is_due(row, state, folder, only)]
        for number, row in enumerate(due, 1):
            report("批次页 / pages", number, len(due))
            written += _write(ctx, connection, templates, folder, row)
            state[str(row.delivery_id)] = row.stamp
    written += _index(templates, folder, rows, state)
    put(folder / "style.css", STYLE)
    put(folder / BUILT, json.dumps({"templates": made, "stamps": state}))
    return Built(folder, len(rows), written)


def _is_due(row: Any, state: dict[str, str], folder: Path, only: Sequence[int]) -> bool:
    number = int(row.delivery_id)
    if only:
        return number in only
    return state.get(str(number)) != row.stamp or not (folder / page_of(number)).is_file()


def _write(
    ctx: Context, connection: sa.Connection, templates: Environment, folder: Path, row: Any
) -> int:
    number = int(row.delivery_id)
    page = folder / page_of(number)
    page.parent.mkdir(parents=True, exist_ok=True)
    workbook = page.with_suffix(".xlsx")
    has_workbook = bool(row.open) and row.state == "loaded"
    if has_workbook:
        export(workbook, delivery_id=number, ctx=ctx)
    else:
        workbook.unlink(missing_ok=True)
    told = facts(ctx, connection, number)
    template = templates.get_template("delivery.html")
    text = template.render(
        **told, row=row, workbook=workbook.name if has_workbook else None, root="../.."
    )
    return int(put(page, text)) + int(has_workbook)


def _index(templates: Environment, folder: Path, rows: Sequence[Any], state: dict[str, str]) -> int:
    """The newest in `index.html`, which links to a leaf for each stretch of older ones.

    Leaves are counted from the oldest delivery on and know of their neighbours only: a full one stays as it is
    until something becomes of a delivery on it, however many come after it.
    """
    oldest_first = rows[::-1]
    full = len(rows) // LEAF if len(rows) > LEAF else 0
    leaves = [oldest_first[at * LEAF : (at + 1) * LEAF][::-1] for at in range(full)]
    template, written = templates.get_template("index.html"), 0
    for number, leaf in enumerate(leaves, 1):
        name = leaf_name(number)
        stamp = _stamp_of(leaf, number == full)
        if state.get(name) == stamp and (folder / name).is_file():
            continue
        around = {"older": number - 1, "newer": 0 if number == full else number + 1}
        text = template.render(rows=leaf, leaves=[], total=None, around=around, root=".")
        written += int(put(folder / name, text))
        state[name] = stamp
    listed = [(n, leaf[-1].received_at, leaf[0].received_at) for n, leaf in enumerate(leaves, 1)]
    text = template.render(
        rows=rows[:LEAF], leaves=listed[::-1], total=len(rows), around=None, root="."
    )
    written += int(put(folder / "index.html", text))
    for old in folder.glob("index-*.html"):
        if old.name not in {leaf_name(number) for number in range(1, full + 1)}:
            old.unlink()
    return written


def leaf_name(number: int) -> str:
    """Where a leaf of the index lies; they are counted from 1, the oldest."""
    return f"index-{number}.html"


def _stamp_of(leaf: Sequence[Any], is_last: bool) -> str:
    told = [f"{row.delivery_id} {row.stamp}" for row in leaf]
    return hashlib.sha256("\n".join([*told, str(is_last)]).encode()).hexdigest()[:16]


def span(row: Any) -> str:
    """A period as people say it: a year, a month, else its days."""
    start, end = row.period_start, row.period_end
    if start is None or end is None:
        return "—"
    after = end + timedelta(days=1)
    if (start.month, start.day) == (1, 1) and after == start.replace(year=start.year + 1):
        return f"{start:%Y}"
    if start.day == after.day == 1 and (start.year, start.month) == (end.year, end.month):
        return f"{start:%Y-%m}"
    return f"{start}–{end}" if start != end else f"{start}"


def _environment() -> Environment:
    templates = environment()
    names = {name: value for name, value in vars(words).items() if name.isupper()}
    templates.globals |= names | {"page_of": page_of, "leaf_name": leaf_name}
    templates.filters |= {
        "span": span,
        "day": lambda at: at.astimezone(BEIJING).strftime("%Y-%m-%d"),
        "figure": lambda n: "—" if n is None else f"{n:,.6g}",
    }
    return templates


def _read_state(folder: Path, made: str) -> dict[str, str]:
    """What the pages there were made of; nothing where templates have changed since."""
    try:
        kept = json.loads((folder / BUILT).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    stamps: dict[str, str] = kept.get("stamps", {}) if kept.get("templates") == made else {}
    return stamps
