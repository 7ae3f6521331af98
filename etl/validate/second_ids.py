"""The same thing under a second id: rows that agree in what a contract calls the same thing (`sameThing`).

Nothing is held back: two institutions may share a name. The warning names both, so that a person can
say which of them it is, and a figure that grew by it can be explained.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from etl.contract import Contract
from etl.contract.limits import targets_of
from etl.contract.star import star_tables
from etl.database import run_file
from etl.ledger import Delivery
from etl.quoting import identifier
from etl.reasons import Catalogue, Reason

MESSAGES = Catalogue(__file__)

RULE = "second_id"
"""Id of the warning."""

MOST = 10
"""Candidates that a warning lists."""


def find(
    connection: sa.Connection, delivery: Delivery, contract: Contract, table: str, bad: str | None
) -> list[Reason]:
    """A warning for each list of fields in which rows with different business keys agree.

    `table` is the delivery's staging table, `bad` its table of rows that are not loaded (None: all
    are). Of a feed that sends only what is new, the star is compared as well.
    """
    if delivery.mode == "retraction":
        return []
    reasons = []
    for fields in contract.same_thing:
        names = _names(contract, fields, table, bad)
        groups = _run(connection, "validate/second_ids.sql", names, delivery)
        if contract.mode != "full":
            known = _against_star(contract, fields)
            if known is not None:
                groups += _run(connection, "validate/second_ids_known.sql", names | known, delivery)
        if groups:
            reasons.append(_reason(contract, fields, groups))
    return reasons


def _names(
    contract: Contract, fields: tuple[str, ...], table: str, bad: str | None
) -> dict[str, str]:
    columns = [_column(contract, name) for name in fields]
    return {
        "table": table,
        "bad": f"row_no NOT IN (SELECT row_no FROM {bad})" if bad else "true",
        "key": _key([_column(contract, name) for name in contract.key]),
        "has_key": " AND ".join(f"{_column(contract, name)} IS NOT NULL" for name in contract.key),
        "columns": ", ".join(columns),
        "same": ", ".join(columns),
        "filled": " AND ".join(f"{column} IS NOT NULL" for column in columns),
    }


def _against_star(contract: Contract, fields: tuple[str, ...]) -> dict[str, str] | None:
    """The same comparison with the fact that the feed fills; None where its columns are not the feed's."""
    for target in contract.targets:
        table = star_tables().get(target)
        if table is None or not target.startswith("fact_"):
            continue
        key = [_passed(contract, name, target) for name in contract.key]
        if not all(column in table.types for column in key):
            continue
        joins, same = [], []
        for number, name in enumerate(fields):
            column, passed = _column(contract, name), _passed(contract, name, target)
            stem = passed.removesuffix("_id")
            if passed in table.types:
                same.append(f"t.{identifier(passed)} = good.{column}")
            elif passed.endswith("_id") and f"{stem}_key" in table.types:
                joins.append(
                    f"JOIN registry.{stem} AS r{number} ON r{number}.{stem}_id = good.{column}"
                )
                same.append(f"t.{stem}_key = r{number}.{stem}_key")
            else:
                break
        else:
            return {
                "target": f"star.{target}",
                "star_key": _key([f"t.{identifier(column)}" for column in key]),
                "joins": " ".join(joins),
                "same": " AND ".join(same),
            }
    return None


def _passed(contract: Contract, name: str, target: str) -> str:
    return next(iter(targets_of(contract, name, target)), "")


def _column(contract: Contract, name: str) -> str:
    return identifier(contract.by_name[name].column or name)


def _key(columns: list[str]) -> str:
    """A business key as a person reads it; parts that are empty leave no trace but their place."""
    return " || ' ' || ".join(f"coalesce({column}::text, '')" for column in columns)


def _run(
    connection: sa.Connection, file: str, names: dict[str, str], delivery: Delivery
) -> list[Any]:
    return list(run_file(connection, file, names, delivery_id=delivery.delivery_id).all())


def _reason(contract: Contract, fields: tuple[str, ...], groups: list[Any]) -> Reason:
    titles = [contract.by_name[name] for name in fields]
    zh, en = (
        "、".join(each.title_zh for each in titles),
        ", ".join(each.title_en for each in titles),
    )
    more = len(groups) - MOST
    listed = [_candidate(group) for group in groups[:MOST]]
    return MESSAGES.reason(
        RULE,
        rows=sum(group.row_count for group in groups),
        things=len(groups),
        zh=zh,
        en=en,
        listed_zh="；".join(chinese for chinese, _ in listed)
        + (f"；另有 {more} 组" if more > 0 else ""),
        listed_en="; ".join(english for _, english in listed)
        + (f"; and {more} more" if more > 0 else ""),
        details={
            "columns": list(fields),
            "things": len(groups),
            "candidates": [chinese for chinese, _ in listed],
        },
    )


def _candidate(group: Any) -> tuple[str, str]:
    """`I1 / I1X` with their rows, in both languages; what the star has from before has none."""
    shown, rows = group.things[:MOST], [row for row in group.rows[:MOST] if row is not None]
    ids = " / ".join(shown) + (" / …" if len(group.things) > MOST else "")
    before = len(rows) < len(shown)
    listed = ", ".join(map(str, rows))
    chinese = "、".join(map(str, rows))
    if before:
        return (
            f"{ids}（第 {chinese} 行与已入库的一条）",
            f"{ids} (row {listed} and one loaded before)",
        )
    return f"{ids}（第 {chinese} 行）", f"{ids} (rows {listed})"
