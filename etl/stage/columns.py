"""Columns that were filled before and are gone now: a header renamed empties every value without a fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from etl.contract import Contract, DeliveryRule
from etl.contract.likeness import ALIKE, likeliest_pairs, likeness
from etl.ledger import Delivery
from etl.reasons import ERROR, WARNING, Catalogue, Reason

MESSAGES = Catalogue(__file__)


@dataclass
class Columns:
    """The columns of one delivery, by the names of the contract's fields."""

    sent: Sequence[str] = ()
    filled: set[str] = field(default_factory=set)
    unknown: Sequence[str] = ()
    """Headers that the contract does not know, as the file has them."""


def keep_columns(connection: sa.Connection, delivery_id: int, columns: Columns) -> None:
    """Enter which columns the delivery has, and which of them hold values."""
    connection.execute(
        sa.text(
            "INSERT INTO ledger.headers (delivery_id, sent, filled, unknown) VALUES (:d, :s, :f, :u)"
            " ON CONFLICT (delivery_id) DO UPDATE SET sent = :s, filled = :f, unknown = :u"
        ),
        {
            "d": delivery_id,
            "s": list(columns.sent),
            "f": sorted(columns.filled),
            "u": list(columns.unknown),
        },
    )


def columns_gone(connection: sa.Connection, delivery: Delivery, contract: Contract) -> list[Reason]:
    """The columns that the accepted delivery before had filled, and that this one lacks or has empty.

    Where the rule holds, only a snapshot waits for a person: a delta or a correction empties
    no more than its own rows, and is warned of where a column seems to be renamed.
    """
    rule = contract.delivery_rule("column_gone")
    if rule is None or delivery.mode == "retraction" or delivery.repairs:
        return []
    own, before = _columns(
        connection,
        feed=delivery.feed,
        mode=contract.mode if delivery.mode == "correction" else delivery.mode,
        end=delivery.period_end,
        own=delivery.delivery_id,
    )
    if own is None or before is None:
        return []
    gone = [name for name in contract.by_name if name in before.filled and name not in own.sent]
    if delivery.mode != "full":
        # Changes come in several layouts; only one that looks renamed is worth a word.
        gone = [n for n in gone if _looks_renamed(contract.by_name[n].headers, own.unknown)]
    reasons = [_gone(rule, delivery, contract, gone, own.unknown)] if gone else []
    empty = [name for name in before.filled if name in own.sent and name not in own.filled]
    if empty and delivery.mode == "full":
        reasons.append(MESSAGES.reason("column_empty", header=_titles(contract, empty)))
    return reasons


def _columns(connection: sa.Connection, **values: object) -> list[Columns | None]:
    """The columns of the delivery `own`, and those of the accepted one before it."""
    columns = "c.sent, c.filled, c.unknown FROM ledger.headers AS c"
    rows = connection.execute(
        sa.text(
            f"SELECT 0 AS place, {columns} WHERE c.delivery_id = :own UNION ALL"
            f" (SELECT 1, {columns} JOIN ledger.delivery AS d USING (delivery_id)"
            " WHERE d.feed = :feed AND d.mode = :mode AND d.state = 'loaded' AND d.period_end <= :end"
            " AND delivery_id <> :own ORDER BY d.period_end DESC, delivery_id DESC LIMIT 1)"
        ),
        values,
    )
    by_place = {row.place: Columns(row.sent, set(row.filled), row.unknown) for row in rows}
    return [by_place.get(place) for place in (0, 1)]


def _gone(
    rule: DeliveryRule,
    delivery: Delivery,
    contract: Contract,
    gone: list[str],
    unknown: Sequence[str],
) -> Reason:
    likely = likeliest_pairs({name: contract.by_name[name].headers for name in gone}, unknown)
    pairs = [f"{contract.by_name[name].title_zh} → {header}" for name, header in likely.items()]
    held = rule.severity == "hold" and delivery.mode == "full"
    return MESSAGES.reason(
        rule.id,
        severity=ERROR if held else WARNING,
        header=_titles(contract, gone),
        found="、".join(unknown) or None,
        expected=_titles(contract, gone),
        likely_zh=f"，可能改名：{'、'.join(pairs)}" if pairs else "",
        likely_en=f"; perhaps renamed: {', '.join(pairs)}" if pairs else "",
        delivery_id=delivery.delivery_id,
        details={"fields": gone, "likely": likely},
    )


def _titles(contract: Contract, names: Sequence[str]) -> str:
    return "、".join(contract.by_name[name].title_zh for name in names if name in contract.by_name)


def _looks_renamed(headers: Sequence[str], unknown: Sequence[str]) -> bool:
    return any(likeness(headers, candidate) >= ALIKE for candidate in unknown)
