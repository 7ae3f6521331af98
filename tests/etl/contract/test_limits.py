"""What the star can hold is read from its migrations; the database says the same."""

from __future__ import annotations

import sqlalchemy as sa

from etl.contract import load_contracts
from etl.contract.limits import NAME_BYTES, TEXT_CHARACTERS, Limit, limits, targets_of
from etl.contract.star import star_tables

INT = Limit(-(2**31), 2**31 - 1)
_SHORT = {"integer": "int", "timestamp with time zone": "timestamptz", "ARRAY": "text[]"}


def test_the_migrations_read_as_the_database_has_them(fresh_database: sa.Engine) -> None:
    with fresh_database.connect() as connection:
        columns = connection.execute(
            sa.text(
                "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns AS c"
                " JOIN information_schema.tables USING (table_schema, table_name)"
                " WHERE c.table_schema = 'star' AND table_type = 'BASE TABLE'"
            )
        ).all()
        indexed = connection.execute(
            sa.text(
                "SELECT DISTINCT t.relname, a.attname FROM pg_index AS x"
                " JOIN pg_class AS t ON t.oid = x.indrelid JOIN pg_class AS i ON i.oid = x.indexrelid"
                " JOIN pg_am AS m ON m.oid = i.relam AND m.amname = 'btree'"
                " JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = ANY (x.indkey)"
                " JOIN pg_type AS y ON y.oid = a.atttypid AND y.typname = 'text'"
                " WHERE t.relnamespace = 'star'::regnamespace"
            )
        ).all()
    assert len(columns) > 200
    for table, column, kind in columns:
        assert star_tables()[table].types[column] == _SHORT.get(kind, kind), (table, column)
    assert {len(each.types) for each in star_tables().values()} != {0}
    for table, column in indexed:
        assert column in star_tables()[table].indexed, (table, column)


def test_limits_of_the_feeds() -> None:
    contracts = load_contracts()
    name, text = Limit(most_bytes=NAME_BYTES), Limit(most_characters=TEXT_CHARACTERS)
    orders = limits(contracts["hotline.work_order"])
    # return_count and extension_days are int in the star.
    assert (orders["return_count"], orders["extension_days"]) == (INT, INT)
    # An id; parts of the category's id; names that become ids; text that is only kept.
    for field in ("order_id", "category_1", "category_3", "unit", "town", "channel"):
        assert orders[field] == name, field
    for field in ("exclusion_reason", "case_id", "satisfaction"):
        assert orders[field] == text, field
    assert not {"opened_at", "content", "caller_phone"} & set(orders)
    # residents is bigint, the year beside it int.
    people = limits(contracts["reference.population"])
    assert people["residents"] == Limit(-(2**63), 2**63 - 1)
    assert people["year"] == INT
    # units reach the star through a lateral list of milestones.
    assert limits(contracts["housing.affordable_project"])["units"] == INT


def test_what_becomes_of_a_field() -> None:
    contracts = load_contracts()
    school = contracts["education.school"]
    assert targets_of(school, "division_code", "dim_school") == ("area_id",)
    assert targets_of(school, "school_name", "dim_school") == ("school_name",)
    assert targets_of(contracts["hotline.work_order"], "category_1", "fact_work_order") == ()
