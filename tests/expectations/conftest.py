"""The contracts of the repository, without any that a user adds."""

from __future__ import annotations

import pytest

from etl.contract import Contract, load_contracts
from etl.settings import Settings

KNOWN = {"education.school", "health.institution", "hotline.work_order", "reference.division"}
"""Some of the feeds that there are: a policy over no contracts holds for nothing."""


@pytest.fixture(scope="session")
def contracts() -> dict[str, Contract]:
    found = load_contracts(Settings.load({}))
    assert found.keys() >= KNOWN
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `contract` runs once for each feed."""
    if "contract" in metafunc.fixturenames:
        found = load_contracts(Settings.load({}))
        assert found.keys() >= KNOWN
        metafunc.parametrize("contract", found.values(), ids=found.keys())
