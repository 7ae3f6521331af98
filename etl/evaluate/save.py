"""Keep an evaluation: a row in the ledger, its figures beside it, appended and never changed."""

from __future__ import annotations

import getpass
import json
import time
from typing import Any

import sqlalchemy as sa

from etl.context import Context
from etl.database.locks import Lock
from etl.database.seed import seed
from etl.evaluate import definition, reconcile
from etl.evaluate.result import Evaluation
from etl.evaluate.revisions import keep_revisions
from etl.evaluate.run import Reading, schedules
from etl.logs import logger
from etl.plan import load_plan
from etl.settings import Settings

log = logger(__name__)


def evaluate_newest(settings: Settings | None = None, *, who: str | None = None) -> dict[str, Any]:
    """Evaluate the newest commit and keep the result; a commit that was evaluated is left alone.

    Two processes at once give one evaluation.
    """
    ctx = Context.of(settings)
    started = time.perf_counter()
    with ctx.engine.begin() as connection:
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(:lock, 0)"), {"lock": Lock.EVALUATION}
        )
        reading = Reading(connection, schedules(ctx))
        kept = connection.execute(
            sa.text(
                "SELECT count(*) FROM ledger.evaluation WHERE seq = :seq AND as_of = :as_of AND policy = :policy"
            ),
            {
                "seq": reading.seq,
                "as_of": reading.as_of,
                "policy": reading.policy.policy_code,
            },
        ).scalar_one()
        if kept or not reading.seq:
            return {"skipped": True, "seq": reading.seq}
        # The labels that reports show follow the program's plan, also between upgrades.
        seed(connection)
        evaluation = reading.evaluation(hotline=True)
        number = save(connection, evaluation, who)
        if number is not None:
            reconcile.keep(connection, number, reconcile.reconcile(reading))
            keep_revisions(connection, reading.schedules, number)
        done = {"skipped": False, **_summary(evaluation), "evaluation": number}
    log.info("evaluated", seconds=round(time.perf_counter() - started, 3), **done)
    return done


def save(connection: sa.Connection, evaluation: Evaluation, who: str | None = None) -> int | None:
    """Append an evaluation; None if this day was evaluated at this commit by this policy before.

    MinshengError if a definition changed under its version: what is kept would mix two rules.
    `who` defaults to the user of the process.
    """
    plan = load_plan().on(evaluation.as_of)
    definition.refuse(
        definition.changed(
            connection,
            plan,
            [indicator.statement for indicator in evaluation.indicators],
            evaluation.policy,
        )
    )
    number: int | None = connection.execute(
        sa.text(
            "INSERT INTO ledger.evaluation (seq, as_of, policy, who) VALUES (:seq, :as_of, :policy, :who)"
            " ON CONFLICT (seq, as_of, policy) DO NOTHING RETURNING evaluation_id"
        ),
        {
            "seq": evaluation.seq,
            "as_of": evaluation.as_of,
            "policy": evaluation.policy.policy_code,
            "who": who or getpass.getuser(),
        },
    ).scalar_one_or_none()
    if number is None:
        return None
    connection.execute(
        sa.text(
            "INSERT INTO star.fact_indicator_value (evaluation_id, indicator_key, value, numerator, denominator,"
            " baseline, half_width, target, progress, time_progress, status, reasons, completeness,"
            " quarantined_share, is_provisional, definition_version, definition_hash, low, high, open_ends)"
            " SELECT :evaluation, indicator_key, :value, :numerator, :denominator, :baseline, :half_width, :target,"
            " :progress, :time_progress, :status, CAST(:reasons AS jsonb), :completeness, :quarantined_share,"
            " :provisional, :definition_version, :definition_hash, :low, :high, :open_ends FROM registry.indicator WHERE indicator_id = :code"
        ),
        [
            {
                **values,
                "evaluation": number,
                "definition_hash": definition.definition_hash(
                    plan, indicator.statement, evaluation.policy
                ),
                "reasons": json.dumps(values["reasons"], ensure_ascii=False),
                **{name: values["bounds"][name] for name in ("low", "high")},
                "open_ends": values["bounds"]["open"],
            }
            for indicator in evaluation.indicators
            for values in [indicator.to_json()]
        ],
    )
    return number


def _summary(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "as_of": evaluation.as_of.isoformat(),
        "known_at": evaluation.known_at.isoformat() if evaluation.known_at else None,
        "seq": evaluation.seq,
        "indicators": len(evaluation.indicators),
        "by_status": evaluation.by_status(),
        "provisional": sum(indicator.provisional for indicator in evaluation.indicators),
    }
