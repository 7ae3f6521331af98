"""What a person decides, and what goes on by itself when a thing has been told of."""

from __future__ import annotations

from typing import Any

import pytest

from etl import ledger
from etl.context import Context
from etl.ledger import Delivery, IllegalMove

FEED = "education.model_school"


def delivery_in(ctx: Context, state: str, reasons: Any = ()) -> Delivery:
    with ctx.engine.begin() as connection:
        entered = ledger.register(
            connection, sha256="0" * 64, size=1, file_name="x.csv", member=None,
            contract=ctx.contract(FEED), mode="full",
        )  # fmt: skip
        number = entered.delivery_id
        if state == "received":
            return ledger.record(connection, number, reasons=reasons)
        verb = {"failed": "fail"}.get(state, "stage")
        if state != "loaded":
            return ledger.advance(connection, number, verb=verb, state=state, reasons=reasons)
        ledger.advance(connection, number, verb="stage", state="staged")
        ledger.advance(connection, number, verb="validate", state="validated")
        counts = dict.fromkeys(("rows", *ledger.COUNTS), 0)
        return ledger.advance(
            connection, number, verb="load", state="loaded", reasons=reasons, **counts
        )


def unknown(ctx: Context, state: str) -> Delivery:
    return delivery_in(ctx, state, [{"rule": "unknown_key", "keys": [["X"]]}])


def test_a_release_is_received_again_and_says_by_whom(opened: Context) -> None:
    held = delivery_in(opened, "held", [{"rule": "volume"}])
    released = ledger.release(held.delivery_id, "李主任", opened)
    assert (released.state, released.released_by) == ("received", "李主任")
    assert released.reasons == held.reasons, "what held it is kept"


def test_a_rejection_is_for_good(opened: Context) -> None:
    held = delivery_in(opened, "held")
    rejected = ledger.reject(held.delivery_id, "李主任", opened)
    assert (rejected.state, rejected.released_by) == ("rejected", "李主任")
    for decide in (ledger.release, ledger.reject):
        with pytest.raises(IllegalMove, match="rejected"):
            decide(held.delivery_id, "somebody", opened)


def test_a_retry_forgets_why_it_failed(opened: Context) -> None:
    failed = delivery_in(opened, "failed", [{"rule": "failed"}])
    retried = ledger.retry(failed.delivery_id, opened)
    assert (retried.state, retried.reasons, retried.released_by) == ("received", [], None)
    on_its_way = delivery_in(opened, "staged", [{"rule": "some"}])
    assert ledger.retry(on_its_way.delivery_id, opened) == on_its_way


def test_only_a_load_lets_others_go_on(opened: Context) -> None:
    waited = [unknown(opened, "received"), unknown(opened, "received")]
    unknown(opened, "held")
    unknown(opened, "staged")
    delivery_in(opened, "received", [{"rule": "volume"}])
    loaded = delivery_in(opened, "loaded")
    resumed = ledger.resumed_by(loaded, opened)
    assert [one.delivery_id for one in resumed] == [one.delivery_id for one in waited]
    assert ledger.resumed_by(delivery_in(opened, "staged"), opened) == []
