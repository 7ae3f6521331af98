"""Verify a version: its files byte for byte, its figures to the digit, computed anew as they were known."""

from __future__ import annotations

import json
from typing import Any

from etl.context import Context
from etl.evaluate import figures as figures_by
from etl.evaluate.run import Reading, schedules
from etl.plan import load_plan
from etl.publication import files
from etl.publication.record import FIGURES, FORMULAS, PLAN, figures_of, folder_of, version
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

_EXACT = (
    "value",
    "numerator",
    "denominator",
    "target",
    "progress",
    "time_progress",
    "status",
    "bounds",
)


def verify(ctx: Context, number: int) -> list[Reason]:
    """What differs from what was published; nothing if all is as it was. UsageError if there is no such version."""
    with ctx.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        publication = version(connection, number)
        figures = figures_of(connection, number)
        folder = folder_of(ctx.settings, number)
        reasons = list(files.differences(folder, publication.files_sha256))
        kept = folder / FIGURES
        if kept.exists() and json.loads(kept.read_bytes())["figures"] != figures:
            reasons.append(
                MESSAGES.reason("file_touched", file=str(kept), found="figures", expected="ledger")
            )
        if not (folder / PLAN).is_dir():
            return reasons
        reading = Reading(
            connection,
            schedules(ctx),
            publication.as_of,
            publication.known_at,
            publication.policy,
            kept_plan=load_plan(folder / PLAN),
        )
        # By the definitions that it was made by, whatever they are today.
        with figures_by.formulas_in(folder / FORMULAS):
            now = {
                indicator.statement.code: json.loads(files.to_bytes(indicator.to_json()))
                for indicator in reading.evaluation(hotline=True).indicators
            }
    return [*reasons, *_differing(figures, now)]


def _differing(published: list[dict[str, Any]], now: dict[str, dict[str, Any]]) -> list[Reason]:
    differing = []
    for figure in published:
        again = now.get(figure["code"])
        expected = {name: figure[name] for name in _EXACT}
        found = {name: again[name] for name in _EXACT} if again else None
        if found != expected:
            differing.append(
                MESSAGES.reason(
                    "figure_differs",
                    code=figure["code"],
                    found=json.dumps(found, ensure_ascii=False),
                    expected=json.dumps(expected, ensure_ascii=False),
                )
            )
    return differing
