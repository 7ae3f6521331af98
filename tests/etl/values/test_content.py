# ruff: noqa: DTZ001 - local times of the contract's zone
"""The content hash: the same for the same rows however they came, another for any other rows."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from etl.values import ContentHash
from tests.etl.values.test_copy import batch_of, rows


def digest(*batches: pa.RecordBatch) -> str:
    content = ContentHash()
    for batch in batches:
        content.update(batch)
    return content.hexdigest()


@given(st.lists(rows, min_size=1, max_size=12), st.data())
def test_boundaries_row_numbers_and_dictionaries_do_not_count(
    values: list[dict[str, Any]], data: Any
) -> None:
    whole = batch_of(values)
    cut = data.draw(st.integers(0, len(values)))
    moved = [{**row, "row_no": row["row_no"] // 2 + 1} for row in values]
    plain = pa.record_batch(
        [
            c.cast(pa.string()) if pa.types.is_dictionary(c.type) else c
            for c in batch_of(moved).columns
        ],
        names=whole.schema.names,
    )
    assert digest(whole) == digest(whole[:cut], whole[cut:]) == digest(plain)
    assert digest(whole) == digest(whole.select(list(reversed(whole.schema.names))))


@given(st.lists(rows, min_size=1, max_size=8), st.lists(rows, min_size=1, max_size=8))
def test_different_rows_differ(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> None:
    def told(values: list[dict[str, Any]]) -> str:
        # repr tells 0.0 from -0.0, as a hash does; in what order a row names its fields is no difference.
        return repr([sorted((k, v) for k, v in row.items() if k != "row_no") for row in values])

    assert (digest(batch_of(one)) == digest(batch_of(other))) == (told(one) == told(other))
    turned = [dict(reversed(row.items())) for row in one]
    assert told(turned) == told(one)


def test_values_do_not_run_into_each_other() -> None:
    def of(*texts: str | None) -> str:
        return digest(pa.record_batch([pa.array(texts, pa.string())], names=["a"]))

    assert (
        len(
            {of("ab", "c"), of("a", "bc"), of("abc", ""), of("abc", None), of("", "abc"), of("abc")}
        )
        == 6
    )
    assert of("x" * 254, "y") != of("x" * 255, "") != of("x" * 253, "xy")


def test_null_is_not_zero() -> None:
    kinds: list[tuple[Any, Any]] = [
        (pa.int64(), 0),
        (pa.float64(), 0.0),
        (pa.bool_(), False),
        (pa.timestamp("us"), datetime(1970, 1, 1)),
    ]
    for kind, zero in kinds:
        filled = pa.record_batch(
            [pa.array([1 if kind == pa.int64() else zero, zero], kind)], names=["a"]
        )
        empty = pa.record_batch(
            [pa.array([1 if kind == pa.int64() else zero, None], kind)], names=["a"]
        )
        assert digest(filled) != digest(empty)


def test_an_optional_column_without_values_changes_nothing() -> None:
    narrow = pa.record_batch([pa.array(["x", "y"])], names=["a"])
    wide = pa.record_batch([pa.array(["x", "y"]), pa.nulls(2, pa.string())], names=["a", "b"])
    late = [pa.record_batch([pa.array(["x"]), pa.nulls(1, pa.string())], names=["a", "b"]),
            pa.record_batch([pa.array(["y"]), pa.array(["z"])], names=["a", "b"])]  # fmt: skip
    filled = pa.record_batch([pa.array(["x", "y"]), pa.array([None, "z"])], names=["a", "b"])
    assert digest(narrow) == digest(wide) != digest(filled)
    assert digest(*late) == digest(filled)


def test_faults_count_and_so_does_the_text_batch() -> None:
    """A faulty cell that was cleared is a repair, not a repetition."""
    narrow = pa.record_batch(
        [pa.array([1], pa.int32()), pa.array(["x"]), pa.array([None], pa.string())],
        names=["row_no", "a", "fault"],
    )
    faulty = pa.record_batch(
        [pa.array([1], pa.int32()), pa.array(["x"]), pa.array(["[]"])],
        names=["row_no", "a", "fault"],
    )
    text = pa.record_batch(
        [pa.array([1], pa.int32()), pa.array(["long"])], names=["row_no", "content"]
    )
    assert len({digest(narrow), digest(faulty), digest(narrow, text)}) == 3


def test_the_hash_is_the_same_on_every_machine() -> None:
    """A literal: should it change, every resave would look new once."""
    batch = batch_of(
        [
            {
                "row_no": 1,
                "at": datetime(2024, 1, 1),
                "on": None,
                "n": 5,
                "x": 0.5,
                "b": True,
                "s": "黄村镇",
                "d": "",
                "t": None,
            }
        ]
    )
    assert digest(batch) == "a0466b808b1b82ab1eebfdb58ee68eb9e5512ba6bbed8b699f823b5cdcd0fffd"
