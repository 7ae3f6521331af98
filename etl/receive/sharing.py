"""One workbook, several feeds: each reads the sheets that its contract names."""

from __future__ import annotations

from pathlib import Path

from etl import decode
from etl.context import Context
from etl.contract import Contract, claimants


def contracts_of(ctx: Context, place: Path, archived: Path, member: str | None) -> list[Contract]:
    """The contracts that read a file: one; several if each names its sheets of a workbook; none where nobody can say."""
    claims = claimants(ctx.contracts, place, ctx.settings.landing, member)
    if len(claims) > 1:
        named = all(contract.file.sheets for contract in claims)
        return claims if named and decode.is_workbook_at(archived, member, place.name) else []
    return claims
