"""Small things count: the command's help, a thousand rows, a DAG file's parse."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import click

from benchmarks import extract, measure, result, variants
from benchmarks.place import Place
from etl.settings import ROOT

_GX = "import great_expectations, great_expectations.expectations"
_PARSE = """
import runpy, sys, time
import airflow.sdk, airflow.models.dagbag
sys.path.insert(0, {folder!r})
started = time.perf_counter()
runpy.run_path({path!r})
print({mark!r} + '{{"seconds": %f}}' % (time.perf_counter() - started))
"""


def run(place: Place, rounds: int) -> None:
    """Everything in fresh processes, medians."""
    program = Path(sys.executable).parent / "minsheng"
    seconds: dict[str, object] = {}
    seconds["help_seconds"] = _median(place, [program, "--help"], max(rounds, 5))
    importing = _median(place, [sys.executable, "-c", _GX], rounds)
    seconds["gx_import_seconds"] = importing
    path = variants.first(extract.orders(1000), place.home / extract.NAME, 1000)
    thousand = []
    for _ in range(rounds):
        with place.fresh() as database:
            place.clear_archive()
            thousand.append(_seconds(place, [program, "ingest", path], database))
    seconds["ingest_1000_seconds"] = round(statistics.median(thousand), 3)
    seconds["ingest_1000_beyond_gx_seconds"] = round(statistics.median(thousand) - importing, 3)
    seconds["dag_parse_seconds"] = {
        dag.name: _median(place, [sys.executable, "-c", _parse(dag)], rounds)
        for dag in sorted((ROOT / "dags").glob("*.py"))
    }
    for name, value in seconds.items():
        click.echo(f"{name}: {value}")
    seconds["targets"] = "help 0.4, ingest beyond GX 3, DAG parse beyond Airflow 0.3"
    result.add("small", seconds)


def _parse(dag: Path) -> str:
    return _PARSE.format(folder=str(ROOT), path=str(dag), mark=measure.MARK)


def _median(place: Place, command: list[str | Path], rounds: int) -> float:
    return round(statistics.median(_seconds(place, command, "postgres") for _ in range(rounds)), 3)


def _seconds(place: Place, command: list[str | Path], database: str) -> float:
    return measure.run(place, command, place.environment(database)).seconds
