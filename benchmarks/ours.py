"""(b) Our whole way in a fresh process: CSV bytes in, committed star out."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from benchmarks import child, measure, verify
from benchmarks.measure import Run
from benchmarks.place import Place
from etl.contract import Field


def ingest(place: Place, database: str, files: Sequence[Path], *options: str) -> Run:
    """Run `minsheng ingest` on files; nothing of them is in the archive before."""
    place.clear_archive()
    return again(place, database, files, *options)


def again(place: Place, database: str, files: Sequence[Path], *options: str) -> Run:
    """The same with the archive as it is."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "benchmarks.child",
        "ingest",
        *options,
        *files,
    ]
    return measure.run(place, command, place.environment(database))


def load(
    place: Place, path: Path, fields: Sequence[Field], *options: str
) -> tuple[Run, verify.Fingerprint]:
    """One timed run into a fresh warehouse, and what it left there."""
    with place.fresh() as database:
        run = ingest(place, database, [path], *options)
        _require_whole(run)
        return run, verify.star(place, database, fields)


def here(place: Place, database: str, path: Path) -> tuple[float, int]:
    """The same in this process, which has imported everything: seconds, and how many SQL statements."""
    from etl import ingest as library
    from etl import profile
    from etl.context import Context
    from etl.settings import Settings

    for name in child.HEAVY:
        import_module(name)
    ctx = Context.of(Settings.load(place.environment(database)))
    try:
        with profile.profiled(ctx.engine) as profiled:
            started = time.perf_counter()
            done = library.ingest([path], ctx=ctx)
            seconds = time.perf_counter() - started
    finally:
        ctx.engine.dispose()
    for delivery in done:
        if delivery.state not in ("loaded", "duplicate"):
            raise RuntimeError(f"{path.name}: {delivery.state}: {delivery.reasons}")
    return seconds, sum(n for text, n in profiled.calls.items() if not text.startswith("["))


def _require_whole(run: Run) -> None:
    """The ledger's own account must add up to the file."""
    for delivery in run.report["deliveries"]:
        if delivery["state"] != "loaded":
            raise RuntimeError(f"not loaded: {delivery}")


def import_seconds(run: Run) -> float:
    """Seconds of starting Python and importing, Great Expectations above all."""
    return run.whole - run.seconds
