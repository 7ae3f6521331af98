"""Partition keys: every delivery is named once, a person can read them, Airflow can store them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from etl.airflow.batch import BATCH_ABOVE, BATCH_SIZE, KEY_LENGTH, delivery_ids, partition_keys

FEEDS = ("hotline.work_order", "education.school", "education.seat_change")


def delivery(number: int, feed: str = FEEDS[0]) -> Any:
    return SimpleNamespace(delivery_id=number, feed=feed)


def test_few_deliveries_get_a_run_each() -> None:
    assert partition_keys([delivery(12), delivery(7, FEEDS[1])]) == [
        "education.school:7",
        "hotline.work_order:12",
    ]
    twenty = [delivery(n) for n in range(1, BATCH_ABOVE + 1)]
    assert len(partition_keys(twenty)) == len(partition_keys(twenty, waiting=BATCH_ABOVE)) == 20
    assert len(partition_keys(twenty, waiting=BATCH_ABOVE + 1)) == 1


def test_many_waiting_share_runs_by_feed() -> None:
    many = [delivery(n) for n in range(1, BATCH_ABOVE + 1)] + [delivery(100, FEEDS[1])]
    assert partition_keys(many) == ["education.school:100", f"hotline.work_order:1-{BATCH_ABOVE}"]
    assert partition_keys([delivery(3), delivery(5)], waiting=BATCH_ABOVE + 1) == [
        "hotline.work_order:3,5"
    ]


def test_a_key_is_read_back() -> None:
    assert delivery_ids("hotline.work_order:3-5,9,11-12") == [3, 4, 5, 9, 11, 12]


@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.sampled_from(FEEDS)),
        max_size=200,
        unique_by=lambda pair: pair[0],
    ),
    st.integers(0, 100),
)
def test_every_delivery_is_in_exactly_one_key(pairs: list[tuple[int, str]], waiting: int) -> None:
    keys = partition_keys([delivery(*pair) for pair in pairs], waiting=waiting)
    named = [(number, key.split(":")[0]) for key in keys for number in delivery_ids(key)]
    assert sorted(named) == sorted(pairs)
    assert all(len(key) <= KEY_LENGTH for key in keys)
    assert all(len(delivery_ids(key)) <= BATCH_SIZE for key in keys)
    assert len(set(keys)) == len(keys)
