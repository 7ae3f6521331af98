"""A delivery beside those that were accepted before it: its number of rows, its codes and names, their shares.

Judged by the feed's own ups and downs, robustly (median and median deviation), and not before there
are enough of them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa

from etl.contract import Contract
from etl.contract.model import DeliveryRule
from etl.database import sql_file
from etl.ledger import Delivery
from etl.reasons import ERROR, WARNING, Catalogue, Reason

MESSAGES = Catalogue(__file__)

LEAST, MOST = 8, 24
"""So many deliveries before make a history; further ones are not asked."""
WIDTH = 4 * 1.4826
"""Median deviations that are still usual: four standard deviations, were it a normal distribution."""
SLACK = {"full": math.log(1 / 0.9), "delta": math.log(2), "window": math.log(2)}
"""What is usual at any rate: a tenth more or fewer rows of a snapshot, half or double of events."""
MANY_VALUES = 200
"""A field with more values than this is no code list."""
FEW_ROWS = 100
"""Shares of fewer rows say nothing."""

Counts = Mapping[str, int]


class ValueCounts:
    """Counts the values of a delivery's codes and registered names, batch by batch."""

    def __init__(self, contract: Contract) -> None:
        self._columns = {
            str(field.column): field.name
            for field in contract.fields
            if field.column and field.handling == "keep" and (field.codes or field.register)
        }
        self.by_field: dict[str, dict[str, int]] = {n: {} for n in self._columns.values()}

    def look(self, batch: pa.RecordBatch) -> None:
        """Add a batch of typed columns; those of few values are dictionaries, and cheap."""
        for column, name in self._columns.items():
            if name not in self.by_field or column not in batch.schema.names:
                continue
            counts = self.by_field[name]
            for item in pc.value_counts(batch[column]).to_pylist():
                value = item["values"]
                if value is not None:
                    counts[str(value)] = counts.get(str(value), 0) + int(item["counts"])
            if len(counts) > MANY_VALUES:
                del self.by_field[name]

    def keep(self, connection: sa.Connection, delivery_id: int) -> None:
        """Enter them into the ledger."""
        connection.execute(
            sa.text("DELETE FROM ledger.value_count WHERE delivery_id = :d"), {"d": delivery_id}
        )
        rows = [
            {"d": delivery_id, "f": name, "v": value, "n": n}
            for name, counts in self.by_field.items()
            for value, n in counts.items()
        ]
        if rows:
            connection.execute(
                sa.text("INSERT INTO ledger.value_count VALUES (:d, :f, :v, :n)"), rows
            )


def unusual(
    connection: sa.Connection, delivery: Delivery, contract: Contract, rows: int
) -> list[Reason]:
    """What is unusual in a delivery by the history of its feed; each with the severity of its rule."""
    if delivery.repairs or delivery.period_end is None or delivery.period_start is None:
        return []
    about = {
        "delivery_id": delivery.delivery_id,
        "feed": delivery.feed,
        "mode": delivery.mode,
        "until": delivery.period_end,
        "days": (delivery.period_end - delivery.period_start).days,
        "most": MOST,
    }
    reasons = []
    if (rule := contract.delivery_rule("rows_unusual")) and delivery.mode in SLACK:
        reasons += _rows(connection, rule, delivery, rows, about)
    gone = contract.delivery_rule("value_gone")
    shifted = contract.delivery_rule("shares_shifted")
    if delivery.mode in SLACK and (gone or shifted):
        own, before = _value_counts(connection, about)
        for field, earlier in before.items():
            if len(earlier) < LEAST or field not in contract.by_name:
                continue
            title = contract.by_name[field].title_zh
            now = own.get(field, {})
            if gone and (missing := always_there(earlier) - now.keys()):
                shown = "、".join(sorted(missing)[:10])
                reasons.append(
                    _told(
                        gone, delivery, column=field, header=title, found=shown, times=len(earlier)
                    )
                )
            if shifted and sum(now.values()) >= FEW_ROWS:
                reasons += _shifts(shifted, delivery, field, title, now, earlier)
    return reasons


def usual_rows(before: Sequence[int], mode: str) -> tuple[float, float] | None:
    """Between which numbers of rows a delivery is usual, by those before it, the last first; None: too few of them.

    A snapshot is judged by how much it changes from one to the next, so that growth is usual;
    events by how many there are.
    """
    counts = [n for n in before if n > 0]
    if len(counts) <= LEAST:
        return None
    logs = [math.log(n) for n in counts]
    if mode == "full":
        steps = [later - earlier for later, earlier in pairwise(logs)]
        centre, base = median(steps), logs[0]
    else:
        steps, base = logs, 0.0
        centre = median(steps)
    spread = median(abs(step - centre) for step in steps)
    half = max(WIDTH * spread, SLACK[mode])
    return math.exp(base + centre - half), math.exp(base + centre + half)


def always_there(earlier: Sequence[Counts]) -> set[str]:
    """The values that every one of the deliveries before has."""
    return set.intersection(*(set(counts) for counts in earlier))


def shift(one: Counts, other: Counts) -> float:
    """How far two distributions are apart: the share of rows that would have to have another value, 0 to 1."""
    total_one, total_other = sum(one.values()) or 1, sum(other.values()) or 1
    values = one.keys() | other.keys()
    apart = sum(abs(one.get(v, 0) / total_one - other.get(v, 0) / total_other) for v in values)
    return apart / 2


def _rows(
    connection: sa.Connection,
    rule: DeliveryRule,
    delivery: Delivery,
    rows: int,
    about: dict[str, Any],
) -> list[Reason]:
    query = sa.text(sql_file("stage/row_counts.sql"))
    before = [int(n or 0) for n in connection.execute(query, about).scalars()]
    usual = usual_rows(before, str(delivery.mode))
    if usual is None or usual[0] <= rows <= usual[1] or abs(rows - before[0]) < rule.least:
        return []
    # More than usual is looked at, but nothing is lost by it.
    holds = rule.severity == "hold" and delivery.mode == "full" and rows < usual[0]
    return [
        MESSAGES.reason(
            rule.id,
            severity=ERROR if holds else WARNING,
            found=rows,
            expected=f"{usual[0]:,.0f}–{usual[1]:,.0f}",
            times=len(before),
            delivery_id=delivery.delivery_id,
        )
    ]


def _shifts(
    rule: DeliveryRule,
    delivery: Delivery,
    field: str,
    title: str,
    now: Counts,
    earlier: Sequence[Counts],
) -> list[Reason]:
    pool: dict[str, int] = defaultdict(int)
    for counts in earlier:
        for value, n in counts.items():
            pool[value] += n
    usual = max(shift(counts, pool) for counts in earlier)
    found = shift(now, pool)
    if found <= max(rule.share, 1.5 * usual):
        return []
    total, pooled = sum(now.values()), sum(pool.values())
    moved = sorted(
        ((now.get(v, 0) / total, pool.get(v, 0) / pooled, v) for v in now.keys() | pool.keys()),
        key=lambda each: (-abs(each[0] - each[1]), each[2]),
    )
    shown = "、".join(f"{value} {before:.0%}→{after:.0%}" for after, before, value in moved[:3])
    return [_told(rule, delivery, column=field, header=title, found=shown, moved=f"{found:.0%}")]


def _told(rule: DeliveryRule, delivery: Delivery, **facts: Any) -> Reason:
    severity = ERROR if rule.severity == "hold" else WARNING
    return MESSAGES.reason(rule.id, severity=severity, delivery_id=delivery.delivery_id, **facts)


def _value_counts(
    connection: sa.Connection, about: dict[str, Any]
) -> tuple[dict[str, Counts], dict[str, list[Counts]]]:
    own: dict[str, dict[str, int]] = defaultdict(dict)
    before: dict[str, dict[int, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for place, field, value, n in connection.execute(
        sa.text(sql_file("stage/value_counts.sql")), about
    ):
        if place == 0:
            own[field][value] = n
        else:
            before[field][place][value] = n
    return dict(own), {field: list(places.values()) for field, places in before.items()}
