"""The line of a YAML file on which a place stands: asked only when something is wrong there."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import yaml

_STEP = re.compile(r"([^.\[\]]+)|\[([^\]]*)\]")


def line_of(file: str, place: str) -> int | None:
    """Line, from 1, of `schema[0].properties[3].quality`; of what encloses it where that is missing; None for no YAML."""
    document = _composed(file)
    if document is None or not place:
        return None
    node, line = document, None
    for word, bracket in _STEP.findall(place):
        below = _below(node, word or bracket)
        if below is None:
            break
        node, line = below
    return line


def _below(node: yaml.Node, step: str) -> tuple[yaml.Node, int] | None:
    """What a step leads to: a key of a mapping, an index, or the list entry of that `property` or `name`."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if getattr(key, "value", None) == step:
                return value, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        if step.isdigit() and int(step) < len(node.value):
            entry = node.value[int(step)]
            return entry, entry.start_mark.line + 1
        for entry in node.value:
            names = (_below(entry, name) for name in ("property", "name", "id"))
            if any(pair and getattr(pair[0], "value", None) == step for pair in names):
                return entry, entry.start_mark.line + 1
    return None


@lru_cache(maxsize=32)
def _composed(file: str) -> yaml.Node | None:
    path = Path(file)
    if path.suffix not in (".yaml", ".yml"):
        return None
    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return None
