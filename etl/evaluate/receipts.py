"""The receipt of a figure: the contributing things by the file they come from, what was kept out and what that does to it.

The things are those of the query that the figure is the sum of, so the two cannot disagree.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from etl.context import Context
from etl.errors import UsageError
from etl.evaluate import doubts, figures, sensitive
from etl.evaluate.bounds import Bounds
from etl.evaluate.coverage import Coverage
from etl.evaluate.figures import Figure
from etl.evaluate.run import Reading, reading, schedules
from etl.plan import ScorePolicy, Statement, load_plan
from etl.quoting import identifier
from etl.reasons import Catalogue, Reason
from etl.settings import Settings

MESSAGES = Catalogue(__file__)


@dataclass(frozen=True)
class Area:
    """A town or community of today, with the areas that lie in it."""

    key: int
    code: str
    name: str
    members: frozenset[int] = field(repr=False)


@dataclass(frozen=True)
class SourceFile:
    """What one sheet of one delivered file adds to a figure; without a delivery: what comes of no row."""

    delivery: int | None
    feed: str | None = None
    file: str | None = None
    sha256: str | None = None
    mode: str | None = None
    period_start: date | None = None
    period_end: date | None = None
    received_at: datetime | None = None
    contract_hash: str | None = None
    contract_version: str | None = None
    sheet: str | None = None
    rows: int = 0
    """Rows that the figure hangs on."""
    lines: str = ""
    """Which rows of the sheet, as `5-17, 20`."""
    numerator: float = 0.0
    denominator: float | None = None
    not_counted: int = 0
    """Further rows of the delivery that are believed: of another day or area, or left out by the definition."""
    left: Mapping[str, int] = field(default_factory=dict)
    """Rows of the delivery that say nothing of their own: unchanged, superseded, duplicate, retracted, totals_dropped."""


@dataclass(frozen=True)
class KeptOut:
    """A row in quarantine, and what the figure would be at least and at most if it alone were answered."""

    delivery: int
    feed: str
    file: str
    sheet: str | None
    row: int
    row_no: int
    reasons: tuple[Reason, ...]
    effect: Bounds | None
    """None: however it is answered, the figure stays as it is."""


@dataclass(frozen=True)
class Receipt:
    """A figure and all that it hangs on."""

    statement: Statement
    as_of: date
    known_at: datetime | None
    seq: int
    policy: ScorePolicy
    area: Area | None
    figure: Figure
    bounds: Bounds
    status: str | None
    """None: an area is not judged."""
    provisional: bool
    reasons: tuple[Reason, ...]
    synthetic: bool
    things: Sequence[dict[str, Any]] = ()
    """area_key, area_name, entity, numerator, denominator, sources; see `figures.receipt`."""
    files: tuple[SourceFile, ...] = ()
    kept_out: tuple[KeptOut, ...] = ()
    parts: tuple[Receipt, ...] = ()
    """Of a score the rates that it is weighed from."""

    @property
    def sums(self) -> tuple[float, float | None]:
        """Numerator and denominator as the files add up; without a denominator the figure itself."""
        below = [f.denominator for f in self.files if f.denominator is not None]
        return math.fsum(f.numerator for f in self.files), math.fsum(below) if below else None


def receipt(
    code: str,
    as_of: date | None = None,
    known_at: datetime | None = None,
    settings: Settings | None = None,
    *,
    area: str | None = None,
    policy: str | None = None,
    definition: str | None = None,
) -> Receipt:
    """The receipt of an indicator on a day, as known at a moment, of the district or of one area (its code or name).

    UsageError if the plan has no such indicator, today's register no such area, or the figure no areas.
    """
    load_plan().statement(code)  # no warehouse is asked for what the plan lacks
    ctx = Context.of(settings)
    with reading(ctx) as connection:
        now = Reading(connection, schedules(ctx), as_of, known_at, policy, definition)
        return receipt_of(now, now.plan.statement(code), find_area(now, area) if area else None)


def receipt_of(now: Reading, statement: Statement, area: Area | None = None) -> Receipt:
    """The same at a reading that is under way."""
    if statement.computable != "C":
        return _declared(now, statement, area)
    now.refuse_changed({statement.code})
    if "score_of" in statement.definition:
        parts = [
            receipt_of(now, now.plan.statement(c), area) for c in statement.definition["score_of"]
        ]
        return _scored(now, statement, area, parts)
    figure, coverage = now.computed(statement)
    things = _things(now, statement, area) if figure.value is not None or coverage.loaded else []
    if area is not None:
        if area.key not in now.absent(statement, figure, coverage)[0]:
            coverage = replace(coverage, missing_towns=0, town_names=())  # others are
        figure = _figure(statement, things, is_there=figure.value is not None)
    found, effects = Bounds(), list[doubts.Effect]()
    if coverage.loaded:
        found, effects = doubts.effects(
            now.connection, statement, now.parameters(statement), figure, now.doubts,
            concerned=coverage.concerned, unread=coverage.unread_rows,
            areas=area.members if area else None,
        )  # fmt: skip
    made = _framed(now, statement, area, figure, found, coverage)
    return replace(
        made,
        things=things,
        files=files_of(now, statement, things, coverage.concerned),
        kept_out=_kept_out(now, figure, effects, coverage),
    )


def find_area(now: Reading, area: str) -> Area | None:
    """The area of today with this code or name; None for the district, UsageError if there is none or more than one."""
    rows = now.rows("area", area=area)
    if len(rows) != 1:
        found = "、".join(row.area_code for row in rows)
        raise UsageError(
            MESSAGES.reason("area_of_several" if rows else "no_such_area", area=area, codes=found)
        )
    (row,) = rows
    if row.area_level == "district":
        return None
    members = {row.area_key}
    if row.town_key == row.area_key:
        members |= {key for key, place in now.places.items() if place.town_key == row.area_key}
    return Area(row.area_key, row.area_code, row.area_name, frozenset(members))


def files_of(
    now: Reading, statement: Statement, things: Iterable[Mapping[str, Any]], concerned: Set[int]
) -> tuple[SourceFile, ...]:
    """The files that the things come from, a row a sheet; then those concerned of which no row counts."""
    rows: dict[tuple[Any, Any], dict[Any, Any]] = {}
    above: dict[tuple[Any, Any], list[float]] = {}
    below: dict[tuple[Any, Any], list[float]] = {}
    for thing in things:
        for source in thing["sources"] or [_NO_ROW | dict(thing)]:
            place = source["delivery"], source["sheet"]
            rows.setdefault(place, {})[source["row_no"]] = source["row"]
            for sums, name in ((above, "numerator"), (below, "denominator")):
                if source[name] is not None:
                    sums.setdefault(place, []).append(source[name])
    numbers = sorted({d for d, _ in rows if d is not None} | concerned)
    known = {row.delivery_id: row for row in now.rows("receipt_files", deliveries=numbers)}
    believed = _believed(now, statement, numbers)
    counted: dict[Any, int] = {}
    for (delivery, _), mine in rows.items():
        counted[delivery] = counted.get(delivery, 0) + len(mine)
    told, silent = set[Any](), [(number, None) for number in known if number not in counted]
    listed = []
    for place in [*sorted(rows, key=lambda p: -abs(math.fsum(above.get(p, ())))), *silent]:
        delivery, sheet = place
        mine = rows.get(place, {})
        made = SourceFile(
            delivery, sheet=sheet, rows=len(mine) if delivery is not None else 0,
            lines=ranges([n if row is None else row for n, row in mine.items()]),
            numerator=math.fsum(above.get(place, ())),
            denominator=math.fsum(below[place]) if place in below else None,
        )  # fmt: skip
        row = known.get(delivery)
        if row is not None:
            names = ("feed", "file", "sha256", "mode", "period_start", "period_end", "received_at",
                     "contract_hash", "contract_version")  # fmt: skip
            made = replace(made, **{name: getattr(row, name) for name in names})
            if delivery not in told:  # said once, whatever number of sheets
                told.add(delivery)
                left = {name: n for name in _LEFT if (n := getattr(row, name))}
                rest = max(0, believed.get(delivery, 0) - counted.get(delivery, 0))
                made = replace(made, not_counted=rest, left=left)
        listed.append(made)
    return tuple(listed)


_LEFT = ("unchanged", "superseded", "duplicate", "retracted", "totals_dropped")
_NO_ROW = {"delivery": None, "sheet": None, "row": None, "row_no": None}
_RANGES = 8
"""Ranges of rows that are written out for a file; the rows themselves are all there."""


def ranges(rows: Sequence[int | None], most: int = _RANGES) -> str:
    """Rows as `5-17, 20`; where there are too many ranges the first and an ellipsis."""
    spans: list[list[int]] = []
    for row in sorted({row for row in rows if row is not None}):
        if spans and row == spans[-1][-1] + 1:
            spans[-1][1:] = [row]
        else:
            spans.append([row])
    shown = [str(s[0]) if len(s) == 1 else f"{s[0]}-{s[-1]}" for s in spans[:most]]
    return ", ".join(shown) + (" …" if len(spans) > most else "")


def _things(now: Reading, statement: Statement, area: Area | None) -> list[dict[str, Any]]:
    things = figures.receipt(now.connection, statement, now.parameters(statement))
    return [t for t in things if area is None or t["area_key"] in area.members]


def _figure(statement: Statement, things: Sequence[Mapping[str, Any]], *, is_there: bool) -> Figure:
    """The figure of an area's things; none where the district has none."""
    if not is_there or (statement.by_town and not things):
        return Figure(None)
    above = math.fsum(t["numerator"] or 0.0 for t in things)
    if not figures.is_ratio(statement):
        return Figure(above, above)
    below = math.fsum(t["denominator"] or 0.0 for t in things)
    return Figure(above / below if below else None, above, below)


def _believed(now: Reading, statement: Statement, deliveries: Sequence[int]) -> dict[int, int]:
    if not deliveries or not figures.has_query(statement):
        return {}
    tables = sorted(doubts.tables_of(statement) & set(now.targets_of_star))
    query = " UNION ALL ".join(
        f"SELECT delivery_id, row_no FROM known.{identifier(table)}"
        " WHERE known_from <= :known_at AND :known_at < known_to AND delivery_id = ANY (:deliveries)"
        for table in tables
    )
    found = now.rows(
        "receipt_believed", {"believed": query}, known_at=now.seq, deliveries=list(deliveries)
    )
    return {row.delivery_id: row.rows for row in found}


def _kept_out(
    now: Reading, figure: Figure, effects: Sequence[doubts.Effect], coverage: Coverage
) -> tuple[KeptOut, ...]:
    """The open entries of the deliveries concerned, and those of others that the figure hangs on; the weightiest first."""
    effect_of = {entry: effect.bounds for effect in effects for entry in effect.entries}
    numbers = sorted(coverage.concerned | {delivery for delivery, _ in effect_of})
    unknown = Bounds(open_low=True, open_high=True, entries=1)
    listed = []
    for row in now.rows("receipt_kept_out", deliveries=numbers, known_at=now.seq):
        effect = effect_of.get((row.delivery_id, row.row_no))
        if effect is None and not row.is_read:
            effect = unknown
        if effect is not None and not effect.is_open and effect.low == effect.high == figure.value:
            effect = None
        listed.append(
            KeptOut(
                row.delivery_id, row.feed, row.file, row.sheet, row.row, row.row_no,
                tuple(Reason.of(reason) for reason in row.reasons), effect,
            )
        )  # fmt: skip
    return tuple(sorted(listed, key=_weight))


def _weight(kept: KeptOut) -> tuple[bool, bool, float, int, int]:
    effect = kept.effect or Bounds()
    width = (effect.high or 0.0) - (effect.low or 0.0)
    return kept.effect is None, not effect.is_open, -width, kept.delivery, kept.row_no


def _framed(
    now: Reading,
    statement: Statement,
    area: Area | None,
    figure: Figure,
    bounds: Bounds,
    coverage: Coverage,
) -> Receipt:
    """Without rows: what the figure is, and for the district what is made of it."""
    result = now.indicator(statement) if area is None else None
    provisional = coverage.lacks or not sensitive.is_settled(statement, bounds)
    return Receipt(
        statement=statement,
        as_of=now.as_of,
        known_at=now.asked_known_at or now.moment.at,
        seq=now.seq,
        policy=now.policy,
        area=area,
        figure=figure,
        bounds=bounds,
        status=result.status if result else None,
        provisional=result.provisional if result else provisional,
        reasons=result.reasons if result else tuple(coverage.reasons()),
        synthetic=any(
            d.is_synthetic and d.is_loaded and d.feed in statement.feeds for d in now.deliveries
        ),
    )


def _scored(
    now: Reading, statement: Statement, area: Area | None, parts: Sequence[Receipt]
) -> Receipt:
    score = now.score([part.figure.value for part in parts])
    bounds = sensitive.of_parts([part.bounds for part in parts], now.score)
    made = _framed(now, statement, area, Figure(score), bounds, now.covered(statement))
    return replace(made, parts=tuple(parts))


def _declared(now: Reading, statement: Statement, area: Area | None) -> Receipt:
    if area is not None:
        raise UsageError(MESSAGES.reason("no_areas", code=statement.code))
    declared = now.declarations.get(statement.code)
    result = now.indicator(statement)
    things = figures.declared_receipt(now.connection, declared)
    return Receipt(
        statement=statement,
        as_of=now.as_of,
        known_at=now.asked_known_at or now.moment.at,
        seq=now.seq,
        policy=now.policy,
        area=None,
        figure=Figure(result.value, result.numerator),
        bounds=result.bounds,
        status=result.status,
        provisional=result.provisional,
        reasons=result.reasons,
        synthetic=any(reason.code == "example_declaration" for reason in result.reasons),
        things=things,
        files=files_of(now, statement, things, frozenset()),
    )
