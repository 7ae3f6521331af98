"""Writes what was measured into docs/speed.md and scale.md, between two marks: text and numbers agree."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks import result, scale
from etl.settings import ROOT

SPEED, SCALE = ROOT / "docs" / "speed.md", ROOT / "docs" / "scale.md"
_BEGIN, _END = (
    "<!-- measured: written by python -m benchmarks -->",
    "<!-- end of what was measured -->",
)
_QUIET = 0.7
_TARGETS = {"ours/limit": 1.8, "ours/reference": 2.2}
_NAMES = {
    "limit": "(a) limit: copying the finished star rows",
    "reference": "(a') reference: copying into one plain fact table",
    "ours": "(b) ours, the whole way",
    "dlt_arrow": "(c) dlt, Arrow, merge",
    "dlt_rows": "(d) dlt, rows, merge",
    "tutorial": "(e) pandas, GX on pandas, to_sql",
}


def update() -> None:
    """Put the newest results into the page."""
    if not result.keep:
        return
    for page, content in pages().items():
        page.write_text(content, encoding="utf-8")


def pages() -> dict[Path, str]:
    """Every page with the newest results in it."""
    return {
        page: _with(page.read_text(encoding="utf-8"), new)
        for page, new in ((SPEED, measured()), (SCALE, scale.table()))
    }


def _with(text: str, table: str) -> str:
    head, tail = text.split(_BEGIN)[0], text.split(_END)[1]
    return f"{head}{_BEGIN}\n\n{table.strip()}\n\n{_END}{tail}"


def measured() -> str:
    """All results as Markdown."""
    latest, further = result.read(result.LATEST), result.read(result.FURTHER)
    parts = _comparison(latest, further.get("ways", {})) if latest else []
    for name, title in _FURTHER.items():
        if name in further:
            parts += ["", f"### {title}", "", *_PICTURES.get(name, []), *_flat(further[name])]
    return "\n".join(parts) + "\n"


def _comparison(latest: Mapping[str, Any], details: Mapping[str, Any]) -> list[str]:
    machine, versions, ratios = latest["machine"], latest["versions"], latest["ratios"]
    parts = [
        f"{latest['rows']:,} rows, {machine['measured_on']}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gb']} GB, {machine['system']}; "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + ".",
        "",
        *_disturbed(machine),
        "| way | rows | median s | range s | rows/s | × (a) | × (a') | CPU s, client + server | peak MB | WAL MB | s with imports |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, way in latest["ways"].items():
        more = details.get(name, {})
        imports = more.get("seconds_with_imports", [])
        cells = [
            _NAMES[name],
            f"{way['rows']:,}",
            f"{way['median']:.2f}",
            f"{min(way['seconds']):.2f}–{max(way['seconds']):.2f}",
            f"{way['rows'] / way['median']:,.0f}",
            _times(ratios.get(f"{name}/limit")),
            _times(ratios.get(f"{name}/reference")),
            " + ".join(f"{s:.1f}" for s in more.get("cpu_seconds", [])),
            f"{way['rss_mb']}",
            f"{more.get('wal_mb', '')}",
            f"{statistics.median(imports):.2f}" if imports else "",
        ]
        parts.append("| " + " | ".join(cells) + " |")
    parts.append("")
    for name, target in _TARGETS.items():
        ratio = ratios.get(name)
        if ratio is not None:
            verdict = "met" if ratio <= target else "**not met**"
            parts.append(f"- target {name} at most {target}: {ratio:.2f}, {verdict}")
    if "dlt_arrow/limit" in ratios:
        verdict = "met" if ratios["ours/limit"] < ratios["dlt_arrow/limit"] else "**not met**"
        parts.append(f"- target faster than (c), which does less: {verdict}")
    return parts


_FURTHER = {
    "memory": "Memory",
    "resend": "Sent again with 1 % changed",
    "delta": "A delta into a large and into an empty star",
    "workbook": "A workbook",
    "reading": "Reading",
    "small": "Small things",
    "tasks": "Airflow's part",
    "side_by_side": "Side by side",
}


_PICTURES = {
    "memory": ["![Memory while a million and ten million load](../benchmarks/memory.svg)", ""]
}


def _disturbed(machine: Mapping[str, Any]) -> list[str]:
    load = machine.get("load_before", 0.0)
    if load <= _QUIET:
        return []
    return [
        f"**Disturbed**: other work kept {load} processes busy when this began. Compare processor seconds, not the clock, "
        "and run it again on a quiet machine.",
        "",
    ]


def _flat(figures: Mapping[str, Any]) -> list[str]:
    machine = figures["machine"]
    lines = [
        f"{machine['measured_on']}, {machine['cpu']}, {machine['cores']} cores.",
        "",
        *_disturbed(machine),
        "| what | found |",
        "|---|---|",
    ]
    for name, value in figures.items():
        if name == "machine":
            continue
        for key, shown in _leaves(name, value):
            lines.append(f"| {key} | {shown} |")
    return lines


def _leaves(name: str, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        if all(not isinstance(v, dict) for v in value.values()):
            return [(name, ", ".join(f"{k} {_shown(v)}" for k, v in value.items()) or "none")]
        return [leaf for k, v in value.items() for leaf in _leaves(f"{name}: {k}", v)]
    return [(name, _shown(value))]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(v) for v in value)
    return f"{value:,}" if isinstance(value, int) else str(value)


def _times(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
