"""The rules on a delivery as a whole: what makes a person look at it before it counts."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from etl.contract.model import DeliveryRule, Mode, Reference
from etl.contract.node import Node

FULL_SHARE = 0.7
"""Share of the rows of the snapshot before below which a snapshot is held, where the contract gives none."""

FEW = 10
"""Fewer things or rows than this come and go without a question."""

_SEVERITIES = ("hold", "warn", "allow")

_SHARES = {"volume": FULL_SHARE, "closing": 0.5, "shares": 0.25}
"""Limits where the contract gives none."""
_WARNING = ("values", "shares")
"""What only warns, unless the contract says otherwise."""
_OF_ALL = ("columns", "rows")
"""What holds a snapshot and warns of events, whose numbers are real (a storm, the heating season)."""


class _Kind(NamedTuple):
    """A rule of every contract: its id, its share's name, its words."""

    id: str
    limit: str
    zh: str
    en: str


DELIVERY_RULES = {
    "future": _Kind(
        "future_period",
        "",
        "报告期不应在收到之日以后开始",
        "the period begins no later than the day of receipt",
    ),
    "resave": _Kind(
        "resaved_period",
        "",
        "内容不应与另一报告期的批次完全相同",
        "the content is not that of a delivery for another period",
    ),
    "volume": _Kind(
        "volume",
        "minShare",
        "全量快照的行数不应少于上期的 {share:.0%}",
        "a snapshot has at least {share:.0%} of the rows of the one before",
    ),
    "rows": _Kind(
        "rows_unusual",
        "",
        "行数应在该数据源以往起伏之内（以往批次足够多时）",
        "as many rows as are usual by the feed's own history, once there is one",
    ),
    "values": _Kind(
        "value_gone",
        "",
        "以往每个批次都有的代码、镇街不应缺失",
        "a code or town that every delivery before had is there again",
    ),
    "shares": _Kind(
        "shares_shifted",
        "maxShift",
        "代码构成与以往相差不应超过 {share:.0%}",
        "the shares of codes are less than {share:.0%} away from what they were",
    ),
    "closing": _Kind(
        "closing",
        "maxShare",
        "一次快照不应使一个镇街 {share:.0%} 及以上的事物终止（少于 {least} 个不计）",
        "a snapshot ends less than {share:.0%} of a town's things (fewer than {least} do not count)",
    ),
    "columns": _Kind(
        "column_gone",
        "",
        "上次有值的列这次不应缺失",
        "a column that had values last time is there again",
    ),
}
"""By the contract's property. `volume` and `closing` are asked of full snapshots only."""

_OF_SNAPSHOTS = ("volume", "closing")


FRESHNESS = _Kind(
    "late",
    "workdays",
    "报告期结束后 {least} 个工作日内收到",
    "received within {least} worked days of the period's end",
)
"""Only where the contract gives it: `freshness: {workdays: 10, severity: warn}`."""

ACCEPTANCE = _Kind(
    "unaccepted",
    "otherThan",
    "由第二人核定后才计入",
    "counts only once a second person has accepted it",
)
"""Only where the contract gives it: `acceptance: {otherThan: supplied_by, unless: {basis: example}}`, the field that names
the first person, and rows that need none."""


def read_references(node: Node, names: Collection[str]) -> tuple[Reference, ...]:
    """`[{field: school_id, feed: education.school, severity: warn}]`."""
    references = []
    for item in node.items():
        item.keys(("field", "feed", "severity"))
        field = item.get("field").needed()
        if field and field not in names:
            item.sink.unknown(f"{item.path}.field", field, names)
            continue
        feed = item.get("feed").needed()
        if feed and not re.fullmatch(r"\w+\.\w+", feed):
            item.get("feed").wrong("education.school")
        severity = item.get("severity").choice(("hold", "warn"), "warn")
        references.append(Reference(field, feed, severity))  # type: ignore[arg-type]
    return tuple(references)


def _freshness(node: Node) -> DeliveryRule:
    node.keys(("severity", FRESHNESS.limit))
    days = node.get(FRESHNESS.limit).integer(0)
    if days is None:
        node.get(FRESHNESS.limit).wrong("必填：工作日天数 / required: a number of worked days")
    severity = node.get("severity").choice(_SEVERITIES, "warn")
    zh, en = (text.format(least=days) for text in (FRESHNESS.zh, FRESHNESS.en))
    return DeliveryRule(FRESHNESS.id, severity, zh, en, least=days or 0)  # type: ignore[arg-type]


def _acceptance(node: Node, names: Collection[str]) -> DeliveryRule:
    field = node.keys((ACCEPTANCE.limit, "unless")).get(ACCEPTANCE.limit).needed()
    unless = tuple(node.get("unless").pairs().items())
    for name in (field, *(name for name, _ in unless)):
        if name and name not in names:
            node.sink.unknown(node.path, name, names)
    return DeliveryRule(
        ACCEPTANCE.id, "hold", ACCEPTANCE.zh, ACCEPTANCE.en, field=field, unless=unless
    )


def read_delivery_rules(
    custom: Node, mode: Mode, names: Collection[str]
) -> tuple[DeliveryRule, ...]:
    """The rules in force, each with its severity: the contract's, or the default; `names` are the feed's fields."""
    rules = []
    for name, kind in DELIVERY_RULES.items():
        node = custom.get(name)
        if name not in _OF_SNAPSHOTS or mode == "full":
            rules.append(_rule(name, kind, node, mode))
        elif node:
            node.wrong("仅用于 mode: full / nothing, unless mode is full")
    if node := custom.get("freshness"):
        rules.append(_freshness(node))
    if node := custom.get("acceptance"):
        rules.append(_acceptance(node, names))
    return tuple(rules)


def _rule(name: str, kind: _Kind, node: Node, mode: Mode) -> DeliveryRule:
    """`hold`, or `{severity: hold, minShare: 0.7}` for a rule that has a limit."""
    default = "warn" if name in _WARNING or (name in _OF_ALL and mode != "full") else "hold"
    place, share = node, 0.0
    if kind.limit:
        place = node.keys(("severity", kind.limit)).get("severity")
        share = _share(node.get(kind.limit), _SHARES[name])
    severity = place.choice(_SEVERITIES, default)
    # A share that the contract gives is meant as it stands, however few the rows are.
    given = name == "volume" and bool(node.get(kind.limit))
    least = FEW if name in ("closing", "rows", "volume") and not given else 0
    return DeliveryRule(
        kind.id,
        severity,  # type: ignore[arg-type]
        kind.zh.format(share=share, least=least),
        kind.en.format(share=share, least=least),
        share,
        least,
    )


def _share(node: Node, default: float) -> float:
    share = node.value if node else default
    if not isinstance(share, int | float) or isinstance(share, bool) or not 0 < share <= 1:
        node.wrong("0–1 之间的比例 / a share between 0 and 1")
        return default
    return float(share)
