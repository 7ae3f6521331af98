"""A delivery sent again with one order in a hundred changed, against its first load."""

from __future__ import annotations

import statistics

import click

from benchmarks import extract, ours, result, variants
from benchmarks.place import Place


def measure(place: Place, rows: int, rounds: int) -> None:
    """Load, then load the changed file into the same warehouse; a fresh one each round."""
    path = extract.orders(rows)
    folder = place.home / "resent"
    folder.mkdir(exist_ok=True)
    again = variants.resent(rows, folder / extract.NAME)
    firsts, seconds = [], []
    counts: dict[str, int] = {}
    for _ in range(rounds):
        with place.fresh() as database:
            firsts.append(ours.ingest(place, database, [path]).seconds)
            place.admin("CHECKPOINT")
            run = ours.again(place, database, [again])
            seconds.append(run.seconds)
            delivery = run.report["deliveries"][0]
            counts = {k: delivery[k] for k in ("loaded", "unchanged", "duplicate", "quarantined")}
            click.echo(f"first {firsts[-1]:.2f} s, again {seconds[-1]:.2f} s, {counts}")
    result.add(
        "resend",
        {
            "rows": rows,
            "changed_share": 0.01,
            "counts": counts,
            "seconds_first": [round(s, 3) for s in firsts],
            "seconds_again": [round(s, 3) for s in seconds],
            "ratio": round(statistics.median(seconds) / statistics.median(firsts), 3),
            "target": "at most 0.8",
        },
    )
