"""Migrations: complete, repeatable, safe when two run at once; each file runs once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import sqlalchemy as sa

from etl import database
from etl import server as embedded
from etl.database import calendar, migrate
from etl.errors import MinshengError
from etl.settings import ROOT


@pytest.fixture
def empty(server: str) -> Iterator[sa.Engine]:
    engine = database.engine_at(embedded.ensure_database(server, "empty"))
    yield engine
    engine.dispose()
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text("DROP DATABASE empty WITH (FORCE)"))


def test_every_migration_has_a_number_of_its_own_without_gaps() -> None:
    numbers = sorted(p.name[:4] for p in (ROOT / "warehouse/sql/migrations").glob("*.sql"))
    assert numbers, "there are migrations"
    assert numbers == [f"{n:04d}" for n in range(1, len(numbers) + 1)]
    assert migrate.newest() == numbers[-1]


def test_a_warehouse_is_brought_up_in_parts_and_each_migration_runs_once(empty: sa.Engine) -> None:
    first = migrate.upgrade(empty, "0003")
    assert (first["from"], first["to"]) == (None, "0003")
    assert first["applied"] == ["0001", "0002", "0003"]
    rest = migrate.upgrade(empty)
    assert (rest["from"], rest["to"]) == ("0003", migrate.newest())
    assert rest["applied"][0] == "0004"
    with empty.connect() as connection:
        assert migrate.current(connection) == migrate.newest()


def test_two_upgrades_at_once_run_each_migration_once(empty: sa.Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _: migrate.upgrade(empty), range(2)))
    assert {result["to"] for result in results} == {migrate.newest()}
    ran = [result["applied"] for result in results if result["applied"]]
    assert len(ran) == 1
    assert ran[0] == sorted(ran[0])
    again = migrate.upgrade(empty)
    assert again == {
        "from": migrate.newest(),
        "to": migrate.newest(),
        "applied": [],
        "replaced": [],
        "calendar_days": 0,
    }


def test_a_failing_migration_leaves_nothing(
    empty: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = sorted((ROOT / "warehouse/sql/migrations").glob("*.sql"))[-1].name
    real = database.sql_file

    def broken(path: str) -> str:
        return real(path) + (";\nSELECT 1 / 0;" if path.endswith(last) else "")

    monkeypatch.setattr(migrate, "sql_file", broken)
    with pytest.raises(Exception, match="division by zero"):
        migrate.upgrade(empty)
    with empty.connect() as connection:
        assert migrate.current(connection) is None
        ledger_schema = connection.execute(sa.text("SELECT to_regnamespace('ledger')")).scalar()
    assert ledger_schema is None


def test_a_database_newer_than_the_program_is_refused(fresh_database: sa.Engine) -> None:
    with fresh_database.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(MinshengError, match="9999"):
        migrate.upgrade(fresh_database)


def test_the_calendar_knows_shifted_workdays(fresh_database: sa.Engine) -> None:
    question = sa.text(
        "SELECT is_weekend, is_holiday, is_workday, holiday_name, is_provisional"
        " FROM star.dim_date WHERE date_key = :day"
    )
    with fresh_database.connect() as connection:

        def ask(day: date) -> tuple[object, ...]:
            return tuple(connection.execute(question, {"day": day}).one())

        assert ask(date(2024, 10, 1)) == (False, True, False, "国庆节", False)
        assert ask(date(2024, 9, 29)) == (True, False, True, None, False), "a Sunday worked"
        assert ask(date(2024, 6, 15)) == (True, False, False, None, False), "a plain Saturday"
        assert ask(date(2035, 12, 31)) == (False, False, True, None, True)
        workdays = "SELECT count(*) FROM star.dim_date WHERE year = 2024 AND is_workday"
        assert connection.execute(sa.text(workdays)).scalar() == 251
        assert connection.execute(sa.text("SELECT count(*) FROM star.dim_date")).scalar() == 11688


def test_the_calendar_corrects_only_what_differs(fresh_database: sa.Engine) -> None:
    with fresh_database.begin() as connection:
        assert calendar.fill(connection) == 0
        connection.execute(
            sa.text("UPDATE star.dim_date SET is_workday = false WHERE date_key = '2034-03-01'")
        )
        connection.execute(sa.text("DELETE FROM star.dim_date WHERE date_key = '2035-12-31'"))
        assert calendar.fill(connection) == 2
