"""One try of a step: done, to be tried again, or failed for good with the reason first."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import psycopg2
import pytest
import sqlalchemy as sa

from etl import ledger
from etl.attempt import attempt, fail, lost
from etl.context import Context
from etl.errors import MinshengError
from etl.ledger import Delivery
from etl.reasons import Reason


@pytest.fixture
def delivery(opened: Context) -> Delivery:
    """Staged, with a word on its rows."""
    with opened.engine.begin() as connection:
        number = ledger.register(
            connection, sha256="0" * 64, size=1, file_name="x.csv", member=None,
            contract=opened.contract("education.model_school"), mode="full",
        ).delivery_id  # fmt: skip
        connection.execute(sa.text(f"CREATE TABLE stage.d{number} ()"))
        return ledger.advance(
            connection, number, verb="stage", state="staged", reasons=[{"rule": "said"}]
        )


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Callable[[], list[tuple[str, str, str]]]:
    """What has been logged: level, event, step."""
    caplog.set_level(logging.INFO, logger="etl")  # a command before may have set it

    def events() -> list[tuple[str, str, str]]:
        told = [(record.levelname, record.msg) for record in caplog.records]
        return [(level, msg["event"], msg["step"]) for level, msg in told if isinstance(msg, dict)]

    return events


def now(ctx: Context, delivery: Delivery) -> Delivery:
    with ctx.engine.connect() as connection:
        return ledger.get(connection, delivery.delivery_id)


def raising(error: Exception) -> Any:
    def validate(delivery_id: int, ctx: Context) -> Delivery:
        raise error

    return validate


def has_table(ctx: Context, delivery: Delivery) -> bool:
    with ctx.engine.connect() as connection:
        query = sa.text("SELECT to_regclass(:t) IS NOT NULL")
        return bool(connection.execute(query, {"t": f"stage.d{delivery.delivery_id}"}).scalar_one())


def test_a_step_that_is_done(
    opened: Context, delivery: Delivery, events: Callable[[], Any]
) -> None:
    def validate(delivery_id: int, ctx: Context) -> Delivery:
        with ctx.engine.begin() as connection:
            return ledger.advance(connection, delivery_id, verb="validate", state="validated")

    done = attempt(validate, delivery, opened, last=False)
    assert done == now(opened, delivery)
    assert done.state == "validated"
    assert events() == [("INFO", "validated", "validate")]
    attempt(lambda number, ctx: done, done, opened, last=True)
    assert len(events()) == 1, "where nothing was due there is nothing to tell"


@pytest.mark.parametrize("error", [psycopg2.OperationalError("away"), OSError("disk full")])
def test_what_may_pass_is_raised_counted_and_told(
    opened: Context, delivery: Delivery, events: Callable[[], Any], error: Exception
) -> None:
    for tries in (1, 2):
        with pytest.raises(type(error)):
            attempt(raising(error), delivery, opened, last=False)
        left = now(opened, delivery)
        assert (left.state, left.failures) == ("staged", tries)
    assert has_table(opened, delivery)
    assert events() == [("WARNING", "to be tried again", "validate")] * 2


def test_the_last_try_is_for_good(
    opened: Context, delivery: Delivery, events: Callable[[], Any]
) -> None:
    failed = attempt(raising(OSError("disk full")), delivery, opened, last=True)
    assert failed.state == "failed"
    assert [reason["rule"] for reason in failed.reasons] == ["failed", "said"]
    assert "disk full" in failed.reasons[0]["found"]
    assert not has_table(opened, delivery)
    assert events() == [("ERROR", "failed", "validate")]


def test_what_does_not_pass_fails_at_once_with_the_errors_own_reasons(
    opened: Context, delivery: Delivery
) -> None:
    class Refused(MinshengError):
        reasons = (Reason("a", "", ""), Reason("b", "", ""))

    failed = attempt(raising(Refused(Reason("r", "", ""))), delivery, opened, last=False)
    assert failed.state == "failed"
    assert [reason["rule"] for reason in failed.reasons] == ["failed", "a", "b", "said"]


def test_what_somebody_else_has_ended_is_left_alone(opened: Context, delivery: Delivery) -> None:
    with opened.engine.begin() as connection:
        held = ledger.advance(connection, delivery.delivery_id, verb="validate", state="held")
    assert fail(delivery, opened, [lost(delivery)]) == held
    assert has_table(opened, delivery)


def test_lost_names_the_delivery(delivery: Delivery) -> None:
    assert str(delivery.delivery_id) in lost(delivery).fix_en


def test_without_a_database_it_stays_where_it_is(opened: Context, delivery: Delivery) -> None:
    nowhere = sa.create_engine(
        opened.engine.url.set(port=1), poolclass=sa.NullPool, connect_args={"connect_timeout": 2}
    )
    away = replace(opened, engine=nowhere)
    with pytest.raises(psycopg2.OperationalError, match="first"):
        attempt(raising(psycopg2.OperationalError("first")), delivery, away, last=False)
    with pytest.raises(MinshengError, match=str(delivery.delivery_id)):
        attempt(raising(psycopg2.OperationalError("first")), delivery, away, last=True)
    assert now(opened, delivery).state == "staged"
