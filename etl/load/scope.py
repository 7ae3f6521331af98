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


def scope_columns(work: Work, incoming: Incoming) -> list[str]:
    """The target's columns whose values in the file bound what its absence means: month or year, and the contract's scope."""
    columns = own_time(incoming.target)
    for name in work.contract.scope:
        filled = [c for c in incoming.target.columns if name in (c, incoming.source(c))]
        if not filled:
            raise MinshengError(
                MESSAGES.reason(
                    "scope_not_loaded",
                    feed=work.contract.feed,
                    name=name,
                    target=incoming.target.name,
                )
            )
        columns += [c for c in filled if c not in columns]
    return columns
