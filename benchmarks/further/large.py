"""Memory at one and ten sizes, and a delta into the large star against the same into an empty one."""

from __future__ import annotations

import statistics
from contextlib import closing
from typing import Any

import click

from benchmarks import extract, ours, picture, result, variants
from benchmarks.place import Place

_TARGET_MB = 500
_DELTAS = 3
_DELTA_ROWS = 10_000


def measure(place: Place, rows: int, times: int = 10) -> None:
    """Load `rows` and `times * rows`, draw both memory curves, then load deltas."""
    small, large = extract.orders(rows), extract.orders(rows * times)
    with place.fresh() as database:
        first = ours.ingest(place, database, [small])
    click.echo(f"{rows:>12,} rows  {first.seconds:8.1f} s  RSS {first.rss_mb:.0f} MB")
    with place.fresh() as database:
        second = ours.ingest(place, database, [large])
        click.echo(f"{rows * times:>12,} rows  {second.seconds:8.1f} s  RSS {second.rss_mb:.0f} MB")
        series = {f"{rows:,}": first.curve, f"{rows * times:,}": second.curve}
        machine = result.machine()
        drawn = picture.curves(
            (
                "入库过程的内存",
                f"Resident memory of the process while {rows:,} and {rows * times:,} orders load",
            ),
            series,
            _TARGET_MB,
            f"MB；横轴为各自全程，含解释器启动与导入 / MB over the whole of each run, imports included. "
            f"{machine['cpu']}, {machine['cores']} cores; {machine['measured_on']}.",
        )
        if result.keep:
            (result.FOLDER / "memory.svg").write_text(drawn, encoding="utf-8")
        result.add(
            "memory",
            {
                "rows": [rows, rows * times],
                "seconds": [round(first.seconds, 2), round(second.seconds, 2)],
                "rss_mb": [round(first.rss_mb), round(second.rss_mb)],
                "ratio": round(second.rss_mb / first.rss_mb, 3),
                "target": "at most 500 MB at both, the same within 10 %",
            },
        )
        result.add("storage", _storage(place, database, rows * times))
        result.add("delta", _deltas(place, database, rows * times))


def _storage(place: Place, database: str, rows: int) -> dict[str, Any]:
    """Bytes an order takes: in the star, in its indexes, as restricted text, as archived file."""
    with closing(place.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_table_size('star.fact_work_order'), pg_indexes_size('star.fact_work_order'),"
            " pg_table_size('restricted.d1'), (SELECT sum(bytes)::bigint FROM ledger.archive)"
        )
        star, indexes, text, archive = cursor.fetchall()[0]
    return {
        "rows": rows,
        "bytes_an_order": {
            "star": round(star / rows),
            "indexes": round(indexes / rows),
            "restricted_text": round(text / rows),
            "archive": round(archive / rows),
        },
    }


def _deltas(place: Place, large: str, rows: int) -> dict[str, Any]:
    """The same small deliveries into the large star and into empty ones, in alternation."""
    into_large, into_empty = [], []
    for number in range(_DELTAS):
        path = place.home / f"hotline_work_order_2024-{7 + number:02d}.csv"
        variants.delta(rows, path, number, _DELTA_ROWS)
        with place.fresh() as empty:
            into_empty.append(ours.ingest(place, empty, [path]).seconds)
        place.admin("CHECKPOINT")
        into_large.append(ours.again(place, large, [path]).seconds)
        click.echo(
            f"delta {_DELTA_ROWS:,}: large {into_large[-1]:.2f} s, empty {into_empty[-1]:.2f} s"
        )
    return {
        "rows": _DELTA_ROWS,
        "into": rows,
        "seconds_large": [round(s, 3) for s in into_large],
        "seconds_empty": [round(s, 3) for s in into_empty],
        "ratio": round(statistics.median(into_large) / statistics.median(into_empty), 3),
        "target": "at most 1.3",
    }
