"""A contract that changed between export and answer: the answer is judged by the one in force, what it no longer has is named."""

from __future__ import annotations

from typing import Any

import pytest

from tests.etl.draft.conftest import SEATS, Authors, authors  # noqa: F401 - a fixture
from tests.etl.quarantine.conftest import Clerk

HEADER = ["备案号", "学校标识码", "学段", "核定学位数", "备案日期"]
SHOWN = "SELECT change_id, seats FROM star.fact_seat_change ORDER BY 1"


def filing(number: int, seats: object, stage: str = "小学") -> list[Any]:
    return [f"MB{number}", "1111000001", stage, seats, "2022-01-05"]


@pytest.fixture
def clerk(authors: Authors) -> Clerk:  # noqa: F811
    rows = [filing(1, "若干"), filing(2, "许多"), filing(3, 30, "大学")]
    first = authors.send("民办园学位2022Q1.csv", HEADER, rows)
    assert first.quarantined == 3, first.reasons
    return Clerk(authors, delivery_id=first.delivery_id)


def test_a_stricter_rule_judges_the_answer(authors: Authors, clerk: Clerk) -> None:  # noqa: F811
    clerk.fill(2, seats=150)
    clerk.fill(3, seats=20)
    stricter = SEATS.replace(
        "businessName: 核定学位数\n",
        "businessName: 核定学位数\n        logicalTypeOptions: {minimum: 100}\n",
    )
    assert stricter != SEATS
    authors.contract_path.write_text(stricter, "utf-8")
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.loaded, repair.quarantined) == ("loaded", 1, 1)
    assert authors.ask(SHOWN) == [("MB1", 150)]


def test_a_code_that_is_known_by_now_needs_no_other_value(authors: Authors, clerk: Clerk) -> None:  # noqa: F811
    clerk.act(4, "保留")
    wider = SEATS.replace(
        "{value: 小学, label: primary}",
        "{value: 小学, label: primary}, {value: 大学, label: university}",
    )
    authors.contract_path.write_text(wider, "utf-8")
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.loaded) == ("loaded", 1), repair.reasons
    assert authors.ask(SHOWN) == [("MB3", 30)]


def test_a_column_that_the_contract_lost_is_named(authors: Authors, clerk: Clerk) -> None:  # noqa: F811
    clerk.fill(4, stage="小学")
    clerk.fill(2, seats=150)
    start = SEATS.index("      - {name: stage")
    end = SEATS.index("      - name: seats")
    authors.contract_path.write_text(SEATS[:start] + SEATS[end:], "utf-8")
    query = authors.contract_path.with_suffix(".load.sql")
    query.write_text(
        query.read_text("utf-8").replace("    stage,\n", "    '小学' AS stage,\n"), "utf-8"
    )
    (repair,) = clerk.hand_in()
    assert repair.state == "loaded", repair.reasons
    assert "unknown_field" in [reason["rule"] for reason in repair.reasons]
    assert ("MB1", 150) in authors.ask(SHOWN)
