"""A delivery judged by another version of its contract: which verdicts differ from those that the ledger has.

So a rule is tried on a year of deliveries before it is switched on. Nothing is loaded, and nothing is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import Contract, read_contract
from etl.contract.key import DUPLICATE
from etl.errors import InputProblem, MinshengError
from etl.ledger import Delivery
from etl.load.withdrawal import undoing
from etl.reasons import Catalogue, Reason
from etl.stage import fill
from etl.stage.table import bad_table_name, table_name
from etl.validate import conclude, expect, with_registers

MESSAGES = Catalogue(__file__)

SHOWN = 10
"""Rows that a difference names."""


@dataclass(frozen=True)
class Difference:
    """A rule of which the verdict differs: how many rows it kept out, how many it would; the first that come and go."""

    rule: str
    before: int
    after: int
    kept_out: tuple[int, ...]
    """Rows of the file (from 1, without the header) that it would keep out and did not."""
    let_pass: tuple[int, ...]


@dataclass(frozen=True)
class Verdicts:
    """What a contract says of one delivery, beside what the ledger has."""

    delivery: int
    feed: str
    period: str | None
    contract: str
    """Hash of the contract that judged now."""
    judged_by: str | None
    """Hash of the one that judged then."""
    state: str
    """validated, held, or rejected: what validating would come to."""
    rows: int
    kept_out_before: int
    kept_out_after: int
    differences: tuple[Difference, ...]
    reasons: tuple[Reason, ...]

    def as_dict(self) -> dict[str, Any]:
        """The stable form of `--json`."""
        plain = {k: v for k, v in self.__dict__.items() if k not in ("differences", "reasons")}
        return plain | {
            "differences": [dict(each.__dict__) for each in self.differences],
            "reasons": [reason.as_dict() for reason in self.reasons],
        }


def judge_again(delivery_id: int, contract: Contract, ctx: Context | None = None) -> Verdicts:
    """Stage and judge an archived delivery by a contract; all of it is undone.

    Raises MinshengError for a contract of another feed, Unjudged for rules that cannot be judged.
    """
    ctx = ctx or Context.of()
    with ledger.claimed(ctx, delivery_id) as (_, delivery):
        if delivery.feed != contract.feed:
            raise MinshengError(
                MESSAGES.reason(
                    "other_feed",
                    delivery_id=delivery_id,
                    found=contract.feed,
                    expected=delivery.feed,
                )
            )
        with undoing(ctx) as (connection, outside, staged):
            then = _kept(connection, delivery)
            staged.append(delivery_id)
            try:
                filled = fill(ctx, connection, delivery, contract, tables_by=outside)
            except InputProblem as problem:
                return _verdicts(delivery, contract, "rejected", 0, then, {}, [problem.reason])
            rules, unknown = with_registers(connection, contract)
            url = ctx.engine.url.render_as_string(hide_password=False)
            outcomes = expect.judge(url, table_name(delivery_id).split(".")[1], rules)
            plain = replace(delivery, reasons=[], released_by=None)
            judged = conclude(connection, plain, contract, outcomes)
            now = _bad(connection, delivery_id)
            reasons = [*filled.reading.warnings, *judged["reasons"], *unknown]
            return _verdicts(
                delivery, contract, judged["state"], filled.rows, then, now, reasons
            )  # fmt: skip


def chosen_contract(ctx: Context, delivery_id: int, wanted: str | None) -> Contract:
    """The contract that a user names: a file, (the beginning of) a hash that the ledger has; or the present one.

    Raises MinshengError where nothing or more than one fits.
    """
    with ctx.engine.connect() as connection:
        delivery = ledger.get(connection, delivery_id)
        if wanted is None:
            return ctx.contract(delivery.feed or "")
        if Path(wanted).is_file():
            return read_contract(Path(wanted).resolve())
        hashes = connection.execute(
            sa.text(
                "SELECT contract_hash FROM ledger.contract"
                " WHERE feed = :feed AND starts_with(contract_hash, :wanted) ORDER BY 1"
            ),
            {"feed": delivery.feed, "wanted": wanted},
        ).scalars()
        fitting = list(hashes)
        if len(fitting) != 1:
            raise MinshengError(
                MESSAGES.reason(
                    "no_such_contract", found=wanted, fitting=len(fitting), feed=delivery.feed
                )
            )
        return ledger.contract_of(
            ctx, connection, replace(delivery, contract_hash=fitting[0])
        )  # fmt: skip


Kept = Mapping[str, set[int]]


def _kept(connection: sa.Connection, delivery: Delivery) -> Kept:
    """The rows that each rule kept out, as the ledger has them."""
    rows = connection.execute(
        sa.text(
            "SELECT r ->> 'rule' AS rule, q.row_no FROM ledger.quarantine AS q"
            " CROSS JOIN LATERAL jsonb_array_elements(q.reasons) AS r WHERE q.delivery_id = :d"
        ),
        {"d": delivery.delivery_id},
    )
    return _by_rule(rows)


def _bad(connection: sa.Connection, delivery_id: int) -> Kept:
    rows = connection.execute(
        # A cell that could not be read is kept with the code of its own fault.
        sa.text(
            f"SELECT coalesce(f ->> 'rule', b.rule), b.row_no FROM {bad_table_name(delivery_id)} AS b"
            " LEFT JOIN LATERAL jsonb_array_elements(CASE b.rule WHEN 'fault' THEN CAST(b.fault AS jsonb) END) AS f ON true"
            " WHERE b.rule <> :duplicate"
        ),
        {"duplicate": DUPLICATE},
    )
    return _by_rule(rows)


def _by_rule(rows: Any) -> dict[str, set[int]]:
    by_rule: dict[str, set[int]] = defaultdict(set)
    for rule, row_no in rows:
        by_rule[str(rule)].add(int(row_no))
    return by_rule


def _verdicts(
    delivery: Delivery,
    contract: Contract,
    state: str,
    rows: int,
    then: Kept,
    now: Kept,
    reasons: list[Any],
) -> Verdicts:
    differences = []
    for rule in sorted({*then, *now}):
        before, after = then.get(rule, set()), now.get(rule, set())
        if before != after:
            differences.append(
                Difference(
                    rule, len(before), len(after),
                    tuple(sorted(after - before)[:SHOWN]), tuple(sorted(before - after)[:SHOWN]),
                )
            )  # fmt: skip
    return Verdicts(
        delivery.delivery_id, delivery.feed or "", delivery.period, contract.hash,
        delivery.contract_hash, state, rows,
        len(set().union(*then.values())), len(set().union(*now.values())),
        tuple(differences),
        tuple(each if isinstance(each, Reason) else Reason.of(each) for each in reasons),
    )  # fmt: skip
