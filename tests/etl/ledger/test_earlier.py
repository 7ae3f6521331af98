"""Which accepted delivery a new one repeats, follows or is like; each condition shown by what differs in it alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract
from etl.ledger import Delivery

FEED, OTHER = "education.model_school", "housing.model_contract"
JANUARY, FEBRUARY, MARCH = date(2020, 1, 31), date(2020, 2, 29), date(2020, 3, 31)


class Ledger:
    """Writes deliveries straight into the ledger."""

    def __init__(self, ctx: Context, connection: sa.Connection) -> None:
        self.ctx, self.connection = ctx, connection
        self.contract: Contract = ctx.contract(FEED)

    def arrived(self, end: date = JANUARY, **how: Any) -> Delivery:
        feed, mode = how.pop("feed", FEED), how.pop("mode", "full")
        entered = ledger.register(
            self.connection, sha256=how.pop("sha256", "a" * 64), size=1, mode=mode,
            file_name=how.pop("file_name", "x.csv"), member=how.pop("member", None), contract=self.ctx.contract(feed),
        )  # fmt: skip
        values = {"period_start": end.replace(day=1), "period_end": end, "content_hash": "c"} | how
        return ledger.record(self.connection, entered.delivery_id, **values)

    def accepted(self, end: date = JANUARY, **how: Any) -> Delivery:
        return self.load(self.arrived(end, **how))

    def load(self, delivery: Delivery, seq: int | None = None) -> Delivery:
        number = delivery.delivery_id
        for verb, state in (("stage", "staged"), ("validate", "validated")):
            ledger.advance(self.connection, number, verb=verb, state=state)
        counts = dict.fromkeys(("rows", *ledger.COUNTS), 0)
        return ledger.advance(
            self.connection, number, verb="load", state="loaded", seq=seq or 100 + number, **counts
        )


@pytest.fixture
def book(opened: Context) -> Iterator[Ledger]:
    """Undone at the end of the test."""
    with opened.engine.connect() as connection, connection.begin() as transaction:
        yield Ledger(opened, connection)
        transaction.rollback()


def number(delivery: Delivery | None) -> int | None:
    return delivery.delivery_id if delivery else None


OTHERWISE = [
    {"feed": OTHER},
    {"mode": "retraction"},
    {"end": FEBRUARY},
    {"period_start": date(2019, 12, 1)},
]


def test_the_latest_accepted_of_a_period_is_the_one_received_last(book: Ledger) -> None:
    first, second = book.arrived(), book.arrived()
    late = book.load(second)
    book.load(first)
    book.arrived()
    assert number(ledger.latest_accepted(book.connection, book.arrived())) == late.delivery_id


@pytest.mark.parametrize("how", OTHERWISE)
def test_what_differs_is_not_the_latest_of_it(book: Ledger, how: dict[str, Any]) -> None:
    book.accepted()
    assert ledger.latest_accepted(book.connection, book.arrived(**how)) is None


def test_repeated_is_the_last_word_with_the_same_content(book: Ledger) -> None:
    said = book.accepted()
    again = book.arrived()
    assert number(ledger.repeated(book.connection, again)) == said.delivery_id
    assert ledger.repeated(book.connection, said) is None, "nothing repeats itself"


@pytest.mark.parametrize("how", [*OTHERWISE, {"content_hash": "d"}, {"contract_hash": None}])
def test_what_differs_does_not_repeat(book: Ledger, how: dict[str, Any]) -> None:
    book.accepted()
    assert ledger.repeated(book.connection, book.arrived(**how)) is None


def test_what_is_not_loaded_is_not_repeated(book: Ledger) -> None:
    book.arrived()
    assert ledger.repeated(book.connection, book.arrived()) is None


def test_what_was_overtaken_is_repeated_no_more(book: Ledger) -> None:
    """Sent A, B, A: B came between, by its receipt or by its load."""
    first, second = book.arrived(), book.arrived(content_hash="d")
    book.load(first)
    book.load(second)
    assert ledger.repeated(book.connection, book.arrived()) is None, "received after it"
    third, fourth = book.arrived(FEBRUARY, content_hash="d"), book.arrived(FEBRUARY)
    book.load(fourth, seq=900)
    book.load(third, seq=901)
    assert ledger.repeated(book.connection, book.arrived(FEBRUARY)) is None, "loaded after it"


@pytest.mark.parametrize("how", OTHERWISE)
def test_only_the_same_kind_overtakes(book: Ledger, how: dict[str, Any]) -> None:
    said = book.accepted()
    book.accepted(**{"content_hash": "d"} | how)
    assert number(ledger.repeated(book.connection, book.arrived())) == said.delivery_id


def test_what_waits_or_was_refused_overtakes_nothing(book: Ledger) -> None:
    said = book.accepted()
    book.arrived(content_hash="d")
    assert number(ledger.repeated(book.connection, book.arrived())) == said.delivery_id


@pytest.mark.parametrize(
    ("rule", "resolved", "repeats"),
    [("register.area_id", False, False), ("register.area_id", True, True), ("key", False, True)],
)
def test_what_a_register_did_not_know_is_judged_anew(
    book: Ledger, rule: str, resolved: bool, repeats: bool
) -> None:
    said = book.accepted()
    book.connection.execute(
        sa.text(
            "INSERT INTO ledger.quarantine (delivery_id, row_no, feed, reasons, resolved_by)"
            " VALUES (:d, 1, :f, jsonb_build_array(jsonb_build_object('rule', CAST(:r AS text))), :by)"
        ),
        {"d": said.delivery_id, "f": FEED, "r": rule, "by": said.delivery_id if resolved else None},
    )
    again = book.arrived()
    assert (ledger.repeated(book.connection, again) is not None) == repeats
    same = ledger.same_bytes_accepted(book.connection, again, book.contract)
    assert (same is not None) == repeats


def test_the_same_file_is_known_before_it_is_read(book: Ledger) -> None:
    said = book.accepted(member="m")
    again = book.arrived(member="m", content_hash=None, period_start=None, period_end=None)
    same = ledger.same_bytes_accepted(book.connection, again, book.contract)
    assert number(same) == said.delivery_id


@pytest.mark.parametrize(
    "how",
    [
        {"feed": OTHER},
        {"mode": "retraction"},
        {"sha256": "b" * 64},
        {"file_name": "y.csv"},
        {"member": "m"},
    ],
)
def test_what_differs_is_another_file(book: Ledger, how: dict[str, Any]) -> None:
    book.accepted()
    again = book.arrived(**how)
    assert ledger.same_bytes_accepted(book.connection, again, book.contract) is None


def test_the_same_file_by_another_contract_or_overtaken_is_read(book: Ledger) -> None:
    book.accepted()
    again = book.arrived()
    changed = replace(book.contract, hash="e" * 64)
    assert ledger.same_bytes_accepted(book.connection, again, changed) is None
    book.accepted(sha256="b" * 64, content_hash="d")
    assert ledger.same_bytes_accepted(book.connection, again, book.contract) is None


def test_the_same_content_elsewhere_is_the_newest_of_another_period(book: Ledger) -> None:
    book.accepted(JANUARY)
    newest = book.accepted(MARCH)
    book.accepted(FEBRUARY)
    again = book.arrived(date(2020, 4, 30))
    assert number(ledger.same_content_elsewhere(book.connection, again)) == newest.delivery_id
    again = book.arrived(MARCH)
    assert ledger.same_content_elsewhere(book.connection, again).period_end == FEBRUARY  # type: ignore[union-attr]


@pytest.mark.parametrize("how", [{"feed": OTHER}, {"mode": "retraction"}, {"content_hash": "d"}])
def test_what_differs_is_not_the_same_elsewhere(book: Ledger, how: dict[str, Any]) -> None:
    book.accepted()
    book.arrived(MARCH)
    again = book.arrived(**{"end": FEBRUARY} | how)
    assert ledger.same_content_elsewhere(book.connection, again) is None


def test_the_snapshot_before_is_the_last_word_of_the_newest_period_before(book: Ledger) -> None:
    book.accepted(JANUARY)
    book.accepted(FEBRUARY)
    newest = book.accepted(FEBRUARY)
    book.accepted(MARCH)
    book.arrived(FEBRUARY)
    before = ledger.previous_snapshot(book.connection, book.arrived(MARCH))
    assert number(before) == newest.delivery_id
    assert ledger.previous_snapshot(book.connection, book.arrived(JANUARY)) is None


@pytest.mark.parametrize("how", [{"feed": OTHER}, {"mode": "window"}])
def test_what_differs_is_no_snapshot_before(book: Ledger, how: dict[str, Any]) -> None:
    book.accepted(**how)
    assert ledger.previous_snapshot(book.connection, book.arrived(MARCH)) is None
