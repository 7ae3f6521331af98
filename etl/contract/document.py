"""A contract's YAML text as plain values."""

from __future__ import annotations

from typing import Any

import yaml

from etl.contract.problems import Sink

_KEYS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:merge")
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _StrictLoader(_Loader):  # type: ignore[misc]
    """YAML without its traps: a key given twice, a key that is no text, dates that are no longer text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key is a word, not a list or a mapping", key_node.start_mark
                )
            key = key_node.value
            if key_node.tag not in _KEYS:
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key {key} needs quotes: "{key}"', key_node.start_mark
                )
            if key in seen and key != "<<":
                raise yaml.constructor.ConstructorError(
                    None, None, f'the key "{key}" is given twice', key_node.start_mark
                )
            seen.add(key)
        result: dict[Any, Any] = super().construct_mapping(node, deep)
        return result


_StrictLoader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}


def parse(text: str, sink: Sink) -> dict[str, Any] | None:
    """The document as plain values; None, with the problem noted, where it is no YAML mapping."""
    try:
        document = yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - derives from the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        sink.add(where, error.problem or str(error), "合法的 YAML / valid YAML")
        return None
    except yaml.YAMLError as error:
        sink.add("", str(error), "合法的 YAML / valid YAML")
        return None
    if not isinstance(document, dict):
        sink.add("", document, "ODCS 数据契约（映射）/ a data contract: a mapping")
        return None
    return document
