"""The guard in CI: the ratio to the limit on few rows, and how many SQL statements a delivery takes.

Seconds flicker, so the ratio fails only far above the recorded one; counts do not, so
they are asserted exactly. `python -m benchmarks --guard` records both in `guard.json`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from benchmarks import copying, extract, ours, result
from benchmarks.place import Place

RECORD = result.FOLDER / "guard.json"
ROWS = 50_000
ROUNDS = 3
ALLOWED = 3.0
"""How many times the recorded ratio may be before the guard fails."""


def ratio(place: Place, rows: int = ROWS) -> dict[str, Any]:
    """Best of three against best of three: what disturbs a run only ever makes it longer."""
    path = extract.orders(rows)
    fields = extract.fields(path)
    tables: list[copying.Finished] = []
    runs = []
    for _ in range(ROUNDS):
        with place.fresh() as database:
            runs.append(ours.here(place, database, path)[0])
            tables = tables or copying.export(place, database)
    limits = [copying.limit(place, tables, fields)[0].seconds for _ in range(ROUNDS)]
    return {
        "rows": rows,
        "seconds": round(min(runs), 3),
        "limit_seconds": round(min(limits), 3),
        "ratio": round(min(runs) / min(limits), 2),
    }


def statements(place: Place) -> dict[str, int]:
    """SQL statements of small deliveries without a fault: a first one, one with changes, one sent twice."""
    folder = place.home / "guard"
    folder.mkdir(exist_ok=True)
    first = _orders(folder / "hotline_work_order_2024-06.csv", "解决")
    changed = _orders(folder / "hotline_work_order_2024-07.csv", "未解决")
    with place.fresh() as database:
        return {
            f"work_order_{name}": ours.here(place, database, path)[1]
            for name, path in (("first", first), ("changed", changed), ("sent_twice", changed))
        }


def record(place: Place) -> None:
    """Write what holds now."""
    measured = {"machine": result.machine(), **ratio(place), "statements": statements(place)}
    result.write(measured, RECORD)
    click.echo(
        f"{RECORD.name}: {measured['ratio']} × the limit, statements {measured['statements']}"
    )


def recorded() -> Mapping[str, Any]:
    """What held when it was recorded last."""
    return result.read(RECORD)


def _orders(path: Path, resolution: str) -> Path:
    """Three orders of one town, all fields that rules speak of filled."""
    fields = [field for field in extract.contract().fields if field.name in _VALUES]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(field.title_zh for field in fields)
        for number in range(1, 4):
            values = _VALUES | {"order_id": f"2024060100000{number}", "resolution": resolution}
            if resolution != "解决":
                values["updated_at"] = "2024-07-02 08:00:00"
            writer.writerow(values[field.name] for field in fields)
    return path


_VALUES = {
    "order_id": "", "case_id": "A20240601000001", "channel": "12345热线", "caller_phone": "13800000001",
    "order_type": "投诉", "category_1": "住房保障", "category_2": "物业管理", "category_3": "停车管理",
    "town": "旧宫镇", "title": "【合成】停车", "content": "【合成】停车位不足", "unit": "旧宫镇",
    "urgency": "一般", "opened_at": "2024-06-01 08:00:00", "dispatched_at": "2024-06-01 09:00:00",
    "closed_at": "2024-06-03 09:00:00", "is_valid_callback": "是", "is_contacted": "是",
    "resolution": "", "satisfaction": "满意", "return_count": "0", "updated_at": "2024-06-03 09:00:00",
}  # fmt: skip
