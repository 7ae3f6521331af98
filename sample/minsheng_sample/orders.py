"""Hotline orders in bulk (合成数据), for benchmarks: millions of rows in bounded memory.

Every value of an order is a function of the seed and the order's number, so the same orders
can be written again with some of them changed, whatever the size of the pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

from etl.contract import load_contracts
from minsheng_sample.codes import phone
from minsheng_sample.district.order_kinds import CHANNELS, LABEL, TREE, TYPES
from minsheng_sample.register import lasting_committees, town

COLUMNS = (
    *("order_id", "case_id", "channel", "caller_phone", "order_type"),
    *("category_1", "category_2", "category_3", "town", "community_code"),
    *("address", "title", "content", "unit"),
    *("opened_at", "dispatched_at", "closed_at"),
    *("is_valid_callback", "resolution", "satisfaction", "updated_at"),
)
"""The 21 fields that are written."""

PIECE = 250_000
START = np.datetime64("2016-01-01T00:00:00")
SECONDS_APART = 31
_DAY = 86_400
_GOLDEN = 0x9E3779B97F4A7C15
_STORY = "请尽快核实处理，编号"


@dataclass(frozen=True)
class Written:
    """What a file holds: all its rows, those that must be quarantined, the changed and the new ones."""

    rows: int
    faulty: int
    changed: int
    new: int


def write_orders_csv(
    path: Path,
    rows: int,
    seed: int,
    fault_share: float = 0.001,
    *,
    changed_share: float = 0.0,
    delta: bool = False,
    new_rows: int = 0,
) -> Written:
    """Write orders 0 to `rows` of a seed, oldest first.

    With `changed_share` it is a resend: that share of the same orders was closed later and
    updated since. With `delta` only the changed ones are written. `new_rows` orders that came
    in afterwards follow. A faulty order stays faulty in a resend.
    """
    fields = load_contracts()["hotline.work_order"].by_name
    header = ",".join(fields[name].title_zh for name in COLUMNS) + "\n"
    counts: Any = np.zeros(4, np.int64)
    with path.open("wb") as sink:
        sink.write(header.encode())
        options = pc_csv.WriteOptions(include_header=False, quoting_style="none")
        for first, last in _pieces(rows + new_rows):
            numbers: Any = np.arange(first, last, dtype=np.uint64)
            changed = _share(numbers, seed, "changed", changed_share) & (numbers < rows)
            if delta:
                keep = changed | (numbers >= rows)
                numbers, changed = numbers[keep], changed[keep]
            if not len(numbers):
                continue
            faulty = _share(numbers, seed, "faulty", fault_share)
            table = _orders(numbers, seed, changed, faulty)
            pc_csv.write_csv(table, sink, options)
            counts += (len(numbers), faulty.sum(), changed.sum(), (numbers >= rows).sum())
    return Written(*map(int, counts))


def _pieces(count: int) -> Iterator[tuple[int, int]]:
    for first in range(0, count, PIECE):
        yield first, min(count, first + PIECE)


def _draw(numbers: Any, seed: int, name: str) -> Any:
    """Sixty-four random bits for each order: SplitMix64 over its number, with a salt for the purpose."""
    salt = sum(ord(sign) << (8 * place % 56) for place, sign in enumerate(name)) + seed * 0x632BE59B
    bits = numbers * np.uint64(_GOLDEN) + np.uint64(salt * _GOLDEN % (1 << 64))
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def _below(numbers: Any, seed: int, name: str, limit: int) -> Any:
    return (_draw(numbers, seed, name) % np.uint64(limit)).astype(np.int64)


def _share(numbers: Any, seed: int, name: str, share: float) -> Any:
    return _draw(numbers, seed, name) < np.uint64(int(share * float(1 << 53)) << 11)


def _orders(numbers: Any, seed: int, changed: Any, faulty: Any) -> pa.Table:
    def below(name: str, limit: int) -> Any:
        return _below(numbers, seed, name, limit)

    seconds = numbers.astype(np.int64) * SECONDS_APART + below("jitter", SECONDS_APART)
    opened = START + seconds.astype("timedelta64[s]")
    dispatched = seconds + below("dispatch", _DAY)
    closed = dispatched + 3600 + below("close", 7 * _DAY) + changed * 2 * _DAY
    updated = closed + _DAY + below("callback", 3 * _DAY)
    fault = np.where(faulty, below("fault", 3), -1)
    closed = np.where(fault == 0, seconds - _DAY, closed)

    kinds = _kinds()
    kind = pa.array(below("kind", len(kinds["category_1"])))
    place = pa.array(below("place", len(_places()["town"])))
    town_of = _places()["town"].take(place)
    serial = pa.array(numbers.astype(np.int64)).cast(pa.string())
    order_id = pa.array(_order_ids(opened, numbers)).cast(pa.string())
    unit = pc.coalesce(kinds["unit"].take(kind), town_of)
    mark = below("mark", 1000)
    resolution = np.where(fault == 2, 3, np.where(mark < 900, 0, np.where(mark < 940, 1, 2)))
    valid = below("valid", 10) > 0
    columns = {
        "order_id": order_id,
        "case_id": pc.binary_join_element_wise("A", order_id, ""),
        "channel": _weighted(CHANNELS, below("channel", 100)),
        "caller_phone": _phones().take(pa.array(below("phone", 100_000))),
        "order_type": _weighted(TYPES, below("type", 100)),
        "category_1": pc.if_else(pa.array(fault == 1), None, kinds["category_1"].take(kind)),
        "category_2": kinds["category_2"].take(kind),
        "category_3": kinds["category_3"].take(kind),
        "town": town_of,
        "community_code": _places()["community_code"].take(place),
        "address": pc.binary_join_element_wise(town_of, "示例路", serial, "号", ""),
        "title": kinds["title"].take(kind),
        "content": pc.binary_join_element_wise(kinds["content"].take(kind), serial, ""),
        "unit": unit,
        "opened_at": pa.array(opened),
        "dispatched_at": _moments(dispatched),
        "closed_at": _moments(closed),
        "is_valid_callback": pa.array(["是", "否"]).take(pa.array((~valid).astype(np.int8))),
        "resolution": pa.array(["解决", "部分解决", "未解决", "办理中"]).take(pa.array(resolution)),
        "satisfaction": pa.array(["满意", "基本满意", "不满意"]).take(
            pa.array(np.minimum(mark // 450, 2))
        ),
        "updated_at": _moments(updated),
    }
    return pa.table([columns[name] for name in COLUMNS], names=list(COLUMNS))


def _order_ids(opened: Any, numbers: Any) -> Any:
    """Year, month, day and ten digits: eighteen in all, ascending in time."""
    months = opened.astype("datetime64[M]")
    years = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (opened.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64) + 1
    return (years * 10_000 + month * 100 + day) * 10**10 + numbers.astype(np.int64)


def _moments(seconds: Any) -> pa.Array:
    return pa.array(START + seconds.astype("timedelta64[s]"))


def _weighted(options: tuple[tuple[str, float], ...], percent: Any) -> pa.Array:
    limits = np.cumsum([weight for _, weight in options])
    return pa.array([name for name, _ in options]).take(
        pa.array(np.searchsorted(limits, percent, side="right"))
    )


def _kinds() -> dict[str, pa.Array]:
    entries = [(e, third) for e in TREE for third in e[2] for _ in range(max(1, int(e[5]) // 3))]
    return {
        "category_1": pa.array([e[0] for e, _ in entries]),
        "category_2": pa.array([e[1] for e, _ in entries]),
        "category_3": pa.array([third for _, third in entries]),
        "unit": pa.array([e[3] for e, _ in entries], pa.string()),
        "title": pa.array([f"反映{e[1]}{third}" for e, third in entries]),
        "content": pa.array([f"{LABEL}{e[0]}（{third}）：{_STORY}" for e, third in entries]),
    }


def _places() -> dict[str, pa.Array]:
    places = lasting_committees()
    return {
        "community_code": pa.array([place.code for place in places]),
        "town": pa.array([town(place.code).name for place in places]),
    }


def _phones() -> pa.Array:
    return pa.array([phone(number) for number in range(100_000)])
