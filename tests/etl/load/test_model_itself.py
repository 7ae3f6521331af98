"""The model against what was worked out by hand: the histories of ../shared/cases/loader as input of the model.

So the model is checked without a database; the numbers are those of the scripts.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.etl.load.feeds import FEEDS, QUARTERS, SPACES, USCC, months, years
from tests.etl.load.model import Delivery, Period, Place, Row, Value, World

JAN, FEB, MAR = months(2020, 1, 2, 3)
Q1, Q2 = QUARTERS
Q3 = Period("2020年第3季度", "2020-07-01", "2020-09-30")
Y2019, Y2020, Y2021 = years(2019, 2020, 2021)


def day(text: str) -> Period:
    return Period(text, text, text)


class Told:
    """A world and short words for what is told to it."""

    def __init__(self) -> None:
        self.world = World(FEEDS)
        self.receipts = itertools.count()

    def send(self, feed: str, period: Period, *rows: Row, mode: str = "") -> int:
        receipt = next(self.receipts)
        delivery = Delivery(feed, mode or FEEDS[feed].mode, period, rows)
        self.world.arrive(receipt, delivery)
        return receipt

    def state(self, receipt: int) -> str:
        return self.world.ledger[receipt].state

    def counts(self, receipt: int) -> dict[str, int]:
        counts = self.world.ledger[receipt].counts
        return {name: n for name, n in counts.items() if n and name != "rows"}

    def facts(self, table: str) -> dict[Any, Any]:
        facts = self.world.belief().facts
        return {key[1:]: values for key, values in facts.items() if key[0] == table}

    def lines(self, table: str, column: int) -> dict[str, list[tuple[str, str, Value]]]:
        versions = self.world.belief().versions
        return {
            key[1]: [(start, end, values[column]) for start, end, values in line]
            for key, line in versions.items()
            if key[0] == table
        }

    def on(self, table: str, at: str) -> set[str]:
        lines = self.lines(table, 0).items()
        return {key for key, line in lines for start, end, _ in line if start <= at < end}

    def open(self) -> list[bool]:
        return [entry.open for entry in self.world.entries()]


def row(feed: str, fault: str = "", **values: Value) -> Row:
    space = SPACES[feed]
    first = {name: choice[0] for name, choice in space.choices.items()}
    return Row({name: {**first, **values}.get(name) for name in space.headers}, fault)


def inst(i: str, fault: str = "", **values: Value) -> Row:
    values = {"registered_on": "2010-01-01", "institution_name": "甲", "beds": 1} | values
    return row("health.institution", fault, institution_id=i, **values)


def school(n: int, fault: str = "", **values: Value) -> Row:
    values = {"school_name": "甲"} | values
    return row("education.school", fault, school_id=f"11110000{n:02d}", **values)


def seat(c: str, seats: int, fault: str = "") -> Row:
    return row("education.seat_change", fault, change_id=c, seats=seats)


def order(i: str, n: int = 1, updated: str | None = "2024-01-20 10:00:00", fault: str = "") -> Row:
    return row(
        "hotline.work_order", fault, order_id=i, return_count=n, updated_at=updated, town="旧宫镇"
    )


def deal(e: str, firm: str = "甲", uscc: str | None = None, fault: str = "") -> Row:
    values: dict[str, Value] = {"firm_name": firm, "firm_uscc": uscc, "starts_on": "2020-01-01"}
    return row("housing.property_contract", fault, estate_id=e, ends_on=None, **values)


def staff(month: str, town: str, n: int = 10) -> Row:
    return row("civil_affairs.social_worker_month", month=month, town=town, community_workers=n)


def pop(area: str, year: int, n: int) -> Row:
    code = f"110115{area}000"
    return row("reference.population", division_code=code, year=year, residents=n)


def area(code: str, name: str, aliases: str | None = None, level: str = "镇街") -> Row:
    parent = None if level == "区县" else "110115000000"
    values: dict[str, Value] = {"division_name": name, "parent_code": parent, "level": level}
    return row("reference.division", division_code=code, aliases=aliases, **values)


DISTRICT = area("110115000000", "大兴区", level="区县")
INST, SEAT, ORDER = "health.institution", "education.seat_change", "hotline.work_order"
SCHOOL, DEAL, POP = "education.school", "housing.property_contract", "reference.population"
STAFF, AREA, LOT = (
    "civil_affairs.social_worker_month",
    "reference.division",
    "housing.affordable_project",
)


def orders(told: Told) -> dict[str, int]:
    return {key[0]: values[5] for key, values in told.facts("fact_work_order").items()}


def seats(told: Told) -> dict[str, int]:
    return {key[0]: values[3] for key, values in told.facts("fact_seat_change").items()}


def test_01_an_order_keeps_its_newest_version() -> None:
    told = Told()
    (january,) = months(2024, 1)
    told.send(ORDER, january, order("W1", 1, "2024-01-20 10:00:00"))
    told.send(ORDER, day("2024-02-10"), order("W1", 2, "2024-02-10 10:00:00"))
    last = told.send(ORDER, january, order("W1", 3, "2024-02-20 10:00:00"))
    assert orders(told) == {"W1": 3}
    assert told.counts(last) == {"loaded": 1}


def test_02_a_retraction_takes_back_one_order_only() -> None:
    told = Told()
    (january,) = months(2024, 1)
    told.send(ORDER, january, order("W1"), order("W2"))
    last = told.send(ORDER, january, order("W1"), mode="retraction")
    assert orders(told) == {"W2": 1}
    assert told.counts(last) == {"retracted": 1}
    assert set(told.lines("dim_unit", 0)) == {"旧宫镇人民政府"}
    assert set(told.lines("dim_category", 0)) == {"住房保障"}


@pytest.mark.parametrize("order_of", [(2019, 2020), (2020, 2019)])
def test_03_schools_hold_from_september(order_of: tuple[int, int]) -> None:
    told = Told()
    for year in order_of:
        name = {2019: "旧名", 2020: "新名"}[year]
        told.send(SCHOOL, years(year)[0], school(1, school_name=name))
    line = [("2019-09-01", "2020-09-01", "旧名"), ("2020-09-01", "infinity", "新名")]
    assert told.lines("dim_school", 1) == {"1111000001": line}


def test_03_a_school_that_a_list_does_not_have() -> None:
    told = Told()
    told.send(SCHOOL, Y2019, *(school(n) for n in (1, 2, 3, 4)))
    told.send(SCHOOL, Y2020, *(school(n) for n in (1, 2, 3)))
    assert len(told.on("dim_school", "2020-10-01")) == 3
    again = Told()
    again.send(SCHOOL, Y2020, school(1), school(2))
    again.send(SCHOOL, Y2020, school(1))
    line = [("2020-09-01", "infinity", "甲")]
    assert again.lines("dim_school", 1) == {"1111000001": line}


def test_04_a_cleared_cell_is_a_repair() -> None:
    told = Told()
    told.send(INST, JAN, inst("I1", "beds"), inst("I2", beds=10))
    last = told.send(INST, JAN, inst("I1", beds=None), inst("I2", beds=10))
    assert told.state(last) == "loaded"
    assert told.counts(last) == {"loaded": 1, "unchanged": 1}
    assert set(told.lines("dim_institution", 0)) == {"I1@2010-01-01", "I2@2010-01-01"}
    assert told.open() == [False]


def test_05_rows_that_are_one_in_the_star() -> None:
    told = Told()
    rows = deal("E1", "甲物业", USCC[0]), deal("E1", "甲物业有限公司", USCC[0]), deal("E2", "乙")
    first = told.send(DEAL, Q1, *rows)
    assert told.counts(first) == {"loaded": 1, "quarantined": 2}
    told = Told()
    jiugong = area("110115006000", "旧宫地区", "旧宫镇")
    told.send(AREA, day("2020-06-30"), DISTRICT, jiugong, area("110115101000", "青云店镇"))
    rows = (
        staff("2020-01-01", "旧宫镇"),
        staff("2020-01-01", "旧宫地区", 12),
        staff("2020-01-01", "青云店镇"),
    )
    assert told.counts(told.send(STAFF, JAN, *rows)) == {"loaded": 1, "quarantined": 2}
    rows = (staff("2020-02-01", "旧宫镇"), staff("2020-02-01", "旧宫镇", 12))
    assert told.counts(told.send(STAFF, FEB, *rows)) == {"quarantined": 2}


@pytest.mark.parametrize("correction_first", [False, True])
def test_07_a_late_snapshot_leaves_a_correction_alone(correction_first: bool) -> None:
    told = Told()
    sent = [(JAN, "甲", "full"), (FEB, "更正名", "correction")]
    receipts = [
        told.send(INST, period, inst("I1", institution_name=name), mode=mode)
        for period, name, mode in (reversed(sent) if correction_first else sent)
    ]
    if correction_first:
        # Of a thing that nobody had told of; it went on when the snapshot came.
        assert told.world.loads == [receipts[1], receipts[0]]
    line = [("2020-01-31", "2020-02-29", "甲"), ("2020-02-29", "infinity", "更正名")]
    assert told.lines("dim_institution", 1) == {"I1@2010-01-01": line}


def test_07_the_correction_is_of_a_later_month_than_the_absence() -> None:
    told = Told()
    told.send(INST, JAN, *(inst(f"I{n}") for n in (1, 2, 3, 4)))
    told.send(INST, MAR, inst("I1", institution_name="更正名"), mode="correction")
    told.send(INST, FEB, *(inst(f"I{n}") for n in (2, 3, 4)))
    line = [("2020-01-31", "2020-02-29", "甲"), ("2020-03-31", "infinity", "更正名")]
    assert told.lines("dim_institution", 1)["I1@2010-01-01"] == line


@pytest.mark.parametrize("sequence", [(1, 2, 3), (1, 3, 2)])
def test_08_absent_then_unreadable(sequence: tuple[int, ...]) -> None:
    told = Told()
    others = [inst("I2"), inst("I3"), inst("I4")]
    rows = {1: [inst("I1"), *others], 2: others, 3: [inst("I1", "beds"), *others]}
    for month in sequence:
        told.send(INST, (JAN, FEB, MAR)[month - 1], *rows[month])
    line = [("2020-01-31", "2020-02-29", "甲")]
    assert told.lines("dim_institution", 1)["I1@2010-01-01"] == line
    told = Told()
    rest = [deal("E2"), deal("E3"), deal("E4")]
    rows = {1: [deal("E1"), *rest], 2: rest, 3: [deal("E1", fault="ends_on"), *rest]}
    for quarter in sequence:
        told.send(DEAL, (Q1, Q2, Q3)[quarter - 1], *rows[quarter])
    assert {key[0] for key in told.facts("fact_property_contract")} == {"E2", "E3", "E4"}


def test_10_a_retraction_has_its_period() -> None:
    for sequence in ((0, 1, 2), (0, 2, 1)):
        told = Told()
        sent = [
            (Q1, "delta", seat("C1", 100)),
            (Q1, "retraction", seat("C1", 100)),
            (Q2, "delta", seat("C1", 200)),
        ]
        receipts = []
        for n in sequence:
            period, mode, row = sent[n]
            receipts.append(told.send(SEAT, period, row, mode=mode))
        assert seats(told) == {"C1": 200}
    # The retraction that came last says something else, and Q2's row stands above it.
    assert told.counts(receipts[-1]) == {"superseded": 1}
    for late in (False, True):
        told = Told()
        sent = [(Q1, "delta", seat("C1", 100)), (Q2, "retraction", seat("C1", 100))]
        for period, mode, row in reversed(sent) if late else sent:
            told.send(SEAT, period, row, mode=mode)
        assert seats(told) == {}
        assert {outcome.state for outcome in told.world.ledger.values()} == {"loaded"}


@pytest.mark.parametrize("sequence", [("20", "20b", "21"), ("20", "21", "20b")])
def test_11_a_row_that_a_later_period_repeats(sequence: tuple[str, ...]) -> None:
    told = Told()
    files = {
        "20": (Y2020, [pop("006", 2019, 100), pop("101", 2019, 5)]),
        "21": (Y2021, [pop("006", 2019, 100), pop("101", 2019, 5), pop("006", 2020, 101)]),
        "20b": (Y2020, [pop("006", 2019, 90), pop("007", 2019, 7)]),
    }
    receipts = {name: told.send(POP, files[name][0], *files[name][1]) for name in sequence}
    facts = {
        key[0]: values[0]
        for key, values in told.facts("fact_population_year").items()
        if key[1] == 2019
    }
    assert facts == {"110115006000": 100, "110115101000": 5}
    if sequence[-1] == "20b":
        # 90 and 007 are outranked by the file of 2021, in which 007 is absent.
        assert told.counts(receipts["20b"]) == {"superseded": 2}


def test_11_a_delta_confirms() -> None:
    for sequence in ((0, 1, 2), (0, 2, 1)):
        told = Told()
        sent = [(Q1, 100), (Q1, 300), (Q2, 100)]
        for n in sequence:
            told.send(SEAT, sent[n][0], seat("C1", sent[n][1]), seat(f"X{n}", 1))
        assert seats(told)["C1"] == 100


def test_13_a_mistyped_code_is_no_key() -> None:
    told = Told()
    told.send(SCHOOL, Y2019, school(1), school(2))
    last = told.send(SCHOOL, Y2020, school(1), school(2, "school_id"))
    assert told.counts(last) == {"unchanged": 1, "quarantined": 1}
    assert len(told.on("dim_school", "2021-01-01")) == 2
    assert told.open() == [True]


def test_14_an_emptied_date_takes_its_milestone_back() -> None:
    told = Told()

    def lot(done: str | None) -> Row:
        values: dict[str, Value] = {"started_on": "2018-01-01", "completed_on": done}
        return row(LOT, project_id="P1", lot_id="L1", delivered_on=None, **values)

    told.send(LOT, JAN, lot("2020-01-05"))
    last = told.send(LOT, JAN, lot(None), mode="correction")
    assert {key[2] for key in told.facts("fact_housing_milestone")} == {"started"}
    assert told.counts(last) == {"loaded": 1}


def test_16_an_old_code_as_an_alias() -> None:
    told = Told()
    village = area("110115106201", "某村", level="村")
    village = Row({**village.values, "parent_code": "110115106000"})
    jiugong = area("110115006000", "旧宫地区", "110115106000;旧宫镇")
    told.send(AREA, day("2020-06-30"), DISTRICT, jiugong, village)
    assert told.lines("dim_area", 3)["110115106201"][0][2] == "110115006000"


def test_17_what_closes_no_entry() -> None:
    told = Told()
    told.send(SEAT, Q2, seat("C1", 1, "seats"), seat("C2", 5))
    told.send(SEAT, Q1, seat("C1", 100))
    assert told.open() == [True]
    told.send(SEAT, Q2, seat("C1", 100), mode="correction")
    assert told.open() == [False]
    told = Told()
    broken = order("W1", 1, "2024-02-02 10:00:00", "return_count")
    told.send(ORDER, day("2024-02-02"), broken, order("W2"))
    told.send(ORDER, day("2024-02-03"), order("W1", 1, "2024-01-10 10:00:00"))
    assert told.open() == [True]
    told = Told()
    told.send(DEAL, Q1, deal("E1|甲", "乙", fault="ends_on"), deal("E1", "甲|乙"), deal("E9"))
    told.send(DEAL, Q1, deal("E1", "甲|乙"), mode="correction")
    assert told.open() == [True]
    assert orders(told) == {}


def test_17_a_row_that_came_before_closes_too() -> None:
    told = Told()
    told.send(SEAT, Q2, seat("C1", 100))
    told.send(SEAT, Q1, seat("C1", 1, "seats"))
    assert told.open() == [False]


def test_19_loaded_last_but_not_received_last_is_no_original() -> None:
    told = Told()
    told.send(INST, JAN, *(inst(f"I{n}") for n in range(10)))
    held = told.send(INST, FEB, *(inst(f"I{n}") for n in range(3)))
    assert told.state(held) == "held"
    right = [inst(f"I{n}") for n in range(11)]
    told.send(INST, FEB, *right)
    told.world.release(held)
    last = told.send(INST, FEB, *right)
    assert told.state(last) == "loaded"
    assert len(told.on("dim_institution", "2020-03-01")) == 11
    assert told.state(told.send(INST, FEB, *right)) == "duplicate"


def test_21_any_order_ends_in_one_order() -> None:
    sent = [
        (day("2024-01-31"), order("W1", 1, "2024-03-10 00:00:00")),
        (day("2024-02-28"), order("W1", 2, None)),
        (day("2024-03-31"), order("W1", 3, "2024-03-05 00:00:00")),
    ]
    for sequence in itertools.permutations(sent):
        told = Told()
        for period, row in sequence:
            told.send(ORDER, period, row)
        assert orders(told) == {"W1": 1}


def test_27_parallel_arrivals_are_arrivals_one_after_the_other() -> None:
    ends = set()
    for sequence in itertools.permutations([(Q1, 1), (Q1, 2), (Q2, 3)]):
        told = Told()
        for period, n in sequence:
            told.send(SEAT, period, seat("C1", n), seat(f"D{n}", n))
        ends.add(tuple(sorted(seats(told).items())))
    # Q2 stands above Q1 whenever it comes.
    assert ends == {(("C1", 3), ("D1", 1), ("D2", 2), ("D3", 3))}


def test_a_correction_of_the_unknown_waits_and_goes_on() -> None:
    told = Told()
    early = told.send(SEAT, Q1, seat("C1", 200), mode="correction")
    assert told.state(early) == "held"
    told.send(SEAT, Q1, seat("C1", 100))
    assert told.state(early) == "loaded"
    assert seats(told) == {"C1": 200}
    # It may be the repair of a row whose key nobody could read.
    told = Told()
    told.send(SEAT, Q1, seat("C9", 100, "change_id"))
    assert told.state(told.send(SEAT, Q1, seat("C1", 200), mode="correction")) == "loaded"
    assert told.state(told.send(SEAT, Q1, seat("C2", 200), mode="retraction")) == "held"
    assert told.state(told.send(SEAT, Q2, seat("C2", 200), mode="correction")) == "held"


def test_a_contract_whose_credit_code_becomes_known_is_one_contract() -> None:
    told = Told()
    told.send(DEAL, Q1, deal("E1", "甲"))
    last = told.send(DEAL, Q1, deal("E1", "甲", USCC[0]), mode="correction")
    assert set(told.facts("fact_property_contract")) == {("E1", USCC[0], "2020-01-01")}
    assert told.counts(last) == {"loaded": 1}


def test_of_two_periods_that_end_together_the_shorter_counts() -> None:
    half = Period("2020年上半年", "2020-01-01", "2020-06-30")
    for sequence in ((half, Q2), (Q2, half)):
        told = Told()
        for period in sequence:
            told.send(SEAT, period, seat("C1", 200 if period is Q2 else 100))
        assert seats(told) == {"C1": 200}


def test_a_year_that_is_only_touched_is_no_snapshot_of_it() -> None:
    told = Told()
    told.send(POP, Y2019, *(pop(a, 2019, 1) for a in ("006", "101", "007")))
    told.send(POP, Y2020, pop("006", 2019, 2), *(pop(a, 2020, 1) for a in ("006", "101")))
    facts = {key for key in told.facts("fact_population_year") if key[1] == 2019}
    assert len(facts) == 3
    told.send(POP, Y2019, pop("006", 2019, 1), pop("101", 2019, 1), pop("009", 2019, 1))
    facts = {key[0][6:9] for key in told.facts("fact_population_year") if key[1] == 2019}
    assert facts == {"006", "101", "009"}


def test_names_that_are_explained_late() -> None:
    told = Told()
    told.send(STAFF, FEB, staff("2020-01-01", "旧宫镇", 10))
    told.send(STAFF, JAN, staff("2020-01-01", "旧宫地区", 12))
    assert len(told.facts("fact_social_worker_month")) == 2
    told.send(AREA, day("2020-06-30"), DISTRICT, area("110115006000", "旧宫地区", "旧宫镇"))
    facts = told.facts("fact_social_worker_month")
    assert {key: values[0] for key, values in facts.items()} == {("110115006000", "2020-01-01"): 10}


def test_names_that_two_things_claim() -> None:
    told = Told()
    both = [area("110115006000", "旧宫地区", "旧镇"), area("110115101000", "青云店镇", "旧镇")]
    told.send(AREA, day("2020-01-31"), DISTRICT, *both)
    assert (Place, "旧镇") not in told.world.names()
    told.send(AREA, day("2020-06-30"), DISTRICT, both[0], area("110115101000", "青云店镇"))
    assert told.world.names()[Place, "旧镇"] == "110115006000"
    # A code that comes as a row of its own is its own.
    told.send(AREA, day("2020-07-31"), DISTRICT, area("110115101000", "青云店镇", "110115006000"))
    assert (Place, "110115006000") not in told.world.names()


def test_versions_duplicates_and_contradictions_in_one_file() -> None:
    told = Told()
    rows = [
        order("W1", 1, "2024-01-03 10:00:00"),
        order("W1", 2, "2024-01-20 10:00:00"),
        order("W2", 1, "2024-01-03 10:00:00"),
        order("W2", 2, "2024-01-03 10:00:00"),
        order("W3", 1),
        order("W3", 1),
        order("W3", 1, fault="return_count"),
    ]
    first = told.send(ORDER, day("2024-02-01"), *rows)
    assert told.counts(first) == {"loaded": 2, "duplicate": 2, "quarantined": 3}
    assert orders(told) == {"W1": 2, "W3": 1}


def test_the_absence_of_an_order_speaks_as_of_the_end_of_its_period() -> None:
    told = Told()
    january, february = months(2024, 1, 2)
    feed = "hotline.model_order"
    old = row(feed, order_id="W1", return_count=1, updated_at="2024-01-20 10:00:00")
    new = row(feed, order_id="W2", return_count=1, updated_at="2024-02-05 10:00:00")
    told.send(feed, february, old, new)
    told.send(feed, january, row(feed, order_id="W3", updated_at=None), mode="full")
    assert set(orders(told)) == {"W2", "W3"}
