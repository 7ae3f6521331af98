"""What runs in a fresh process of ours: `python -m benchmarks.child ingest FILE...`.

Imports come first and are timed apart: a worker pays for them once, not for every delivery.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any

HEAVY = ("pyarrow", "great_expectations", "great_expectations.expectations")
"""What a worker imports once, for all its deliveries."""

_BEGAN = time.perf_counter()


def ingest(arguments: list[str]) -> dict[str, Any]:
    """Receive, stage, validate and load the files; `feed=ID` and `profile` may stand among them."""
    for name in HEAVY:
        import_module(name)
    import etl.ingest as library
    from etl import profile
    from etl.context import Context

    import_seconds = time.perf_counter() - _BEGAN
    options = dict(a.split("=", 1) for a in arguments if a.startswith("feed="))
    paths = [Path(a) for a in arguments if not a.startswith("feed=") and a != "profile"]
    _wait_for_others()
    started, cpu = time.perf_counter(), time.process_time()
    ctx = Context.of()
    with profile.profiled(ctx.engine, enabled="profile" in arguments) as profiled:
        done = library.ingest(paths, feed=options.get("feed"), ctx=ctx)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    for delivery in done:
        if delivery.state in ("failed", "rejected", "held"):
            raise RuntimeError(f"{delivery.file_name}: {delivery.state}: {delivery.reasons}")
    return {
        "seconds": seconds,
        "cpu_seconds": cpu,
        "import_seconds": import_seconds,
        "statements": sum(n for text, n in profiled.calls.items() if not text.startswith("[")),
        "profile": profiled.text() if profiled.calls else "",
        "deliveries": [d.receipt() for d in done],
    }


def calamine(arguments: list[str]) -> dict[str, Any]:
    """Read every cell of a workbook as calamine gives them, and nothing else."""
    from python_calamine import CalamineWorkbook

    started = time.perf_counter()
    book = CalamineWorkbook.from_path(arguments[0])
    rows = len(book.get_sheet_by_index(0).to_python())
    return {"seconds": time.perf_counter() - started, "rows": rows}


def _wait_for_others() -> None:
    """Where several workers shall start together: say that the imports are done, wait for the sign."""
    sign = os.environ.get("BENCH_GO")
    if sign:
        Path(f"{sign}.ready.{os.getpid()}").touch()
        while not Path(sign).exists():
            time.sleep(0.005)


def peak_rss_mb() -> float:
    """The highest RSS of this process so far; getrusage would count what a parent had before exec."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / (1 << 10)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def main() -> None:
    """Run what the first argument names and report it as JSON."""
    from benchmarks.measure import MARK

    work = {"ingest": ingest, "calamine": calamine}[sys.argv[1]]
    report = work(sys.argv[2:])
    report["peak_rss_mb"] = peak_rss_mb()
    sys.stdout.write(MARK + json.dumps(report, ensure_ascii=False, default=str) + "\n")


if __name__ == "__main__":
    main()
