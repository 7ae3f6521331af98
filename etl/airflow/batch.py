"""Partition keys: which deliveries one run takes, written so that a person can read it.

`education.school:12` is one delivery, `hotline.work_order:3-40,44` a batch.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from etl.ledger import Delivery

BATCH_ABOVE = 20
"""With more deliveries than this waiting in a department, those of a feed share runs."""
BATCH_SIZE = 50
KEY_LENGTH = 250
"""Airflow's limit."""


def partition_keys(deliveries: Sequence[Delivery], *, waiting: int | None = None) -> list[str]:
    """Keys for one department's deliveries: one each, or batches per feed when many wait."""
    grouped = max(len(deliveries), waiting or 0) > BATCH_ABOVE
    ordered = sorted(deliveries, key=_feed_then_id)
    keys = []
    for feed, members in groupby(ordered, key=_feed):
        numbers = [delivery.delivery_id for delivery in members]
        for chunk in _chunks(feed, numbers, BATCH_SIZE if grouped else 1):
            keys.append(f"{feed}:{_written(chunk)}")
    return keys


def delivery_ids(key: str) -> list[int]:
    """The deliveries that a partition key names."""
    numbers: list[int] = []
    for part in key.rpartition(":")[2].split(","):
        first, _, last = part.partition("-")
        numbers.extend(range(int(first), int(last or first) + 1))
    return numbers


def _feed(delivery: Delivery) -> str:
    return delivery.feed or ""


def _feed_then_id(delivery: Delivery) -> tuple[str, int]:
    return _feed(delivery), delivery.delivery_id


def _chunks(feed: str, numbers: list[int], size: int) -> Iterator[list[int]]:
    chunk: list[int] = []
    for number in numbers:
        longer = [*chunk, number]
        if len(longer) > size or len(f"{feed}:{_written(longer)}") > KEY_LENGTH:
            yield chunk
            longer = [number]
        chunk = longer
    if chunk:
        yield chunk


def _written(numbers: Iterable[int]) -> str:
    """1, 2, 3, 7 as `1-3,7`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in spans)
