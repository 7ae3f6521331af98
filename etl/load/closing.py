"""How much a snapshot ends: a town that is missing, or half of its things, is looked at by a person first."""

from __future__ import annotations

from etl.load.targets import Target
from etl.load.work import MESSAGES, Held, Work
from etl.quoting import identifiers
from etl.reasons import ERROR, WARNING


def check_closing(work: Work, target: Target) -> None:
    """Hold the delivery, or warn, where a snapshot ends more than the contract's share of a town's things.

    `closing` of the contract (default: half, hold); domain rule: a snapshot without one town is
    told by town. Raises Held.
    """
    rule = work.contract.delivery_rule("closing")
    if rule is None or (work.delivery.released_by and rule.severity == "hold"):
        return
    key = target.business_key[:1] if target.kind == "dimension" else target.business_key
    day = "(SELECT max(holds_from) FROM ledger.scope WHERE delivery_id = :delivery_id AND target = :target)"
    dated = target.kind == "dimension"
    names = {
        "target": target.name,
        "area": "c.area_key"
        if "area_key" in target.columns and key != ("area_key",)
        else "c.parent_area_key"
        if "parent_area_key" in target.columns
        else "c.area_key"
        if "area_key" in target.columns
        else "NULL::int",
        "now": f"c.valid_from <= {day} AND {day} < c.valid_to" if dated else "true",
        "still": f"n.valid_from <= {day} AND {day} < n.valid_to" if dated else "true",
        "key_n": identifiers(key, "n"),
        "key_c": identifiers(key, "c"),
    }
    towns = work.query("closing", names, least=rule.least, share=rule.share).all()
    if not towns:
        return
    shown = "；".join(f"{row.town} {row.closed}/{row.things}" for row in towns[:10])
    reason = MESSAGES.reason(
        "closing",
        severity=ERROR if rule.severity == "hold" else WARNING,
        rows=sum(row.closed for row in towns),
        found=shown,
        expected=f"< {rule.share:.0%}",
        towns=len(towns),
        delivery_id=work.delivery.delivery_id,
    )
    if rule.severity == "hold":
        raise Held(reason)
    work.result.reasons.append(reason)
