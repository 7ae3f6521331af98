"""The staging tables of a delivery: made empty, known to be whole or not, and dropped."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.stage.table import (
    bad_table_name,
    create_tables,
    drop_tables,
    is_whole,
    table_name,
    text_table_name,
)

ORDERS = "hotline.work_order"


def there(connection: sa.Connection, number: int) -> list[str]:
    names = (table_name(number), bad_table_name(number), text_table_name(number))
    query = sa.text("SELECT to_regclass(:t) IS NOT NULL")
    return [name for name in names if connection.execute(query, {"t": name}).scalar_one()]


def test_made_anew_and_empty_each_time(opened: Context) -> None:
    contract = opened.contract(ORDERS)
    assert contract.restricted
    with opened.engine.begin() as connection:
        for _ in range(2):
            create_tables(connection, contract, 7001)
            assert there(connection, 7001) == ["stage.d7001", "restricted.d7001"]
            connection.execute(sa.text("INSERT INTO restricted.d7001 (row_no) VALUES (1)"))
            connection.execute(sa.text("CREATE TABLE stage.d7001_bad ()"))
        create_tables(connection, contract, 7001)
        count = connection.execute(sa.text("SELECT count(*) FROM restricted.d7001")).scalar_one()
        assert count == 0
        assert there(connection, 7001) == ["stage.d7001", "restricted.d7001"], "an old verdict goes"


@pytest.mark.parametrize(("keep_text", "left"), [(False, []), (True, ["restricted.d7002"])])
def test_the_text_may_stay(opened: Context, keep_text: bool, left: list[str]) -> None:
    with opened.engine.begin() as connection:
        create_tables(connection, opened.contract(ORDERS), 7002)
        connection.execute(sa.text("CREATE TABLE stage.d7002_bad ()"))
        drop_tables(connection, 7002, keep_text=keep_text)
        assert there(connection, 7002) == left
        drop_tables(connection, 7002)
        assert there(connection, 7002) == []


def test_whole_is_there_with_its_rows(opened: Context) -> None:
    contract = opened.contract("education.model_school")
    with opened.engine.begin() as connection:
        assert not is_whole(connection, 7003, 1), "absent"
        assert not is_whole(connection, 7003, 0), "absent, though it would be empty"
        create_tables(connection, contract, 7003)
        assert is_whole(connection, 7003, 0)
        assert not is_whole(connection, 7003, 1), "emptied by a crash"
        connection.execute(sa.text("INSERT INTO stage.d7003 (row_no) VALUES (1)"))
        assert is_whole(connection, 7003, 5), (
            "it was filled in one transaction: one row is as good as all"
        )
