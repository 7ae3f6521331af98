"""Deliveries of the sample, held on purpose: what each preview says is what the release then does, figure by figure.

MINSHENG_PREVIEWS=30 tries thirty of them; the suite tries a few.
"""

from __future__ import annotations

import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from minsheng_sample.demo import accept
from minsheng_sample.write import write_sample

from etl import ledger
from etl.context import Context
from etl.database.prepare import prepare
from etl.evaluate import evaluate
from etl.ingest import carry, ingest
from etl.preview import preview
from etl.receive import receive
from etl.settings import Settings
from tests.conftest import copy_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

HELD = int(os.environ.get("MINSHENG_PREVIEWS", "6"))
"""How many deliveries are previewed."""


@pytest.fixture(scope="module")
def loaded(
    server: str, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Context, list[Path]]]:
    """A warehouse with most of the sample, and the files that are still to come."""
    folder = tmp_path_factory.mktemp("sample")
    write_sample(folder / "sample", orders=500)
    manifest = json.loads((folder / "sample" / "manifest.json").read_text("utf-8"))
    files = [folder / "sample" / entry["path"] for entry in manifest["history"]]
    later = set(random.Random(5).sample(files, HELD))
    with copy_of(server, template) as engine:
        url = engine.url.render_as_string(hide_password=False)
        home = str(folder / "home")
        ctx = Context.of(Settings.load({"MINSHENG_HOME": home, "MINSHENG_DATABASE_URL": url}))
        prepare(engine)
        accept(ingest([file for file in files if file not in later], ctx=ctx), ctx)
        yield ctx, [file for file in files if file in later]
        ctx.engine.dispose()


def test_a_preview_is_what_the_release_does(loaded: tuple[Context, list[Path]]) -> None:
    ctx, files = loaded
    tried = 0
    for file in files:
        [received] = receive(file, ctx=ctx)
        if received.state != "received":
            continue
        with ledger.claimed(ctx, received.delivery_id) as (connection, _):
            held = ledger.advance(connection, received.delivery_id, verb="stage", state="held")
        before = evaluate(settings=ctx.settings, hotline=True)
        effect = preview(held.delivery_id, ctx)
        ended = carry(ledger.release(held.delivery_id, "test", ctx), ctx)
        assert effect.state == ended.state, file.name
        if ended.state != "loaded":
            continue
        tried += 1
        after = evaluate(settings=ctx.settings, hotline=True)
        assert (effect.as_of_before, effect.as_of_after) == (before.as_of, after.as_of)
        moved = {
            new.statement.code: (old.value, new.value, new.status, new.provisional)
            for new in after.indicators
            if (old := before[new.statement.code])
            and (old.value, old.status, old.provisional) != (new.value, new.status, new.provisional)
        }
        told = {
            f.code: (f.before, f.after, f.status_after, f.provisional_after) for f in effect.figures
        }
        assert told == moved, file.name
        counted = {name: n for name, n in effect.counts.items() if name in ledger.COUNTS}
        assert counted == {name: getattr(ended, name) for name in counted}, file.name
    assert tried >= HELD - 2
