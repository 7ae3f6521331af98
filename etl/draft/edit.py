"""A contract's text changed in place: what is added stands at its node, comments and order stay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from etl.errors import MinshengError
from etl.reasons import Catalogue

MESSAGES = Catalogue(__file__)

Node = Any  # yaml.Node: its stubs know nothing of flow_style


@dataclass
class Edit:
    """A contract's YAML and what is to be added to it. Raises MinshengError where the text cannot be changed in place."""

    text: str
    _added: list[tuple[int, bool, int, str]] = field(default_factory=list)
    """Place, whether it belongs to what stands behind it, number and text of each addition."""

    def __post_init__(self) -> None:
        root = yaml.compose(self.text, Loader=yaml.SafeLoader)
        self._root: Node = root
        self._table: Node = next(iter(_items(_value(root, "schema"))), None)

    def result(self) -> str:
        """The text with all additions."""
        text = self.text
        for at, *_, addition in sorted(self._added, reverse=True):
            text = text[:at] + addition + text[at:]
        return text

    def field(self, name: str) -> Node:
        """The node of a field."""
        for node in _items(_value(self._table, "properties")):
            if _scalar(node, "name") == name:
                return node
        raise MinshengError(MESSAGES.reason("cannot_edit", found=name))

    def add_to_file(
        self, key: str, value: str, remark: str = "", *, default: Sequence[str] = ()
    ) -> None:
        """Add a value to a list of the property `file`; where it is not there, below what holds without it."""
        wanted = ", ".join(quoted(each) for each in (*default, value))
        for item in _items(_value(self._root, "customProperties")):
            if _scalar(item, "property") == "file":
                given = _value(item, "value")
                only = _value(given, key) is not None
                self.add(given, key, quoted(value) if only else wanted, remark)
                return
        given = f"{{property: file, value: {{{key}: [{wanted}]}}}}"
        self.add(self._root, "customProperties", given, remark)

    def add_field(self, lines: Callable[[str], Sequence[str]]) -> None:
        """Add a field below the last one; `lines` gives its lines, indented by some blanks."""
        properties = _value(self._table, "properties")
        items = list(_items(properties))
        if properties is None or properties.flow_style or not items:
            raise MinshengError(MESSAGES.reason("cannot_edit", found="properties: […]"))
        self._below(items[-1], lines(self._dash(items[-1])))

    def add(self, mapping: Node, key: str, item: str, remark: str = "") -> None:
        """Add an item (as flow YAML) to the list under a key of a mapping, which is made if it is not there."""
        values = _value(mapping, key)
        if values is not None and values.flow_style:
            empty = not list(_items(values))
            self._insert(values.end_mark.index - 1, item if empty else f", {item}")
            self._remark(values, remark)
        elif values is not None:
            last = list(_items(values))[-1]
            indent = self._dash(last)
            self._below(last, [f"{indent}- {item}" + (f"  # {remark}" if remark else "")])
        elif mapping.flow_style:
            self._insert(mapping.end_mark.index - 1, f", {key}: [{item}]")
            self._remark(mapping, remark)
        else:
            indent = " " * mapping.start_mark.column
            line = f"{indent}  - {item}" + (f"  # {remark}" if remark else "")
            self._below(_leaf(mapping), [f"{indent}{key}:", line])

    def add_custom(self, mapping: Node, name: str, values: Sequence[str], remark: str = "") -> None:
        """Add values (as flow YAML) to the list of a custom property, which is made if it is not there."""
        for item in _items(_value(mapping, "customProperties")):
            if _scalar(item, "property") == name:
                for value in values:
                    self.add(item, "value", value, remark)
                return
        given = f"{{property: {name}, value: [{', '.join(values)}]}}"
        self.add(mapping, "customProperties", given, remark)

    def set_custom(self, mapping: Node, name: str, value: str, remark: str = "") -> None:
        """Give a custom property that is not there yet one value."""
        self.add(mapping, "customProperties", f"{{property: {name}, value: {value}}}", remark)

    def has_custom(self, mapping: Node, name: str) -> bool:
        """Whether the custom property is there."""
        items = _items(_value(mapping, "customProperties"))
        return any(_scalar(item, "property") == name for item in items)

    def _dash(self, item: Node) -> str:
        """The blanks before the dash of a list's entry."""
        start = self.text.rfind("\n", 0, item.start_mark.index) + 1
        line = self.text[start : item.start_mark.index]
        return line[: len(line) - len(line.lstrip())]

    def _insert(self, at: int, text: str, *, above: bool = False) -> None:
        self._added.append((at, above, len(self._added), text))

    def _below(self, node: Node, lines: Sequence[str]) -> None:
        """Insert lines below the line on which a node ends."""
        end = _end(self.text, _leaf(node))
        at = self.text.find("\n", end)
        if at < 0:
            self._insert(len(self.text), "\n" + "\n".join(lines))
        else:
            self._insert(at + 1, "".join(f"{line}\n" for line in lines))

    def _remark(self, node: Node, remark: str) -> None:
        """Put a remark above the list entry in which a flow node stands: within the flow it would end the line."""
        if not remark:
            return
        start = self.text.rfind("\n", 0, node.start_mark.index) + 1
        while not re.match(r" *- ", self.text[start:]):
            if start == 0:
                return
            start = self.text.rfind("\n", 0, start - 1) + 1
        indent = re.match(r" *", self.text[start:])
        self._insert(start, f"{indent[0] if indent else ''}# {remark}\n", above=True)


def quoted(text: str) -> str:
    """A text as YAML, in quotes only where it needs them."""
    plain = re.fullmatch(
        r"[\w\u3400-\u9fff][\w\u3400-\u9fff（）()·./-]*(?: [\w\u3400-\u9fff（）()·./&-]+)*", text
    )
    if plain and isinstance(yaml.safe_load(text), str) and not re.match(r"[\d.+-]", text):
        return text
    return "'" + re.sub(r"\s+", " ", text).replace("'", "''") + "'"


def _value(node: Node, key: str) -> Node:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return value
    return None


def _scalar(node: Node, key: str) -> str | None:
    value = _value(node, key)
    return str(value.value) if isinstance(value, yaml.ScalarNode) else None


def _items(node: Node | None) -> Iterator[Node]:
    yield from node.value if isinstance(node, yaml.SequenceNode) else ()


def _leaf(node: Node) -> Node:
    """The last node within a block; a flow is a whole, its end mark is right."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    return node


def _end(text: str, node: Node) -> int:
    """Where a node ends; a block scalar's mark stands behind the blank lines below it."""
    end: int = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        end = len(text[:end].rstrip())
    return end
