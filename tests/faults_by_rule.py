"""The faults that a sample's manifest says it has against the rows that each rule kept out.

What a fault breaks is told by hand here, from the contracts' words; the quarantine is not asked.
`python -m tests.faults_by_rule 14 7 11` loads the samples of these seeds and prints their table for docs/sample.md.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.context import Context
from etl.quarantine import entries

Place = tuple[str, str, int]
"""File, sheet and row as a spreadsheet counts."""

OF_KIND: Mapping[str, str] = {
    "negative": "range",
    "out_of_range": "range",
    "missing_required": "required",
    "unknown_code": "codes",
    "bad_pattern": "pattern",
    "lost_zeros": "pattern",
    "unparseable_number": "type",
    "unparseable_date": "type",
    "impossible_date": "type",
    "unknown_unit": "type",
    "ambiguous_date": "ambiguous",
    "coarse_date": "precision",
    "error_cell": "damage",
    "exponent_code": "damage",
    "long_code_as_number": "damage",
    "replaced_characters": "damage",
}
"""Kinds that one type of rule answers, in the field that is faulty."""

OF_ROW: Mapping[str, str] = {"conflicting_key": "key", "ragged_row": "ragged_row"}
"""Kinds that concern the row as a whole."""

NAMED: Mapping[tuple[str, str, str], tuple[str, ...]] = {
    # Feed, kind, field: rules that the contract names itself.
    ("civil_affairs.elderly_facility", "impossible_order", "closed_on"): ("closed_after_opened",),
    ("civil_affairs.elderly_facility", "more_than_whole", "nursing_beds"): ("nursing_within_beds",),
    ("civil_affairs.elderly_facility", "more_than_whole", "occupied"): ("occupied_within_beds",),
    ("civil_affairs.social_organisation", "bad_check_digit", "uscc"): ("uscc_check",),
    ("civil_affairs.social_organisation", "impossible_order", "deregistered_on"): (
        "deregistered_after_founded",
    ),
    ("civil_affairs.social_organisation", "missing_required", "town"): ("federation_has_town",),
    (
        "civil_affairs.social_worker_month",
        "more_than_whole",
        "certified_community_workers",
    ): ("certified_within_workers",),
    ("civil_affairs.social_worker_month", "more_than_whole", "certified_professionals"): (
        "certified_within_professionals",
    ),
    ("health.institution", "impossible_order", "deregistered_on"): (
        "deregistered_after_registered",
    ),
    # Swapped, each value also lies outside the district.
    ("health.institution", "swapped_coordinates", "longitude"): (
        "axes_swapped",
        "range.longitude",
    ),
    ("health.institution", "swapped_coordinates", "latitude"): ("axes_swapped", "range.latitude"),
    ("hotline.work_order", "impossible_order", "closed_at"): ("closed_after_opened",),
    ("hotline.work_order", "impossible_order", "dispatched_at"): ("dispatched_after_opened",),
    ("housing.affordable_project", "impossible_order", "completed_on"): (
        "completed_after_started",
    ),
    ("housing.property_contract", "bad_check_digit", "firm_uscc"): ("uscc_check",),
    ("housing.property_contract", "impossible_order", "ends_on"): ("ends_after_start",),
    ("housing.property_contract", "personal_data", "firm_name"): ("no_phone_in_name",),
    ("housing.renewal", "impossible_order", "completed_on"): ("completed_after_designated",),
    ("reference.division", "missing_required", "parent_code"): ("has_a_parent",),
    ("reference.plan_target", "no_evidence", "basis"): ("official_has_evidence",),
}


@dataclass(frozen=True)
class Verdict:
    """One rule of one feed: the rows that break it by the manifest, and those that it kept out."""

    feed: str
    rule: str
    expected: frozenset[Place]
    found: frozenset[Place]


def broken_by(feed: str, fault: Mapping[str, Any]) -> set[str]:
    """The rules that a fault of the manifest breaks, those on a cell with their field. KeyError: nobody has told."""
    kind = fault["kind"]
    if kind in OF_ROW:
        return {OF_ROW[kind]}
    rules: set[str] = set()
    for name in fault["fields"]:
        named = NAMED.get((feed, kind, name))
        rules |= set(named) if named else {f"{OF_KIND[kind]}.{name}"}
    return rules


def verdicts(ctx: Context, manifest: Mapping[str, Any], names: Mapping[int, str]) -> list[Verdict]:
    """Each rule of the history; `names` are the files' names by delivery, of which others are not asked."""
    expected: dict[tuple[str, str], set[Place]] = defaultdict(set)
    found: dict[tuple[str, str], set[Place]] = defaultdict(set)
    for entry in manifest["history"]:
        file = entry["path"].rsplit("/", 1)[1]
        for fault in entry["faults"] if entry["states"] == ["loaded"] else ():
            if fault["outcome"] == "quarantined":
                for rule in broken_by(entry["feed"], fault):
                    expected[entry["feed"], rule].add((file, fault["sheet"] or "", fault["row"]))
    with ctx.engine.connect() as connection:
        for kept_out in entries(connection, everything=True):
            if kept_out.delivery in names:
                place = (names[kept_out.delivery], kept_out.sheet or "", kept_out.row)
                for reason in kept_out.reasons:
                    found[kept_out.feed, _with_field(reason)].add(place)
    return [
        Verdict(*key, frozenset(expected[key]), frozenset(found[key]))
        for key in sorted(expected.keys() | found.keys())
    ]


def _with_field(reason: Mapping[str, Any]) -> str:
    """The faults of a cell have one name for all fields; the rules of a contract name theirs."""
    return f"{reason['rule']}.{reason['column']}" if reason.get("column") else str(reason["rule"])


def table(by_seed: Mapping[int, Sequence[Verdict]]) -> str:
    """The verdicts of some samples as Markdown, the fields of a type of rule together."""
    seeds = "".join(f" {seed}: 应有 expected | 找到 found |" for seed in by_seed)
    lines = [
        f"| 规则 rule |{seeds} 查准 precision | 查全 recall |",
        "|---|" + "--:|" * (2 * len(by_seed) + 2),
    ]
    rules = sorted({_type(each.rule) for some in by_seed.values() for each in some})
    for name in [*rules, ""]:
        cells, all_expected, all_found, both = [], 0, 0, 0
        for judged in by_seed.values():
            some = [each for each in judged if name in ("", _type(each.rule))]
            expected, found = (
                sum(len(each.expected) for each in some),
                sum(len(e.found) for e in some),
            )
            both += sum(len(each.expected & each.found) for each in some)
            all_expected, all_found = all_expected + expected, all_found + found
            cells += [str(expected), str(found)]
        cells += [f"{both / n:.2f}" if n else "–" for n in (all_found, all_expected)]
        lines.append(f"| {f'`{name}`' if name else '合计 all'} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _type(rule: str) -> str:
    return rule.split(".")[0]


def _load(seed: int, server: str, template: str) -> list[Verdict]:
    from minsheng_sample.write import write_sample

    from etl.database.prepare import prepare
    from etl.ingest import ingest
    from etl.settings import Settings
    from tests.conftest import copy_of

    with tempfile.TemporaryDirectory() as home, copy_of(server, template) as engine:
        prepare(engine)
        sample = Path(home, "sample")
        write_sample(sample, orders=5000, seed=seed)
        url = engine.url.render_as_string(hide_password=False)
        env = {"MINSHENG_HOME": str(Path(home, "home")), "MINSHENG_DATABASE_URL": url}
        ctx = Context.of(Settings.load(env))
        manifest = json.loads((sample / "manifest.json").read_text(encoding="utf-8"))
        done = ingest([sample / entry["path"] for entry in manifest["history"]], ctx=ctx)
        judged = verdicts(ctx, manifest, {d.delivery_id: d.file_name for d in done})
        ctx.engine.dispose()
    return judged


def _main(seeds: Sequence[int]) -> None:
    from etl import database
    from etl import server as embedded
    from etl.database import migrate
    from etl.settings import Settings
    from tests.conftest import TUNING, temporary_home

    with temporary_home() as home:
        settings = Settings.load({"MINSHENG_HOME": str(home)})
        server = embedded.start(settings, tuning=TUNING)
        engine = database.engine_at(embedded.ensure_database(server, "template_migrated"))
        migrate.upgrade(engine)
        engine.dispose()
        by_seed = {seed: _load(seed, server, "template_migrated") for seed in seeds}
    sys.stdout.write(table(by_seed))


if __name__ == "__main__":
    _main([int(seed) for seed in sys.argv[1:]] or [14, 7, 11])
