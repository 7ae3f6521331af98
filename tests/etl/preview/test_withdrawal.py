"""A loaded delivery is taken back: figures return to the digit, what was known before stays, the bytes ask first."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.cli.main import run
from etl.errors import MinshengError
from etl.evaluate import evaluate
from etl.ingest import carry
from etl.ledger import IllegalMove
from etl.preview import withdraw
from etl.quarantine import entries
from tests.etl.load.files import INSTITUTION, ORDER, SEAT, Desk, institution, order, seats

DAY = date(2020, 12, 31)
SEATS = "SELECT change_id, seats, delivery_id FROM star.fact_seat_change ORDER BY 1"
ORDERS = "SELECT order_id, delivery_id FROM star.fact_work_order ORDER BY 1"


def figures(desk: Desk, **known: Any) -> dict[str, tuple[Any, ...]]:
    shown = evaluate(DAY, settings=desk.ctx.settings, **known).indicators
    return {i.statement.code: (i.value, i.status, i.provisional, i.completeness) for i in shown}


def back(desk: Desk, number: int, **options: Any):
    return withdraw(number, by="李工", reason="报错了表", ctx=desk.ctx, **options)


def test_the_figure_returns_and_the_past_stays(desk: Desk) -> None:
    desk.register()
    desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", 50)])
    before = figures(desk)
    wrong = desk.send("学位变动_2020年第2季度.csv", SEAT, [seats("C2", 900), seats("C3", 70)])
    with desk.ctx.engine.connect() as connection:
        at = connection.execute(sa.text("SELECT max(at) FROM ledger.commit")).scalar_one()
    meanwhile = figures(desk)
    assert meanwhile["edu_compulsory_seats_added"][0] == 100 + 900 + 70
    effect = back(desk, wrong.delivery_id)
    assert figures(desk) == before
    assert figures(desk, known_at=at) == meanwhile
    [changed] = [f for f in effect.figures if f.code == "edu_compulsory_seats_added"]
    assert (changed.before, changed.after) == (1070, 150)
    assert effect.changes == {"fact_seat_change": {"new": 0, "changed": 1, "closed": 1}}
    assert [(c, n) for c, n, _ in desk.ask(SEATS)] == [("C1", 100), ("C2", 50)]


def test_a_look_changes_nothing(desk: Desk) -> None:
    desk.register()
    desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100)])
    wrong = desk.send("学位变动_2020年第2季度.csv", SEAT, [seats("C3", 70)])
    star, commits = desk.ask(SEATS), desk.ask("SELECT * FROM ledger.commit")
    look = back(desk, wrong.delivery_id, keep=False)
    assert (desk.ask(SEATS), desk.ask("SELECT * FROM ledger.commit")) == (star, commits)
    assert desk.ask("SELECT DISTINCT state FROM ledger.delivery") == [("loaded",)]
    assert look.as_dict() == back(desk, wrong.delivery_id).as_dict()


def test_orders_that_it_outranked_come_back_from_the_archive(desk: Desk) -> None:
    """Facts with a rank of their own keep no claims of what was outranked."""
    first = desk.send(
        "工单_2024年1月.csv", ORDER, [order("A", "旧宫镇", "甲"), order("B", "旧宫镇", "甲")]
    )
    wrong = desk.send(
        "工单_2024年2月.csv", ORDER, [order("A", "旧宫镇", "乙"), order("C", "旧宫镇", "乙")]
    )
    late = desk.send("工单_2024年1月_补.csv", ORDER, [order("C", "旧宫镇", "丙")])
    assert late.superseded == 1
    back(desk, wrong.delivery_id)
    assert desk.ask(ORDERS) == [
        ("A", first.delivery_id), ("B", first.delivery_id), ("C", late.delivery_id)
    ]  # fmt: skip


def test_what_it_had_closed_is_open_again_and_its_own_entries_are_withdrawn(desk: Desk) -> None:
    first = desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", "多")])
    second = desk.send("学位变动_2020年第2季度.csv", SEAT, [seats("C2", 50), seats("C4", "少")])
    with desk.ctx.engine.connect() as connection:
        assert [(e.delivery, e.business_key) for e in entries(connection)] == [(2, "C4")]
    back(desk, second.delivery_id)
    with desk.ctx.engine.connect() as connection:
        assert [(e.delivery, e.business_key) for e in entries(connection)] == [
            (first.delivery_id, "C2")
        ]
        states = {e.business_key: e.state for e in entries(connection, everything=True)}
    assert states == {"C2": "open", "C4": "withdrawn"}


def test_what_a_snapshot_had_ended_goes_on(desk: Desk) -> None:
    rows = [institution(f"A{n}") for n in range(12)]
    desk.send("医疗卫生机构2020年1月.csv", INSTITUTION, rows)
    short = desk.send("医疗卫生机构2020年2月.csv", INSTITUTION, rows[:11])
    now = "SELECT count(*) FROM star.dim_institution WHERE valid_to = 'infinity'"
    assert desk.ask(now) == [(11,)]
    back(desk, short.delivery_id)
    assert desk.ask(now) == [(12,)]


def test_names_that_it_gave_mean_themselves_again(desk: Desk) -> None:
    town = (
        "SELECT count(DISTINCT f.area_key) FROM star.fact_work_order AS f"
        " JOIN registry.area AS r ON r.area_key = f.area_key WHERE r.area_id = '110115006000'"
    )
    desk.register("2020年3月31日")
    desk.send("工单_2024年1月.csv", ORDER, [order("A", "旧宫的别名", "甲")])
    assert desk.ask(town) == [(0,)]
    named = desk.register("2020年6月30日", first="旧宫的别名")
    assert desk.ask(town) == [(1,)]
    back(desk, named.delivery_id)
    assert desk.ask(town) == [(0,)]


def test_the_same_bytes_ask_first(desk: Desk) -> None:
    rows = [seats("C1", 100)]
    first = desk.send("学位变动_2020年第1季度.csv", SEAT, rows)
    back(desk, first.delivery_id)
    again = desk.send("学位变动_2020年第1季度.csv", SEAT, rows)
    assert (again.state, again.reasons[-1]["rule"]) == ("held", "withdrawn_before")
    released = ledger.release(again.delivery_id, "王", desk.ctx, reason="确认无误")
    assert carry(released, desk.ctx).state == "loaded"
    with desk.ctx.engine.connect() as connection:
        told = [
            (each["verb"], each["decided_by"], each["reason"])
            for number in (first.delivery_id, again.delivery_id)
            for each in ledger.decisions(connection, number)
        ]
    assert told == [("withdraw", "李工", "报错了表"), ("release", "王", "确认无误")]


def test_only_what_is_loaded_and_signed(desk: Desk) -> None:
    held = desk.send("医疗卫生机构2062年1月.csv", INSTITUTION, [institution("A1")])
    with pytest.raises(IllegalMove):
        back(desk, held.delivery_id)
    with pytest.raises(MinshengError, match="--reason"):
        withdraw(held.delivery_id, by="李工", reason=" ", ctx=desk.ctx)


def test_the_command(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    first = str(desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100)]).delivery_id)
    assert run(["withdraw", first, "--by", "李工"]) == 2
    assert run(["withdraw", first, "--by", "李工", "--reason", "误报", "--preview"]) == 3
    assert "nothing was changed" in capsys.readouterr().out
    assert run(["withdraw", first, "--by", "李工", "--reason", "误报", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["state"] == "withdrawn"
    assert run(["withdraw", first, "--by", "李工", "--reason", "误报"]) == 1


def test_what_only_a_withdrawn_delivery_told_of_is_unknown(desk: Desk) -> None:
    """A correction of it waits, as one of what nobody told of (found by the model, seed 293)."""
    first = desk.send("工单_2024年1月.csv", ORDER, [order("A", "旧宫镇", "甲")])
    back(desk, first.delivery_id)
    held = desk.send("工单_更正_2024年2月.csv", ORDER, [order("A", "旧宫镇", "乙")])
    assert held.state == "held"
    assert "unknown_key" in {reason["rule"] for reason in held.reasons}
