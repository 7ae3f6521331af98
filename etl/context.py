"""What every verb needs: the settings, a pool of connections, the contracts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from etl import database
from etl.contract import Contract, ContractProblem, broken_contracts, load_contracts
from etl.errors import MinshengError
from etl.reasons import Catalogue
from etl.settings import Settings

MESSAGES = Catalogue(__file__)

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Context:
    """One installation, opened. `Context.of()` is cached: a process has one pool per installation."""

    settings: Settings
    engine: sa.Engine

    @classmethod
    def of(cls, settings: Settings | None = None) -> Context:
        """The context of these settings (default: of the environment)."""
        return _open(settings or Settings.load())

    @property
    def contracts(self) -> Mapping[str, Contract]:
        """Every feed's contract that can be used; read again only when a file has changed."""
        return load_contracts(self.settings)

    @property
    def feed_names(self) -> dict[str, tuple[str, str]]:
        """Every feed's name, Chinese and English."""
        return {feed: (each.name_zh, each.name_en) for feed, each in self.contracts.items()}

    def contract(self, feed: str) -> Contract:
        """The contract of `feed`; ContractProblem if it is broken, MinshengError if there is none (any more)."""
        contract = self.contracts.get(feed)
        if contract is not None:
            return contract
        problems = [
            p for b in broken_contracts(self.settings) if b.feed == feed for p in b.problems
        ]
        if problems:
            raise ContractProblem(problems)
        raise MinshengError(MESSAGES.reason("no_contract", feed=feed))

    def archived(self, sha256: str) -> Path:
        """Where the archive keeps these bytes."""
        return self.settings.archive / sha256[:2] / sha256


@cache
def _open(settings: Settings) -> Context:
    engine = database.engine(settings)
    _bring_up_to_date(engine, embedded=settings.database_url is None)
    return Context(settings, engine)


def _bring_up_to_date(engine: sa.Engine, *, embedded: bool) -> None:
    """Upgrade an embedded warehouse by itself; a user's own database is only upgraded when asked to."""
    from etl.database import migrate

    wanted = migrate.newest()
    with engine.connect() as connection:
        applied = migrate.current(connection)
    if applied == wanted:
        return
    if embedded:
        from etl.database.prepare import prepare

        prepare(engine)
        return
    raise MinshengError(MESSAGES.reason("schema_outdated", found=applied or "-", expected=wanted))
