"""What others load while a delivery is on its way, and what a register says later: as one after the other."""

from __future__ import annotations

from etl.ledger import Delivery
from etl.load import load
from etl.receive import receive
from etl.stage import stage
from etl.validate import validate
from tests.etl.load.files import (
    INSTITUTION,
    ORDER,
    SEAT,
    STAFF,
    Desk,
    institution,
    order,
    seats,
    staff,
)
from tests.make import write_csv


def validated(desk: Desk, name: str, header: list[str], rows: list[list[object]]) -> Delivery:
    """A delivery that has been judged and not loaded."""
    (delivery,) = receive(write_csv(desk.folder / name, header, rows), ctx=desk.ctx)
    stage(delivery.delivery_id, desk.ctx)
    done = validate(delivery.delivery_id, desk.ctx)
    assert done.state == "validated"
    return done


def test_rows_judged_before_a_register_came_are_judged_again(desk: Desk) -> None:
    rows = [staff("2020-01", "旧宫镇"), staff("2020-01", "某某镇")]
    waiting = validated(desk, "社工与社区工作者月报_2020年1月.csv", STAFF, rows)
    desk.register()
    done = load(waiting.delivery_id, desk.ctx)
    assert (done.state, done.loaded, done.quarantined) == ("loaded", 1, 1)
    assert desk.ask("SELECT reasons -> 0 ->> 'rule' FROM ledger.quarantine") == [("register.town",)]


def test_a_snapshot_that_has_become_small_meanwhile_is_held(desk: Desk) -> None:
    few = [institution(f"A{n}", f"甲{n}") for n in range(4)]
    waiting = validated(desk, "医疗卫生机构2020年2月.csv", INSTITUTION, few)
    many = [institution(f"A{n}", f"甲{n}") for n in range(20)]
    desk.send("医疗卫生机构2020年1月.csv", INSTITUTION, many)
    done = load(waiting.delivery_id, desk.ctx)
    assert (done.state, [r["rule"] for r in done.reasons]) == ("held", ["volume"])


def test_an_order_follows_the_name_under_which_it_was_sent(desk: Desk) -> None:
    desk.register(first=None, second="旧宫镇")
    rows = [order("W1", "旧宫镇", "区住建委"), order("W2", "青云店镇", "区住建委")]
    desk.send("接诉即办工单_2024-01-05.csv", ORDER, rows)
    towns = "SELECT order_id, town_code FROM bi.work_order ORDER BY 1"
    assert desk.ask(towns) == [("W1", "110115101000"), ("W2", "110115101000")]
    # The name is given to the other town; the order that was sent under the town's own name stays.
    desk.register("2021年6月30日")
    assert desk.ask(towns) == [("W1", "110115006000"), ("W2", "110115101000")]


def test_a_row_repeats_another_under_a_second_name_though_a_third_contradicts_it(
    desk: Desk,
) -> None:
    desk.register()
    rows = [staff("2020-01", "旧宫镇", 11), staff("2020-01", "旧宫"), staff("2020-01", "旧宫镇")]
    done = desk.send("社工与社区工作者月报_2020年1月.csv", STAFF, rows)
    assert (done.loaded, done.duplicate, done.quarantined) == (0, 1, 2)


def test_a_cell_that_cannot_be_read_is_not_called_empty(desk: Desk) -> None:
    desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", "许多"), seats("C2", "")])
    entries = desk.ask(
        "SELECT row_no, (SELECT jsonb_agg(r -> 'rule') FROM jsonb_array_elements(reasons) AS r)"
        " FROM ledger.quarantine ORDER BY 1"
    )
    assert entries == [(1, ["type"]), (2, ["required.seats"])]
