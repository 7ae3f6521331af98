"""Aliases: further ids of a registered thing, and what was stored under them before that was known."""

from __future__ import annotations

from etl.contract import LoadQuery
from etl.load.work import Work
from etl.targets import Target


def load_alias(work: Work, query: LoadQuery, targets: dict[str, Target]) -> None:
    """Register the aliases; rows that were stored under a name of its own get the right key."""
    registry = query.target
    names = {"registry": registry, "select": work.select(query)}
    work.execute("DROP TABLE IF EXISTS pg_temp.heard_aliases, pg_temp.merged_keys")
    work.file("hear_aliases", names)
    work.file("merged_keys", names)
    work.file("alias", names)
    if not work.execute("SELECT EXISTS (SELECT FROM merged_keys)").scalar_one():
        return
    moved = 0
    for target in targets.values():
        for column in (c for c, referred in target.refs.items() if referred == registry):
            moved += _rekey(work, target, column)
    work.execute(
        f"UPDATE registry.{registry} AS r SET {registry}_key = m.new_key FROM merged_keys AS m"
        f" WHERE r.{registry}_key = m.old_key"
    )
    work.result.reasons.append(
        {
            "rule": "keys_merged",
            "severity": "info",
            "rows": moved,
            "message_zh": f"先前以名称登记的对象已认出，{moved} 行改用其正式编码。",
            "message_en": f"Things known by name only were recognised; {moved} rows now have their key.",
        }
    )


def _rekey(work: Work, target: Target, column: str) -> int:
    dated = ["valid_from", "valid_to"] if target.kind == "dimension" else []
    columns = [*target.columns, *dated, "known_from", "delivery_id", "row_no"]
    rekeyed = [{column: "new_key", "known_from": ":seq"}.get(name, name) for name in columns]
    names = {
        "target": target.name,
        "column": column,
        "columns": ", ".join(columns),
        "rekeyed": ", ".join(rekeyed),
    }
    return work.file("rekey", names)
