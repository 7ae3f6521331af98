"""One file, several deliveries: of the feeds that read it, of the periods that its rows tell of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from etl import decode
from etl.context import Context
from etl.contract import Contract, Period, match, mode_of
from etl.errors import InputProblem
from etl.reasons import Reason
from etl.receive.sharing import contracts_of
from etl.receive.unclaimed import unclaimed


@dataclass(frozen=True)
class Part:
    """What becomes a delivery of its own."""

    member: str | None
    contract: Contract | None
    mode: str | None
    period: Period | None = None
    """Known at receipt only where a file has several."""
    reasons: tuple[Reason, ...] = ()
    """Why it is refused."""


def parts_of(
    ctx: Context,
    place: Path,
    archived: Path,
    member: str | None,
    fixed: Contract | None,
    problem: InputProblem | None,
) -> list[Part]:
    """The deliveries that a file, or a member, becomes: mostly one.

    `fixed` is the contract that whoever sent it named; `problem` is why its archive cannot be read.
    """
    if problem:
        contract = fixed or match(ctx.contracts, place, ctx.settings.landing, member)
        mode = mode_of(contract, member or place.name) if contract else None
        return [Part(member, contract, mode, reasons=(problem.reason,))]
    contracts = [fixed] if fixed else contracts_of(ctx, place, archived, member)
    if not contracts:
        return [Part(member, None, None, reasons=(unclaimed(ctx, place, member, archived),))]
    return [
        part
        for contract in contracts
        for part in _by_period(archived, contract, member, place.name)
    ]


def _by_period(archived: Path, contract: Contract, member: str | None, name: str) -> list[Part]:
    mode = mode_of(contract, member or name)
    try:
        periods = periods_of(archived, contract, member, name, whole=mode == "full")
    except InputProblem as unreadable:
        return [Part(member, contract, mode, reasons=(unreadable.reason,))]
    return [Part(member, contract, mode, period) for period in periods]


def periods_of(
    file: Path, contract: Contract, member: str | None, name: str, *, whole: bool
) -> list[Period] | list[None]:
    """The periods of a file, oldest first; [None] for a feed whose files have one, read while staging.

    Raises InputProblem for a file that cannot be read or whose rows do not tell their periods.
    """
    source = contract.split
    if source is None:
        return [None]
    reading, rows = decode.open_rows(file, contract, member=member, name=name)
    row_periods = decode.RowPeriods(contract, source, reading, decode.base_name(member or name))
    return decode.periods_of(rows, row_periods, reading, whole=whole)
