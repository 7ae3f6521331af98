"""Members that a load query derives: one id, one member."""

from __future__ import annotations

from etl.load.targets import Incoming
from etl.load.work import MESSAGES, Work
from etl.quoting import identifier

SHOWN = 5


def tell_disputed(work: Work, incoming: Incoming) -> None:
    """Name the ids that a derived lookup gives in several spellings: one of them counts, the first in their order."""
    key = identifier(incoming.source(incoming.target.business_key[0]))
    dated = f", {identifier('valid_from')}" if "valid_from" in incoming.given else ""
    told = [
        identifier(c)
        for c in sorted(incoming.given - {incoming.source(incoming.target.business_key[0])})
    ]
    content = f"concat_ws(' | ', {', '.join(told)})" if told else "''"
    rows = work.execute(
        f"SELECT {key}::text AS thing, array_agg(DISTINCT {content} ORDER BY {content}) AS spellings FROM {incoming.rows} AS i"
        f" WHERE {key} IS NOT NULL GROUP BY {key}{dated} HAVING count(DISTINCT {content}) > 1 ORDER BY 1"
    ).all()
    if rows:
        shown = "；".join(f"{row.thing}: {' / '.join(row.spellings[:3])}" for row in rows[:SHOWN])
        work.result.reasons.append(
            MESSAGES.reason(
                "lookup_disputed", rows=len(rows), found=shown, target=incoming.target.name,
                details={"target": incoming.target.name},
            )
        )  # fmt: skip
