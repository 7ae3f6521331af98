"""What makes a person look first: a period to come, an old sheet under a new period, a shrunken snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract
from etl.contract.model import DeliveryRule
from etl.ledger import Delivery
from etl.reasons import ERROR, WARNING
from etl.stage.suspicions import holding, suspicions

FEED = "education.model_school"


@pytest.fixture
def connection(opened: Context) -> Iterator[sa.Connection]:
    """Undone at the end of the test."""
    with opened.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
def contract(opened: Context) -> Contract:
    rules = [DeliveryRule(name, "hold", "", "") for name in ("future_period", "resaved_period")]
    rules.append(DeliveryRule("volume", "hold", "", "", share=0.7, least=2))
    return replace(opened.contract(FEED), delivery_rules=tuple(rules))


def but(contract: Contract, name: str, severity: Any) -> Contract:
    """The contract with another severity of one of its rules."""
    rules = (replace(r, severity=severity) if r.id == name else r for r in contract.delivery_rules)
    return replace(contract, delivery_rules=tuple(rules))


def arrived(
    connection: sa.Connection, contract: Contract, day: date, *, mode: str = "full", **values: Any
) -> Delivery:
    delivery = ledger.register(
        connection, sha256="0" * 64, size=1, file_name="x.csv", member=None, contract=contract, mode=mode
    )  # fmt: skip
    values = {"content_hash": "c", "staged_rows": 100} | values
    return ledger.record(
        connection, delivery.delivery_id, period_start=day, period_end=day, **values
    )


def accepted(connection: sa.Connection, delivery: Delivery) -> Delivery:
    for verb, state in (("stage", "staged"), ("validate", "validated")):
        ledger.advance(connection, delivery.delivery_id, verb=verb, state=state)
    zeros = dict.fromkeys(("rows", *ledger.COUNTS), 0)
    return ledger.advance(
        connection, delivery.delivery_id, verb="load", state="loaded", seq=delivery.delivery_id, **zeros
    )  # fmt: skip


def codes(
    connection: sa.Connection, delivery: Delivery, contract: Contract, rows: int
) -> list[str]:
    return [reason.code for reason in suspicions(connection, delivery, contract, rows)]


@pytest.mark.parametrize(
    ("start", "held"),
    [(date(2020, 2, 1), False), (date(2020, 2, 2), True), (date(2020, 1, 1), False)],
)
def test_a_period_to_come(
    connection: sa.Connection, contract: Contract, start: date, held: bool
) -> None:
    """Received at five in the afternoon of 31 January, Greenwich: in Shanghai it is 1 February."""
    received = datetime(2020, 1, 31, 17, tzinfo=UTC)
    delivery = replace(
        arrived(connection, contract, start, content_hash="own"), received_at=received
    )
    assert codes(connection, delivery, contract, 100) == (["future_period"] if held else [])
    assert codes(connection, delivery, but(contract, "future_period", "allow"), 100) == []


def test_last_months_sheet_under_a_new_name(connection: sa.Connection, contract: Contract) -> None:
    old = accepted(connection, arrived(connection, contract, date(2020, 1, 31)))
    again = arrived(connection, contract, date(2020, 2, 29))
    (reason,) = suspicions(connection, again, contract, 100)
    assert reason.code == "resaved_period"
    assert f"delivery {old.delivery_id} " in reason.message_en
    assert codes(connection, again, but(contract, "resaved_period", "allow"), 100) == []
    assert codes(connection, again, contract, 0) == ["volume"], "empty ones are all the same"
    same_period = arrived(connection, contract, date(2020, 1, 31))
    assert codes(connection, same_period, contract, 100) == []
    taken_back = arrived(connection, contract, date(2020, 2, 29), mode="retraction")
    assert codes(connection, taken_back, contract, 100) == [], "not what was said, but its end"
    waiting = arrived(connection, contract, date(2020, 3, 31), content_hash="d")
    later = arrived(connection, contract, date(2020, 4, 30), content_hash="d")
    assert waiting.state == "received"
    assert codes(connection, later, contract, 100) == [], "what is not loaded was not said"


@pytest.mark.parametrize(("rows", "held"), [(69, True), (70, False), (200, False)])
def test_a_shrunken_snapshot(
    connection: sa.Connection, contract: Contract, rows: int, held: bool
) -> None:
    accepted(connection, arrived(connection, contract, date(2020, 1, 31), staged_rows=100))
    accepted(connection, arrived(connection, contract, date(2019, 12, 31), staged_rows=1000))
    accepted(connection, arrived(connection, contract, date(2020, 3, 31), staged_rows=1000))
    delivery = arrived(connection, contract, date(2020, 2, 29), content_hash="own")
    assert codes(connection, delivery, contract, rows) == (["volume"] if held else [])
    assert codes(connection, delivery, but(contract, "volume", "allow"), rows) == []
    window = replace(delivery, mode="window")
    assert codes(connection, window, contract, rows) == [], "only a snapshot speaks of all"


def test_the_first_snapshot_has_nothing_to_shrink_from(
    connection: sa.Connection, contract: Contract
) -> None:
    first = arrived(connection, contract, date(2020, 1, 31))
    assert codes(connection, first, contract, 1) == []
    accepted(
        connection,
        arrived(connection, contract, date(2019, 12, 31), staged_rows=0, content_hash="e"),
    )
    assert codes(connection, first, contract, 0) == [], "nor one after an empty one"


@pytest.mark.parametrize(("rows", "held"), [(4, []), (3, ["volume"])])
def test_few_rows_come_and_go(
    connection: sa.Connection, contract: Contract, rows: int, held: list[str]
) -> None:
    """3 of 5 are less than 70 %, and two rows less; 4 are enough."""
    accepted(connection, arrived(connection, contract, date(2020, 1, 31), staged_rows=5))
    delivery = arrived(connection, contract, date(2020, 2, 29), content_hash="own")
    assert codes(connection, delivery, contract, rows) == held
    least = tuple(replace(rule, least=3) for rule in contract.delivery_rules)
    assert codes(connection, delivery, replace(contract, delivery_rules=least), rows) == []


@pytest.mark.parametrize("severity", ["hold", "warn"])
def test_only_what_holds_makes_it_wait(
    connection: sa.Connection, contract: Contract, severity: str
) -> None:
    for rule in contract.delivery_rules:
        contract = but(contract, rule.id, severity)
    accepted(connection, arrived(connection, contract, date(2020, 1, 31)))
    delivery = arrived(connection, contract, date(2999, 2, 28))
    doubts = suspicions(connection, delivery, contract, 5)
    assert [reason.code for reason in doubts] == ["future_period", "resaved_period", "volume"]
    assert {reason.severity for reason in doubts} == {ERROR if severity == "hold" else WARNING}
    assert holding(doubts) == (doubts if severity == "hold" else [])
