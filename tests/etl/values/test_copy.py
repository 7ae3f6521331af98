# ruff: noqa: DTZ001 - local times of a named zone
"""The binary COPY format: read by hand from its description, and by PostgreSQL."""

from __future__ import annotations

import io
import struct
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import psycopg2
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.values import copy_header, copy_statement, copy_trailer, to_copy, to_csv

SCHEMA = {
    "row_no": pa.int32(),
    "at": pa.timestamp("us"),
    "on": pa.date32(),
    "n": pa.int64(),
    "x": pa.float64(),
    "b": pa.bool_(),
    "s": pa.string(),
    "d": pa.dictionary(pa.int32(), pa.string()),
    "t": pa.string(),
}
PG = {
    "row_no": "int", "at": "timestamptz", "on": "date", "n": "bigint", "x": "float8", "b": "boolean",
    "s": "text", "d": "text", "t": "text",
}  # fmt: skip

strings = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10)
rows = st.fixed_dictionaries(
    {
        "row_no": st.integers(1, 2**31 - 1),
        "at": st.none() | st.datetimes(datetime(1700, 1, 1), datetime(9990, 1, 1)),
        "on": st.none() | st.dates(date(1000, 1, 1)),
        "n": st.none() | st.integers(-(2**63), 2**63 - 1),
        "x": st.none() | st.floats(allow_nan=False),
        "b": st.none() | st.booleans(),
        "s": st.none() | strings,
        "d": st.none() | st.sampled_from(["", "黄村镇", "旧宫镇"]),
        "t": st.none() | strings,
    }
)


def batch_of(values: list[dict[str, Any]], names: list[str] | None = None) -> pa.RecordBatch:
    names = names or list(SCHEMA)
    arrays = []
    for name in names:
        column = [row[name] for row in values]
        if pa.types.is_dictionary(SCHEMA[name]):
            arrays.append(pa.array(column, pa.string()).dictionary_encode())
        else:
            arrays.append(pa.array(column, SCHEMA[name]))
    return pa.record_batch(arrays, names=names)


def by_hand(data: bytes, kinds: list[Any], zone: str) -> list[list[Any]]:
    """The rows of a binary COPY, from the description of the format in PostgreSQL's manual."""
    found = []
    place = 0
    while place < len(data):
        (count,) = struct.unpack_from(">h", data, place)
        assert count == len(kinds)
        place += 2
        row: list[Any] = []
        for kind in kinds:
            (length,) = struct.unpack_from(">i", data, place)
            place += 4
            if length < 0:
                row.append(None)
                continue
            octets = data[place : place + length]
            assert len(octets) == length
            place += length
            row.append(_value(octets, kind, zone))
        found.append(row)
    return found


def _value(octets: bytes, kind: Any, zone: str) -> Any:
    if kind == pa.timestamp("us"):
        (micro,) = struct.unpack(">q", octets)
        utc = datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC")) + timedelta(microseconds=micro)
        return utc.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if kind == pa.date32():
        return date(2000, 1, 1) + timedelta(days=struct.unpack(">i", octets)[0])
    if kind == pa.bool_():
        return {b"\0": False, b"\1": True}[octets]
    form = {pa.int32(): ">i", pa.int64(): ">q", pa.float64(): ">d"}.get(kind)
    return struct.unpack(form, octets)[0] if form else octets.decode()


@given(st.lists(rows, min_size=1, max_size=20), st.permutations(list(SCHEMA)), st.integers(0, 3))
def test_any_rows_in_any_order_of_columns(
    values: list[dict[str, Any]], names: list[str], start: int
) -> None:
    zone = "Etc/GMT-8"  # without changes of the clock, which no local time survives
    batch = batch_of(values, names)[start:]
    found = by_hand(bytes(to_copy(batch, zone=zone)), [SCHEMA[name] for name in names], zone)
    assert found == [[row[name] for name in names] for row in values[start:]]


def test_no_rows() -> None:
    assert bytes(to_copy(batch_of([]))) == b""


def test_a_column_of_nulls_and_one_value_that_is_empty() -> None:
    batch = pa.record_batch(
        [
            pa.array([1, 2], pa.int32()),
            pa.nulls(2, pa.string()),
            pa.array(["", None]),
            pa.nulls(2, pa.timestamp("us")),
        ],
        names=["row_no", "a", "b", "c"],
    )
    assert by_hand(
        bytes(to_copy(batch)), [pa.int32(), pa.string(), pa.string(), pa.timestamp("us")], "UTC"
    ) == [
        [1, None, "", None],
        [2, None, None, None],
    ]


def test_a_token_column_whose_dictionary_has_words_nobody_uses() -> None:
    words = pa.DictionaryArray.from_arrays(
        pa.array([1, None, 1], pa.int32()), pa.array(["unused", "used"])
    )
    batch = pa.record_batch([words], names=["d"])
    assert by_hand(bytes(to_copy(batch)), [pa.string()], "UTC") == [["used"], [None], ["used"]]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Asia/Taipei", "UTC"])
def test_local_times_are_those_of_the_zone(zone: str) -> None:
    """Against zoneinfo, over years with and without summer time (China had it from 1986 to 1991)."""
    moments = [
        datetime(year, month, 15, 12, 30) for year in range(1940, 2030) for month in range(1, 13)
    ]
    for chunk in (moments, moments[-24:], moments[:24]):
        batch = pa.record_batch([pa.array(chunk, pa.timestamp("us"))], names=["at"])
        assert [
            row[0] for row in by_hand(bytes(to_copy(batch, zone=zone)), [pa.timestamp("us")], zone)
        ] == chunk


NASTY = [
    'a"b', "a\nb", "a\r\nb", "a\\b", "\\.", "\\N", "", " ", "a,b", "\t", "x\n\\.\ny", "'", "𬱖", "\u2028", '"', "NULL",
    "a\\", "\ufeff", "{}", "%s",
]  # fmt: skip


@pytest.fixture(scope="module")
def connection(server: str) -> Any:
    link = psycopg2.connect(server.replace("+psycopg2", ""))
    yield link
    link.close()


def copy_and_read(
    connection: Any, batches: list[pa.RecordBatch], zone: str
) -> list[tuple[Any, ...]]:
    names = batches[0].schema.names
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL TimeZone TO '{zone}'")
        cursor.execute("DROP TABLE IF EXISTS pg_temp.t")
        listed = ", ".join(f'"{name}" {PG[name]}' for name in reversed(names))
        cursor.execute(f"CREATE TEMP TABLE t ({listed})")
        data = (
            copy_header() + b"".join(bytes(to_copy(b, zone=zone)) for b in batches) + copy_trailer()
        )
        cursor.copy_expert(copy_statement("t", names, fresh=True), io.BytesIO(data))
        cursor.execute(
            f"SELECT {', '.join(chr(34) + n + chr(34) for n in names)} FROM t ORDER BY row_no"
        )
        found = cursor.fetchall()
    connection.rollback()
    return found


def test_postgresql_reads_what_was_meant(connection: Any) -> None:
    base = {
        "at": datetime(2024, 5, 6, 7, 8, 9, 123456),
        "on": date(2024, 5, 6),
        "n": -1,
        "x": 0.1,
        "b": True,
        "d": "旧宫镇",
    }
    values = [{"row_no": n, **base, "s": text, "t": text * 2} for n, text in enumerate(NASTY, 1)]
    values.append(dict.fromkeys(SCHEMA) | {"row_no": 99})
    values.append(
        values[0]
        | {
            "row_no": 100,
            "at": datetime(1988, 7, 1, 12),
            "on": date(9999, 12, 31),
            "n": 2**63 - 1,
            "b": False,
        }
    )
    zone = "Asia/Shanghai"
    found = copy_and_read(connection, [batch_of(values[:5]), batch_of(values[5:])], zone)
    moment = lambda at: at.replace(tzinfo=ZoneInfo(zone)) if at else None  # noqa: E731
    assert found == [
        tuple(moment(v) if k == "at" else v for k, v in row.items())
        for row in ({n: r[n] for n in SCHEMA} for r in values)
    ]


def test_a_time_that_the_clock_showed_twice_is_read_as_postgresql_reads_it(connection: Any) -> None:
    zone, moments = "America/New_York", [datetime(2024, 11, 3, 1, 30), datetime(2024, 7, 1)]
    batch = pa.record_batch(
        [pa.array([1, 2], pa.int32()), pa.array(moments, pa.timestamp("us"))],
        names=["row_no", "at"],
    )
    found = [row[1] for row in copy_and_read(connection, [batch], zone)]
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL TimeZone TO '{zone}'")
        cursor.execute("SELECT unnest(%s::text[])::timestamptz", ([str(at) for at in moments],))
        assert found == [row[0] for row in cursor.fetchall()]
    connection.rollback()


def test_the_header_alone_is_an_empty_copy(connection: Any) -> None:
    assert copy_and_read(connection, [batch_of([])], "UTC") == []


def test_csv_says_the_same_to_people() -> None:
    text = bytes(
        to_csv(batch_of([{**dict.fromkeys(SCHEMA), "row_no": 1, "s": 'a"b', "t": ""}]))
    ).decode()
    assert text == '1,,,,,,"a""b",,""\n'
