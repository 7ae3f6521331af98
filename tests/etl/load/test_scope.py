"""What a snapshot speaks of: the months or years of its rows, and the values of the contract's scope."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from etl.contract import LoadQuery
from etl.errors import MinshengError
from etl.load.scope import own_time, scope_columns
from etl.load.targets import Incoming, Target

FACT = Target(
    "fact_x", "fact", ("area_key", "month"), ("area_key", "month", "stage", "figure"),
    {"area_key": "area"},
)  # fmt: skip


def columns(target: Target, *scope: str) -> list[str]:
    given = frozenset({"area_id", "month", "stage", "figure", "row_no"})
    incoming = Incoming(LoadQuery(target.name, "target", ""), target, given, "rows")
    work: Any = SimpleNamespace(contract=SimpleNamespace(feed="a.b", scope=scope))
    return scope_columns(work, incoming)


def test_months_and_years_are_its_own() -> None:
    assert own_time(FACT) == ["month"]
    assert own_time(replace(FACT, business_key=("area_key", "year"))) == ["year"]
    assert own_time(replace(FACT, business_key=("area_key",))) == []


def test_the_contracts_scope_comes_by_the_targets_column_or_by_that_of_the_query() -> None:
    assert columns(FACT) == ["month"]
    assert columns(FACT, "stage") == ["month", "stage"]
    assert columns(FACT, "area_id", "month") == ["month", "area_key"], "each once"


def test_a_scope_that_no_column_keeps_is_an_error_of_the_contract() -> None:
    with pytest.raises(MinshengError) as refused:
        columns(FACT, "town")
    reason = refused.value.reason
    assert reason.code == "scope_not_loaded"
    assert "town" in reason.message_en
    assert "fact_x" in reason.message_en
