"""A delivery as the ledger has it: which there are, who waits, who moves, and the forms in which it is shown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.errors import MinshengError
from etl.ledger import Delivery
from tests.etl.ledger.test_decisions import delivery_in


@pytest.fixture
def ctx(opened: Context) -> Context:
    """With an empty ledger."""
    with opened.engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE ledger.delivery CASCADE"))
    return opened


def numbers(deliveries: list[Delivery]) -> list[int]:
    return [delivery.delivery_id for delivery in deliveries]


def changed(ctx: Context, delivery: Delivery, what: str) -> None:
    with ctx.engine.begin() as connection:
        connection.execute(
            sa.text(f"UPDATE ledger.delivery SET {what} WHERE delivery_id = :d"),
            {"d": delivery.delivery_id},
        )


def test_a_number_that_was_never_given_is_nobodys(ctx: Context) -> None:
    with ctx.engine.connect() as connection, pytest.raises(MinshengError, match="987654"):
        ledger.get(connection, 987654)


def test_all_in_order_of_arrival_by_feed_and_state(ctx: Context) -> None:
    one, other, held = (
        delivery_in(ctx, "received"),
        delivery_in(ctx, "staged"),
        delivery_in(ctx, "held"),
    )
    changed(ctx, other, "feed = 'housing.model_contract'")
    assert numbers(ledger.deliveries(ctx)) == numbers([one, other, held])
    assert numbers(ledger.deliveries(ctx, feed="housing.model_contract")) == numbers([other])
    assert numbers(ledger.deliveries(ctx, state="held")) == numbers([held])
    assert ledger.deliveries(ctx, feed="housing.model_contract", state="held") == []


def test_who_is_on_its_way_waits_oldest_first(ctx: Context) -> None:
    waiting = [delivery_in(ctx, "staged"), delivery_in(ctx, "received")]
    for state in ("held", "failed", "loaded", "duplicate", "rejected"):
        assert not delivery_in(ctx, state).is_open
    assert all(delivery.is_open for delivery in waiting)
    assert numbers(ledger.waiting(ctx=ctx)) == numbers(waiting)
    assert numbers(ledger.waiting("education", ctx)) == numbers(waiting)
    assert ledger.waiting("housing", ctx) == []


def test_moving_is_who_gets_on(ctx: Context) -> None:
    assert not ledger.is_any_moving(ctx)
    delivery_in(ctx, "held")
    assert not ledger.is_any_moving(ctx)
    delivery = delivery_in(ctx, "received")
    assert ledger.is_any_moving(ctx)
    changed(ctx, delivery, "updated_at = now() - interval '4 minutes 50 seconds'")
    assert ledger.is_any_moving(ctx)
    changed(ctx, delivery, "updated_at = now() - interval '5 minutes 10 seconds'")
    assert not ledger.is_any_moving(ctx), "left behind"
    changed(ctx, delivery, "updated_at = now(), failures = 1")
    assert not ledger.is_any_moving(ctx), "its tries fail"


def test_how_it_is_shown(ctx: Context) -> None:
    plain = delivery_in(ctx, "loaded")
    assert plain.period is None
    assert replace(plain, period_start=date(2020, 1, 1)).period is None
    dated = replace(
        plain,
        period_start=date(2020, 1, 1),
        period_end=date(2020, 1, 31),
        member="m.csv",
        seconds=1.23456,
    )
    assert dated.period == "2020-01-01..2020-01-31"
    assert dated.label == f"education.model_school 2020-01 m.csv #{plain.delivery_id}"
    assert replace(plain, feed=None).label == f"? - x.csv #{plain.delivery_id}"
    receipt = dated.receipt()
    assert (receipt["delivery"], receipt["file"], receipt["seconds"]) == (
        plain.delivery_id,
        "x.csv/m.csv",
        1.235,
    )
    assert plain.receipt()["file"] == "x.csv"
    assert [receipt[name] for name in ("rows", *ledger.COUNTS)] == [0] * 8
    assert replace(plain, loaded=3).receipt()["loaded"] == 3
    assert json.loads(json.dumps(dated.as_dict()))["period_end"] == "2020-01-31"
