"""Yes or no to a JSON schema, quickly: the schema becomes nested functions once.

`jsonschema` says what is wrong, but takes half a second for all contracts, which
every process that reads a DAG file would pay. This check only ever says yes to what
`jsonschema` accepts; where it says no, `jsonschema` has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Check = Callable[[Any], "set[str] | None"]
"""The property names a schema has evaluated in a value, or None where the value does not fit."""

_Step = Callable[[Any, "set[str]"], bool]

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
    "null": lambda value: value is None,
}
_SAY_NOTHING = frozenset(
    {"$schema", "$defs", "title", "description", "default", "examples", "deprecated", "format"}
)
# What looks at the names that others have evaluated comes after them.
_LAST = ("additionalProperties", "unevaluatedProperties")


def compile_schema(schema: dict[str, Any]) -> Check:
    """Make the check of a schema; NotImplementedError for a keyword that it does not know."""
    return _Compiler(schema).check(schema)


class _Compiler:
    def __init__(self, root: dict[str, Any]) -> None:
        self._root = root
        self._refs: dict[str, list[Check]] = {}

    def check(self, schema: Any) -> Check:
        if isinstance(schema, bool):
            return (lambda value: set()) if schema else (lambda value: None)
        names = [name for name in schema if name not in _SAY_NOTHING | {"then", "else"}]
        names.sort(key=lambda name: _LAST.index(name) + 1 if name in _LAST else 0)
        steps = [self._step(name, schema) for name in names]

        def check(value: Any) -> set[str] | None:
            seen: set[str] = set()
            return seen if all(step(value, seen) for step in steps) else None

        return check

    def _step(self, name: str, schema: dict[str, Any]) -> _Step:
        wanted = schema[name]
        match name:
            case "type":
                types = [_TYPES[each] for each in ([wanted] if isinstance(wanted, str) else wanted)]
                return lambda value, seen: any(test(value) for test in types)
            case "enum":
                return lambda value, seen: any(_same(value, each) for each in wanted)
            case "const":
                return lambda value, seen: _same(value, wanted)
            case "pattern":
                found = re.compile(wanted).search
                return lambda value, seen: not isinstance(value, str) or found(value) is not None
            case "minimum":
                return lambda value, seen: not _TYPES["number"](value) or value >= wanted
            case "exclusiveMinimum":
                return lambda value, seen: not _TYPES["number"](value) or value > wanted
            case "minItems":
                return lambda value, seen: not isinstance(value, list) or len(value) >= wanted
            case "maxItems":
                return lambda value, seen: not isinstance(value, list) or len(value) <= wanted
            case "uniqueItems":
                return lambda value, seen: not isinstance(value, list) or _unique(value)
            case "required":
                return lambda value, seen: (
                    not isinstance(value, dict) or all(each in value for each in wanted)
                )
            case "items":
                item = self.check(wanted)
                return lambda value, seen: (
                    not isinstance(value, list) or all(item(each) is not None for each in value)
                )
            case "properties":
                return self._properties({key: self.check(each) for key, each in wanted.items()})
            case "additionalProperties":
                named = frozenset(schema.get("properties", {}))
                return self._rest(self.check(wanted), lambda seen: named)
            case "unevaluatedProperties":
                return self._rest(self.check(wanted), lambda seen: seen)
            case "$ref":
                return self._ref(wanted)
            case "allOf":
                return _every([self.check(each) for each in wanted])
            case "anyOf":
                return _some([self.check(each) for each in wanted], None)
            case "oneOf":
                return _some([self.check(each) for each in wanted], 1)
            case "not":
                refused = self.check(wanted)
                return lambda value, seen: refused(value) is None
            case "if":
                return self._conditional(schema)
        raise NotImplementedError(name)

    def _properties(self, checks: dict[str, Check]) -> _Step:
        def step(value: Any, seen: set[str]) -> bool:
            if not isinstance(value, dict):
                return True
            for key in value.keys() & checks.keys():
                if checks[key](value[key]) is None:
                    return False
                seen.add(key)
            return True

        return step

    def _rest(self, check: Check, known: Callable[[set[str]], Any]) -> _Step:
        def step(value: Any, seen: set[str]) -> bool:
            if not isinstance(value, dict):
                return True
            rest = value.keys() - known(seen)
            seen |= rest
            return all(check(value[key]) is not None for key in rest)

        return step

    def _ref(self, target: str) -> _Step:
        if target not in self._refs:
            place = self._refs[target] = []
            part: Any = self._root
            for key in target.removeprefix("#/").split("/"):
                part = part[key]
            place.append(self.check(part))
        # A list, because a schema that contains itself is not made yet.
        return lambda value, seen, place=self._refs[target]: _take(place[0](value), seen)  # type: ignore[misc]

    def _conditional(self, schema: dict[str, Any]) -> _Step:
        test = self.check(schema["if"])
        then, other = self.check(schema.get("then", True)), self.check(schema.get("else", True))

        def step(value: Any, seen: set[str]) -> bool:
            found = test(value)
            if found is None:
                return _take(other(value), seen)
            seen |= found
            return _take(then(value), seen)

        return step


def _every(checks: list[Check]) -> _Step:
    return lambda value, seen: all(_take(check(value), seen) for check in checks)


def _some(checks: list[Check], exactly: int | None) -> _Step:
    def step(value: Any, seen: set[str]) -> bool:
        fitting = [found for check in checks if (found := check(value)) is not None]
        for found in fitting:
            seen |= found
        return len(fitting) == exactly if exactly else bool(fitting)

    return step


def _take(found: set[str] | None, seen: set[str]) -> bool:
    if found is None:
        return False
    seen |= found
    return True


def _same(left: Any, right: Any) -> bool:
    return bool(left == right) and isinstance(left, bool) == isinstance(right, bool)


def _unique(values: list[Any]) -> bool:
    return not any(value in values[:index] for index, value in enumerate(values))
