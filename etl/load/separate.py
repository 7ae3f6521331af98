"""Rows of one file that are one thing, or one row of the star, once their names are resolved."""

from __future__ import annotations

from etl.contract.key import KEY_RULE, business_key
from etl.load.claims import row_for_row
from etl.load.targets import Incoming
from etl.load.things import has_names, key_parts
from etl.load.work import MESSAGES, Work
from etl.quoting import identifiers


def separate(work: Work, counted: list[Incoming]) -> int:
    """Keep out rows that are one thing, or one row of the star, once names are resolved; returns how many."""
    kept_out, before = 0, work.result.quarantined + work.result.duplicate
    names = {"bad": work.bad}
    # Rows that contradict each other already are judged once more: a third may say the same as one of them.
    also = f"s.row_no NOT IN (SELECT row_no FROM {work.bad} WHERE rule <> 'key')"
    if has_names(work):
        key, joins = key_parts(work, resolved=True)
        content = identifiers(
            (str(field.column) for field in work.contract.staged if not field.register), "s"
        )
        rows = (
            f"SELECT s.row_no, {key} AS key, ROW({content})::text AS content,"
            f" {business_key(work.contract, 's')} AS key_text FROM {work.table} AS s {joins} WHERE {also}"
        )
        named = names | {"incoming": work.view("keys_named", rows), "key": 'i."key"'}
        kept_out += work.file("collisions", named, rule=KEY_RULE, anew=True)
        work.count_bad()
    for number, incoming in enumerate(counted):
        if row_for_row(work, incoming) and not has_names(work):
            continue
        key_columns = [*incoming.target.business_key]
        if incoming.target.kind == "dimension":
            key_columns.append("valid_from")
        content = identifiers(incoming.target.columns, "r")
        rows = (
            f"SELECT r.row_no, {identifiers(key_columns, 'r')}, ROW({content})::text AS content,"
            f" {business_key(work.contract, 's')} AS key_text"
            f" FROM {incoming.view} AS r JOIN {work.table} AS s ON s.row_no = r.row_no"
        )
        led = names | {
            "incoming": work.view(f"keys_led_{number}", rows),
            "key": identifiers(key_columns, "i"),
        }
        with work.staging(also):
            rows_out = work.file("collisions", led, rule=KEY_RULE, anew=False)
        work.count_bad()
        if rows_out and not incoming.target.refs.keys() & set(incoming.target.business_key):
            _tell_author(work, incoming)
        else:
            kept_out += rows_out
    if kept_out:
        rule = next(rule for rule in work.contract.rules if rule.id == KEY_RULE)
        work.result.reasons.append(
            MESSAGES.reason("same_thing", rows=kept_out, rule_zh=rule.text_zh, rule_en=rule.text_en)
        )
    return work.result.quarantined + work.result.duplicate - before


def _tell_author(work: Work, incoming: Incoming) -> None:
    """No name is to blame: it is the load query that gives one key to several rows."""
    rows = work.execute(
        f"SELECT found, array_agg(row_no ORDER BY row_no) AS numbers FROM {work.bad} WHERE rule = :rule GROUP BY found ORDER BY 1",
        rule=KEY_RULE,
    ).all()
    if not rows:  # they say the same: a row given twice is a duplicate
        return
    shown = "；".join(
        f"{row.found}（行 rows {'、'.join(map(str, row.numbers))}）" for row in rows[:5]
    )
    work.result.reasons.append(
        MESSAGES.reason(
            "one_row_twice",
            rows=sum(len(row.numbers) for row in rows),
            found=shown,
            target=incoming.target.name,
            key="、".join(incoming.source(column) for column in incoming.target.business_key),
            details={"target": incoming.target.name},
        )
    )
