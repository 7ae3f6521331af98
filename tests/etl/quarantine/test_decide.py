"""Decisions on single rows: accepted as they are, withdrawn."""

from __future__ import annotations

import pytest

from etl.errors import MinshengError
from etl.quarantine import Count, accept, ages, count_entries, entries, withdraw
from tests.etl.load.files import SEAT, Desk, seats

NAME = "学位变动_2020年第1季度.csv"
SEATS = "SELECT change_id, seats FROM star.fact_seat_change ORDER BY 1"


def test_an_accepted_row_loads_with_who_and_why(desk: Desk) -> None:
    first = desk.send(
        NAME, SEAT, [seats("C1", 30000), seats("C2", 40000)]
    )  # the contract allows 20,000
    assert first.quarantined == 2
    (done,) = accept([(first.delivery_id, 2)], by="王", reason="批文核实", ctx=desk.ctx)
    assert (done.state, done.loaded) == ("loaded", 1)
    assert desk.ask(SEATS) == [("C1", 30000)]
    with desk.ctx.engine.connect() as connection:
        told = {
            e.row: (e.state, e.said_by, e.said_why) for e in entries(connection, everything=True)
        }
        assert [(a["department"], a["open"]) for a in ages(count_entries(connection))] == [
            ("education", 1)
        ]
    assert told == {2: ("accepted", "王", "批文核实"), 3: ("open", None, None)}


def test_what_cannot_be_read_cannot_be_accepted(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "很多"), seats("", 5)])
    for row in (2, 3):
        with pytest.raises(MinshengError) as problem:
            accept([(first.delivery_id, row)], by="王", reason="x", ctx=desk.ctx)
        assert problem.value.reason.code == "cannot_accept"
    assert desk.ask(SEATS) == []


def test_a_withdrawn_row_is_closed_and_named(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "很多"), seats("C2", 5)])
    (done,) = withdraw([(first.delivery_id, 2)], by="李", reason="误报", ctx=desk.ctx)
    assert (done.state, done.rows) == ("loaded", 0)
    with desk.ctx.engine.connect() as connection:
        (entry,) = entries(connection, everything=True)
    assert (entry.state, entry.said_by, entry.resolved_by) == ("withdrawn", "李", done.delivery_id)
    with pytest.raises(MinshengError) as problem:
        withdraw([(first.delivery_id, 2)], by="李", reason="误报", ctx=desk.ctx)
    assert problem.value.reason.code == "not_open"


def test_a_key_cannot_be_waived_whatever_the_answer_says(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", 100), seats("C1", 120)])
    monkeypatch.setattr("etl.quarantine.decide._is_final", lambda _: False)
    places = [(first.delivery_id, 2), (first.delivery_id, 3)]
    (done,) = accept(places, by="王", reason="x", ctx=desk.ctx)
    assert (done.state, done.loaded, done.quarantined) == ("loaded", 0, 2)


def test_entries_expire_by_the_contract_and_a_late_answer_counts(desk: Desk) -> None:
    done = desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", 99999)])
    with desk.ctx.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE ledger.contract SET answer_days = 10")
    due = "SELECT entry_state, due_on - CAST(received_at AS date), owner FROM bi.quarantine"
    [(state, days, owner)] = desk.ask(due)
    assert (state, days) == ("open", 10)
    assert owner
    with desk.ctx.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE ledger.delivery SET received_at = received_at - interval '11 days'"
        )
    with desk.ctx.engine.connect() as connection:
        assert entries(connection) == []
        [entry] = entries(connection, everything=True)
    assert entry.state == "expired"
    accept([(done.delivery_id, entry.row)], by="王", reason="批文核实", ctx=desk.ctx)
    assert desk.ask("SELECT entry_state FROM bi.quarantine") == [("accepted",)]


def test_ages_count_each_open_entry() -> None:
    """Waited 1, 1, 5, 9, 9, 9 days: half of them at most 9, the upper of the two in the middle."""
    counts = [
        Count(1, "health", 7, 3, 9),
        Count(2, "health", 2, 2, 1),
        Count(3, "health", 1, 1, 5),
        Count(4, "health", 4, 0, None),
        Count(5, "education", 1, 1, 0),
    ]
    assert ages(counts) == [
        {"department": "education", "open": 1, "oldest_days": 0, "median_days": 0},
        {"department": "health", "open": 6, "oldest_days": 9, "median_days": 9},
    ]
