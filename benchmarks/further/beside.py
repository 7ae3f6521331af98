"""Two workers, two feeds: throughput against one worker, and who waited for whose lock.

The second feed is a copy of the first one's contract under another name. Both fill the
same fact table and share every dimension: the worst case for two loads side by side.
`cold` is a first load of both, where all units, categories and areas are new to the
registries; `warm` finds them there, as every delivery after the first does.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from benchmarks import extract, result, variants
from benchmarks.measure import MARK
from benchmarks.place import Place
from etl.settings import ROOT

_EVERY = 0.05
_WAITS = """
SELECT l.locktype, coalesce(l.relation::regclass::text, l.classid::text, ''), l.mode, cardinality(pg_blocking_pids(a.pid))
  FROM pg_stat_activity AS a JOIN pg_locks AS l ON l.pid = a.pid AND NOT l.granted
 WHERE a.datname = %s AND a.wait_event_type = 'Lock'
"""


def measure(place: Place, rows: int, rounds: int) -> None:
    """Each round: each feed alone, then both at once; into empty warehouses, then into one that knows the names."""
    feeds = _twin(place.home / "twin")
    orders = extract.orders(rows)
    work = [
        (extract.FEED, orders),
        (
            f"{extract.FEED}_twin",
            variants.renamed(orders, place.home / "twin_work_order_2024-06.csv", "T"),
        ),
    ]
    seconds: dict[str, Any] = {
        "rows_each": rows,
        "cold": _rounds(place, place.template, feeds, work, rounds),
    }
    before = variants.renamed(orders, place.home / "before_work_order_2024-05.csv", "B")
    with place.fresh() as knowing:
        _run(place, knowing, feeds, [(extract.FEED, before)], Counter())
        seconds["warm"] = _rounds(place, knowing, feeds, work, rounds)
    result.add("side_by_side", seconds)


def _rounds(
    place: Place, template: str, feeds: Path, work: list[tuple[str, Path]], rounds: int
) -> dict[str, Any]:
    alone, both = [], []
    waits: Counter[str] = Counter()
    for _ in range(rounds):
        for alone_work in work:
            with place.fresh(template) as database:
                alone.append(_run(place, database, feeds, [alone_work], Counter()))
        with place.fresh(template) as database:
            both.append(_run(place, database, feeds, work, waits))
        click.echo(f"alone {alone[-2]:.2f} and {alone[-1]:.2f} s, both at once {both[-1]:.2f} s")
    single, double = statistics.median(alone), statistics.median(both)
    return {
        "seconds_alone": [round(s, 2) for s in alone],
        "seconds_both": [round(s, 2) for s in both],
        "throughput_of_two_over_one": round(2 * single / double, 3),
        "lock_wait_seconds": {
            name: round(n * _EVERY / len(both), 2) for name, n in waits.most_common()
        },
    }


def _twin(folder: Path) -> Path:
    """A folder of feeds with a copy of the contract."""
    source = ROOT / "expectations" / "hotline"
    target = folder / "hotline"
    target.mkdir(parents=True, exist_ok=True)
    text = (source / "work_order.yaml").read_text(encoding="utf-8")
    text = text.replace("id: hotline.work_order", "id: hotline.work_order_twin", 1)
    (target / "work_order_twin.yaml").write_text(text, encoding="utf-8")
    load = (source / "work_order.load.sql").read_text(encoding="utf-8")
    (target / "work_order_twin.load.sql").write_text(load, encoding="utf-8")
    return folder


def _run(
    place: Place, database: str, feeds: Path, work: list[tuple[str, Path]], waits: Counter[str]
) -> float:
    """Start a worker for each file, let them go together when all have imported; seconds until the last ends."""
    place.clear_archive()
    go = place.home / f"go-{database}"
    environment = place.environment(database) | {"MINSHENG_FEEDS": str(feeds), "BENCH_GO": str(go)}
    workers = []
    for feed, path in work:
        command = [sys.executable, "-m", "benchmarks.child", "ingest", f"feed={feed}", str(path)]
        workers.append(
            subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
    while len(list(place.home.glob(f"{go.name}.ready.*"))) < len(workers):
        if any(w.poll() is not None for w in workers):
            break
        time.sleep(0.05)
    go.touch()
    with closing(place.connect(database)) as connection, connection.cursor() as cursor:
        while any(w.poll() is None for w in workers):
            cursor.execute(_WAITS, (database,))
            for kind, what, mode, _ in cursor.fetchall():
                waits[f"{kind} {what} {mode}"] += 1
            time.sleep(_EVERY)
    ends = []
    for worker in workers:
        output = worker.communicate()[0]
        if worker.returncode:
            raise RuntimeError(output[-3000:])
        line = next(line for line in reversed(output.splitlines()) if line.startswith(MARK))
        ends.append(json.loads(line[len(MARK) :])["seconds"])
    return float(max(ends))
