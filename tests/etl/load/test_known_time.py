"""What was known at a moment never changes: a commit's time is when it could be seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

WAITS = sa.text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = 8106 AND NOT granted"
)


def test_who_asks_what_is_known_waits_for_a_commit_that_has_its_time(
    fresh_database: sa.Engine,
) -> None:
    def ask() -> int:
        with fresh_database.connect() as connection:
            return int(
                connection.execute(
                    sa.text("SELECT ledger.known_at(clock_timestamp())")
                ).scalar_one()
            )

    assert ask() == 0
    with ThreadPoolExecutor(1) as pool, fresh_database.connect() as load:
        seq = load.execute(sa.text("SELECT ledger.reserve_commit()")).scalar_one()
        load.execute(sa.text("CALL ledger.commit_in_order(:s, NULL)"), {"s": seq})
        # Its time is taken and nobody can see it yet: an answer now would have to change later.
        answer = pool.submit(ask)
        with fresh_database.connect().execution_options(isolation_level="AUTOCOMMIT") as watch:
            while not watch.execute(WAITS).scalar_one():
                assert not answer.done()
        load.commit()
        assert answer.result(timeout=30) == seq


def test_a_clock_that_steps_back_gives_no_earlier_time(fresh_database: sa.Engine) -> None:
    with fresh_database.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO ledger.commit (seq, at) VALUES (0, clock_timestamp() + interval '1 hour')")
        )  # fmt: skip
        seq = connection.execute(sa.text("SELECT ledger.reserve_commit()")).scalar_one()
        connection.execute(sa.text("CALL ledger.commit_in_order(:s, NULL)"), {"s": seq})
        times = connection.execute(sa.text("SELECT at FROM ledger.commit ORDER BY seq")).scalars()
        first, second = times.all()
    assert second > first
