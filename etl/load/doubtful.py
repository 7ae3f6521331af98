"""Doubtful rows: what the rows kept out would have said, as far as they can be read, for the bounds of figures.

Each way in which a quarantined row may be read is a doubtful row, made by the feed's own load SELECT: what can be read
is as sent, a code that cannot is each code of its list in turn, a day that cannot is -infinity (it may be any of the period), a
missing part of a text key is a text of its own, and all else is NULL. Their number, negative, stands in `row_no`.
An entry without doubtful rows is one of which nothing can be said: the bounds are open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import sqlalchemy as sa

from etl.contract.key import DUPLICATE, KEY_RULE
from etl.contract.model import Field
from etl.load.claims import scope_of
from etl.load.quarantine import KEPT_OUT
from etl.load.targets import Incoming, Target
from etl.load.work import FEW, Work
from etl.logs import logger
from etl.quoting import as_it_stands, identifier, identifiers, string, strings

log = logger(__name__)

WAYS = 24
"""In so many ways at most may one row be read; of one with more nothing is said."""


def keep_doubtful(work: Work, counted: list[Incoming]) -> None:
    """Enter the doubtful rows of the delivery's entries, unless there are too many, or its SELECT cannot read them."""
    if not 0 < work.result.quarantined <= FEW or work.result.retraction:
        return
    work.execute("DROP TABLE IF EXISTS pg_temp.doubtful_ways, pg_temp.doubtful_rows CASCADE")
    work.execute(as_it_stands(_ways(work)))
    columns = identifiers(["row_no", *(str(field.column) for field in work.contract.staged)])
    work.execute(f"CREATE TEMP TABLE doubtful_rows (LIKE {work.table}) ON COMMIT DROP")
    work.execute(
        f"INSERT INTO doubtful_rows ({columns}) SELECT {columns} FROM pg_temp.doubtful_ways"
    )
    work.file("doubtful_enter", {})
    with work.staging("true", "pg_temp.doubtful_rows"):
        try:
            with work.connection.begin_nested():
                for incoming in counted:
                    _keep_values(work, incoming)
        except sa.exc.DataError as error:
            # What stands for the unreadable is nothing that this SELECT can compute with.
            log.info("doubtful_unread", feed=work.delivery.feed, error=str(error.orig).strip())
            work.file("doubtful_forget", {})


def doubt_claims(work: Work, targets: Iterable[Target]) -> None:
    """Enter the doubtful rows of entries that were believed at first: their claims have what they say."""
    work.file("doubtful_of_claims", {})
    for target in targets:
        names = {"target": target.name, "columns": identifiers(target.value_columns)}
        work.file("doubtful_claimed", names | {"columns_c": identifiers(target.value_columns, "c")})


def _keep_values(work: Work, incoming: Incoming) -> None:
    query = incoming.resolved(work.values["period_end"], ids=True)
    names = {
        "target": incoming.target.name,
        "columns": identifiers(incoming.target.value_columns),
        "columns_i": identifiers(incoming.target.value_columns, "i"),
        "incoming": work.view(f"doubtful_{work.contract.loads.index(incoming.query)}", query),
        "scope_i": identifiers(scope_of(work, incoming), "i"),
    }
    work.file("doubtful_values", names)


def _ways(work: Work) -> str:
    """SQL that makes `doubtful_ways`: the staging table's columns for each way to read each row kept out, and which row it is."""
    blamed = {rule.id: list(rule.columns) for rule in work.contract.rules if rule.id != KEY_RULE}
    lists = {
        f"w_{number}": values
        for number, field in enumerate(work.contract.staged)
        if (values := _every(field)) is not None
    }
    joins = " ".join(
        f"CROSS JOIN LATERAL unnest({v}) AS {name} (value)" for name, v in lists.items()
    )
    read = ", ".join(
        f"{f'w_{number}.value' if f'w_{number}' in lists else _stand_in(work, field)} AS {identifier(str(field.column))}"
        for number, field in enumerate(work.contract.staged)
    )
    return f"""
CREATE TEMP TABLE doubtful_ways ON COMMIT DROP AS
WITH blamed AS (
    SELECT b.row_no, coalesce(array_agg(DISTINCT c.name) FILTER (WHERE c.name IS NOT NULL), '{{}}') AS unread
      FROM {work.bad} AS b
      LEFT JOIN LATERAL (
           SELECT f.reason ->> 'column' FROM jsonb_array_elements(CASE WHEN b.rule = 'fault' THEN b.fault::jsonb ELSE '[]' END) AS f (reason)
            UNION ALL
           SELECT jsonb_array_elements_text(coalesce({string(json.dumps(blamed))}::jsonb -> b.rule, '[]'))) AS c (name) ON true
     WHERE b.rule <> {string(DUPLICATE)}
     GROUP BY b.row_no
), way AS (
    SELECT s.row_no AS of_row, n.unread, count(*) OVER (PARTITION BY s.row_no) AS ways, {read}
      FROM pg_temp.{KEPT_OUT} AS s JOIN blamed AS n USING (row_no) {joins}
)
SELECT -CAST(nextval(pg_get_serial_sequence('ledger.doubtful', 'doubtful_id')) AS int) AS row_no, way.* FROM way WHERE ways <= {WAYS}"""


def _stand_in(work: Work, field: Field) -> str:
    """SQL of what a doubtful row has in a field: the value of `s`, the staged row, unless `n` says that it cannot be read."""
    column = f"s.{identifier(str(field.column))}"
    if field.type in ("date", "timestamp"):
        return f"CASE WHEN {_is_unread(field)} THEN '-infinity' ELSE {column} END"
    if field.name in work.contract.key and field.type == "string" and not field.register:
        return f"CASE WHEN {_is_unread(field)} OR {column} IS NULL THEN '?' || s.row_no ELSE {column} END"
    return f"CASE WHEN NOT {_is_unread(field)} THEN {column} END"


def _every(field: Field) -> str | None:
    """SQL of the values that a field may have in a doubtful row, as an array; None if there is no list of them."""
    if field.type == "boolean":
        every = "ARRAY[true, false]"
    elif field.type == "string" and field.codes and len(field.codes) <= WAYS:
        every = strings(field.codes)
    else:
        return None
    return f"CASE WHEN {_is_unread(field)} THEN {every} ELSE ARRAY[s.{identifier(str(field.column))}] END"


def _is_unread(field: Field) -> str:
    return f"(n.unread && {strings(sorted({field.name, str(field.column)}))})"
