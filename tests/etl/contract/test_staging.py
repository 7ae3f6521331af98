"""The staging tables that a contract describes, made on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from etl.contract import create_staging_sql, load_contracts, read_contract, staging_columns
from etl.contract.trial import try_contract
from etl.settings import Settings
from tests.etl.contract.conftest import SQL, YAML, spoil, write

COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
  FROM pg_attribute WHERE attrelid = CAST(:t AS regclass) AND attnum > 0 ORDER BY attnum
"""


def test_staging_and_restricted_tables(module_database: sa.Engine) -> None:
    contract = load_contracts(Settings.load({}))["hotline.work_order"]
    with module_database.connect() as connection:
        connection.exec_driver_sql(create_staging_sql(contract, 5).replace("%", "%%"))
        columns = {n: (t, c) for n, t, c in connection.execute(sa.text(COLUMNS), {"t": "stage.d5"})}
        texts = [row[:2] for row in connection.execute(sa.text(COLUMNS), {"t": "restricted.d5"})]
        unlogged = connection.exec_driver_sql(
            "SELECT relname, relpersistence FROM pg_class WHERE relname = 'd5' ORDER BY relnamespace"
        ).all()
        described = connection.exec_driver_sql(
            "SELECT obj_description('stage.d5'::regclass)"
        ).scalar_one()
        connection.rollback()
    assert list(columns) == ["row_no", *(name for name, _ in staging_columns(contract)), "fault"]
    assert columns["opened_at"][0] == "timestamp with time zone"
    assert columns["is_contacted"][0] == "boolean"
    assert columns["return_count"][0] == "bigint"
    assert columns["caller_token"][0] == "text"
    assert not {"caller_name", "caller_phone", "address", "title", "content"} & set(columns)
    assert [name for name, (_, comment) in columns.items() if " / " not in (comment or "")] == []
    assert texts == [
        ("row_no", "integer"),
        ("address", "text"),
        ("title", "text"),
        ("content", "text"),
    ]
    assert sorted(kind for _, kind in unlogged) == ["p", "u"]
    assert described == "接诉即办工单 / Hotline work orders (hotline.work_order)"


def test_columns_of_fixed_width_come_first(module_database: sa.Engine) -> None:
    for contract in load_contracts(Settings.load({})).values():
        kinds = [kind == "text" for _, kind in staging_columns(contract)]
        assert kinds == sorted(kinds)


def test_a_contract_is_tried_in_the_database(module_database: sa.Engine, tmp_path: Path) -> None:
    yaml = spoil(YAML, "status <> '正常' OR", "status <> 1 OR")
    sql = SQL.replace("    NULL AS uscc,\n", "    NULL AS usc,\n")
    contract = read_contract(write(tmp_path, yaml, sql))
    with module_database.connect() as connection:
        found = try_contract(connection, contract)
        assert [(Path(p.file).name, p.path) for p in found] == [
            ("model.load.sql", "-- target: dim_school"),
            ("model.yaml", "quality[open_school_has_seats].query"),
        ]
        assert "has usc" in found[0].found
        assert "operator does not exist" in found[1].found
        keyless = SQL.replace("    school_id,\n", "")
        [problem] = try_contract(connection, read_contract(write(tmp_path, YAML, keyless)))
        assert "lacks school_id" in problem.found
        broken = read_contract(write(tmp_path, YAML, SQL.replace("status\n", "state\n")))
        [problem] = try_contract(connection, broken)
        assert 'column "state" does not exist' in problem.found
        assert try_contract(connection, read_contract(write(tmp_path))) == []
