"""Names of registered things: what each stands for, and what was stored under another key before that was known."""

from __future__ import annotations

import json

from etl.contract import LoadQuery
from etl.load.apart import with_prefix
from etl.load.claims import is_periodic
from etl.load.dimension import dimension_names, settle_dimension
from etl.load.doubtful import doubt_claims
from etl.load.fact import fact_names, settle_fact
from etl.load.targets import Target
from etl.load.work import MESSAGES, Work
from etl.quoting import identifier, identifiers
from etl.reasons import Reason


def load_aliases(work: Work, targets: dict[str, Target]) -> None:
    """Enter the names that the delivery gives, and decide anew what names mean."""
    for query in work.contract.loads:
        if query.kind != "alias":
            continue
        registry = query.target
        names = {"registry": registry, "rows": _rows(work, query)}
        work.values["registry"] = registry
        work.file("alias_told", names)
        work.file("alias_things", names)
        decide_names(work, registry, targets)


def decide_names(work: Work, registry: str, targets: dict[str, Target]) -> None:
    """Decide anew what the names of one registry mean, and believe anew what hung on those that mean another thing."""
    work.values["registry"] = registry
    own = f"dim_{registry}" in targets
    described = (
        f"SELECT {registry}_key_id AS id FROM claim.dim_{registry} WHERE row_no IS NOT NULL"
        if own
        else "SELECT CAST(NULL AS text) AS id WHERE false"
    )
    names = {"registry": registry, "described": work.view(f"described_{registry}", described)}
    work.execute("DROP TABLE IF EXISTS pg_temp.meant, pg_temp.renamed")
    work.file("alias_meant", names)
    work.execute("CREATE TEMP TABLE renamed (id text, old_key int, new_key int) ON COMMIT DROP")
    work.file("alias_apart", names)
    work.file("alias_stands_for", names)
    _tell_disputed(work)
    if work.execute("SELECT EXISTS (SELECT FROM renamed)").scalar_one():
        _believe_anew(work, registry, targets)


def _rows(work: Work, query: LoadQuery) -> str:
    """The view of the names, of things under the ids by which they are registered."""
    rows, table = work.rows_of(query), work.apart.get(f"registry {query.target}")
    if table is None:
        return rows
    column = f"{query.target}_id"
    return with_prefix(work, query, frozenset({"alias", column}), {column: table})


def _believe_anew(work: Work, registry: str, targets: dict[str, Target]) -> None:
    work.file("alias_keys", {"registry": registry})
    if _contradictions_found_late(work):
        doubt_claims(work, targets.values())
    moved = 0
    for target in targets.values():
        columns = [c for c, referred in target.refs.items() if referred == registry]
        if not columns:
            continue
        moved += _move_claims(work, target, columns)
        for column in columns:
            moved += _rekey(work, target, column, registry)
    work.result.reasons.append(MESSAGES.reason("keys_merged", rows=moved))


def _move_claims(work: Work, target: Target, columns: list[str]) -> int:
    """Claims that named the things get their keys; the star follows."""
    names = fact_names(target) if target.kind == "fact" else dimension_names(target)
    work.values |= {"target": target.name, "told_before": True, "is_periodic": is_periodic(target)}
    key = identifiers(target.business_key)
    work.execute("DROP TABLE IF EXISTS pg_temp.concerned")
    work.execute(
        f"CREATE TEMP TABLE concerned ON COMMIT DROP AS SELECT {key}, CAST(NULL AS int) AS row_no"
        f" FROM claim.{target.name} WHERE false"
    )
    under_old_key = " OR ".join(f"t.{c}_id = n.id AND t.{c} = n.old_key" for c in columns)
    keys = f"SELECT DISTINCT {identifiers(target.business_key, 't')} FROM claim.{target.name} AS t JOIN renamed AS n ON {under_old_key}"
    if not work.execute(f"INSERT INTO concerned {keys}").rowcount:
        return 0
    for column in columns:
        work.execute(
            f"UPDATE claim.{target.name} AS t SET {column} = n.new_key FROM renamed AS n"
            f" WHERE t.{column}_id = n.id AND t.{column} = n.old_key"
        )
    under_new_key = " OR ".join(f"t.{c}_id = n.id AND t.{c} = n.new_key" for c in columns)
    work.execute(f"INSERT INTO concerned {keys.replace(under_old_key, under_new_key)}")
    settle = settle_fact if target.kind == "fact" else settle_dimension
    return settle(work, names)


def _rekey(work: Work, target: Target, column: str, registry: str) -> int:
    """Rows of the star that no claims stand behind are moved as they are, by the name they were sent under."""
    dated = ["valid_from", "valid_to"] if target.kind == "dimension" else []
    columns = [*target.columns, *dated, "known_from", "delivery_id", "row_no"]
    kept = dict(zip(target.sent, target.sent_columns, strict=True)).get(column)
    others = [c for c in (*columns, *target.sent_columns) if c not in (column, "known_from")]
    names = {
        "target": target.name,
        "column": identifier(column),
        "registry": registry,
        "sent": identifiers([kept], "c") if kept else "m.unsent",
        "columns": identifiers(columns),
        "others": identifiers(others),
    }
    return work.file("rekey", names)


def _contradictions_found_late(work: Work) -> int:
    """Two rows of one delivery turn out to be one thing: both go to quarantine, as if it had been known."""
    reason = {"columns": [], **MESSAGES.reason("key").as_dict()}
    return work.file("alias_contradictions", {}, reasons=json.dumps([reason], ensure_ascii=False))


def _tell_disputed(work: Work) -> None:
    rows = work.execute(
        "SELECT alias, things FROM meant WHERE thing_id IS NULL AND NOT is_own AND cardinality(things) > 1 ORDER BY 1"
    ).all()
    is_reported = any(
        isinstance(reason, Reason) and reason.code == "alias_disputed"
        for reason in work.result.reasons
    )
    if not rows or is_reported:  # a town is a place and a handling unit: once is enough
        return
    shown = "；".join(f"{row.alias}（{'、'.join(row.things)}）" for row in rows[:10])
    work.result.reasons.append(MESSAGES.reason("alias_disputed", rows=len(rows), found=shown))
