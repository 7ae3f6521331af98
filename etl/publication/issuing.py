"""Make a version: three people, nothing missing, one document number; or a reason that is printed with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from importlib.metadata import version as version_of
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa

from etl import definitions, plan
from etl.context import Context
from etl.database.locks import Lock
from etl.errors import MinshengError, UsageError
from etl.evaluate.known import BEIJING
from etl.evaluate.result import Evaluation
from etl.evaluate.run import Reading, schedules
from etl.logs import logger
from etl.publication import files
from etl.publication.record import (
    FIGURES,
    FORMULAS,
    PLAN,
    REPORT,
    Publication,
    figures_of,
    folder_of,
    published,
    version,
)
from etl.reasons import Catalogue, Reason
from etl.report import build
from etl.report.model import Issue

log = logger(__name__)
MESSAGES = Catalogue(__file__)

_LACKING = {
    "no_data",
    "missing_deliveries",
    "missing_days",
    "missing_towns",
    "waiting_deliveries",
    "target_held",
    "declaration_held",
    "target_in_quarantine",
    "declaration_in_quarantine",
}
_COMPARED = ("value", "low", "high", "status", "target", "provisional", "definition_version")


@dataclass(frozen=True)
class Persons:
    """Who prepared, reviewed and approved: three different people."""

    prepared_by: str
    reviewed_by: str
    approved_by: str

    def check(self) -> None:
        """UsageError unless they are three."""
        names = [name.strip() for name in (self.prepared_by, self.reviewed_by, self.approved_by)]
        if len(set(names)) < len(names) or not all(names):
            raise UsageError(MESSAGES.reason("same_person", found="、".join(names)))


def publish(
    ctx: Context,
    as_of: date,
    persons: Persons,
    document_no: str,
    *,
    update: str | None = None,
    correction: str | None = None,
    override: str | None = None,
    embargo_until: datetime | None = None,
    seen_by: Sequence[str] = (),
) -> Publication:
    """Evaluate `as_of` as known now and publish it; all of it or nothing.

    `update` or `correction` says why a later version of the same day is made; `override` why one goes out that is
    not ready. Raises UsageError or MinshengError, naming what is not as it should be.
    """
    persons.check()
    with ctx.engine.begin() as connection:
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(:lock, 0)"), {"lock": Lock.EVALUATION}
        )
        versions = published(connection)
        for earlier in versions:
            if earlier.document_no == document_no:
                raise UsageError(
                    MESSAGES.reason(
                        "document_no_used", document_no=document_no, version=earlier.version
                    )
                )
        revised = _revises(versions, as_of, update or correction)
        now = datetime.now(BEIJING)
        evaluation = Reading(connection, schedules(ctx), as_of, now).evaluation(hotline=True)
        lacking = not_ready(evaluation)
        if lacking and not override:
            raise MinshengError(
                MESSAGES.reason(
                    "not_ready",
                    listed_zh="；".join(reason.message_zh for reason in lacking),
                    listed_en="; ".join(reason.message_en for reason in lacking),
                )
            )
        figures = [indicator.to_json() for indicator in evaluation.indicators]
        changed = _changed(figures_of(connection, revised), figures) if revised else []
        if revised and not changed:
            raise MinshengError(MESSAGES.reason("nothing_changed", version=revised))
        number = len(versions) + 1
        head: dict[str, Any] = {
            "version": number,
            "as_of": as_of,
            "seq": evaluation.seq,
            "known_at": now,
            "policy": evaluation.policy.policy_code,
            "kind": "correction" if correction else "update" if update else "first",
            "revises": revised,
            "why": correction or update,
            **persons.__dict__,
            "document_no": document_no,
            "embargo_until": embargo_until,
            "seen_by": list(seen_by),
            "overridden": [reason.brief() for reason in lacking] if override else [],
            "override_why": override if lacking else None,
            "program": version_of("minsheng"),
            "revised": changed,
        }
        contents = {
            FIGURES: files.to_bytes({"publication": head, "figures": figures}),
            **_receipts(connection, ctx, evaluation, now),
            **_definitions(),
        }
        contents |= _report(ctx, head)
        folder = folder_of(ctx.settings, number)
        head["files_sha256"] = files.write(folder, contents)
        _enter(connection, head, figures)
    log.info("published", version=number, as_of=as_of.isoformat(), kind=head["kind"])
    with ctx.engine.connect() as connection:
        return version(connection, number)


def not_ready(evaluation: Evaluation) -> list[Reason]:
    """What stands against publication: data that are due, examples, synthetic data."""
    listed: dict[str, list[str]] = {
        "lacking": [],
        "example_targets": [],
        "example_declarations": [],
    }
    for indicator in evaluation.indicators:
        codes = {reason.code for reason in indicator.reasons}
        if codes & _LACKING:
            listed["lacking"].append(indicator.statement.name_zh)
        if "example_target" in codes:
            listed["example_targets"].append(indicator.statement.name_zh)
        if "example_declaration" in codes:
            listed["example_declarations"].append(indicator.statement.name_zh)
    reasons = [
        MESSAGES.reason(code, names="、".join(names)) for code, names in listed.items() if names
    ]
    if evaluation.synthetic:
        reasons.append(MESSAGES.reason("synthetic"))
    return reasons


def _revises(versions: Sequence[Publication], as_of: date, why: str | None) -> int | None:
    earlier = [each.version for each in versions if each.as_of == as_of]
    if earlier and not why:
        raise UsageError(MESSAGES.reason("revises_which", as_of=as_of, version=earlier[-1]))
    if why and not earlier:
        raise UsageError(MESSAGES.reason("revises_nothing", as_of=as_of))
    return earlier[-1] if earlier else None


def _changed(
    before: Sequence[dict[str, Any]], after: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    old = {figure["code"]: _flat(figure) for figure in before}
    return [
        {"code": figure["code"], "before": old.get(figure["code"]), "after": _flat(figure)}
        for figure in after
        if old.get(figure["code"]) != _flat(figure)
    ]


def _flat(figure: dict[str, Any]) -> dict[str, Any]:
    whole = {**figure, **figure["bounds"]}
    return {name: whole[name] for name in _COMPARED}


def _receipts(
    connection: sa.Connection, ctx: Context, evaluation: Evaluation, known_at: datetime
) -> dict[str, bytes]:
    from etl.evaluate import figures
    from etl.evaluate.figures import receipt

    now = Reading(connection, schedules(ctx), evaluation.as_of, known_at)
    return {
        f"receipts/{statement.code}.json": files.to_bytes(
            receipt(connection, statement, now.parameters(statement))
        )
        for indicator in evaluation.indicators
        if figures.has_query(statement := indicator.statement)
    }


def _report(ctx: Context, head: dict[str, Any]) -> dict[str, bytes]:
    """The report's files, which say of which version they are."""
    issue = Issue(**{item.name: head[item.name] for item in fields(Issue)})
    with TemporaryDirectory(prefix="minsheng-") as folder:
        build(Path(folder), ctx, head["as_of"], head["known_at"], issue)
        return {
            f"{REPORT}/{path.relative_to(folder).as_posix()}": path.read_bytes()
            for path in sorted(Path(folder).rglob("*"))
            if path.is_file() and not path.name.startswith(".")
        }


def _definitions() -> dict[str, bytes]:
    kept = {PLAN: plan.FOLDER, FORMULAS: definitions.FORMULAS}
    return {
        f"{name}/{path.relative_to(folder).as_posix()}": path.read_bytes()
        for name, folder in kept.items()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".yaml", ".csv", ".sql")
    }


def _enter(
    connection: sa.Connection, head: dict[str, Any], figures: Sequence[dict[str, Any]]
) -> None:
    as_json = {
        name: json.dumps(value, ensure_ascii=False, default=str)
        for name, value in {
            "overridden": head["overridden"], "revised": head["revised"], "figures": figures,
        }.items()
    }  # fmt: skip
    values = {**head, **as_json}
    names = ", ".join(values)
    places = ", ".join(
        f"CAST(:{name} AS jsonb)" if name in as_json else f":{name}" for name in values
    )
    connection.execute(
        sa.text(f"INSERT INTO ledger.publication ({names}) VALUES ({places})"), values
    )
