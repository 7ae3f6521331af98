"""How much a snapshot ends: a town that is missing, or half of its things, is looked at by a person first."""

from __future__ import annotations

from collections.abc import Sequence

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
    key = target.business_key
    area = next((c for c in _places(key) if c in target.columns), None)
    names = {
        "target": target.name,
        "area": identifiers([area], "c") if area else "s.nowhere",
        "key_n": identifiers(key, "n"),
        "key_c": identifiers(key, "c"),
    }
    for alias in "cn":
        dated = target.kind == "dimension"
        names[f"from_{alias}"] = f"{alias}.valid_from" if dated else "s.always"
        names[f"to_{alias}"] = f"{alias}.valid_to" if dated else "s.never"
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


def _places(key: Sequence[str]) -> list[str]:
    """Columns that say where a thing is; an area is not in itself, but in the one above it."""
    own = "area_key"
    return ["parent_area_key", own] if tuple(key) == (own,) else [own, "parent_area_key"]
