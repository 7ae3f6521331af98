"""Facts whose rows carry their own rank: a million orders with the source's own time, compared as they stand.

No claim is kept of each row: the star has the highest, and what it outranked cannot become
the highest again. What the star's row does not tell is kept: retractions, unreadable
rows, and which rows a delivery confirmed (`ledger.confirmed`).
"""

from __future__ import annotations

from collections.abc import Sequence

from etl.load.fact import is_filled
from etl.load.targets import Incoming, Target
from etl.load.work import Work
from etl.quoting import identifier, identifiers


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
        names["incoming"] = work.view("news", "SELECT * FROM pg_temp.differing WHERE NOT is_known")
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
    work.file("ranked_confirm", names)
    names["incoming"] = work.view("news", "SELECT * FROM pg_temp.differing WHERE NOT is_known")
    _leave_out_retracted(work, names)
    work.file("ranked_insert", names)


def _leave_out_retracted(work: Work, names: dict[str, str]) -> None:
    """What a higher retraction had taken back before it came is told and not believed."""
    if _some_retracted(work):
        work.file("ranked_taken_back", names)
        names["incoming"] = work.view(
            "not_taken_back",
            f"SELECT i.* FROM {names['incoming']} AS i WHERE i.row_no NOT IN (SELECT row_no FROM ledger.claim"
            f" WHERE delivery_id = {work.delivery.delivery_id} AND kind = 'row')",
        )


def withdrawn_names(target: Target) -> dict[str, str]:
    """What the statements on the withdrawal of a delivery have to be told of such a fact."""
    key = target.business_key
    return {
        "target": target.name,
        "key": identifiers(key),
        "key_of_claim": ", ".join(
            f"CAST(l.key ->> {n} AS {target.types[column]})" for n, column in enumerate(key)
        ),
        "key_text_c": _as_text("c", key),
        **{f"key_{a}": identifiers(key, a) for a in "chk"},
    }


def _names(work: Work, incoming: Incoming) -> dict[str, str]:
    target, fields = incoming.target, work.contract.by_name
    key = target.business_key
    staged_key = [fields[name].column or name for name in key]
    names = {
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
        "incoming": incoming.view,
        "key_c": identifiers(key, "c"),
        "key_s": identifiers(staged_key, "s"),
        "key_text_c": _as_text("c", key),
        "key_text_s": _as_text("s", staged_key),
        "time_s": f"s.{identifier(fields[work.contract.source_time or ''].column or '')}",
    }
    return names | {"outranks": work.render("ranked_outranks", names)}


def _as_text(alias: str, key: Sequence[str]) -> str:
    """The key as one text; by `||`, since `concat_ws` is slower and this is asked of a million rows."""
    return " || '|' || ".join(f"{alias}.{identifier(column)}::text" for column in key)


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
