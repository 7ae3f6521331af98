"""Why a file is nobody's: several contracts claim it, its feed's contract is broken, or none names it so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath

from etl.context import Context
from etl.contract import Contract, broken_contracts, claimants
from etl.contract.find import folder_feed
from etl.decode import open_tables
from etl.errors import InputProblem
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

LARGEST = 4_000_000
"""Bytes of a file up to which all contracts are held against its headers: it is opened once for each."""


def unclaimed(ctx: Context, path: Path, member: str | None, bytes_at: Path | None = None) -> Reason:
    """The reason; `bytes_at` is where the file lies, if it is no longer at `path`."""
    name = path.name + (f"/{member}" if member else "")
    claims = claimants(ctx.contracts, path, ctx.settings.landing, member)
    if claims:
        feeds = "、".join(contract.feed for contract in claims)
        return MESSAGES.reason("claimed_twice", file=name, found=path.name, feeds=feeds)
    broken = {contract.feed: contract for contract in broken_contracts(ctx.settings)}
    places = [place for place in (member and PurePath(member.replace("\\", "/")), path) if place]
    out = next((feed for place in places if (feed := folder_feed(place, broken))), None)
    if out is not None:
        problem = str(broken[out].problems[0])
        return MESSAGES.reason("contract_broken", file=name, found=problem, feed=out)
    best = best_fit(ctx, bytes_at or path, path.name, member)
    if best is None:
        return MESSAGES.reason("unclaimed", file=name, found=path.name)
    feed, fields, of = best
    return MESSAGES.reason(
        "unclaimed_like", file=name, found=path.name, feed=feed, fields=fields, of=of
    )


def best_fit(
    ctx: Context, file: Path, name: str, member: str | None
) -> tuple[str, int, int] | None:
    """The feed whose headers fit best: its id, how many of its fields the file has, of how many."""
    if file.stat().st_size > LARGEST:
        return None
    fits = []
    for contract in ctx.contracts.values():
        try:
            table = open_tables(file, _lenient(contract), member=member, name=name)
        except (InputProblem, OSError):
            continue
        fits.append((len(table.headers), -len(table.unknown), contract.feed, len(contract.fields)))
    if not fits:
        return None
    fields, _, feed, of = max(fits)
    return (feed, fields, of) if fields >= 2 else None


def _lenient(contract: Contract) -> Contract:
    """The same fields, none of which has to be there."""
    fields = tuple(replace(field, required=False) for field in contract.fields)
    return replace(contract, fields=fields, file=replace(contract.file, sheets=()))
