"""Where the things of a feed are: one query over every table that it fills and that has a place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from etl.load.scope import own_time
from etl.load.targets import Target
from etl.quoting import identifier

_OWN_PLACE = "SELECT f.delivery_id, f.area_key, f.known_from, f.known_to, {since}, {until} FROM known.{target} AS f"

# By the thing that the row names: the place that is known of it last.
_PLACE_OF_THING = (
    "SELECT f.delivery_id, e.area_key, f.known_from, f.known_to, {since}, {until} FROM known.{target} AS f"
    " JOIN (SELECT DISTINCT ON ({thing}_key) {thing}_key, area_key FROM known.dim_{thing}"
    " WHERE known_from <= :known_at ORDER BY {thing}_key, known_to DESC, valid_from DESC) AS e ON e.{thing}_key = f.{column}"
)


def placed(names: Iterable[str], targets: Mapping[str, Target]) -> str:
    """SQL of delivery, area and both spans of time of these tables' rows; empty if none of them has a place.

    Not of areas themselves, nor of facts with a month or year of their own: what they say of
    another month says nothing of a day.
    """
    return " UNION ALL ".join(
        query
        for name in sorted(names)
        if (query := _of(targets[name], targets)) and not own_time(targets[name])
    )


def _of(target: Target, targets: Mapping[str, Target]) -> str | None:
    names = {"target": target.name, "since": "DATE '-infinity'", "until": "DATE 'infinity'"}
    if target.kind == "dimension":
        names |= {"since": "f.valid_from", "until": "f.valid_to"}
        if target.thing == "area":
            return None
    if "area_key" in target.columns:
        return _OWN_PLACE.format_map(names)
    for column, thing in target.refs.items():
        dimension = targets.get(f"dim_{thing}")
        if dimension is not None and thing != "area" and "area_key" in dimension.columns:
            return _PLACE_OF_THING.format_map(
                names | {"thing": thing, "column": identifier(column)}
            )
    return None
