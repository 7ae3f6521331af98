from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from minsheng_sample.district.world import World
from minsheng_sample.figures import DEFAULT_SEED
from minsheng_sample.timeline import Span
from minsheng_sample.write import write_sample

ORDERS = 1500


@dataclass(frozen=True)
class Sample:
    folder: Path
    manifest: dict[str, Any]

    def files(self, *parts: str) -> list[dict[str, Any]]:
        entries = [entry for part in parts for entry in self.manifest[part]]
        assert entries
        return entries


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("sample")
    return Sample(folder, write_sample(folder, orders=ORDERS))


@pytest.fixture(scope="session")
def world() -> World:
    return World(DEFAULT_SEED, Span(2016, 2025), ORDERS)
