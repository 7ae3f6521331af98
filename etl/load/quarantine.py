"""Quarantine: bad rows become entries, and entries are closed by what repairs them."""

from __future__ import annotations

import json

from etl.contract.key import DUPLICATE, of_rule
from etl.load.targets import Target
from etl.load.things import bind_things, in_star
from etl.load.work import FEW, Work

KEPT_OUT = "rows_kept_out"
"""The temporary table of the staged rows that go to quarantine, as they are staged."""


def enter_quarantine(work: Work) -> None:
    """Bad rows become quarantine entries, each with every reason."""
    if not work.result.quarantined:
        return
    titles = {field.name: field.title_zh for field in work.contract.fields}
    rules = [
        {
            **of_rule(rule).as_dict(),
            "columns": list(rule.columns),
            "header": "、".join(titles.get(column, column) for column in rule.columns),
        }
        for rule in work.contract.rules
    ]
    # Few of many rows, found in one reading, which PostgreSQL does in parallel only for CREATE TABLE AS.
    work.execute(f"DROP TABLE IF EXISTS pg_temp.{KEPT_OUT}")
    work.execute(
        f"CREATE TEMP TABLE {KEPT_OUT} ON COMMIT DROP AS SELECT s.* FROM {work.table} AS s"
        f" WHERE s.row_no IN (SELECT row_no FROM {work.bad} WHERE rule <> :duplicate)",
        duplicate=DUPLICATE,
    )
    names = {"bad": work.bad, "table": f"pg_temp.{KEPT_OUT}"}
    aside = ["row_no", "fault", *(f.column for f in work.contract.fields if f.register)]
    described = {"rules": rules, "headers": titles}
    as_json = {name: json.dumps(value, ensure_ascii=False) for name, value in described.items()}
    work.file("quarantine", names, aside=aside, **as_json)
    if work.contract.corrections:
        work.file("close_left_out", {})


def close_quarantine(work: Work, fact: Target | None) -> None:
    """Close the entries that a readable row of the same thing outranks; `fact`: whose rows carry their own rank."""
    if work.names_told:
        # Two names of one thing may have stood apart until now, in any feed.
        work.file("close_quarantine", {}, entries="named")
    if work.delivery.repairs:
        work.file("close_repaired", {})
    some_open = work.execute(
        "SELECT EXISTS (SELECT FROM ledger.quarantine WHERE feed = :feed AND resolved_by IS NULL)"
    ).scalar_one()
    if not some_open:
        return
    # A repair says itself which entries it answers.
    if not (work.result.retraction or work.delivery.repairs) and work.result.staged <= FEW:
        bind_things(work)
        work.file("close_unreadable", {"in_star": in_star(work, fact)}, is_act=work.is_act)
    if fact:
        _close_by_star(work, fact, "own")
        return
    work.file("close_quarantine", {}, entries="own")


def _close_by_star(work: Work, fact: Target, entries: str) -> None:
    work.file("close_quarantine_ranked", {"in_star": in_star(work, fact)}, entries=entries)


def reopen_quarantine(work: Work, ranked: Target | None) -> None:
    """Entries that a withdrawn delivery had closed are open again, unless something else that counts closes them."""
    work.file("withdraw_quarantine", {})
    work.file("close_quarantine", {}, entries="reopened")
    if ranked:
        _close_by_star(work, ranked, "reopened")
