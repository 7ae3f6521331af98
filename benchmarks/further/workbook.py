"""An XLSX delivery against calamine's own read of it plus the load of the same rows as CSV."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import click

from benchmarks import extract, measure, ours, result, variants
from benchmarks.place import Place


def run(place: Place, rows: int, rounds: int) -> None:
    """Three ways in alternation: the workbook by us, calamine alone, the CSV by us."""
    folder = place.home / "workbook"
    folder.mkdir(exist_ok=True)
    flat = variants.first(extract.orders(rows), folder / extract.NAME, rows)
    book = variants.workbook(flat, folder / extract.NAME.replace(".csv", ".xlsx"))
    click.echo(f"workbook: {rows:,} rows, {book.stat().st_size / 1e6:.1f} MB")
    times: dict[str, list[float]] = {"xlsx": [], "calamine": [], "csv": []}
    memory = 0.0
    for _ in range(rounds):
        for name, path in (("xlsx", book), ("csv", flat)):
            with place.fresh() as database:
                ingested = ours.ingest(place, database, [path])
                times[name].append(ingested.seconds)
                memory = max(memory, ingested.rss_mb)
        times["calamine"].append(_calamine(place, book))
        click.echo("  ".join(f"{name} {seconds[-1]:.2f} s" for name, seconds in times.items()))
    middle = {name: statistics.median(seconds) for name, seconds in times.items()}
    result.add(
        "workbook",
        {
            "rows": rows,
            "seconds": {name: [round(s, 3) for s in seconds] for name, seconds in times.items()},
            "rss_mb": round(memory),
            "ratio": round(middle["xlsx"] / (middle["calamine"] + middle["csv"]), 3),
            "target": "at most 1.5",
        },
    )


def _calamine(place: Place, book: Path) -> float:
    command: list[str | Path] = [sys.executable, "-m", "benchmarks.child", "calamine", book]
    return measure.run(place, command, place.environment("postgres")).seconds
