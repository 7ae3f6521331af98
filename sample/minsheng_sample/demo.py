"""The demonstration: synthetic extracts from the sample to the plan's evaluation, with Airflow in between."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from etl import ledger
from etl.context import Context
from etl.ingest import carry, ingest
from etl.ledger import OPEN_STATES, Delivery
from etl.progress import listening
from etl.receive.synthetic import LIST, add_to_list

Say = Callable[[str], None]

NEWEST = "newest"

PATIENCE_SECONDS = 240.0

SECOND_PERSON = "示例核定人（合成） second person (synthetic)"


def make_sample(folder: Path, seed: int, say: Say) -> None:
    """Write the sample, unless the same one is there."""
    from minsheng_sample import write_sample

    if (folder / "manifest.json").exists() and _manifest(folder)["seed"] == seed:
        say(f"已有 / already there: {folder}")
        if not (folder / LIST).exists():  # a sample of before there was a list
            add_to_list(folder, (path for path in sorted(folder.rglob("*")) if path.is_file()))
        return
    started, last = time.monotonic(), 0.0

    def listener(step: str, done: int | None, total: int | None) -> None:
        nonlocal last
        if done == total or time.monotonic() - last > 1:
            last = time.monotonic()
            say(f"  {done}/{total} {step}")

    with listening(listener):
        write_sample(folder, seed=seed)
    say(f"  {folder}  {time.monotonic() - started:.0f} s")


def history_files(sample: Path) -> list[Path]:
    """The sample's extracts up to the month before the newest, in the order in which they arrived."""
    return [sample / entry["path"] for entry in _manifest(sample)["history"]]


def _manifest(sample: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((sample / "manifest.json").read_text(encoding="utf-8"))
    return manifest


def load_history(ctx: Context, sample: Path, show: Callable[[Delivery], None]) -> list[Delivery]:
    """Backfill in this one process, so that Great Expectations is imported once."""
    return accept(ingest(history_files(sample), ctx=ctx, progress=show), ctx, show)


def accept(
    deliveries: Iterable[Delivery], ctx: Context, show: Callable[[Delivery], None] | None = None
) -> list[Delivery]:
    """The same deliveries, those among them accepted that only wait for a second person.

    Among the example targets are rows that claim to be official, for the rule that refuses those.
    """
    ended = []
    for delivery in deliveries:
        held_by = {reason["rule"] for reason in delivery.reasons if reason["severity"] == "error"}
        if delivery.state == "held" and held_by == {"unaccepted"}:
            delivery = carry(ledger.release(delivery.delivery_id, SECOND_PERSON, ctx), ctx)
            if show:
                show(delivery)
        ended.append(delivery)
    return ended


def drop_newest(ctx: Context, sample: Path) -> list[str]:
    """Put the newest month's files into the landing zone, each complete when it appears."""
    names = []
    files = [path for path in sorted((sample / NEWEST).rglob("*")) if path.is_file()]
    add_to_list(ctx.settings.home, files)  # copies in the landing zone are known by their bytes
    for source in files:
        target = ctx.settings.landing / source.relative_to(sample / NEWEST)
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(target.name + ".part")
        shutil.copyfile(source, aside)
        aside.rename(target)
        names.append(target.name)
    return names


def follow(
    ctx: Context, after: int, files: Iterable[str], show: Callable[[Delivery], None]
) -> list[Delivery]:
    """Watch the ledger until every file has ended in it; returns the deliveries, those still on their way too."""
    waiting = Counter(files)
    shown: set[int] = set()
    give_up = time.monotonic() + PATIENCE_SECONDS
    while True:
        since = [d for d in ledger.deliveries(ctx) if d.delivery_id > after]
        for delivery in since:
            if delivery.state not in OPEN_STATES and delivery.delivery_id not in shown:
                shown.add(delivery.delivery_id)
                show(delivery)
        ended = Counter({d.file_name for d in since if d.delivery_id in shown})
        if (set(waiting) <= set(ended) and len(shown) == len(since)) or time.monotonic() > give_up:
            return since
        time.sleep(0.3)


def newest_delivery(ctx: Context) -> int:
    """The number of the newest delivery in the ledger; 0 if there is none."""
    return max((d.delivery_id for d in ledger.deliveries(ctx)), default=0)
