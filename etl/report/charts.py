"""Charts as inline SVG with real text. Lines break by data; a day without data is a cross on the axis, never joined.

Drawn here and not by a library: what a chart of this report has to say (breaks, crosses, hollow and solid dots, bounds,
labels at the ends of lines) are a dozen shapes, and an SVG of 4 KB is made in less than a millisecond.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise

from markupsafe import Markup, escape

from etl.report.model import RANKED, Indicator, Point, TownValue

WIDTH, HEIGHT = 720, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 150, 26, 44
_DOT = 4.0
_OPEN = 22.0
"""Length of the dashes that say that an end is open."""
_INK, _SOFT, _GRID, _BAND, _GOAL = "#14304f", "#5c6470", "#dde3ea", "#edf1f6", "#8a5a00"


@dataclass(frozen=True)
class Words:
    """What a chart says, in one language."""

    label: str
    """The sentence that reads all values."""
    show: Callable[[float], str]
    target: str
    definition: Callable[[str], str]
    no_data: str


@dataclass(frozen=True)
class Scale:
    """From data to the drawing: days across, values up."""

    first: int
    last: int
    low: float
    high: float
    step: float

    def x(self, day: date) -> float:
        """A day's place across; a day ends the stretch that it is the last of."""
        span = max(1, self.last - self.first)
        return _LEFT + (day.toordinal() - self.first) / span * (WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        """A value's height, from the top."""
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM)


def is_cut(indicator: Indicator) -> bool:
    """Whether the axis of values does not begin at nought: only a stock's may."""
    return _scale(indicator).low != 0


def line(indicator: Indicator, words: Words) -> Markup:
    """The series of an indicator with its bounds, its target path and its breaks."""
    scale, points = _scale(indicator), indicator.points
    parts = [*_bands(points, scale, words), *_axes(scale, points, words)]
    ends: list[tuple[float, float, str, str]] = []
    parts += _goal(indicator, scale, words, ends)
    for run in runs(points):
        parts += _run(run, scale)
        last = run[-1]
        if last is points[-1] or last.version != points[-1].version:
            text = words.show(last.value or 0.0) + (" *" if last.provisional else "")
            if len({p.version for p in points}) > 1:
                text = f"{words.definition(last.version)} {text}"
            ends.append((scale.x(last.on), scale.y(last.value or 0.0), text, _INK))
    parts += [_bounds(p, scale) for p in points]
    parts += [_dot(p, scale) for p in points]
    parts += _labels(ends)
    return _svg(WIDTH, HEIGHT, words.label, parts)


def runs(points: Sequence[Point]) -> list[list[Point]]:
    """Stretches that may be joined: one definition, one plan period of a flow, no day without data in between."""
    number, keys = 0, []
    for before, point in zip([None, *points[:-1]], points, strict=True):
        if before is None or (
            before.value is None
            or point.value is None
            or (before.version, before.begins) != (point.version, point.begins)
        ):
            number += 1
        keys.append(number)
    grouped = groupby(zip(keys, points, strict=True), key=lambda pair: pair[0])
    stretches = [[point for _, point in group] for _, group in grouped]
    return [stretch for stretch in stretches if stretch[0].value is not None]


def spark(points: Sequence[Point], label: str) -> Markup:
    """A small line without axes, broken where there are no data."""
    known = [p.value for p in points if p.value is not None]
    if not known:
        return _svg(96, 20, label, [])
    low, high = min(known), max(known)
    step = 90 / max(1, len(points) - 1)

    def place(number: int, value: float) -> tuple[float, float]:
        return 3 + number * step, 17 - (value - low) / ((high - low) or 1.0) * 14

    at = {id(p): place(n, p.value) for n, p in enumerate(points) if p.value is not None}
    parts = [
        f'<polyline points="{_path(at[id(p)] for p in run)}" fill="none" stroke="{_INK}" stroke-width="1.2"/>'
        for run in runs(points)
    ]
    if points[-1].value is not None:
        x, y = at[id(points[-1])]
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.2" fill="{_INK}"/>')
    return _svg(96, 20, label, parts)


def towns(cells: Sequence[TownValue], whole: float | None, words: Words) -> Markup:
    """Shares by town with Wilson's intervals: all towns, hollow below ten cases, words where there is no dot."""
    width, row, left, right = 440, 14, 118, 12
    ranked = sorted((c for c in cells if c.is_ranked), key=lambda c: -(c.value or 0.0))
    rest = [c for c in cells if c.state == "value" and not c.is_ranked]
    ordered = [*ranked, *rest, *(c for c in cells if c.state != "value")]
    height = 22 + row * len(ordered) + 4

    def x(share: float) -> float:
        return left + share * (width - left - right)

    parts = []
    for tick in range(0, 101, 20):
        at = x(tick / 100)
        parts.append(f'<line x1="{at:.1f}" x2="{at:.1f}" y1="16" y2="{height}" stroke="{_GRID}"/>')
        parts.append(_text(at, 11, f"{tick}%", anchor="middle", size=9, fill=_SOFT))
    if whole is not None:
        at = x(whole)
        parts.append(
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="16" y2="{height}" stroke="{_GOAL}" stroke-dasharray="3 3"/>'
        )
    for number, cell in enumerate(ordered):
        y = 22 + row * number + row / 2
        cases = "n<5" if cell.state == "few" else "" if cell.cases is None else f"n={cell.cases}"
        parts.append(_text(left - 6, y + 3, f"{cell.name} {cases}".strip(), anchor="end", size=9.5))
        if cell.state == "none":
            parts.append(_text(left + 6, y + 3, f"× {words.no_data}", size=9, fill=_SOFT))
        if cell.interval is None or cell.value is None:
            continue
        low, high = (x(share) for share in cell.interval)
        parts.append(
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="#b9c5d3" stroke-width="5"/>'
        )
        fill = _INK if (cell.cases or 0) >= RANKED else "#fff"
        parts.append(
            f'<circle cx="{x(cell.value):.1f}" cy="{y:.1f}" r="3.4" fill="{fill}" stroke="{_INK}" stroke-width="1.4"/>'
        )
    return _svg(width, height, words.label, parts)


def has_hidden_bounds(indicator: Indicator) -> bool:
    """Whether some bounds are narrower than their dot, so that words have to say them."""
    scale = _scale(indicator)
    return any(
        p.low is not None
        and p.high is not None
        and 0 < scale.y(p.low) - scale.y(p.high) <= 2 * _DOT
        for p in indicator.points
    )


def _scale(indicator: Indicator) -> Scale:
    statement, points, target = indicator.result.statement, indicator.points, indicator.target
    days = [p.on for p in points] + [p.begins for p in points if p.begins]
    values = [v for p in points for v in (p.value, p.low, p.high) if v is not None]
    if target is not None:
        days.append(target.final.on)
        values.append(target.final.value)
        if statement.value is not None and not statement.is_flow:
            values.append(statement.value)
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    if statement.kind != "stock" or low - 0.6 * (high - low) <= 0 or low < 0.5 * high:
        low = min(0.0, low)
    step = _step((high - low) or abs(high) or 1.0)
    low = math.floor(low / step + 1e-9) * step
    top = math.ceil(high / step - 1e-9) * step
    if top <= low:
        top = low + step
    return Scale(min(days).toordinal(), max(days).toordinal(), low, top, step)


def _step(span: float) -> float:
    """A round distance of ticks: 1, 2 or 5 times a power of ten, about five of them."""
    power = 10.0 ** math.floor(math.log10(span / 5))
    return min(
        (power * factor for factor in (1, 2, 5, 10)), key=lambda step: abs(span / step - 4.5)
    )


def _axes(scale: Scale, points: Sequence[Point], words: Words) -> list[str]:
    parts, value = [], scale.low
    while value <= scale.high + scale.step / 2:
        y = scale.y(value)
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_GRID}"/>'
        )
        shown = words.show(0.0 if abs(value) < scale.step / 1e6 else value)
        parts.append(_text(_LEFT - 8, y + 4, shown, anchor="end", size=11, fill=_SOFT))
        value += scale.step
    floor = HEIGHT - _BOTTOM
    parts.append(
        f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{floor}" y2="{floor}" stroke="{_SOFT}"/>'
    )
    by_year = len(points) < 2 or (points[-1].on - points[0].on).days > 800
    for point in points:
        x = scale.x(point.on)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{floor}" y2="{floor + 4}" stroke="{_SOFT}"/>'
        )
        text = str(point.on.year) if by_year else f"{point.on:%y-%m}"
        parts.append(_text(x, floor + 17, text, anchor="middle", size=10.5, fill=_SOFT))
        if point.value is None:
            parts.append(
                f'<path d="M{x - 4:.1f} {floor - 4}l8 8m0 -8l-8 8" stroke="{_INK}" stroke-width="1.6"/>'
            )
    return parts


def _bands(points: Sequence[Point], scale: Scale, words: Words) -> list[str]:
    """A shaded band from a new definition's first point on."""
    parts = []
    for before, point in pairwise(points):
        if before.version != point.version:
            x, top = scale.x(point.on), HEIGHT - _BOTTOM - _TOP
            parts.append(
                f'<rect x="{x:.1f}" y="{_TOP}" width="{WIDTH - _RIGHT - x:.1f}" height="{top}" fill="{_BAND}"/>'
            )
            parts.append(
                _text(x, _TOP - 8, f"{point.on} {words.definition(point.version)}", size=11)
            )
    return parts


def _goal(
    indicator: Indicator, scale: Scale, words: Words, ends: list[tuple[float, float, str, str]]
) -> list[str]:
    """The dashed way from the baseline to the target, through yearly milestones."""
    statement, target = indicator.result.statement, indicator.target
    if target is None:
        return []
    steps = [(step.on, step.value) for step in target.steps]
    base = 0.0 if statement.is_flow else statement.value
    since = next((p.begins for p in reversed(indicator.points) if p.begins), None)
    start = since or statement.period_end
    if base is not None and start is not None and start < steps[0][0]:
        steps.insert(0, (start, base))
    places = [(max(scale.x(day), _LEFT), scale.y(value)) for day, value in steps]
    x, y = places[-1]
    ends.append((x, y, f"{words.target} {words.show(target.final.value)}", _GOAL))
    tick = f'<line x1="{x - 6:.1f}" x2="{x + 6:.1f}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_GOAL}" stroke-width="2"/>'
    way = f'<polyline points="{_path(places)}" fill="none" stroke="{_GOAL}" stroke-dasharray="5 4" stroke-width="1.4"/>'
    return [way, tick] if len(places) > 1 else [tick]


def _run(run: Sequence[Point], scale: Scale) -> list[str]:
    places = [(scale.x(p.on), scale.y(p.value or 0.0)) for p in run]
    if run[0].begins is not None:
        places.insert(0, (scale.x(run[0].begins), scale.y(0.0)))
    return [f'<polyline points="{_path(places)}" fill="none" stroke="{_INK}" stroke-width="1.8"/>']


def _dot(point: Point, scale: Scale) -> str:
    if point.value is None:
        return ""
    fill = "#fff" if point.provisional else _INK
    return (
        f'<circle cx="{scale.x(point.on):.1f}" cy="{scale.y(point.value):.1f}" r="{_DOT}"'
        f' fill="{fill}" stroke="{_INK}" stroke-width="1.8"/>'
    )


def _bounds(point: Point, scale: Scale) -> str:
    """A thick bar from bound to bound; an open end runs out dashed."""
    if point.value is None:
        return ""
    x, at = scale.x(point.on), scale.y(point.value)
    bottom = at if point.low is None else scale.y(max(point.low, scale.low))
    top = at if point.high is None else scale.y(min(point.high, scale.high))
    parts = []
    if bottom - top > 2 * _DOT:
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom:.1f}" y2="{top:.1f}" stroke="#93a6bd" stroke-width="5"/>'
        )
    for end, edge, way in (("low", bottom, _OPEN), ("high", top, -_OPEN)):
        if end in point.open_ends:
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{edge:.1f}" y2="{edge + way:.1f}" stroke="#93a6bd"'
                ' stroke-width="3" stroke-dasharray="2 2"/>'
            )
    return "".join(parts)


def _labels(ends: Iterable[tuple[float, float, str, str]]) -> list[str]:
    """A label at the end of each line; those that would meet are moved apart."""
    parts, before = [], -1e9
    for x, y, text, colour in sorted(ends, key=lambda end: end[1]):
        at = max(y + 4, before + 14)
        before = at
        parts.append(_text(x + 9, at, text, size=12, fill=colour, bold=True))
    return parts


def _path(places: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: float = 12,
    fill: str = _INK,
    bold: bool = False,
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{fill}"{weight}>'
        f"{escape(text)}</text>"
    )


def _svg(width: int, height: int, label: str, parts: Iterable[str]) -> Markup:
    return Markup(  # noqa: S704 (every text in it is escaped where it is put in)
        f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{escape(label)}">'
        + "".join(parts)
        + "</svg>"
    )
