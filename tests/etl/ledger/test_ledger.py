"""Known time under concurrency, claims, and what a state may follow."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.errors import MinshengError
from etl.settings import Settings


@pytest.fixture
def ctx(ingest_settings: Settings) -> Context:
    return Context.of(ingest_settings)


def test_a_later_number_is_not_visible_before_an_earlier_one(ctx: Context) -> None:
    """Two loads overlap; the one with the greater number is done first and has to wait."""
    order: list[str] = []
    second_waits = threading.Event()

    def second() -> None:
        with ctx.engine.begin() as connection:
            seq = connection.execute(sa.text("SELECT ledger.reserve_commit()")).scalar_one()
            second_waits.set()
            connection.execute(sa.text("CALL ledger.commit_in_order(:s, NULL)"), {"s": seq})
            order.append("second")

    with ctx.engine.connect() as first, first.begin():
        seq = first.execute(sa.text("SELECT ledger.reserve_commit()")).scalar_one()
        thread = threading.Thread(target=second)
        thread.start()
        assert second_waits.wait(10)
        _until_blocked(ctx)
        assert ledger.newest_commit(ctx) == 0
        first.execute(sa.text("CALL ledger.commit_in_order(:s, NULL)"), {"s": seq})
        order.append("first")
    thread.join(10)
    assert order == ["first", "second"]
    with ctx.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT seq, at FROM ledger.commit ORDER BY seq")).all()
    assert len(rows) == 2
    assert rows[0].at < rows[1].at


def test_a_load_that_fails_leaves_a_gap_and_holds_nobody_up(ctx: Context) -> None:
    with ctx.engine.connect() as connection, connection.begin() as doomed:
        first = connection.execute(sa.text("SELECT ledger.reserve_commit()")).scalar_one()
        doomed.rollback()
    with ctx.engine.begin() as connection:
        second = connection.execute(sa.text("SELECT ledger.reserve_commit()")).scalar_one()
        connection.execute(sa.text("CALL ledger.commit_in_order(:s, NULL)"), {"s": second})
    assert second == first + 1
    assert ledger.newest_commit(ctx) == second


def test_known_at_is_the_last_commit_before_the_moment(ctx: Context) -> None:
    with ctx.engine.begin() as connection:
        connection.execute(
            sa.text(
                "INSERT INTO ledger.commit VALUES (3, '2021-01-01 00:00+08', NULL), (7, '2021-02-01 00:00+08', NULL)"
            )
        )
        at = sa.text("SELECT ledger.known_at(CAST(:t AS timestamptz))")
        numbers = [
            connection.execute(at, {"t": t}).scalar_one()
            for t in (
                "2020-12-31 23:59+08",
                "2021-01-01 00:00+08",
                "2021-01-31 23:00+08",
                "2022-01-01 00:00+08",
            )
        ]
    assert numbers == [0, 3, 3, 7]


def test_a_claim_is_held_by_one_worker_and_lost_with_it(ctx: Context) -> None:
    number = _register(ctx)
    entered = threading.Event()
    done: list[str] = []

    def other() -> None:
        entered.set()
        with ledger.claimed(ctx, number) as (_, delivery):
            done.append(delivery.state)

    with ledger.claimed(ctx, number) as (connection, _):
        thread = threading.Thread(target=other)
        thread.start()
        entered.wait(10)
        _until_blocked(ctx)
        assert done == []
        ledger.advance(connection, number, verb="stage", state="rejected")
    thread.join(10)
    assert done == ["rejected"]


def test_only_a_held_delivery_can_be_released(ctx: Context) -> None:
    number = _register(ctx)
    with pytest.raises(MinshengError, match="held"):
        ledger.release(number, "somebody", ctx)


def test_a_loaded_delivery_must_add_up(ctx: Context) -> None:
    number = _register(ctx)
    counts = dict.fromkeys(("loaded", "unchanged"), 1) | dict.fromkeys(
        ("duplicate", "retracted", "quarantined", "totals_dropped"), 0
    )
    with ctx.engine.begin() as connection:
        ledger.advance(connection, number, verb="stage", state="staged")
        ledger.advance(connection, number, verb="validate", state="validated")
    with pytest.raises(sa.exc.IntegrityError), ctx.engine.begin() as connection:
        ledger.advance(connection, number, verb="load", state="loaded", rows=3, **counts)


def _register(ctx: Context) -> int:
    with ctx.engine.begin() as connection:
        return ledger.register(
            connection, sha256="0" * 64, size=1, file_name="x.csv", member=None,
            contract=ctx.contract("education.school"), mode="full",
        ).delivery_id  # fmt: skip


def _until_blocked(ctx: Context) -> None:
    """Wait until some session waits for an advisory lock."""
    with ctx.engine.connect() as connection:
        for _ in range(1000):
            if connection.execute(
                sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            ).scalar_one():
                return
            connection.execute(sa.text("SELECT pg_sleep(0.01)"))
    raise AssertionError("nobody waits")
