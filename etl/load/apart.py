"""Ids belong to the feed that gives them: where another feed has used one, this feed's is kept apart.

A contract says with `sharedKeys` that the ids of a target are those of a common register;
references to things of other feeds are never touched. A key that is made of references
alone (an area and a year) is shared by nature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from etl.contract import LoadQuery
from etl.contract.loadsql import is_derived
from etl.database.locks import Lock
from etl.load.targets import Incoming, Target
from etl.load.work import MESSAGES, Work
from etl.quoting import identifier, string

SHOWN = 5
"""Ids that a warning names."""


def keep_apart(work: Work, targets: Mapping[str, Target]) -> None:
    """Let the load SELECTs give `<feed>:<id>` for each id of their own that another feed has used before."""
    told = [
        (query, targets[query.target])
        for query in work.contract.loads
        if query.kind == "target" and not is_derived(query.sql, targets[query.target].kind)
    ]
    for name in sorted({target.name for _, target in told}):
        _enter(work, name, shared=name in work.contract.shared_keys)
    for query, target in told:
        if target.name not in work.contract.shared_keys:
            others = _others(work, target.name)
            if others:
                _look(work, query, target, others)


def _enter(work: Work, target: str, *, shared: bool) -> None:
    if not shared:
        # Of two feeds that tell of a thing for the first time, one sees the other.
        work.execute(
            "SELECT pg_advisory_xact_lock(:a, hashtext(:target))", a=Lock.TARGET, target=target
        )
    work.execute(
        "INSERT INTO ledger.key_space (target, feed, shared) VALUES (:target, :feed, :shared)"
        " ON CONFLICT (target, feed) DO UPDATE SET shared = :shared WHERE key_space.shared <> :shared",
        target=target,
        shared=shared,
    )


def _others(work: Work, target: str) -> list[str]:
    """Feeds that tell of the target under ids of their own."""
    rows = work.execute(
        "SELECT feed FROM ledger.key_space WHERE target = :target AND feed <> :feed AND NOT shared"
        " ORDER BY feed",
        target=target,
    )
    return [row[0] for row in rows]


def _look(work: Work, query: LoadQuery, target: Target, others: list[str]) -> None:
    incoming = Incoming.of(work.connection, query, target, work.rows_of(query))
    column = own_id(target)
    if column is None:
        return
    registry = target.thing if target.kind == "dimension" else None
    name = f"apart_{target.name}"
    source = identifier(incoming.source(column))
    names = {
        "name": name,
        "rows": incoming.rows,
        "id": source,
        "told_of": _told_of(work, target, column),
    }
    work.file("apart", names, others=others)
    ids = [row[0] for row in work.execute(f"SELECT id FROM pg_temp.{name} ORDER BY 1")]
    if not ids:
        return
    if registry:
        work.apart[f"registry {registry}"] = name
    else:
        work.apart[f"{target.name} {column}"] = name
    work.result.reasons.append(
        MESSAGES.reason(
            "keys_apart",
            rows=len(ids),
            found="、".join(ids[:SHOWN]),
            target=target.name,
            feed=work.contract.feed,
            others="、".join(others),
        )
    )


def _told_of(work: Work, target: Target, column: str) -> str:
    """The view of the ids under which anything is or was in the target or claimed of it."""
    if target.kind == "dimension":
        thing = target.thing
        told = f"SELECT r.{thing}_id AS id, c.delivery_id, c.row_no FROM {{schema}}.{target.name} AS c JOIN registry.{thing} AS r USING ({thing}_key)"
    else:
        told = f"SELECT c.{identifier(column)} AS id, c.delivery_id, c.row_no FROM {{schema}}.{target.name} AS c"
    return work.view(
        f"told_of_{target.name}",
        " UNION ALL ".join(told.replace("{schema}", schema) for schema in ("known", "claim")),
    )


def own_id(target: Target) -> str | None:
    """The column that holds the feed's own id: a dimension's thing, or the first part of a fact's key that is text."""
    if target.kind == "dimension":
        return target.business_key[0]
    texts = (
        c for c in target.business_key if c not in target.refs and target.types.get(c) == "text"
    )
    return next(texts, None)


def own_ids(incoming: Incoming, apart: Mapping[str, str]) -> dict[str, str]:
    """For a SELECT's columns that may hold ids kept apart, the table that lists these."""
    target = incoming.target
    columns = {
        incoming.source(column): apart[f"registry {registry}"]
        for column, registry in target.refs.items()
        if f"registry {registry}" in apart and incoming.gives(column)
    }
    fact = own_id(target)
    if fact and f"{target.name} {fact}" in apart:
        columns[incoming.source(fact)] = apart[f"{target.name} {fact}"]
    return columns


def renamed(work: Work, incoming: Incoming) -> Incoming:
    """The same rows with `<feed>:<id>` for the ids that are kept apart."""
    columns = own_ids(incoming, work.apart)
    if not columns:
        return incoming
    return replace(incoming, rows=with_prefix(work, incoming.query, incoming.given, columns))


def with_prefix(
    work: Work, query: LoadQuery, given: frozenset[str], columns: Mapping[str, str]
) -> str:
    """The view of a load SELECT whose ids get the feed before them where the table of the column lists them."""
    prefix = string(f"{work.contract.feed}:")
    listed = []
    for name in sorted(given):
        column = f"i.{identifier(name)}"
        if name in columns:
            column = (
                f"CASE WHEN {column} IN (SELECT id FROM pg_temp.{columns[name]}) THEN {prefix} || {column}"
                f" ELSE {column} END AS {identifier(name)}"
            )
        listed.append(column)
    name = f"prefixed_{work.contract.loads.index(query)}"
    return work.view(name, f"SELECT {', '.join(listed)} FROM {work.rows_of(query)} AS i")
