"""A place in a YAML document: reads values of a wanted kind and notes a problem where they are not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any, TypeVar

from etl.contract.problems import MISSING, Sink

T = TypeVar("T", bound=str)


class Node:
    """A value with its path. Reading never fails: a fault goes to the sink and the default comes back."""

    def __init__(self, value: Any, path: str, sink: Sink) -> None:
        self.value = value
        self.path = path
        self.sink = sink

    def __bool__(self) -> bool:
        return self.value is not MISSING

    def wrong(self, expected: str, fix: str = "") -> None:
        """Note that this value is not what was expected."""
        self.sink.add(self.path, self.value, expected, fix)

    def get(self, key: str) -> Node:
        """The value under a key; missing where there is none."""
        value = self.value.get(key, MISSING) if isinstance(self.value, dict) else MISSING
        return Node(value, f"{self.path}.{key}" if self.path else key, self.sink)

    def items(self) -> Iterator[Node]:
        """The elements of a list; none where the value is missing."""
        if not self:
            return
        if not isinstance(self.value, list):
            self.wrong("列表 / a list")
            return
        for index, value in enumerate(self.value):
            yield Node(value, f"{self.path}[{index}]", self.sink)

    def keys(self, known: Collection[str]) -> Node:
        """This mapping, checked to have no key beyond the known ones."""
        if self and not isinstance(self.value, dict):
            self.wrong("映射（键: 值）/ a mapping")
        elif self:
            for key in self.value:
                if key not in known:
                    self.sink.unknown(f"{self.path}.{key}", str(key), known)
        return self

    def custom(self, known: Collection[str]) -> Node:
        """`customProperties` below this place as one mapping, unknown and repeated names noted."""
        path = f"{self.path}.customProperties" if self.path else "customProperties"
        values: dict[str, Any] = {}
        for item in self.get("customProperties").items():
            name = item.get("property").text()
            if name in values:
                self.sink.add(f"{path}[{name}]", name, "只写一次 / given once")
            elif name and name not in known:
                self.sink.unknown(f"{path}[{name}]", name, known)
            elif name:
                values[name] = item.get("value").value
        return Custom(values, path, self.sink)

    def text(self, default: str = "") -> str:
        """A non-empty string."""
        if not self:
            return default
        if isinstance(self.value, str) and self.value.strip():
            return self.value
        self.wrong("文字 / a string", "给值加引号 / put it in quotes" if self.value else "")
        return default

    def needed(self) -> str:
        """A non-empty string that must be there."""
        if not self:
            self.wrong("必填 / required")
        return self.text()

    def choice(self, options: tuple[T, ...], default: T) -> T:
        """One of the given words."""
        if not self or self.value in options:
            return self.value if self else default
        self.wrong("one of " + ", ".join(options))
        return default

    def flag(self, default: bool = False) -> bool:
        """True or false."""
        if not self or isinstance(self.value, bool):
            return self.value if self else default
        self.wrong("true / false")
        return default

    def integer(self, least: int = 0) -> int | None:
        """A whole number, or None where there is none."""
        if not self:
            return None
        if isinstance(self.value, int) and not isinstance(self.value, bool) and self.value >= least:
            return self.value
        self.wrong(f"不小于 {least} 的整数 / a whole number of at least {least}")
        return None

    def number(self) -> int | float | None:
        """A number, or None where there is none."""
        if not self:
            return None
        if isinstance(self.value, int | float) and not isinstance(self.value, bool):
            return self.value
        self.wrong("数字 / a number")
        return None

    def texts(self) -> tuple[str, ...]:
        """A list of strings."""
        return tuple(text for item in self.items() if (text := item.text()))

    def pairs(self) -> dict[str, str]:
        """A mapping from strings to strings."""
        if not self:
            return {}
        if not isinstance(self.value, dict):
            self.wrong("映射（键: 值）/ a mapping")
            return {}
        texts = {}
        for key, value in self.value.items():
            if isinstance(key, str) and isinstance(value, str):
                texts[key] = value
            else:
                self.sink.add(
                    f"{self.path}.{key}",
                    {key: value},
                    "文字: 文字 / string: string",
                    "给键和值加引号 / quote both",
                )
        return texts

    def regex(self) -> str | None:
        """A regular expression that compiles."""
        pattern = self.text()
        if not pattern:
            return None
        try:
            re.compile(pattern)
        except re.error as error:
            self.wrong(f"可编译的正则表达式 / a regular expression that compiles ({error})")
            return None
        return pattern


class Custom(Node):
    """The mapping made from a `customProperties` list; its paths name the property, not its index."""

    def get(self, key: str) -> Node:
        """The value of a custom property; missing where there is none."""
        return Node(self.value.get(key, MISSING), f"{self.path}[{key}]", self.sink)
