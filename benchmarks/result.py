"""What a bench found: on the screen, in `latest.json`, and the rest of it in `further.json`."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import psutil

from benchmarks.measure import Way

FOLDER = Path(__file__).parent
LATEST = FOLDER / "latest.json"
FURTHER = FOLDER / "further.json"
keep = True
"""Whether results are written: a trial with few rows must not replace a real run's."""

TITLES = {
    "limit": "(a)  极限：\\copy 成品行到星型表 / limit: \\copy of finished rows",
    "reference": "(a') 参照：\\copy 到固定平表 / reference: \\copy into a plain table",
    "ours": "(b)  本系统全程 / ours, the whole way",
    "dlt_arrow": "(c)  dlt Arrow 合并 / dlt, Arrow, merge",
    "dlt_rows": "(d)  dlt 逐行 合并 / dlt, rows, merge",
    "tutorial": "(e)  教程：pandas、GX、to_sql / the tutorial way",
}


@cache
def busy() -> float:
    """How many processors others keep busy, over two seconds; asked once, before anything of ours runs.

    Not the load average, in which the bench before this one is still counted.
    """
    return round(psutil.cpu_percent(2) / 100 * (psutil.cpu_count() or 1), 2)


def machine() -> dict[str, Any]:
    """The machine without its name: what decides the times."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [
            line.split(":", 1)[1].strip()
            for line in cpuinfo.read_text().splitlines()
            if "model name" in line
        ]
        model = names[0] if names else model
    return {
        "cpu": model,
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "memory_gb": round(memory / (1 << 30)),
        "load_before": busy(),
        "measured_on": datetime.now(UTC).strftime("%Y-%m-%d"),
        "system": f"{platform.system()} {platform.release().split('-')[0]} {platform.machine()}",
    }


def versions(postgres: str) -> dict[str, str]:
    """What ours is made of."""
    names = (
        "pyarrow",
        "great-expectations",
        "sqlalchemy",
        "psycopg2-binary",
        "pandas",
        "python-calamine",
    )
    return {"python": platform.python_version(), "postgresql": postgres} | {
        n: version(n) for n in names
    }


def spread(values: list[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):7.2f} s  [{min(values):.2f}–{max(values):.2f}]"


def ratios(ways: Mapping[str, Way]) -> dict[str, float]:
    """Each way against the limit and the reference, per row, from medians of the same run."""
    figures = {}
    for name, way in ways.items():
        for base in ("limit", "reference"):
            if base in ways and name not in ("limit", base):
                per_row = way.median / way.rows
                figures[f"{name}/{base}"] = round(
                    per_row / (ways[base].median / ways[base].rows), 3
                )
    if "ours" in ways and "limit" in ways:
        both = zip(ways["ours"].runs, ways["limit"].runs, strict=False)
        figures["ours/limit, median of rounds"] = round(
            statistics.median(a.seconds / b.seconds for a, b in both), 3
        )
        figures["ours with imports/limit"] = round(
            ways["ours"].median_whole / ways["limit"].median, 3
        )
    return figures


def show(ways: Mapping[str, Way]) -> None:
    """Print the table and the ratios."""
    click.echo("")
    for name, way in ways.items():
        click.echo(
            f"{TITLES[name]}\n    {way.rows:>9,} rows  {spread(way.seconds)}"
            f"  {way.rows / way.median:>9,.0f} rows/s  RSS {way.rss_mb:5.0f} MB  WAL {way.wal_mb:6.0f} MB"
            f"  CPU {way.cpu[0]:.1f} + {way.cpu[1]:.1f} s"
            f"  （含启动与导入 / with imports {way.median_whole:.2f} s）"
        )
    click.echo("")
    for name, value in ratios(ways).items():
        click.echo(f"    {name:<32} {value:6.2f} ×")


def save(rows: int, postgres: str, ways: Mapping[str, Way], peers: Mapping[str, str]) -> None:
    """Write `latest.json`; WAL, imports and single runs go to `further.json`."""
    content = {
        "rows": rows,
        "machine": machine(),
        "versions": versions(postgres) | dict(peers),
        "ways": {
            name: {
                "rows": way.rows,
                "seconds": [round(s, 3) for s in way.seconds],
                "median": round(way.median, 3),
                "rss_mb": round(way.rss_mb),
            }
            for name, way in ways.items()
        },
        "ratios": ratios(ways),
    }
    write(content, LATEST)
    details = {
        name: {
            "wal_mb": round(way.wal_mb),
            "seconds_with_imports": [round(run.whole, 3) for run in way.runs],
            "cpu_seconds": [round(s, 2) for s in way.cpu],
            "rows_per_second": round(way.rows / way.median),
        }
        for name, way in ways.items()
    }
    add("ways", {"rows": rows, **details})


def add(name: str, figures: Mapping[str, Any]) -> None:
    """Keep a further measurement under its name, with its own date and machine."""
    if name != "ways":
        click.echo(json.dumps(figures, ensure_ascii=False))
    content = read(FURTHER)
    content[name] = {"machine": machine(), **figures}
    write(content, FURTHER)


def read(path: Path) -> dict[str, Any]:
    """A JSON file of the bench; empty if it was never written."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(content: Mapping[str, Any], path: Path) -> None:
    """Write JSON that a person can read; nothing at all in a trial."""
    if not keep:
        return
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
