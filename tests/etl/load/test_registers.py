"""What was judged by a register is judged anew once the register is another."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from etl.contract import load_contracts
from etl.load.registers import check_registers
from etl.load.work import Outdated
from etl.settings import Settings


@pytest.mark.parametrize("registry", [None, "area"])
def test_a_rule_that_asks_a_register_is_outdated_by_it(registry: str | None) -> None:
    contract = load_contracts(Settings.load({}))["housing.property_contract"]
    assert not any(field.register for field in contract.fields)
    contract = replace(contract, rules=(replace(contract.rules[0], registry=registry),))
    asked: list[dict[str, Any]] = []

    def execute(_: str, **values: Any) -> Any:
        asked.append(values)
        return SimpleNamespace(scalar_one=lambda: True)

    work: Any = SimpleNamespace(
        contract=contract, delivery=SimpleNamespace(judged_seq=7), execute=execute
    )
    if registry is None:
        check_registers(work)
        assert asked == []
        return
    with pytest.raises(Outdated):
        check_registers(work)
    assert asked[0]["judged_seq"] == 7
    assert "area" in asked[0]["dimensions"]
