"""Write a whole sample: history, newest month, repaired rows, trouble, manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from etl.contract import Contract, load_contracts
from etl.errors import UsageError
from etl.progress import report
from etl.reasons import Catalogue
from etl.receive.synthetic import LIST, write_list
from minsheng_sample import manifest
from minsheng_sample.district.truths import totals, truths
from minsheng_sample.district.world import World
from minsheng_sample.figures import DEFAULT_SEED
from minsheng_sample.manifest import Entry
from minsheng_sample.schedule import schedule
from minsheng_sample.timeline import Span
from minsheng_sample.trouble import write_trouble
from minsheng_sample.writer import Writer

MESSAGES = Catalogue(__file__)

MANIFEST = "manifest.json"
PARTS = ("history", "newest", "repaired", "trouble")


def write_sample(
    directory: Path,
    *,
    first: int = 2016,
    last: int = 2025,
    orders: int = 60_000,
    seed: int = DEFAULT_SEED,
    contracts: Mapping[str, Contract] | None = None,
) -> dict[str, object]:
    """Write the sample into a new or an earlier sample's directory; returns the manifest."""
    _clear(directory)
    world = World(seed, Span(first, last), orders)
    writer = Writer(directory, world, contracts or load_contracts())
    planned = schedule(world.span)
    for number, delivery in enumerate(planned, start=1):
        for entry in writer.deliver(delivery):
            report(f"合成 / writing {entry.path}", number, len(planned))
    writer.repair()
    elderly = next(
        e for e in writer.entries["newest"] if e.contract.feed == "civil_affairs.elderly_facility"
    )
    newest = directory / elderly.path
    trouble = write_trouble(directory / "trouble", writer.contracts, world, newest)
    known_bad = {
        path.relative_to(directory).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (directory / "trouble").rglob("*")
        if path.is_file()
    }
    write_list(directory, writer.digests | known_bad)
    document = _document(world, writer.entries, trouble)
    text = json.dumps(document, ensure_ascii=False, indent=1)
    (directory / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return document


def _document(
    world: World, entries: Mapping[str, list[Entry]], trouble: list[dict[str, object]]
) -> dict[str, object]:
    """The manifest."""
    span = world.span
    known = [(span.start, span.anchor)]
    if span.end > span.anchor:
        known.append((span.after, span.end))
    by_date = [
        {
            "as_of": as_of.isoformat(),
            "period_start": start.isoformat(),
            "indicators": {
                code: truth.as_dict() for code, truth in truths(world, start, as_of).items()
            },
        }
        for start, as_of in known
    ]
    return {
        "synthetic": True,
        "label_zh": manifest.LABEL_ZH,
        "label_en": manifest.LABEL_EN,
        "seed": world.seed,
        "from": span.first,
        "to": span.last,
        "orders": len(world.hotline.orders),
        "totals": {part: manifest.totals(part_entries) for part, part_entries in entries.items()},
        "truths": by_date,
        "true_totals": totals(world),
        **{part: [e.as_dict() for e in part_entries] for part, part_entries in entries.items()},
        "trouble": trouble,
    }


def _clear(directory: Path) -> None:
    """Make room: an earlier sample is replaced, anything else is left alone and refused."""
    if not directory.exists() or not any(directory.iterdir()):
        directory.mkdir(parents=True, exist_ok=True)
        return
    try:
        earlier = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
        paths = [entry["path"] for part in PARTS for entry in earlier[part]]
    except (OSError, ValueError, KeyError, TypeError):
        raise UsageError(MESSAGES.reason("directory_in_use", directory=directory)) from None
    for path in [*paths, LIST]:
        (directory / path).unlink(missing_ok=True)
    for folder in sorted({(directory / path).parent for path in paths}, reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            shutil.rmtree(folder)
