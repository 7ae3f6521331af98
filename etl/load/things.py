"""Views of the delivery's rows as things: what a row's business key is, and whether it can be read.

| view | rows |
|---|---|
| `thing` | the good ones: `row_no`, `key` as JSON with names resolved, `named` (the same, names as sent), `sent` (NULL where the key has no names), `source_at` as it counts for precedence |
| `readable` | those that say which thing they are about: the columns of the staging table |
| `kept_out` | those of them that go to quarantine: columns as of `thing` |
| `in_star_<fact>` | of a fact whose rows carry their own rank, all that the star has or had from deliveries that count: `delivery_id`, `source_at`, `first`, `key` |
"""

from __future__ import annotations

from dataclasses import replace

from etl.contract.key import DUPLICATE, KEY_RULE, key_columns
from etl.load.targets import Incoming, Target
from etl.load.work import Work
from etl.quoting import identifier, identifiers, string, strings


def bind_things(work: Work) -> None:
    """Make the view `thing`."""
    work.bind_staging()
    work.view("thing", _keyed(work, "pg_temp.staging"))


def bind_readable(work: Work) -> None:
    """Make the view `readable`: the key is complete and breaks no error rule of its own."""
    keyed = set(key_columns(work.contract))
    own = [
        rule.id
        for rule in work.contract.rules
        if rule.columns and rule.id != KEY_RULE and keyed.issuperset(rule.columns)
    ]
    complete = " AND ".join(f"s.{identifier(column)} IS NOT NULL" for column in sorted(keyed))
    work.view(
        "readable",
        f"SELECT s.* FROM {work.table} AS s WHERE {complete} AND NOT EXISTS (SELECT FROM {work.bad} AS b"
        f" WHERE b.row_no = s.row_no AND b.rule = ANY ({strings(own)}))",
    )


def bind_kept_out(work: Work) -> None:
    """Make the view `kept_out`."""
    bind_readable(work)
    bad = f"SELECT row_no FROM {work.bad} WHERE rule <> {string(DUPLICATE)}"
    work.view("kept_out", f"{_keyed(work, 'pg_temp.readable')} WHERE s.row_no IN ({bad})")


def viewed(work: Work, incoming: Incoming, *, sent: bool) -> Incoming:
    """With its rows as a view, keys for ids; beside each key the id, or with `sent` what the star keeps of it."""
    query = incoming.resolved(work.values["period_end"], ids=not sent, sent=sent)
    name = f"incoming_{work.contract.loads.index(incoming.query)}"
    return replace(incoming, view=work.view(name, query))


def in_star(work: Work, fact: Target | None) -> str:
    """The view of the rows of a fact that keeps no claim of each row, now or before, by the keys of its feed; of no fact, of none.

    `key` as of `thing`; `first` is its first part as a text, by which the rows are looked up in an index. What only a
    withdrawn delivery told of is none of them.
    """
    if fact is None:
        return work.view(
            "in_no_star",
            "SELECT CAST(NULL AS bigint) AS delivery_id, CAST(NULL AS timestamptz) AS source_at,"
            " CAST(NULL AS text) AS first, CAST(NULL AS jsonb) AS key WHERE false",
        )
    column = f"c.{identifier(fact.business_key[0])}"
    first = (
        column if fact.types[fact.business_key[0]] == "text" else f"to_jsonb({column}) #>> '{{}}'"
    )
    return work.view(
        f"in_star_{fact.name}",
        f"SELECT c.delivery_id, c.source_at, {first} AS first,"
        f" jsonb_build_array({identifiers(fact.business_key, 'c')}) AS key FROM known.{fact.name} AS c"
        " JOIN ledger.delivery AS d ON d.delivery_id = c.delivery_id AND d.state <> 'withdrawn'",
    )


def count_unreadable(work: Work) -> int:
    """How many rows do not say which thing they are about; with one of them nothing can be called absent."""
    if work.unreadable_keys is None:
        bind_readable(work)
        readable = work.execute("SELECT count(*) FROM pg_temp.readable").scalar_one()
        work.unreadable_keys = work.result.staged - int(readable)
    return work.unreadable_keys


def has_names(work: Work) -> bool:
    """Whether a part of the business key is a name that a register resolves."""
    return any(work.contract.by_name[name].register for name in work.contract.key)


def key_parts(work: Work, *, resolved: bool) -> tuple[str, str]:
    """The business key of `s`, a staged row, as JSON; and the joins that resolve the names in it."""
    parts, joins = [], []
    for name in work.contract.key:
        field = work.contract.by_name[name]
        column = f"s.{identifier(field.column or name)}"
        registry = field.register.registry if field.register else None
        if registry is None:
            parts.append(f"to_jsonb({column})")
        elif resolved:
            known = f"k_{name}"
            joins.append(
                f"LEFT JOIN registry.{registry} AS {known} ON {known}.{registry}_id = {column}"
            )
            key = f"coalesce(to_jsonb({known}.{registry}_key), to_jsonb({column}))"
            parts.append(f"jsonb_build_object('{registry}', {key})")
        else:
            parts.append(f"jsonb_build_object('{registry}', {column})")
    return f"jsonb_build_array({', '.join(parts)})", " ".join(joins)


def _keyed(work: Work, rows: str) -> str:
    key, joins = key_parts(work, resolved=True)
    named = key_parts(work, resolved=False)[0]
    sent = named if has_names(work) else "CAST(NULL AS jsonb)"
    time = work.contract.source_time
    source_at = "CAST('-infinity' AS timestamptz)"
    if time is not None:
        column = identifier(work.contract.by_name[time].column or time)
        source_at = f"ledger.source_time(s.{column}, d)"
    return (
        f"SELECT s.row_no, {key} AS key, {named} AS named, {sent} AS sent, {source_at} AS source_at"
        f" FROM {rows} AS s {joins} JOIN ledger.delivery AS d ON d.delivery_id = {work.delivery.delivery_id}"
    )
