"""Known faults of a source: applied while the source has them, told when it does not, shown in the receipt."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.context import Context
from etl.contract import ContractProblem, read_contract
from etl.evaluate import Reading, figures
from etl.evaluate.run import reading, schedules
from etl.ledger import Delivery
from etl.preview import withdraw
from etl.settings import ROOT, Settings
from tests.etl.load.files import SEAT, Desk, seats

STAR = "SELECT change_id, seats FROM star.fact_seat_change ORDER BY 1"
TENFOLD = {
    "id": "K1",
    "key": {"change_id": "C2"},
    "expected": {"seats": "900"},
    "set": {"seats": "90"},
    "reason": "多写了一个零",
    "by": "李工",
    "saidOn": "2026-11-01",
    "status": "confirmed",
}


class Register:
    """A feed like that of seat changes in a folder of its own, and its register of corrections."""

    def __init__(self, folder: Path) -> None:
        self.contract = folder / "education" / "places.yaml"
        self.contract.parent.mkdir(parents=True)
        for suffix in (".yaml", ".load.sql"):
            built_in = (ROOT / "expectations" / "education" / "seat_change").with_suffix(suffix)
            text = built_in.read_text("utf-8").replace("education.seat_change", "education.places")
            own = text.replace("学位变动*", "学位登记*").replace(
                "education_seat_change*", "places*"
            )
            self.contract.with_suffix(suffix).write_text(own, "utf-8")

    def write(self, *corrections: dict[str, Any]) -> None:
        text = yaml.safe_dump({"corrections": list(corrections)}, allow_unicode=True)
        self.contract.with_suffix(".corrections.yaml").write_text(text, "utf-8")


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return Register(tmp_path / "feeds")


@pytest.fixture
def desk(
    ingest_settings: Settings,
    register: Register,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Desk:
    monkeypatch.setenv("MINSHENG_FEEDS", str(register.contract.parents[1]))
    return Desk(Context.of(Settings.load()), tmp_path)


def told(delivery: Delivery) -> list[str]:
    return [reason["rule"] for reason in delivery.reasons]


def test_a_known_fault_is_put_right_and_the_receipt_shows_it(
    desk: Desk, register: Register
) -> None:
    register.write(TENFOLD)
    done = desk.send("学位登记_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", 900)])
    assert (desk.ask(STAR), told(done)) == ([("C1", 100), ("C2", 90)], ["corrections_applied"])
    with reading(desk.ctx) as connection:  # the indicator names another feed of seats as its own
        now = Reading(connection, schedules(desk.ctx), date(2020, 12, 31))
        statement = now.plan.statement("edu_compulsory_seats_added")
        rows = figures.receipt(connection, statement, now.parameters(statement))
    shown = {row["numerator"]: row["sources"][0].get("corrections") for row in rows}
    [correction] = shown.pop(90)
    assert shown == {100: None}
    assert (correction["found"], correction["value"], correction["by"]) == ("900", "90", "李工")


def test_a_source_that_changed_is_told_and_left(desk: Desk, register: Register) -> None:
    register.write(TENFOLD)
    done = desk.send("学位登记_2020年第1季度.csv", SEAT, [seats("C2", 950)])
    assert (desk.ask(STAR), told(done)) == ([("C2", 950)], ["correction_stale"])
    assert "950" in done.reasons[0]["message_zh"]
    mended = desk.send("学位登记_2020年第2季度.csv", SEAT, [seats("C2", 90)])
    assert told(mended) == ["correction_mended"]


def test_a_cell_that_cannot_be_read_is_put_right(desk: Desk, register: Register) -> None:
    register.write(TENFOLD | {"expected": {"seats": "九百多"}})
    done = desk.send("学位登记_2020年第1季度.csv", SEAT, [seats("C2", "九百多")])
    assert (done.quarantined, desk.ask(STAR)) == (0, [("C2", 90)])


def test_only_confirmed_ones_of_the_period_that_have_not_expired(
    desk: Desk, register: Register
) -> None:
    other = {"id": "K2", "period": "2021-01-01..2021-03-31"}
    expired = {
        "id": "K3",
        "expires": "2026-01-01",
        "key": {"change_id": "C1"},
        "expected": {"seats": "100"},
    }
    register.write(TENFOLD | {"status": "proposed"}, TENFOLD | other, TENFOLD | expired)
    done = desk.send("学位登记_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", 900)])
    assert (desk.ask(STAR), told(done)) == ([("C1", 100), ("C2", 900)], ["correction_expired"])


def test_a_row_is_left_out_and_nobody_is_asked(desk: Desk, register: Register) -> None:
    leave = {k: v for k, v in TENFOLD.items() if k != "set"} | {"action": "leaveOut"}
    register.write(leave | {"reason": "测试数据"})
    done = desk.send("学位登记_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", 900)])
    assert (desk.ask(STAR), done.quarantined) == ([("C1", 100)], 1)
    assert desk.ask("SELECT entry_state FROM bi.quarantine") == [("withdrawn",)]
    assert desk.ask("SELECT said_by, said_why FROM ledger.repair") == [("李工", "测试数据")]
    withdraw(done.delivery_id, by="王", reason="误报", ctx=desk.ctx)
    assert desk.ask(STAR) == []


def test_the_same_file_is_judged_anew_by_a_new_register(desk: Desk, register: Register) -> None:
    rows = [seats("C2", 900)]
    desk.send("学位登记_2020年第1季度.csv", SEAT, rows)
    register.write(TENFOLD)
    again = desk.send("学位登记_2020年第1季度.csv", SEAT, rows)
    assert (again.state, desk.ask(STAR)) == ("loaded", [("C2", 90)])
    assert desk.send("学位登记_2020年第1季度.csv", SEAT, rows).state == "duplicate"
    [kept] = desk.ask("SELECT corrections FROM ledger.contract WHERE corrections <> ''")
    assert "多写了一个零" in kept[0]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"key": {"school_id": "1"}}, "key"),
        ({"expected": {}}, "expected"),
        ({"set": {"change_id": "C9"}}, "set"),
        ({"set": {"seat": "9"}}, "set.seat"),
        ({"action": "leaveOut"}, "set"),
        ({"action": "guess"}, "action"),
        ({"saidOn": "gestern"}, "saidOn"),
        ({"by": None}, "by"),
    ],
)
def test_a_broken_register_names_its_place(
    register: Register, change: dict[str, Any], place: str
) -> None:
    register.write(TENFOLD | change)
    with pytest.raises(ContractProblem) as refused:
        read_contract(register.contract)
    [problem] = refused.value.problems
    assert problem.file.endswith("places.corrections.yaml")
    assert problem.path == f"corrections[0].{place}"
    assert problem.line
