"""Known faults of a source, as data beside its contract: `<feed>.corrections.yaml`.

Each says which row it is about, what the source has there (it is applied only while that holds), what
becomes of it, why, and who says so. Written by hand, reviewed like the contract, and part of what judged a
delivery.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from etl.contract.document import parse
from etl.contract.model import Correction, Field
from etl.contract.node import Node
from etl.contract.problems import Sink

KEYS = (
    "id", "key", "period", "expected", "action", "set",
    "reason", "by", "saidOn", "status", "expires",
)  # fmt: skip
ACTIONS = ("set", "leaveOut")
STATUSES = ("confirmed", "proposed", "retired")


def corrections_path(contract: Path) -> Path:
    """The register that belongs to a contract."""
    return contract.with_suffix(".corrections.yaml")


def read_corrections(
    text: str, path: Path, fields: Mapping[str, Field], key: tuple[str, ...], sink: Sink
) -> tuple[Correction, ...]:
    """The corrections of a feed; what is wrong with them goes to the sink, under their own file."""
    if not text.strip():
        return ()
    own = Sink(path)
    document = parse(text, own)
    corrections: list[Correction] = []
    if document is not None:
        root = Node(document, "", own).keys(("corrections",))
        seen: set[str] = set()
        for node in root.get("corrections").items():
            correction = _read(node.keys(KEYS), fields, key)
            if correction.id in seen:
                node.get("id").wrong("不重复的 id / an id not given before")
            seen.add(correction.id)
            corrections.append(correction)
    for problem in own.problems:
        sink.add(problem.path, problem.found, problem.expected, problem.fix, file=path)
    return tuple(corrections)


def _read(node: Node, fields: Mapping[str, Field], key: tuple[str, ...]) -> Correction:
    named = _values(node.get("key"), fields)
    if set(named) != set(key):
        node.get("key").wrong(f"主键各字段 / the fields of the key: {', '.join(key)}")
    expected = _values(node.get("expected"), fields)
    if not expected:
        node.get("expected").wrong("来源现有的值 / what the source has")
    action = node.get("action").choice(ACTIONS, "set")
    changed = _values(node.get("set"), fields)
    if (action == "set") != bool(node.get("set")):
        node.get("set").wrong(
            "action: set 时必填，leaveOut 时不写 / given with action set, and with no other"
        )
    for name in changed:
        if name in key:
            node.get("set").wrong(f"主键以外的字段 / fields outside the key, not {name}")
    return Correction(
        id=node.get("id").needed(),
        key=named,
        expected=expected,
        action=action,  # type: ignore[arg-type]
        values=changed,
        reason=node.get("reason").needed(),
        by=node.get("by").needed(),
        said_on=_day(node.get("saidOn"), needed=True),
        status=node.get("status").choice(STATUSES, "proposed"),  # type: ignore[arg-type]
        expires=_day(node.get("expires")),
        period=node.get("period").text() or None,
    )


def _values(node: Node, fields: Mapping[str, Field]) -> dict[str, str | None]:
    """Values by field, as text; null is an empty cell."""
    values: dict[str, str | None] = {}
    if not node:
        return values
    if not isinstance(node.value, dict):
        node.wrong("映射（字段: 值）/ a mapping of fields to values")
        return values
    for name, value in node.value.items():
        place = node.get(name)
        if name not in fields:
            node.sink.unknown(place.path, str(name), fields)
        elif fields[name].column is None or fields[name].handling != "keep":
            place.wrong("按原样入库的字段 / a field that is kept as it is")
        elif isinstance(value, bool | list | dict):
            place.wrong("文字、数字或 null / text, a number, or null")
        else:
            values[str(name)] = None if value is None else str(value)
    return values


def _day(node: Node, *, needed: bool = False) -> date | None:
    text = node.needed() if needed else node.text()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        node.wrong("2026-01-31")
        return None
