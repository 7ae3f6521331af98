"""What a full snapshot can speak of; only there is absence disappearance."""

from __future__ import annotations

from etl.errors import MinshengError
from etl.load.targets import Incoming, Target
from etl.load.work import Work
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)


def own_time(target: Target) -> list[str]:
    """Key columns of a periodic fact: a snapshot speaks of its own months or years only."""
    return [column for column in target.business_key if column in ("month", "year")]


def scope_columns(work: Work, one: Incoming) -> list[str]:
    """The target's columns whose values in the file bound what its absence means: month or year, and the contract's scope."""
    columns = own_time(one.target)
    for name in work.contract.scope:
        found = [c for c in one.target.columns if name in (c, one.source(c))]
        if not found:
            raise MinshengError(
                MESSAGES.reason(
                    "scope_not_loaded", feed=work.contract.feed, name=name, target=one.target.name
                )
            )
        columns += [c for c in found if c not in columns]
    return columns
