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
        compared = work.view(
            "compared",
            "SELECT i.*, c.delivery_id AS teller, c.source_at AS told_at, c.confirmed_as"
            f" FROM {incoming.view} AS i LEFT JOIN {_in_force(work, target)} AS c ON ({names['key_c']}) = ({names['key_i']})",
        )
        work.file("ranked_retract", names | {"weighed": _weighed(work, compared)})
        work.result.touched = _count(work, "is_touched")
        work.result.superseded = _count(work, "NOT is_touched AND outranked_by IS NOT NULL")
        return
    filled, differing = is_filled(work, target), 0
    if filled:
        work.execute("DROP TABLE IF EXISTS pg_temp.differing")
        differing = work.file("ranked_differing", names)
        names["weighed"] = _weighed(work, _differing(work, target))
        if target.sent:
            differing -= work.query("ranked_sent_otherwise", names).scalar_one()
        work.execute(f"ANALYZE differing ({names['key']})")
        work.file("ranked_move", names)
        if differing < _good(work):
            _confirm(work, target, names)
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
    names["weighed"] = _weighed(work, _differing(work, incoming.target))
    if incoming.target.sent:
        work.query("ranked_sent_otherwise", names)
    work.file("ranked_move", names)
    _confirm(work, incoming.target, names)
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


def withdrawn_names(work: Work, target: Target) -> dict[str, str]:
    """What the statements on the withdrawal of a delivery have to be told of such a fact."""
    key = target.business_key
    parts = (
        f"CAST(l.key ->> {n} AS {target.types[column]}) AS {identifier(column)}"
        for n, column in enumerate(key)
    )
    claimed = f"SELECT {', '.join(parts)}, l.delivery_id FROM ledger.claim AS l"
    return {
        "target": target.name,
        "key": identifiers(key),
        "claimed": work.view(f"claimed_{target.name}", claimed),
        "in_force": _in_force(work, target),
        **{f"key_{a}": identifiers(key, a) for a in "chk"},
    }


def _names(work: Work, incoming: Incoming) -> dict[str, str]:
    target, fields = incoming.target, work.contract.by_name
    key, row = target.business_key, (*target.columns, *target.sent_columns)
    staged_key = [fields[name].column or name for name in key]
    names = {
        "target": target.name,
        "incoming": incoming.view,
        "columns": identifiers(target.columns),
        "key": identifiers(key),
        "key_s": identifiers(staged_key, "s"),
        "row": identifiers(row),
        "sent": identifiers(target.sent_columns),
        "sent_i": identifiers(target.sent_columns, "i"),
    }
    for alias in "ci":
        names[f"key_{alias}"] = identifiers(key, alias)
        names[f"row_{alias}"] = identifiers(row, alias)
        names[f"columns_{alias}"] = identifiers(target.columns, alias)
    return names


def _weighed(work: Work, compared: str) -> str:
    """The view of the rows of `compared`, each with whether it stands above the star's row."""
    return work.view_of("weighed", "ranked_weighed", {"compared": compared})


def _differing(work: Work, target: Target) -> str:
    """The view of what differs, with what the star's row would have been confirmed as."""
    confirmed_as = _confirmed_as("i", target.business_key, "i.told_at")
    return work.view(
        "compared", f"SELECT i.*, {confirmed_as} AS confirmed_as FROM pg_temp.differing AS i"
    )


def _in_force(work: Work, target: Target) -> str:
    """The view of the star's rows, with what each would be confirmed as."""
    confirmed_as = _confirmed_as("c", target.business_key, "c.source_at")
    return work.view(
        f"in_force_{target.name}",
        f"SELECT c.*, {confirmed_as} AS confirmed_as FROM star.{target.name} AS c",
    )


def _confirm(work: Work, target: Target, names: dict[str, str]) -> None:
    """Note what the delivery repeats as it is."""
    fields = work.contract.by_name
    key = [fields[name].column or name for name in target.business_key]
    source_time = fields[work.contract.source_time or ""].column or ""
    confirmed_as = _confirmed_as("s", key, f"s.{identifier(source_time)}")
    confirming = f"SELECT s.*, {confirmed_as} AS confirmed_as FROM pg_temp.staging AS s"
    work.file("ranked_confirm", names | {"confirming": work.view("confirming", confirming)})


def _confirmed_as(alias: str, key: Sequence[str], source_time: str) -> str:
    """SQL for a row's number in `ledger.confirmed`, made of its key and the source's time.

    By `||`, since `concat_ws` is slower and this is asked of a million rows.
    """
    text = " || '|' || ".join(f"{alias}.{identifier(column)}::text" for column in key)
    return f"hashtextextended({text} || '@' || coalesce({source_time}, '-infinity')::text, 0)"


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
