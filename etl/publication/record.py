"""What the ledger keeps of a publication, and where its files stand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from etl.errors import UsageError
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)
FOLDER = "published"
MANIFEST = "manifest.json"
FIGURES = "figures.json"
PLAN, FORMULAS = "definitions/plan", "definitions/indicators"
"""The plan and the formulas that it was made by, as files of the version."""
REPORT = "report"
"""The report as it was published: site, tables, workbook, document."""

_COLUMNS = (
    "version, as_of, seq, known_at, policy, kind, revises, why, prepared_by, reviewed_by, approved_by, document_no,"
    " published_at, embargo_until, seen_by, overridden, override_why, program, revised, files_sha256"
)


@dataclass(frozen=True)
class Publication:
    """One published version; times are with zone, `seq` is the commit it knows of."""

    version: int
    as_of: date
    seq: int
    known_at: datetime
    policy: str
    kind: str
    revises: int | None
    why: str | None
    prepared_by: str
    reviewed_by: str
    approved_by: str
    document_no: str
    published_at: datetime
    embargo_until: datetime | None
    seen_by: list[str]
    overridden: list[dict[str, str]]
    override_why: str | None
    program: str
    revised: list[dict[str, Any]]
    files_sha256: str

    def as_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in asdict(self).items()
        }


def published(connection: sa.Connection) -> list[Publication]:
    """All versions, the first one first."""
    rows = connection.execute(
        sa.text(f"SELECT {_COLUMNS} FROM ledger.publication ORDER BY version")
    )
    return [Publication(**row._mapping) for row in rows]


def version(connection: sa.Connection, number: int) -> Publication:
    """One version; UsageError if there is none."""
    for publication in published(connection):
        if publication.version == number:
            return publication
    raise UsageError(MESSAGES.reason("no_such_version", version=number))


def figures_of(connection: sa.Connection, number: int) -> list[dict[str, Any]]:
    """The figures of a version as they were published."""
    kept: list[dict[str, Any]] = connection.execute(
        sa.text("SELECT figures FROM ledger.publication WHERE version = :n"), {"n": number}
    ).scalar_one()
    return kept


def folder_of(settings: Settings, number: int) -> Path:
    """Where the files of a version stand."""
    return settings.home / FOLDER / str(number)
