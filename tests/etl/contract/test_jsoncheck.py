"""The quick check of the standard's schema never accepts what `jsonschema` refuses."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator

from etl.contract.jsoncheck import compile_schema
from etl.contract.standard import _schema
from etl.settings import ROOT
from tests.etl.contract.conftest import YAML

VALUES: list[Any] = [None, True, 1, 1.0, -3, "", "x", "string", [], [1, 1], {}, {"x": 1}]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, inner in items:
        found += places(inner, (*path, key))
    return found


def spoilt(document: Any, rng: random.Random) -> Any:
    """The document with a few places replaced, removed, renamed or doubled."""
    document = copy.deepcopy(document)
    for _ in range(rng.randint(1, 3)):
        *above, last = rng.choice(places(document))
        parent = document
        for key in above:
            parent = parent[key]
        match rng.randint(0, 3):
            case 0:
                parent[last] = rng.choice(VALUES)
            case 1:
                del parent[last]
            case 2 if isinstance(parent, dict):
                parent[f"{last}x"] = parent.pop(last)
            case _ if isinstance(parent, list):
                parent.append(copy.deepcopy(parent[last]))
            case _:
                parent["unknown"] = 1
        if not document:
            break
    return document


def test_both_checks_agree_on_spoilt_contracts() -> None:
    check, exact = compile_schema(_schema()), Draft201909Validator(_schema())
    rng = random.Random(20250101)
    document = yaml.safe_load(YAML)
    verdicts = {True: 0, False: 0}
    for _ in range(400):
        candidate = spoilt(document, rng)
        quick, slow = check(candidate) is not None, exact.is_valid(candidate)
        verdicts[slow] += 1
        assert slow or not quick, candidate
        if slow and not quick:
            # 1.0 is an integer to JSON schema; here `jsonschema` is asked.
            assert "1.0" in repr(candidate)
    assert min(verdicts.values()) > 20, verdicts


def test_all_contracts_of_the_repository_are_valid_to_jsonschema_too() -> None:
    paths = sorted((ROOT / "expectations").glob("*/*.yaml"))
    assert len(paths) == 16
    exact = Draft201909Validator(_schema())
    for path in paths:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert [e.message for e in exact.iter_errors(document)] == [], path.name


@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"const": 1}, [1, 1.0], [True, 2]),
        ({"enum": [True, "a"]}, [True, "a"], [1, "b"]),
        ({"type": ["string", "null"]}, ["a", None], [1]),
        ({"minimum": 1, "exclusiveMinimum": 0}, [1, "a", True], [0, 0.5]),
        ({"minItems": 1, "maxItems": 2, "uniqueItems": True}, [[1], {}], [[], [1, 1], [1, 2, 3]]),
        ({"pattern": "^a"}, ["ab", 1], ["ba"]),
        ({"not": {"required": ["a"]}}, [{}], [{"a": 1}, 1]),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 1}], [{}, {"a": 1, "b": 1}]),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 1, "b": 1}], [{}]),
        (
            {
                "allOf": [{"properties": {"a": {"type": "string"}}}],
                "if": {"required": ["a"], "properties": {"a": {"const": "x"}}},
                "then": {"properties": {"b": True}},
                "else": {"properties": {"c": False}},
                "unevaluatedProperties": False,
            },
            [{"a": "x", "b": 1}, {"a": "y"}, {}],
            [{"a": "y", "b": 1}, {"a": 1}, {"c": 1}, {"d": 1}],
        ),
        (
            {
                "$ref": "#/$defs/tree",
                "$defs": {
                    "tree": {
                        "properties": {"items": {"items": {"$ref": "#/$defs/tree"}}},
                        "additionalProperties": False,
                    }
                },
            },
            [{"items": [{"items": []}]}],
            [{"items": [{"item": []}]}],
        ),
    ],
)
def test_keywords(schema: dict[str, Any], right: list[Any], wrong: list[Any]) -> None:
    check, exact = compile_schema(schema), Draft201909Validator(schema)
    for value in right:
        assert exact.is_valid(value)
        assert check(value) is not None, value
    for value in wrong:
        assert not exact.is_valid(value)
        assert check(value) is None, value


def test_an_unknown_keyword_is_no_silent_yes() -> None:
    with pytest.raises(NotImplementedError, match="contains"):
        compile_schema({"contains": {}})
