from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etl.sample.district.world import World
from etl.sample.figures import DEFAULT_SEED
from etl.sample.timeline import Span
from etl.sample.write import write_sample

ORDERS = 1500


@dataclass(frozen=True)
class Sample:
    folder: Path
    manifest: dict[str, Any]

    def files(self, *parts: str) -> list[dict[str, Any]]:
        found = [entry for part in parts for entry in self.manifest[part]]
        assert found
        return found


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    return Sample(folder, write_sample(folder, orders=ORDERS))


@pytest.fixture(scope="session")
def world() -> World:
    return World(DEFAULT_SEED, Span(2016, 2025), ORDERS)
