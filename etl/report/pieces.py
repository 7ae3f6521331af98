"""What a page needs beyond the evaluation (series, towns, source files), kept until a delivery of its feeds changes it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from etl.evaluate import Reading, definition, figures
from etl.evaluate.known import DECLARATIONS, TARGETS
from etl.evaluate.receipts import Receipt, SourceFile, receipt_of
from etl.plan import Statement
from etl.report.model import Point, TownValue
from etl.report.receipt import lines
from etl.report.series import Days
from etl.report.towns import town_values
from etl.report.words import LANGUAGES

KEPT = ".kept.json"
_SHARED = ("reference.division", "reference.population")
"""Feeds that every figure may hang on: where things are, and how many live there."""


@dataclass(frozen=True)
class Piece:
    """What is kept of an indicator."""

    stamp: str
    points: tuple[Point, ...] = ()
    towns: tuple[TownValue, ...] = ()
    sources: tuple[SourceFile, ...] = ()
    gaps: tuple[tuple[str, str], ...] = ()
    elsewhere: float | None = None
    things: tuple[tuple[Any, ...], ...] | None = None
    """The contributing rows for the list beside the page; only of a piece that was made anew."""
    receipt: Receipt | None = None
    """For its page; likewise."""


class Pieces:
    """The pieces of one report; those of the last build are taken where their stamp still holds."""

    def __init__(self, folder: Path | None, made: str) -> None:
        self._folder, self._made = folder, made
        self._old: dict[str, Piece] = {}
        self.all: dict[str, Piece] = {}
        if folder is not None:
            self._old = _read(folder / KEPT, made)

    def of(self, days: Days, statement: Statement) -> Piece:
        """The piece of a computable indicator."""
        stamp = _stamp(days.now, statement)
        old = self._old.get(statement.code)
        if old is None or old.stamp != stamp or not self._are_there(statement, old):
            old = _make(days, statement, stamp)
        piece = old
        self.all[statement.code] = piece
        return piece

    def _are_there(self, statement: Statement, old: Piece) -> bool:
        """Whether its receipt and list of rows, which are not kept here, were left in the folder."""
        if self._folder is None:
            return False
        names = [receipt_page(statement, lang) for lang in LANGUAGES]
        names += [receipt_list(statement)] if old.sources else []
        return all((self._folder / name).is_file() for name in names)

    def keep(self) -> None:
        """Write them for the next build."""
        if self._folder is None:
            return
        kept = {
            code: asdict(replace(piece, things=None, receipt=None))
            for code, piece in self.all.items()
        }
        text = json.dumps({"made": self._made, "pieces": kept}, ensure_ascii=False, default=str)
        (self._folder / KEPT).write_text(text, encoding="utf-8")


def receipt_page(statement: Statement, lang: str) -> str:
    """Where the receipt of an indicator stands among the report's files."""
    return f"{'en/' if lang == 'en' else ''}receipts/{statement.code}.html"


def receipt_list(statement: Statement) -> str:
    """Where the list of its rows stands."""
    return f"receipts/{statement.code}.csv"


def _stamp(now: Reading, statement: Statement) -> str:
    """Changes with everything that a piece hangs on: its rule, its day, its target, what arrived of its feeds and still waits."""
    feeds = {*statement.feeds, *_SHARED} - {DECLARATIONS, TARGETS}
    arrived = [[str(value) for value in row] for row in now.deliveries if row.feed in feeds]
    parts = [
        definition.definition_hash(now.plan, statement, now.policy),
        statement.definition_version,
        now.policy.policy_code,
        now.as_of,
        now.asked_known_at,
        arrived,
        [[str(row) for row in rows] for rows in (now.targets.get(statement.code, ()), now.unread)],
    ]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


def _make(days: Days, statement: Statement, stamp: str) -> Piece:
    now = days.now
    points = days.points(statement)
    receipt = receipt_of(now, statement)
    if not figures.has_query(statement):
        return Piece(stamp, points, receipt=receipt)
    if not now.covered(statement).loaded:
        return Piece(stamp, points, town_values(now, statement)[0], receipt=receipt)
    towns, elsewhere = town_values(now, statement)
    given = now.parameters(statement)
    sources = tuple(file for file in receipt.files if file.rows or file.delivery is None)
    gaps: tuple[tuple[str, str], ...] = ()
    if statement.kind == "coverage":
        rows = figures.run(now.connection, statement, "report/gaps.sql", given)
        gaps = tuple((_town(now, row.area_key), row.entity or "") for row in rows)
    things = tuple(lines(statement, receipt.things))
    return Piece(stamp, points, towns, sources, gaps, elsewhere, things, receipt)


def _town(now: Reading, area: int) -> str:
    place = now.places.get(area)
    return str(place.town_name) if place else ""


def _read(path: Path, made: str) -> dict[str, Piece]:
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if kept.get("made") != made:
        return {}
    return {code: _piece(entry) for code, entry in kept["pieces"].items()}


def _piece(entry: Mapping[str, Any]) -> Piece:
    points = tuple(_point(point) for point in entry["points"])
    return Piece(
        stamp=entry["stamp"],
        points=points,
        towns=tuple(TownValue(**cell) for cell in entry["towns"]),
        sources=tuple(_source(source) for source in entry["sources"]),
        gaps=tuple((town, name) for town, name in entry["gaps"]),
        elsewhere=entry["elsewhere"],
    )


def _source(entry: Mapping[str, Any]) -> SourceFile:
    read = {"period_start": date, "period_end": date, "received_at": datetime}
    days = {name: kind.fromisoformat(entry[name]) for name, kind in read.items() if entry[name]}
    return SourceFile(**{**entry, **days})


def _point(entry: Mapping[str, Any]) -> Point:
    begins = entry["begins"]
    values: dict[str, Any] = {
        **entry,
        "on": date.fromisoformat(entry["on"]),
        "begins": date.fromisoformat(begins) if begins else None,
        "open_ends": tuple(entry["open_ends"]),
    }
    return Point(**values)
