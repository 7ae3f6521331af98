"""The loader against docs/precedence.md in plain Python (`model.py`), over random histories.

Each history is four to seven small deliveries; after every one of them the star, the star as known at every
earlier commit, the quarantine and the ledger's counts are compared. A difference is printed with the smallest
history that still shows it, as Python: write it to a file and run it again with

    MINSHENG_HISTORY=file.py pytest tests/etl/load/test_model.py -k replay

`make test` runs a hundred histories. The long form:

    MINSHENG_HISTORIES=2000 pytest tests/etl/load/test_model.py

MINSHENG_FIRST_SEED says where to begin (0). The seed is the test's parameter. Great Expectations, which would take most of the time,
judges every 50th history; for the others `judge.py` does. The long form also sends more histories in more
orders of arrival.
"""

from __future__ import annotations

import itertools
import os
import random
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from etl.context import Context
from etl.settings import Settings
from etl.validate import expect
from tests.conftest import copy_of
from tests.etl.load.feeds import model_feeds
from tests.etl.load.histories import THEMES, distinct, generate, shrink, text
from tests.etl.load.judge import by_great_expectations, judge
from tests.etl.load.model import Delivery
from tests.etl.load.warehouse import Warehouse, differs, star_of

FIRST = int(os.environ.get("MINSHENG_FIRST_SEED", "0"))
HISTORIES = int(os.environ.get("MINSHENG_HISTORIES", "100"))
LONG = HISTORIES > 100


@pytest.fixture(scope="module")
def warehouse(
    server: str, template: str, session_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Warehouse]:
    feeds = model_feeds(tmp_path_factory.mktemp("feeds"))
    with copy_of(server, template) as engine:
        url = engine.url.render_as_string(hide_password=False)
        home = tmp_path_factory.mktemp("home")
        ctx = Context.of(
            Settings.load(
                {
                    "MINSHENG_HOME": str(home),
                    "MINSHENG_DATABASE_URL": url,
                    "MINSHENG_FEEDS": str(feeds),
                }
            )
        )
        yield Warehouse(ctx, tmp_path_factory.mktemp("files"))
        ctx.engine.dispose()


@pytest.fixture(autouse=True)
def judged(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = request.node.callspec.params["seed"] if hasattr(request.node, "callspec") else 1
    real = seed % 50 == 0 and "random" in request.node.name
    monkeypatch.setattr(expect, "judge", by_great_expectations if real else judge)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + HISTORIES))
def test_random_history(warehouse: Warehouse, seed: int) -> None:
    history = generate(seed)
    difference = differs(warehouse, history)
    if difference:
        if not os.environ.get("MINSHENG_NO_SHRINKING"):
            history = shrink(history, lambda candidate: bool(differs(warehouse, candidate)))
        difference = differs(warehouse, history) or difference
        pytest.fail(f"seed {seed}: {difference}\n\n{text(history)}", pytrace=False)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + len(THEMES) * (10 if LONG else 1)))
def test_any_order_of_arrival_ends_in_one_star(warehouse: Warehouse, seed: int) -> None:
    deliveries = distinct(seed, 4 if LONG else 3).deliveries
    first, *orders = itertools.permutations(deliveries)
    stars: dict[frozenset[object], tuple[Delivery, ...]] = {}
    for order in (first, *random.Random(seed).sample(orders, min(12 if LONG else 2, len(orders)))):
        star = frozenset(star_of(warehouse, order))
        stars.setdefault(star, order)
    if len(stars) > 1:
        told = "\n\n".join(
            f"{sorted(map(str, star))}\n{[(d.feed, d.mode, d.period.label) for d in order]}"
            for star, order in stars.items()
        )
        pytest.fail(f"seed {seed}: {len(stars)} stars\n{told}", pytrace=False)


def test_replay(warehouse: Warehouse) -> None:
    """The history in the file that MINSHENG_HISTORY names."""
    path = os.environ.get("MINSHENG_HISTORY")
    if not path:
        pytest.skip("MINSHENG_HISTORY names no file of a history")
    difference = differs(warehouse, runpy.run_path(path)["HISTORY"])
    assert not difference, difference
