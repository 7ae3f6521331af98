"""Speed does not slip unseen: the ratio within wide bounds, the number of statements exactly."""

from pathlib import Path

import pytest

from benchmarks import guard
from benchmarks.place import Place


@pytest.fixture
def place(session_home: Path, server: str, template: str) -> Place:
    return Place(session_home, server, template)


@pytest.mark.slow
def test_ratio_to_the_limit(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = guard.recorded()
    found = guard.ratio(place)
    with capsys.disabled():
        print(  # noqa: T201 - what CI shows
            f"\n{found['rows']:,} rows: {found['seconds']} s, limit {found['limit_seconds']} s,"
            f" ratio {found['ratio']} (recorded {recorded['ratio']})"
        )
    assert found["ratio"] <= guard.ALLOWED * recorded["ratio"]


@pytest.mark.slow
def test_statements_of_a_delivery(place: Place) -> None:
    assert guard.statements(place) == guard.recorded()["statements"], (
        "more statements are slower, fewer are a change to record: python -m benchmarks --guard"
    )
