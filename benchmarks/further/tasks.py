"""What Airflow adds: a task's own time beyond the verb's, and from a file's arrival to its committed rows."""

from __future__ import annotations

import shutil
import statistics
import time
from contextlib import closing

import click

from benchmarks import extract, result, variants
from benchmarks.place import Place
from etl import ledger, services
from etl.context import Context
from etl.database.prepare import prepare

_FILES = 6
_PATIENCE = 180.0
_TASKS = """
SELECT extract(epoch FROM sum(end_date - start_date)), count(*),
       extract(epoch FROM max(end_date)) - extract(epoch FROM min(queued_dttm))
  FROM task_instance
 WHERE run_id = ANY (SELECT run_id FROM dag_run WHERE dag_id = 'hotline')
   AND (task_id LIKE '%%stage' OR task_id LIKE '%%validate' OR task_id LIKE '%%load') AND state = 'success'
 GROUP BY run_id
"""


def measure(place: Place) -> None:
    """Start Airflow in the bench's home, let files of 1,000 rows arrive one after the other."""
    settings = place.settings
    ctx = Context.of(settings)
    prepare(ctx.engine)
    folder = settings.landing / "hotline" / "work_order"
    folder.mkdir(parents=True, exist_ok=True)
    services.up(settings, click.echo)
    waits = []
    try:
        for number in range(_FILES):
            aside = place.home / f"hotline_work_order_2025-{number + 1:02d}.csv"
            variants.renamed(extract.orders(1000), aside, f"T{number}")
            started = time.time()
            shutil.move(aside, folder / aside.name)
            waits.append(_until_loaded(ctx, aside.name, started))
            click.echo(f"{aside.name}: {waits[-1]:.1f} s")
        done = [delivery for delivery in ledger.deliveries(ctx) if delivery.state == "loaded"]
        time.sleep(3)
        with closing(place.connect("airflow")) as connection, connection.cursor() as cursor:
            cursor.execute(_TASKS)
            runs = [(float(a), int(b)) for a, b, _ in cursor.fetchall()]
        verbs = sum(delivery.seconds for delivery in done)
        tasks = sum(count for _, count in runs)
        result.add(
            "tasks",
            {
                "files": len(done),
                "seconds_in_tasks": round(sum(seconds for seconds, _ in runs), 2),
                "seconds_in_verbs": round(verbs, 2),
                "tasks": tasks,
                "overhead_a_task": round((sum(s for s, _ in runs) - verbs) / tasks, 3),
                "arrival_to_commit": [round(s, 1) for s in waits],
                "arrival_to_commit_median": round(statistics.median(waits), 1),
                "target": "a task's own overhead at most 1 s",
            },
        )
    finally:
        services.down(settings, click.echo)


def _until_loaded(ctx: Context, name: str, started: float) -> float:
    give_up = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up:
        for delivery in ledger.deliveries(ctx):
            if delivery.file_name == name and delivery.state == "loaded":
                return delivery.updated_at.timestamp() - started
        time.sleep(0.2)
    raise RuntimeError(f"{name} was not loaded within {_PATIENCE:.0f} s: {ledger.deliveries(ctx)}")
