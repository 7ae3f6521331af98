"""A load SELECT made ready for its target: which columns it must give, and ids turned into keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.contract import LoadQuery
from etl.errors import MinshengError
from etl.load.targets import Incoming, Target, read_targets

DAY = date(2020, 6, 30)
THING = Target(
    "dim_thing", "dimension", ("thing_key",), ("thing_key", "name", "area_key"),
    {"thing_key": "organisation", "area_key": "area"},
)  # fmt: skip
FACT = Target(
    "fact_thing", "fact", ("thing_key", "month"), ("thing_key", "month", "area_key", "unit_key"),
    {"thing_key": "organisation", "area_key": "area", "unit_key": "unit"}, sent=("unit_key",),
)  # fmt: skip


@pytest.fixture
def connection(opened: Context) -> Iterator[sa.Connection]:
    """Undone at the end of the test."""
    with opened.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def incoming(
    connection: sa.Connection, target: Target, columns: str, sql: str = "SELECT 1"
) -> Incoming:
    return Incoming.of(
        connection, LoadQuery(target.name, "target", sql), target, f"(SELECT {columns})"
    )


FACT_COLUMNS = (
    "1 AS row_no, 'O1' AS thing_id, DATE '2020-01-01' AS month, 'A1' AS area_id, 'U1' AS unit_id"
)
THING_COLUMNS = "1 AS row_no, 'O1' AS thing_id, '甲' AS name, NULL::text AS area_id"


def test_the_stars_tables_say_what_they_are(connection: sa.Connection) -> None:
    targets = read_targets(connection)
    order, area = targets["fact_work_order"], targets["dim_area"]
    assert (order.kind, order.business_key) == ("fact", ("order_id",))
    assert order.refs["area_key"] == "area"
    assert set(order.sent) <= set(order.refs)
    assert area.thing == "area"
    assert FACT.sent_columns == ("unit_sent",)
    assert THING.sent_columns == ()


def test_an_id_stands_for_each_key(connection: sa.Connection) -> None:
    fact = incoming(connection, FACT, FACT_COLUMNS)
    assert [fact.source(c) for c in FACT.columns] == ["thing_id", "month", "area_id", "unit_id"]
    assert fact.registries == [
        ("organisation", "thing_id"),
        ("area", "area_id"),
        ("unit", "unit_id"),
    ]
    ids = ["thing_key_id", "area_key_id", "unit_key_id"]
    assert FACT.value_columns == [*FACT.columns, *ids]
    explicit = FACT_COLUMNS.replace("area_id", "area_registry_id")
    assert incoming(connection, FACT, explicit).source("area_key") == "area_registry_id"


@pytest.mark.parametrize(
    ("columns", "missing", "unknown"),
    [
        (FACT_COLUMNS.replace("'O1' AS thing_id, ", ""), "thing_id", ""),
        (FACT_COLUMNS.replace("1 AS row_no, ", ""), "row_no", ""),
        (f"{FACT_COLUMNS}, 1 AS more", "", "more"),
        (FACT_COLUMNS.replace("month", "day"), "month", "day"),
    ],
)
def test_a_column_too_few_or_too_many_is_named(
    connection: sa.Connection, columns: str, missing: str, unknown: str
) -> None:
    with pytest.raises(MinshengError) as refused:
        incoming(connection, FACT, columns)
    for name in filter(None, (missing, unknown)):
        assert f"'{name}'" in str(refused.value)
    assert "fact_thing" in str(refused.value)


def test_a_dimension_may_do_without_its_day_and_a_lookup_without_its_row(
    connection: sa.Connection,
) -> None:
    assert not incoming(connection, THING, THING_COLUMNS).is_lookup
    incoming(connection, THING, f"{THING_COLUMNS}, DATE '2020-01-01' AS valid_from")
    members = THING_COLUMNS.replace("1 AS row_no, ", "")
    assert incoming(connection, THING, members, "SELECT DISTINCT x FROM staging").is_lookup
    with pytest.raises(MinshengError, match="row_no"):
        incoming(connection, THING, members, "SELECT x FROM staging")


def test_known_ids_become_keys_and_others_are_not_supplied(connection: sa.Connection) -> None:
    connection.execute(
        sa.text("INSERT INTO registry.area (area_id, area_key) VALUES ('A1', 901), ('甲镇', 901)")
    )
    connection.execute(sa.text("INSERT INTO registry.unit (unit_id, unit_key) VALUES ('U1', 902)"))
    number = connection.execute(
        sa.text("SELECT unit_no FROM registry.unit WHERE unit_id = 'U1'")
    ).scalar_one()
    fact = incoming(connection, FACT, FACT_COLUMNS)
    (row,) = connection.execute(sa.text(fact.resolved(DAY))).mappings()
    assert (row["thing_key"], row["area_key"], row["unit_key"]) == (-1, 901, 902)
    assert list(row) == ["thing_key", "month", "area_key", "unit_key", "row_no"]
    (row,) = connection.execute(sa.text(fact.resolved(DAY, ids=True, sent=True))).mappings()
    assert (row["thing_key_id"], row["area_key_id"], row["unit_key_id"]) == ("O1", "A1", "U1")
    assert row["unit_sent"] == number


def test_a_dimensions_row_holds_from_its_day_or_the_periods_end(connection: sa.Connection) -> None:
    plain = sa.text(incoming(connection, THING, THING_COLUMNS).resolved(DAY))
    (row,) = connection.execute(plain).mappings()
    assert str(row["valid_from"]) == "2020-06-30"
    dated = incoming(connection, THING, f"{THING_COLUMNS}, DATE '2020-01-01' AS valid_from")
    (row,) = connection.execute(sa.text(dated.resolved(DAY))).mappings()
    assert str(row["valid_from"]) == "2020-01-01"
    members = THING_COLUMNS.replace("1 AS row_no, ", "")
    lookup = incoming(connection, THING, members, "SELECT DISTINCT x")
    (row,) = connection.execute(sa.text(lookup.resolved(DAY))).mappings()
    assert row["row_no"] is None


def test_what_goes_in_in_the_end(connection: sa.Connection) -> None:
    texts = (
        incoming(connection, FACT, FACT_COLUMNS).insert(DAY),
        incoming(connection, THING, THING_COLUMNS).insert(DAY),
    )
    assert texts[0].startswith("INSERT INTO star.fact_thing (")
    assert "valid_to" not in texts[0]
    assert "'infinity'" in texts[1]
