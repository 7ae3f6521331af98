"""What a state may follow, by verb: in the program, in the database, and the same in both."""

from __future__ import annotations

import ast

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.errors import MinshengError
from etl.settings import ROOT

ALL = "received staged validated loaded duplicate held rejected failed withdrawn".split()

WAYS = {
    "received": [],
    "staged": [("stage", "staged")],
    "validated": [("stage", "staged"), ("validate", "validated")],
    "loaded": [("stage", "staged"), ("validate", "validated"), ("load", "loaded")],
    "duplicate": [("stage", "duplicate")],
    "held": [("stage", "held")],
    "rejected": [("stage", "rejected")],
    "failed": [("fail", "failed")],
    "withdrawn": [
        ("stage", "staged"),
        ("validate", "validated"),
        ("load", "loaded"),
        ("withdraw", "withdrawn"),
    ],
}
"""How a delivery gets into each state."""


@pytest.fixture
def ctx(opened: Context) -> Context:
    """With an empty ledger."""
    with opened.engine.begin() as connection:
        connection.execute(sa.text("TRUNCATE ledger.delivery CASCADE"))
    return opened


def delivery_in(ctx: Context, state: str) -> int:
    with ctx.engine.begin() as connection:
        number = ledger.register(
            connection, sha256="0" * 64, size=1, file_name="x.csv", member=None,
            contract=ctx.contract("education.school"), mode="full",
        ).delivery_id  # fmt: skip
        for verb, to in WAYS[state]:
            more = zeros(to)
            ledger.advance(connection, number, verb=verb, state=to, **more)
    return number


def state_of(ctx: Context, number: int) -> str:
    with ctx.engine.connect() as connection:
        return ledger.get(connection, number).state


def test_the_database_has_the_same_table(ctx: Context) -> None:
    with ctx.engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT verb, from_state, to_state FROM ledger.transition")
        )
        kept = {tuple(row) for row in rows}
    ours = {
        (verb, before, after)
        for verb, moves in ledger.MOVES.items()
        for before, all_after in moves.items()
        for after in all_after
        if before is not None
    }
    assert kept == ours


def test_what_has_ended_stays_ended() -> None:
    leaving = {before for moves in ledger.MOVES.values() for before in moves}
    assert leaving.isdisjoint({"duplicate", "rejected", "withdrawn"})
    assert leaving - {None} | {"duplicate", "rejected", "withdrawn"} == set(ALL)
    assert [verb for verb, moves in ledger.MOVES.items() if "loaded" in moves] == ["withdraw"]


@pytest.mark.parametrize("before", ALL)
def test_program_and_database_let_pass_the_same_moves(ctx: Context, before: str) -> None:
    number = delivery_in(ctx, before)
    for verb, moves in ledger.MOVES.items():
        for after in ALL:
            legal = after in moves.get(before, ())
            with ctx.engine.connect() as connection, connection.begin() as undone:
                if legal:
                    assert ledger.advance(
                        connection, number, verb=verb, state=after, **zeros(after)
                    )
                else:
                    with pytest.raises(ledger.IllegalMove, match=before):
                        ledger.advance(connection, number, verb=verb, state=after)
                undone.rollback()
    possible = {after for moves in ledger.MOVES.values() for after in moves.get(before, ())}
    for after in set(ALL) - possible - {before}:
        with ctx.engine.connect() as connection, pytest.raises(sa.exc.IntegrityError, match=after):
            connection.execute(
                sa.text("UPDATE ledger.delivery SET state = :s, rows = 0, loaded = 0, unchanged = 0, superseded = 0,"
                        " duplicate = 0, retracted = 0, quarantined = 0, totals_dropped = 0"),
                {"s": after},
            )  # fmt: skip
    assert state_of(ctx, number) == before


def zeros(state: str) -> dict[str, int]:
    if state == "withdrawn":
        return {"withdrawn_seq": 7}
    return dict.fromkeys(("rows", *ledger.COUNTS), 0) if state == "loaded" else {}


def test_an_arrival_enters_as_received_or_rejected(ctx: Context) -> None:
    from etl.ledger.states import check

    assert {check("receive", None, state) for state in ("received", "rejected")}
    for state in set(ALL) - {"received", "rejected"}:
        with pytest.raises(ledger.IllegalMove):
            check("receive", None, state)


def test_a_record_leaves_the_state_alone(ctx: Context) -> None:
    number = delivery_in(ctx, "received")
    with pytest.raises(TypeError), ctx.engine.begin() as connection:
        ledger.record(connection, number, state="loaded")
    assert state_of(ctx, number) == "received"


def test_failed_tries_are_counted_until_it_gets_on(ctx: Context) -> None:
    number = delivery_in(ctx, "received")
    assert ledger.is_any_moving(ctx)
    with ctx.engine.begin() as connection:
        ledger.count_failure(connection, number)
        assert ledger.count_failure(connection, number).failures == 2
    assert not ledger.is_any_moving(ctx)
    with ctx.engine.begin() as connection:
        moved = ledger.advance(connection, number, verb="stage", state="staged")
    assert moved.failures == 0
    assert ledger.is_any_moving(ctx)
    with ctx.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE ledger.delivery SET updated_at = now() - interval '6 minutes'")
        )
    assert not ledger.is_any_moving(ctx)


def test_retry_is_for_what_failed_or_is_on_its_way(ctx: Context) -> None:
    failed = delivery_in(ctx, "failed")
    assert ledger.retry(failed, ctx).state == "received"
    on_its_way = delivery_in(ctx, "validated")
    assert ledger.retry(on_its_way, ctx).state == "validated"
    for state in ("loaded", "duplicate", "held", "rejected"):
        with pytest.raises(MinshengError, match=f"is {state}: retry"):
            ledger.retry(delivery_in(ctx, state), ctx)


def test_nobody_else_writes_a_state() -> None:
    """Not in SQL, and in Python only where it is held against the table."""
    writers = []
    for path in sorted((ROOT / "etl").rglob("*.py")):
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        if any(
            "UPDATE ledger.delivery" in text or "INTO ledger.delivery" in text for text in texts
        ):
            writers.append(path.relative_to(ROOT).as_posix())
    assert writers == ["etl/ledger/arrival.py", "etl/ledger/changes.py"]
    for path in (ROOT / "warehouse" / "sql").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert "SET state" not in text, path
