"""Views and functions of one file each: an old warehouse ends as a new one, only what changed is replaced."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl import database
from etl import server as embedded
from etl.database import migrate, views
from etl.errors import MinshengError
from etl.settings import ROOT

CATALOGUE = {
    "views": """
        SELECT c.oid::regclass::text, pg_get_viewdef(c.oid), obj_description(c.oid, 'pg_class') FROM pg_class AS c
         WHERE c.relkind = 'v' AND {ours} ORDER BY 1""",
    "functions": """
        SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), obj_description(p.oid, 'pg_proc') FROM pg_proc AS p
         WHERE p.pronamespace::regnamespace::text IN ('bi', 'label', 'ledger', 'star') ORDER BY 1""",
    "columns": """
        SELECT c.oid::regclass::text, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
               pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
          FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relkind IN ('r', 'v') AND {ours} ORDER BY 1, a.attnum""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint AS k
         WHERE EXISTS (SELECT FROM pg_class AS c WHERE c.oid = k.conrelid AND {ours}) ORDER BY 1, 2""",
    "indexes": "SELECT indexdef FROM pg_indexes WHERE schemaname <> 'pg_catalog' ORDER BY 1",
    "owners and grants": """
        SELECT c.oid::regclass::text, c.relowner::regrole::text, acl.grantee::regrole::text, acl.privilege_type
          FROM pg_class AS c, aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) AS acl
         WHERE c.relkind IN ('r', 'v') AND {ours} ORDER BY 1, 2, 3, 4""",
    "grants on columns": """
        SELECT a.attrelid::regclass::text, a.attname, acl.grantee::regrole::text, acl.privilege_type
          FROM pg_attribute AS a, aclexplode(a.attacl) AS acl WHERE a.attrelid > 16384 ORDER BY 1, 2, 3, 4""",
    "grants on functions": """
        SELECT p.oid::regprocedure::text, p.proowner::regrole::text, acl.grantee::regrole::text
          FROM pg_proc AS p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS acl
         WHERE p.pronamespace::regnamespace::text IN ('bi', 'label', 'ledger', 'star') ORDER BY 1, 2, 3""",
    "grants on schemas": """
        SELECT n.nspname, acl.grantee::regrole::text, acl.privilege_type
          FROM pg_namespace AS n, aclexplode(n.nspacl) AS acl WHERE n.nspname !~ '^pg_' ORDER BY 1, 2, 3""",
}
OURS = (
    "c.relnamespace::regnamespace::text IN"
    " ('bi', 'claim', 'history', 'known', 'label', 'ledger', 'plan', 'registry', 'star')"
)


def rows(engine: sa.Engine, query: str, **values: Any) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query), values)]


def catalogue(engine: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.exec_driver_sql(query.format(ours=OURS))]
            for name, query in CATALOGUE.items()
        }


@pytest.fixture
def old_warehouse(server: str) -> Iterator[sa.Engine]:
    """A warehouse as revision 0008 left it, when migrations still made the views and functions."""
    engine = database.engine_at(embedded.ensure_database(server, "old_warehouse"))
    with engine.begin() as connection:
        views.run(connection, (ROOT / "tests/fixtures/warehouse_0008.sql").read_text("utf-8"))
        views.run(
            connection,
            "CREATE TABLE alembic_version (version_num varchar(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)",
        )
        views.run(connection, "INSERT INTO alembic_version VALUES ('0008')")
    yield engine
    engine.dispose()
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text("DROP DATABASE old_warehouse WITH (FORCE)"))


@pytest.fixture
def sql(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `warehouse/sql` that a test may change."""
    folder = tmp_path / "sql"
    shutil.copytree(database.SQL, folder)
    monkeypatch.setattr(database, "SQL", folder)
    monkeypatch.setattr(views, "SQL", folder)
    return folder


def replaced(engine: sa.Engine) -> list[str]:
    names: list[str] = migrate.upgrade(engine)["replaced"]
    return names


def test_an_old_warehouse_ends_as_a_new_one(
    old_warehouse: sa.Engine, fresh_database: sa.Engine
) -> None:
    before = catalogue(old_warehouse)
    assert migrate.upgrade(old_warehouse)["from"] == "0008"
    after, new = catalogue(old_warehouse), catalogue(fresh_database)
    assert before != after
    for name, wanted in new.items():
        assert wanted, name
        assert after[name] == wanted, name
    # What analysts had stays: each view with its columns, of their types and in their places; new ones come after.
    had, have = columns_of_views(before), columns_of_views(after)
    for view, columns in had.items():
        assert have[view][: len(columns)] == columns, view


def columns_of_views(entries: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[str, str]]]:
    """Names and types of each view's columns, in their order."""
    views_there = {row[0] for row in entries["views"]}
    columns: dict[str, list[tuple[str, str]]] = {name: [] for name in views_there}
    for name, column, kind, *_ in entries["columns"]:
        if name in views_there:
            columns[name].append((column, kind))
    return columns


def test_an_upgrade_that_changes_nothing_touches_nothing(fresh_database: sa.Engine) -> None:
    stamp = "SELECT xmin::text FROM pg_class WHERE relkind = 'v' AND relnamespace = 'bi'::regnamespace ORDER BY oid"
    before = rows(fresh_database, stamp)
    assert replaced(fresh_database) == []
    assert rows(fresh_database, stamp) == before


def test_a_changed_view_is_replaced_and_keeps_owner_grants_and_comments(
    fresh_database: sa.Engine, sql: Path
) -> None:
    before = catalogue(fresh_database)
    file = sql / "views/bi/school.sql"
    text = file.read_text("utf-8")
    assert "AS town_name_then" in text
    file.write_text(text.replace("AS town_name_then", "AS town_name_then, 1 AS year"), "utf-8")
    assert replaced(fresh_database) == ["bi.school"]
    after = catalogue(fresh_database)
    assert rows(fresh_database, "SELECT year FROM bi.school") == []
    assert after["owners and grants"] == before["owners and grants"]
    new = set(after["columns"]) - set(before["columns"])
    assert [(row[1], row[5]) for row in new] == [("year", "年份 / year")]
    assert replaced(fresh_database) == []


def test_a_column_that_readers_use_is_not_dropped(fresh_database: sa.Engine, sql: Path) -> None:
    before = catalogue(fresh_database)
    file = sql / "views/bi/calendar.sql"
    text = file.read_text("utf-8")
    file.write_text(text.replace(", month, day", ", day"), "utf-8")
    with pytest.raises(MinshengError, match=r"bi\.calendar cannot replace .*column") as refused:
        migrate.upgrade(fresh_database)
    assert "docs/sql.md" in refused.value.reason.fix_en
    assert catalogue(fresh_database) == before


def test_a_new_view_names_its_grants_and_column_texts_nowhere_else(
    fresh_database: sa.Engine, sql: Path
) -> None:
    (sql / "views/bi/a_first.sql").write_text(
        "CREATE OR REPLACE VIEW bi.a_first AS SELECT school_id, area_name FROM bi.z_last;\n"
        "COMMENT ON VIEW bi.a_first IS '例 / example';\n",
        "utf-8",
    )
    (sql / "views/bi/z_last.sql").write_text(
        "CREATE OR REPLACE VIEW bi.z_last AS SELECT school_id, area_name FROM bi.school;\n", "utf-8"
    )
    (sql / "functions/bi/twice.sql").write_text(
        "CREATE OR REPLACE FUNCTION bi.twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n';\n",
        "utf-8",
    )
    assert replaced(fresh_database) == ["bi.twice", "bi.z_last", "bi.a_first"]
    with fresh_database.begin() as connection:
        connection.execute(sa.text("SET LOCAL ROLE minsheng_reader"))
        assert connection.execute(sa.text("SELECT * FROM bi.a_first")).all() == []
        assert connection.execute(sa.text("SELECT bi.twice(21)")).scalar_one() == 42
    entries = catalogue(fresh_database)
    assert {row[1] for row in entries["owners and grants"] if row[0].startswith("bi.")} == {
        "minsheng_bi_owner"
    }
    executors = {row[2] for row in entries["grants on functions"] if row[0] == "bi.twice(integer)"}
    assert executors == {"minsheng_bi_owner", "minsheng_reader"}
    texts = [row[5] for row in entries["columns"] if row[0] == "bi.a_first"]
    assert texts == [row[5] for row in entries["columns"] if row[0] == "bi.z_last"]
    assert all(re.search("[\u4e00-\u9fff].* / .*[a-z]", text) for text in texts)


def test_a_column_without_a_text_is_named(fresh_database: sa.Engine, sql: Path) -> None:
    (sql / "views/bi/odd.sql").write_text(
        "CREATE OR REPLACE VIEW bi.odd AS SELECT 1 AS nobody_knows;\n", "utf-8"
    )
    with pytest.raises(MinshengError, match=r"bi\.odd\.nobody_knows"):
        migrate.upgrade(fresh_database)
    assert rows(fresh_database, "SELECT to_regclass('bi.odd')") == [(None,)]


def test_what_a_migration_had_to_drop_comes_back(fresh_database: sa.Engine) -> None:
    before = catalogue(fresh_database)
    with fresh_database.begin() as connection:
        connection.execute(sa.text("DROP VIEW label.school CASCADE"))
    assert replaced(fresh_database) == ["label.school", "bi.seat_change"]
    assert catalogue(fresh_database) == before


def test_what_is_needed_comes_first() -> None:
    texts = {
        "bi.a": "SELECT label.x(1) FROM bi.b -- not bi.z",
        "bi.b": "SELECT * FROM star.fact_b",
        "bi.z": "SELECT * FROM bi.a",
        "label.x": "SELECT 1",
    }
    order = views.ordered(texts)
    assert sorted(order) == sorted(texts)
    assert order.index("bi.a") > max(order.index("bi.b"), order.index("label.x"))
    assert order.index("bi.z") > order.index("bi.a")


def test_every_text_of_a_column_is_used(fresh_database: sa.Engine) -> None:
    used = {
        name
        for (name,) in rows(
            fresh_database,
            "SELECT attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
            " WHERE c.relnamespace = 'bi'::regnamespace AND a.attnum > 0",
        )
    }
    lines = (database.SQL / views.COLUMNS).read_text("utf-8").splitlines()[1:]
    written = [line.split(",")[0] for line in lines]
    assert written == sorted(set(written))
    assert set(written) <= used
    assert used <= views.column_texts().keys()


def test_a_column_called_like_a_field_of_a_contract_is_explained_by_it() -> None:
    texts = views.column_texts()
    assert texts["designated_on"] == "确定日期 / Designated on", "housing.renewal says so"
    # Two contracts call it differently (受益户数, 户数): what it means in every view is said in columns.csv.
    assert texts["households"] == "户数 / households"


def test_a_new_fact_is_loadable_by_one_call(fresh_database: sa.Engine) -> None:
    """What keeps the name that was sent belongs to the star's row, not to what is said and known of the thing."""
    with fresh_database.begin() as connection:
        views.run(
            connection,
            'CREATE TABLE star.fact_x (x_id text COLLATE "C" PRIMARY KEY, area_key int NOT NULL, place_key int,'
            " area_sent int, mail_sent boolean, known_from bigint NOT NULL, delivery_id bigint NOT NULL,"
            " row_no int NOT NULL);"
            "CALL ledger.create_target('fact_x', 'fact', '{x_id}', '{\"place_key\": \"area\"}')",
        )
    assert rows(fresh_database, "SELECT * FROM ledger.target WHERE target = 'fact_x'") == [
        (
            "fact_x",
            "fact",
            ["x_id"],
            ["x_id", "area_key", "place_key", "mail_sent"],
            {"area_key": "area", "place_key": "area"},
            ["area_key"],
        )
    ]
    columns = dict[str, list[str]]()
    for schema, name in rows(
        fresh_database,
        "SELECT table_schema, column_name FROM information_schema.columns WHERE table_name = 'fact_x'"
        " ORDER BY 1, ordinal_position",
    ):
        columns.setdefault(schema, []).append(name)
    plain = ["x_id", "area_key", "place_key", "mail_sent", "known_from", "delivery_id", "row_no"]
    assert columns["history"] == columns["known"] == [*plain, "known_to"]
    assert columns["claim"] == [
        *plain[:4],
        "area_key_id",
        "place_key_id",
        "scope",
        "delivery_id",
        "row_no",
    ]
    may_read = "SELECT has_table_privilege('minsheng_bi_owner', 'star.fact_x', 'SELECT')"
    assert rows(fresh_database, may_read) == [(False,)]
    with fresh_database.begin() as connection:
        assert views.replace(connection, migrated=True) == []
    assert rows(fresh_database, may_read) == [(True,)]
