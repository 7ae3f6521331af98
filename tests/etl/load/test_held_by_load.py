"""What a person looks at before it is loaded: missing towns, periods to come, corrections of unknown things."""

from __future__ import annotations

from etl import ledger
from etl.ingest import carry
from tests.etl.load.files import AREA, INSTITUTION, SEAT, STAFF, Desk, institution, seats, staff

NOW = "SELECT count(*) FROM star.dim_institution WHERE valid_to = 'infinity'"


def rules(delivery: ledger.Delivery) -> list[str]:
    return [reason["rule"] for reason in delivery.reasons]


def test_a_snapshot_without_a_town_is_held_and_names_it(desk: Desk) -> None:
    desk.register()
    rows = [institution(f"A{n}", f"甲{n}") for n in range(30)]
    rows += [institution(f"B{n}", f"乙{n}", area="110115101001") for n in range(12)]
    desk.send("医疗卫生机构2020年1月.csv", INSTITUTION, rows)
    held = desk.send("医疗卫生机构2020年2月.csv", INSTITUTION, rows[:30])
    assert (held.state, rules(held)) == ("held", ["closing"])
    assert held.reasons[0]["found"] == "青云店镇 12/12"
    assert desk.ask(NOW) == [(42,)]
    ledger.release(held.delivery_id, "test", desk.ctx)
    with desk.ctx.engine.connect() as connection:
        released = ledger.get(connection, held.delivery_id)
    assert (carry(released, desk.ctx).state, desk.ask(NOW)) == ("loaded", [(30,)])


def test_areas_that_are_ended_are_counted_in_the_one_above_them(desk: Desk) -> None:
    district = ["110115000000", "大兴区", None, "区县", None]
    towns = [
        [f"110115{town}000", name, "110115000000", "镇街", None]
        for town, name in (("006", "旧宫镇"), ("101", "青云店镇"))
    ]
    communities = [
        [f"110115{town}{n:03}", f"第{n}社区", f"110115{town}000", "社区", None]
        for town, many in (("006", 30), ("101", 12))
        for n in range(1, many + 1)
    ]
    desk.send("区划登记_2020年6月30日.csv", AREA, [district, *towns, *communities])
    told = desk.send("区划登记_2020年7月31日.csv", AREA, [district, *towns, *communities[:30]])
    assert (told.state, rules(told)) == ("loaded", ["closing"]), (
        "the register's contract only warns"
    )
    assert told.reasons[0]["found"] == "青云店镇 12/12"


def test_a_period_that_has_not_begun_is_held(desk: Desk) -> None:
    held = desk.send("医疗卫生机构2062年1月.csv", INSTITUTION, [institution("A1")])
    assert (held.state, rules(held)) == ("held", ["future_period"])


def test_a_correction_of_an_unknown_thing_waits_until_it_is_known(desk: Desk) -> None:
    desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100)])
    held = desk.send("学位变动_2020年第2季度_更正.csv", SEAT, [seats("C2", 70)])
    assert (held.state, rules(held), held.reasons[0]["keys"]) == ("held", ["unknown_key"], [["C2"]])
    desk.send("学位变动_2020年第2季度.csv", SEAT, [seats("C2", 50)])
    star = desk.ask("SELECT change_id, seats FROM star.fact_seat_change ORDER BY 1")
    assert star == [("C1", 100), ("C2", 70)]
    assert desk.ask("SELECT DISTINCT state FROM ledger.delivery") == [("loaded",)]


def test_an_unknown_thing_is_called_by_the_name_that_was_sent(desk: Desk) -> None:
    desk.register()
    held = desk.send("社工月报_2020年1月_更正.csv", STAFF, [staff("2020-01", "旧宫镇")])
    assert (held.state, rules(held)) == ("held", ["unknown_key"])
    assert held.reasons[0]["found"] == "2020-01-01|旧宫镇"


def test_a_repair_of_a_row_without_a_key_is_not_held_and_closes_its_entry(desk: Desk) -> None:
    first = desk.send("学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("", 55)])
    assert (first.loaded, first.quarantined) == (1, 1)
    repair = desk.send("学位变动_2020年第1季度_更正.csv", SEAT, [seats("C2", 55)])
    assert (repair.state, repair.loaded) == ("loaded", 1)
    assert desk.ask("SELECT resolved_by FROM ledger.quarantine") == [(repair.delivery_id,)]
