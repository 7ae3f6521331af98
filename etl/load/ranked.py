"""Facts whose rows carry their own rank: a million orders with the source's own time, compared as they stand.

No claim is kept of each row: the star has the highest, and what it outranked cannot become
the highest again. What the star's row does not tell is kept: retractions, unreadable
rows, and which rows a delivery confirmed (`ledger.confirmed`).
"""

from __future__ import annotations

from etl.database import identifier, identifiers
from etl.load.fact import is_filled
from etl.load.targets import Incoming, Target, same
from etl.load.work import Work


def load_ranked(work: Work, incoming: Incoming) -> None:
    """Retract; or move what is known better and insert what has no current row."""
    target = incoming.target
    names = _names(work, incoming)
    if work.result.retraction:
        work.file("ranked_retract", names)
        work.result.touched = _count(work, "is_touched")
        work.result.superseded = _count(work, "NOT is_touched AND outranked_by IS NOT NULL")
        return
    filled, differing = is_filled(work, target), 0
    if filled:
        work.execute("DROP TABLE IF EXISTS pg_temp.differing")
        differing = work.file("ranked_differing", names)
        if target.sent:
            differing -= work.query("ranked_sent_otherwise", names).scalar_one()
        work.execute(f"ANALYZE differing ({names['key']})")
        work.file("ranked_move", names)
        if differing < _good(work):
            work.file("ranked_confirm", names)
        names["incoming"] = "SELECT * FROM differing WHERE NOT is_known"
    _leave_out_retracted(work, names)
    work.result.touched = work.file("ranked_insert", names)
    differing_rows = differing if filled else _good(work)
    work.result.superseded = differing_rows - work.result.touched
    if filled:
        work.file("ranked_outranked", names)
    else:
        work.execute(f"ANALYZE star.{target.name}")


def tell_again(work: Work, incoming: Incoming) -> None:
    """Let the rows that `staging` shows of a delivery loaded before speak again, since one that outranked them is gone."""
    names = _names(work, incoming)
    work.execute("DROP TABLE IF EXISTS pg_temp.differing")
    work.file("ranked_differing", names)
    if incoming.target.sent:
        work.query("ranked_sent_otherwise", names)
    work.file("ranked_move", names)
    work.file("ranked_confirm", names | {"table": "pg_temp.staging", "good": "true"})
    names["incoming"] = "SELECT * FROM differing WHERE NOT is_known"
    _leave_out_retracted(work, names)
    work.file("ranked_insert", names)


def _leave_out_retracted(work: Work, names: dict[str, str]) -> None:
    """What a higher retraction had taken back before it came is told and not believed."""
    if _some_retracted(work):
        work.file("ranked_taken_back", names)
        names["incoming"] = (
            f"SELECT i.* FROM ({names['incoming']}) AS i WHERE i.row_no NOT IN (SELECT row_no FROM ledger.claim"
            " WHERE delivery_id = :delivery_id AND kind = 'row')"
        )


def withdrawn_names(target: Target) -> dict[str, str]:
    """What the statements on the withdrawal of a delivery have to be told of such a fact."""
    key = target.business_key
    return {
        "target": target.name,
        "key": identifiers(key),
        "key_c": identifiers(key, "c"),
        "key_of_claim": ", ".join(
            f"CAST(l.key ->> {n} AS {target.types[column]})" for n, column in enumerate(key)
        ),
        "hash_c": _hash("c", target),
        "same_h_k": same("h", "k", key),
    }


def _names(work: Work, incoming: Incoming) -> dict[str, str]:
    target = incoming.target
    key = target.business_key
    return {
        "target": target.name,
        "columns": identifiers(target.columns),
        "row": identifiers((*target.columns, *target.sent_columns)),
        "row_c": identifiers((*target.columns, *target.sent_columns), "c"),
        "row_i": identifiers((*target.columns, *target.sent_columns), "i"),
        "sent": ", ".join(f"{column} = i.{column}" for column in target.sent_columns),
        "columns_c": identifiers(target.columns, "c"),
        "columns_i": identifiers(target.columns, "i"),
        "key": identifiers(key),
        "key_i": identifiers(key, "i"),
        "known": f"c.{identifier(key[0])} IS NOT NULL",
        "same_key": same("c", "i", key),
        "incoming": incoming.resolved(sent=True),
        "table": work.table,
        "good": work.good,
        "hash_s": _hash_staged(work, target),
        "same_s_i": " AND ".join(
            f"s.{identifier(work.contract.by_name[k].column or k)} = i.{identifier(k)}" for k in key
        ),
        "key_json_i": f"jsonb_build_array({identifiers(key, 'i')})",
        "outranks": (
            "ledger.rank_of(true, ledger.source_time(i.source_at, own), false, own)"
            " > ledger.rank_of(true, ledger.source_time(c.source_at, d), false, d)"
            " AND (ledger.source_time(i.source_at, own) > ledger.source_time(c.source_at, d)"
            " OR NOT EXISTS (SELECT FROM ledger.confirmed AS f JOIN ledger.delivery AS b USING (delivery_id)"
            f" WHERE b.feed = :feed AND f.keys @> ARRAY[{_hash('c', target)}]"
            " AND ledger.rank_of(true, '-infinity', false, b) > ledger.rank_of(true, '-infinity', false, own)))"
        ),
        "taken_back": (
            "EXISTS (SELECT FROM ledger.claim AS l JOIN ledger.delivery AS d USING (delivery_id)"
            f" WHERE l.feed = :feed AND l.key = jsonb_build_array({identifiers(key, 'i')}) AND l.kind = 'retracted'"
            " AND ledger.rank_of(true, l.source_at, false, d)"
            " > ledger.rank_of(true, ledger.source_time(i.source_at, own), false, own))"
        ),
    }


def _hash(alias: str, target: Target) -> str:
    parts = " || '|' || ".join(
        f"{alias}.{identifier(column)}::text" for column in target.business_key
    )
    return f"hashtextextended({parts} || '@' || coalesce({alias}.source_at, '-infinity')::text, 0)"


def _hash_staged(work: Work, target: Target) -> str:
    fields = work.contract.by_name
    parts = " || '|' || ".join(
        f"s.{identifier(fields[name].column or name)}::text" for name in target.business_key
    )
    time = identifier(fields[work.contract.source_time or ""].column or "")
    return f"hashtextextended({parts} || '@' || coalesce(s.{time}, '-infinity')::text, 0)"


def _some_retracted(work: Work) -> bool:
    return bool(
        work.execute(
            "SELECT EXISTS (SELECT FROM ledger.claim WHERE feed = :feed AND kind = 'retracted')"
        ).scalar_one()
    )


def _good(work: Work) -> int:
    return work.result.staged - work.result.quarantined - work.result.duplicate


def _count(work: Work, condition: str) -> int:
    return int(work.execute(f"SELECT count(*) FROM pg_temp.told WHERE {condition}").scalar_one())
