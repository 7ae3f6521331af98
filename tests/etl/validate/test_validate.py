"""Validate: from verdicts on rules to a state and the rows that are kept out, each with why.

The verdicts are given here; how Great Expectations comes to them is held in test_expect.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract
from etl.contract.key import DUPLICATE
from etl.contract.model import Register, Rule
from etl.ledger import Delivery
from etl.progress import listening
from etl.reasons import Reason
from etl.receive import receive
from etl.stage import stage
from etl.stage.table import bad_table_name, table_name
from etl.validate import Unjudged, expect, validate, with_registers
from etl.validate.expect import Outcome
from tests.make import write_csv

HEADER = ("小区", "企业", "开始", "名称")
ROWS = [
    ("E1", "F1", "2020-01-01", "甲"),
    ("E2", "F1", "2020-01-02", "乙"),
    ("E2", "F1", "2020-01-02", "乙"),
    ("E3", "F1", "2020-01-03", "丙"),
    ("E3", "F1", "2020-01-04", "丙"),
    ("E4", "F1", "某日", "丁"),
]


@dataclass
class Bench:
    """A staged delivery, and the verdicts that its rules will get."""

    ctx: Context
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    number: int = 0
    asked: list[Any] = field(default_factory=list)

    def stage(self, name: str, rows: Any = ROWS) -> Delivery:
        path = write_csv(self.folder / f"模型合同_{name}.csv", HEADER, rows)
        delivery = stage(receive(path, ctx=self.ctx)[0].delivery_id, self.ctx)
        assert delivery.state == "staged", delivery.reasons
        self.number = delivery.delivery_id
        return delivery

    @property
    def contract(self) -> Contract:
        return self.ctx.contract("housing.model_contract")

    def rule(self, name: str) -> Rule:
        return next(rule for rule in self.contract.rules if rule.id == name)

    def rows(self, *numbers: int) -> str:
        """The query for these rows."""
        listed = ", ".join(map(str, numbers))
        return f"SELECT row_no FROM {table_name(self.number)} WHERE row_no IN ({listed})"

    def judged(self, *outcomes: Outcome) -> Delivery:
        """Validated by these verdicts; all other rules pass."""
        ours = {outcome.rule.id for outcome in outcomes}
        passed = [Outcome(rule, "pass") for rule in self.contract.rules if rule.id not in ours]

        def judge(url: str, table: str, rules: list[Rule]) -> list[Outcome]:
            self.asked.append((table, [rule.id for rule in rules]))
            return [*outcomes, *passed]

        self.monkeypatch.setattr(expect, "judge", judge)
        return validate(self.number, self.ctx)

    def released(self, name: str, *outcomes: Outcome) -> Delivery:
        self.stage(name)
        with self.ctx.engine.begin() as connection:
            ledger.record(connection, self.number, released_by="somebody")
        return self.judged(*outcomes)

    def kept_out(self) -> list[tuple[Any, ...]] | None:
        """Row, rule, what was found, key; None if there is no table."""
        with self.ctx.engine.connect() as connection:
            bad = bad_table_name(self.number)
            there = sa.text("SELECT to_regclass(:t) IS NOT NULL")
            if not connection.execute(there, {"t": bad}).scalar_one():
                return None
            query = f"SELECT row_no, rule, found, business_key FROM {bad} ORDER BY row_no, rule"
            return [tuple(row) for row in connection.execute(sa.text(query))]


@pytest.fixture
def bench(opened: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(opened, tmp_path, monkeypatch)


def told(delivery: Delivery) -> dict[str, Any]:
    return {reason["rule"]: reason for reason in delivery.reasons}


def test_where_all_rules_hold_nothing_is_kept_out(bench: Bench) -> None:
    staged = bench.stage("20180131_a", ROWS[:2])
    newest = ledger.newest_commit(bench.ctx)
    delivery = bench.judged()
    assert (delivery.state, delivery.reasons, bench.kept_out()) == ("validated", [], [])
    assert delivery.judged_seq == newest
    assert delivery.seconds > staged.seconds
    ((table, rules),) = bench.asked
    assert f"stage.{table}" == table_name(bench.number)
    assert rules == [rule.id for rule in bench.contract.rules]
    assert bench.judged() == delivery, "not due any more: nobody is asked"
    assert len(bench.asked) == 1


def test_a_rule_that_the_next_try_may_judge_is_no_verdict(bench: Bench) -> None:
    """Neither passed nor failed: the delivery waits as it is."""
    bench.stage("20180228_a")
    key = bench.rule("key")
    with pytest.raises(Unjudged, match="key") as raised:
        bench.judged(Outcome(key, "error", detail="OperationalError: away"))
    assert raised.value.transient
    assert [reason.code for reason in raised.value.reasons] == ["key"]
    assert raised.value.reasons[0].details == {"error": "OperationalError: away"}
    with bench.ctx.engine.connect() as connection:
        assert ledger.get(connection, bench.number).state == "staged"


def test_a_rule_that_raises_holds_the_delivery_and_is_named(bench: Bench) -> None:
    """An error of the contract. What the other rules mean is told all the same."""
    bench.stage("20180228_b")
    sql = replace(
        bench.rule("key"), id="quotient", expectation="sql", text_zh="商", text_en="quotient"
    )
    detail = "(psycopg2.errors.DivisionByZero) division by zero"
    held = bench.judged(Outcome(sql, "error", detail=detail))
    assert held.state == "held"
    reason = told(held)["rule_raises"]
    assert reason["severity"] == "error"
    assert "quotient" in reason["message_zh"]
    assert "DivisionByZero" in reason["message_en"]
    assert (reason["rule_id"], reason["error"]) == ("quotient", detail)

    released = bench.released("20180228_c", Outcome(sql, "error", detail=detail))
    assert released.state == "validated"
    assert told(released)["rule_not_asked"]["severity"] == "warning"
    assert "rule_raises" not in told(released)
    with pytest.raises(Unjudged):
        bench.released("20180228_d", Outcome(bench.rule("key"), "error", detail=detail))


def test_rows_of_failed_rules_with_what_was_found(bench: Bench) -> None:
    bench.stage("20180331_a")
    named = replace(bench.rule("key"), id="named", columns=("estate_id", "firm_name"))
    named = replace(named, expectation="sql")
    delivery = bench.judged(Outcome(named, "fail", bench.rows(1, 4)))
    assert delivery.state == "validated", "rows are kept out, the delivery goes on"
    assert bench.kept_out() == [(1, "named", "E1 | 甲", "E1|F1"), (4, "named", "E3 | 丙", "E3|F1")]
    assert (told(delivery)["named"]["rows"], told(delivery)["named"]["severity"]) == (2, "error")


def test_a_warning_is_counted_and_keeps_nothing_out(bench: Bench) -> None:
    bench.stage("20180430_a")
    warning = replace(bench.rule("key"), id="w", expectation="sql", severity="warning")
    other = replace(warning, id="w2")
    delivery = bench.judged(
        Outcome(warning, "fail", bench.rows(1, 2, 3)), Outcome(other, "fail", bench.rows(99))
    )
    assert (delivery.state, bench.kept_out()) == ("validated", [])
    assert {rule: reason["rows"] for rule, reason in told(delivery).items()} == {"w": 3}
    assert told(delivery)["w"]["severity"] == "warning"


@pytest.mark.parametrize(
    ("severity", "released", "state"),
    [("error", None, "held"), ("error", "somebody", "validated"), ("warning", None, "validated")],
)
def test_a_rule_on_the_whole_delivery(
    bench: Bench, severity: Any, released: str | None, state: str
) -> None:
    bench.stage(f"20180531_{severity}_{released}", ROWS[:2])
    if released:
        with bench.ctx.engine.begin() as connection:
            ledger.record(connection, bench.number, released_by=released)
    whole = replace(bench.rule("key"), id="whole", columns=(), severity=severity)
    delivery = bench.judged(Outcome(whole, "fail", detail="3 rows"))
    assert delivery.state == state
    assert told(delivery)["whole"]["found"] == "3 rows"
    assert bench.kept_out() == (None if state == "held" else [])


def test_repeated_keys_duplicates_apart_from_contradictions(bench: Bench) -> None:
    bench.stage("20180630_a")
    key = bench.rule("key")
    delivery = bench.judged(Outcome(key, "fail", bench.rows(2, 3, 4, 5)))
    assert bench.kept_out() == [
        (3, DUPLICATE, None, None),
        (4, "key", "E3|F1", "E3|F1"),
        (5, "key", "E3|F1", "E3|F1"),
    ]
    assert {rule: reason["rows"] for rule, reason in told(delivery).items()} == {"key": 2}


def test_of_versions_told_apart_by_the_sources_time_the_newest_counts(bench: Bench) -> None:
    first, second = "2018-01-01", "2018-01-02"
    days = [
        ("E1", first, "甲"),
        ("E1", second, "甲"),
        ("E2", second, "新"),
        ("E2", first, "旧"),
        ("E3", first, "甲"),
        ("E3", first, "乙"),
    ]
    bench.stage("20180620_a", [(estate, "F1", day, name) for estate, day, name in days])
    timed = replace(bench.contract, source_time="starts_on")
    bench.monkeypatch.setattr("etl.validate.ledger.contract_of", lambda *_: timed)
    bench.judged(Outcome(bench.rule("key"), "fail", bench.rows(*range(1, 7))))
    assert [row[:2] for row in bench.kept_out() or []] == [
        (1, DUPLICATE), (4, DUPLICATE), (5, "key"), (6, "key")
    ]  # fmt: skip


def test_a_clean_row_is_not_dropped_for_a_faulty_twin(bench: Bench) -> None:
    bench.stage("20180731_a")
    named = replace(bench.rule("key"), id="named", expectation="sql")
    bench.judged(
        Outcome(named, "fail", bench.rows(2, 4)), Outcome(bench.rule("key"), "fail", bench.rows(2, 3, 4, 5))
    )  # fmt: skip
    assert [row[:2] for row in bench.kept_out() or []] == [(2, "named"), (4, "named")]


def test_a_cell_that_could_not_be_read_is_not_empty_as_well(bench: Bench) -> None:
    """Row 6 has 某日 for a day: its fault says so, and "must not be empty" would be false. Row 5 is said to be empty."""
    bench.stage("20180831_a")
    delivery = bench.judged(
        Outcome(bench.rule("fault"), "fail", bench.rows(6)),
        Outcome(bench.rule("required.starts_on"), "fail", bench.rows(5, 6)),
    )
    assert [row[:2] for row in bench.kept_out() or []] == [(5, "required.starts_on"), (6, "fault")]
    counts = {rule: reason["rows"] for rule, reason in told(delivery).items()}
    assert counts == {"fault": 1, "required.starts_on": 1}


def test_a_row_that_could_not_be_read_has_no_empty_cells(bench: Bench) -> None:
    """One cell too many: nobody knows which value belongs where, so none is said to be missing."""
    bench.stage("20180915_a", [*ROWS[:2], ("E5", "F1", "2020-01-05", "戊", "多")])
    bench.judged(
        Outcome(bench.rule("fault"), "fail", bench.rows(3)),
        Outcome(bench.rule("required.starts_on"), "fail", bench.rows(3)),
    )
    assert [row[:2] for row in bench.kept_out() or []] == [(3, "fault")]


def test_another_rule_on_that_cell_is_noted_beside_its_fault(bench: Bench) -> None:
    """Only "is empty" is answered by the fault."""
    bench.stage("20180815_a")
    named = replace(bench.rule("key"), id="named", expectation="sql", columns=("starts_on",))
    bench.judged(
        Outcome(bench.rule("fault"), "fail", bench.rows(6)), Outcome(named, "fail", bench.rows(6))
    )
    assert [row[:2] for row in bench.kept_out() or []] == [(6, "fault"), (6, "named")]


def test_a_rule_that_failed_for_no_row_that_is_left_is_not_told(bench: Bench) -> None:
    bench.stage("20180930_a")
    delivery = bench.judged(
        Outcome(bench.rule("fault"), "fail", bench.rows(6)),
        Outcome(bench.rule("required.starts_on"), "fail", bench.rows(6)),
    )
    assert list(told(delivery)) == ["fault"]


def test_what_staging_said_is_kept(bench: Bench) -> None:
    bench.stage("20181031_a", ROWS[:2])
    with bench.ctx.engine.begin() as connection:
        ledger.record(connection, bench.number, reasons=[{"rule": "said", "rows": 1}])
    whole = replace(bench.rule("key"), id="whole", columns=(), severity="warning")
    delivery = bench.judged(Outcome(whole, "fail"))
    assert [reason["rule"] for reason in delivery.reasons] == ["said", "whole"]


def test_a_table_that_was_lost_is_filled_before_it_is_judged(bench: Bench) -> None:
    bench.stage("20181130_a", ROWS[:2])
    with bench.ctx.engine.begin() as connection:
        connection.execute(sa.text(f"TRUNCATE {table_name(bench.number)}"))
    named = replace(bench.rule("key"), id="named", expectation="sql")
    bench.judged(Outcome(named, "fail", bench.rows(1)))
    assert [row[:2] for row in bench.kept_out() or []] == [(1, "named")]


def test_a_register_that_knows_nobody_yet_is_told(bench: Bench) -> None:
    bench.stage("20181231_a", ROWS[:2])
    empty = Reason("register.estate_id", "", "")
    bench.monkeypatch.setattr(
        "etl.validate.with_registers", lambda _, contract: (list(contract.rules), [empty])
    )
    assert [reason["rule"] for reason in bench.judged().reasons] == ["register.estate_id"]


def test_progress_names_the_file_and_its_rows(bench: Bench) -> None:
    heard: list[tuple[str, int | None]] = []
    for member in (None, "里面.csv"):
        delivery = bench.stage(f"20180115_{member}", ROWS[:2])
        if member:
            with bench.ctx.engine.begin() as connection:
                ledger.record(connection, bench.number, member=member)
        with listening(lambda step, done, total: heard.append((step, done))):
            bench.judged()
        assert any((member or delivery.file_name) in step and rows == 2 for step, rows in heard)


@pytest.fixture
def register(opened: Context) -> Callable[..., Contract]:
    """The model's contract with a field that names an area."""

    def made(*levels: str) -> Contract:
        contract = opened.contract("housing.model_contract")
        fields = tuple(
            replace(f, register=Register("area", levels)) if f.name == "estate_id" else f
            for f in contract.fields
        )
        rule = Rule(
            "register.estate_id", "expect_column_values_to_be_in_set", {"column": "estate_id"},
            "error", "accuracy", "须为登记的区划", "must be registered", ("estate_id",),
        )  # fmt: skip
        return replace(contract, fields=fields, rules=(*contract.rules, rule))

    return made


def test_a_rule_asks_the_register_as_it_is_now(
    opened: Context, register: Callable[..., Contract]
) -> None:
    with opened.engine.connect() as connection, connection.begin() as undone:
        contract = register()
        rules, reasons = with_registers(connection, contract)
        assert [reason.code for reason in reasons] == ["register.estate_id"], "nothing to ask yet"
        assert reasons[0].header == "小区"
        assert rules == list(contract.rules[:-1]), "so it is not asked, and nobody is refused by it"
        sql = replace(contract.rules[-1], id="on_date", expectation="sql", registry="area")
        asking = replace(contract, rules=(*contract.rules, sql))
        rules, reasons = with_registers(connection, asking)
        assert [reason.code for reason in reasons] == ["register.estate_id", "on_date"]
        assert [reason.column for reason in reasons] == ["estate_id", "estate_id"]
        assert rules == list(contract.rules[:-1])

        connection.execute(
            sa.text("INSERT INTO registry.area (area_id, area_key) VALUES ('T', 900), ('镇', 900), ('X', 901), ('Y', 902)")
        )  # fmt: skip
        number = ledger.register(
            connection, sha256="0" * 64, size=1, file_name="x", member=None, contract=contract
        ).delivery_id
        for key, level in ((900, "town"), (901, "village")):
            connection.execute(
                sa.text(
                    "INSERT INTO star.dim_area (area_key, area_code, area_name, area_level, parent_area_key,"
                    " valid_from, valid_to, known_from, delivery_id)"
                    " VALUES (:k, 'c', 'n', :l, -1, '2020-01-01', 'infinity', 1, :d)"
                ),
                {"k": key, "l": level, "d": number},
            )
        for levels, names in (((), {"T", "镇", "X"}), (("town",), {"T", "镇"})):
            rules, reasons = with_registers(connection, register(*levels))
            assert reasons == []
            assert set(rules[-1].kwargs["value_set"]) == names, "a name nobody described is none"
            assert rules[-1].kwargs["column"] == "estate_id"
        assert with_registers(connection, asking)[0][-1] == sql, "asked as it is"
        undone.rollback()
