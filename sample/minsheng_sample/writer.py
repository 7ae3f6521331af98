"""Writes deliveries one after another, remembering what the next ones and the corrections must know."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from etl.contract import Contract
from minsheng_sample import manifest
from minsheng_sample.chance import Chance
from minsheng_sample.compose import Record, compose, plain, spoil
from minsheng_sample.district.world import World
from minsheng_sample.dress.style import REPAIRED, STYLES, Style
from minsheng_sample.faults import FAULTS, KINDS, Fault, remarkable
from minsheng_sample.incidents import Incident, befall, incidents
from minsheng_sample.manifest import Entry
from minsheng_sample.schedule import Planned
from minsheng_sample.timeline import Period, Row


class Writer:
    """Writes deliveries one after another and remembers what the next ones must know."""

    def __init__(self, directory: Path, world: World, contracts: Mapping[str, Contract]) -> None:
        self.directory = directory
        self.world = world
        self.contracts = contracts
        self.digests: dict[str, str] = {}
        self.entries: dict[str, list[Entry]] = {"history": [], "newest": [], "repaired": []}
        self._known: dict[str, set[tuple[object, ...]]] = {}
        self._turn: dict[str, int] = {}
        self._awaited = incidents(world.span)
        self._to_repair: dict[tuple[str, Period, str], list[Row]] = {}

    def deliver(self, planned: Planned) -> Iterator[Entry]:
        """Write one delivery, and what follows from its incidents."""
        contract = self.contracts[planned.feed]
        rows = self.world.rows(planned.feed, planned.covers)
        if not rows:
            return
        style = planned.style or STYLES[planned.feed][0]
        draw = Chance("faults", self.world.seed, planned.feed, planned.period.end)
        records = [Record(row, kind=remarkable(row)) for row in rows]
        follow = [
            (incident, self._befall(incident, records, style, draw))
            for incident in self._due(planned)
        ]
        spoil(
            records,
            self._faults(planned, style, len(rows)),
            draw,
            self._fresh(contract, [r.row for r in records]),
        )
        self._remember_repairs(planned, records, follow)
        wrong = any(incident.kind == "total_mismatch" for incident, _ in follow)
        entry = self._write(planned, style, records, miscount=10 if wrong else 0)
        entry.notes += _notes(style, follow)
        yield entry
        for incident, changed in follow:
            yield from self._aftermath(incident, planned, style, entry, changed)

    def repair(self) -> None:
        """Write the true rows of what was quarantined, as corrections, and of what was left out, as supplements."""
        for (feed, period, word), rows in sorted(self._to_repair.items()):
            contract = self.contracts[feed]
            stem = f"{contract.name_zh}_{period.label}_{word}_合成"
            delivery = compose(contract, period, REPAIRED, [Record(row) for row in rows], stem)
            received = self.world.span.end + timedelta(days=60)
            path = f"repaired/{delivery.name}"
            entry = Entry(path, contract, period, received, REPAIRED, delivery)
            self._save(entry, "repaired")

    def _due(self, planned: Planned) -> list[Incident]:
        """The incidents of this delivery; each happens once."""
        due = [
            incident
            for incident in self._awaited
            if incident.feed == planned.feed
            and incident.year == planned.period.end.year
            and not planned.newest
        ]
        self._awaited = [incident for incident in self._awaited if incident not in due]
        return due

    def _befall(
        self, incident: Incident, records: list[Record], style: Style, draw: Chance
    ) -> list[Row]:
        if incident.kind in ("duplicate_file", "resend", "total_mismatch"):
            return []
        if incident.kind == "ragged_row" and style.format in ("jsonl", "parquet"):
            return []  # their records have no columns to be too many
        return befall(incident.kind, records, draw)

    def _faults(self, planned: Planned, style: Style, rows: int) -> list[Fault]:
        """The next of the feed's faults in turn."""
        fitting = [f for f in FAULTS[planned.feed] if style.is_sheet or not f.sheet_only]
        only_here = [f for f in fitting if f.sheet_only]
        count = planned.faults + (rows // 500 if planned.feed == "hotline.work_order" else 0)
        if not fitting or not count:
            return []
        start = self._turn.get(planned.feed, 0)
        self._turn[planned.feed] = start + count
        others = [f for f in fitting if not f.sheet_only]
        return only_here + [others[(start + step) % len(others)] for step in range(count)]

    def _fresh(self, contract: Contract, rows: list[Row]) -> list[int]:
        """Which rows are about things that no earlier delivery had."""
        known = self._known.setdefault(contract.feed, set())
        keys = [tuple(row[name] for name in contract.key) for row in rows]
        fresh = [index for index, key in enumerate(keys) if key not in known]
        known.update(keys)
        return fresh

    def _remember_repairs(
        self,
        planned: Planned,
        records: list[Record],
        follow: list[tuple[Incident, list[Row]]],
    ) -> None:
        rows = {
            "更正": [r.row for r in records if not r.loads and r.kind],
            "补报": [
                row
                for incident, changed in follow
                if incident.kind == "missing_town"
                for row in changed
            ],
        }
        for word, changed in rows.items():
            if changed:
                once = list({id(row): row for row in changed}.values())
                self._to_repair[planned.feed, planned.period, word] = once

    def _write(
        self, planned: Planned, style: Style, records: list[Record], *, miscount: int
    ) -> Entry:
        contract = self.contracts[planned.feed]
        stem = f"{contract.name_zh}_{planned.period.label}_合成"
        delivery = compose(contract, planned.period, style, records, stem, miscount=miscount)
        part = "newest" if planned.newest else "history"
        entry = Entry(
            self._path(part, contract, delivery.name),
            contract,
            planned.period,
            planned.received,
            style,
            delivery,
            manifest.features(style),
        )
        self._save(entry, part)
        return entry

    def _aftermath(
        self, incident: Incident, planned: Planned, style: Style, entry: Entry, rows: list[Row]
    ) -> Iterator[Entry]:
        """The later delivery that an incident brings about, if it does."""
        contract, period = entry.contract, entry.period
        stem = f"{contract.name_zh}_{period.label}"
        again = replace(entry, features=[incident.kind], notes=[])
        if incident.kind == "duplicate_file":
            again.path = entry.path.replace("_合成", "_合成(1)")
            again.states = ("duplicate",)
            content = (self.directory / entry.path).read_bytes()
            again.delivery = replace(entry.delivery, content=content, spoiled=())
        elif incident.kind == "resend":
            again.style = style = replace(STYLES[planned.feed][0], encoding="utf-8-sig")
            records = [Record(row) for row in self.world.rows(planned.feed, planned.covers)]
            again.delivery = compose(contract, period, style, records, f"{stem}_重报_合成")
            again.states = ("duplicate", "loaded")
        elif incident.kind in ("late_correction", "retraction") and rows:
            word = "更正" if incident.kind == "late_correction" else "撤回"
            records = [Record(row) for row in rows]
            again.delivery = compose(contract, period, style, records, f"{stem}_{word}_合成")
        else:
            return
        if incident.kind != "duplicate_file":
            again.path = self._path("history", contract, again.delivery.name)
            again.received = planned.received + timedelta(days=240)
        self._save(again, "history")
        yield again

    def _path(self, part: str, contract: Contract, name: str) -> str:
        folder = f"{contract.department}/{contract.feed.partition('.')[2]}"
        return f"{folder}/{name}" if part == "history" else f"{part}/{folder}/{name}"

    def _save(self, entry: Entry, part: str) -> None:
        path = self.directory / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(entry.delivery.content)
        self.digests[entry.path] = hashlib.sha256(entry.delivery.content).hexdigest()
        # The bytes are on disk now; a manifest of a large sample need not hold them.
        entry.delivery = replace(entry.delivery, content=b"")
        self.entries[part].append(entry)


def _notes(style: Style, follow: list[tuple[Incident, list[Row]]]) -> list[dict[str, object]]:
    """What is odd about a file as a whole."""
    notes: list[dict[str, object]] = []
    if style.extra:
        notes.append(_note("extra_column") | {"column": style.extra})
    for incident, rows in follow:
        if incident.kind == "total_mismatch":
            notes.append(_note(incident.kind))
        if incident.kind == "missing_town":
            notes += [
                _note(incident.kind) | {"true": {name: plain(value) for name, value in row.items()}}
                for row in rows
            ]
    return notes


def _note(kind: str) -> dict[str, object]:
    zh, en = KINDS[kind]
    return {"kind": kind, "why_zh": zh, "why_en": en}
