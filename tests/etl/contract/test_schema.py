"""The schema for editors knows what the reader knows: no more, no less."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from etl.contract import schema
from etl.contract.node import Node
from etl.contract.problems import Sink
from etl.contract.reader import DISTRICT, _resolve
from etl.settings import FILES, ROOT
from tests.etl.contract.conftest import SQL, YAML

FILE = FILES / "expectations" / "contract.schema.json"

# One of everything that has keys or words of its own. What does not go together does not matter here.
FIELD = {
    "handling": "keep", "vocabulary": "open", "era": "roc", "precision": "day",
    "plausible": {"from": "1990-01-01", "to": "received"}, "timeZone": {"field": "zone"},
    "register": {"of": "area", "levels": ["town"], "severity": "error"},
    "valueFrom": {"source": "sheetName"}, "spelling": {"drop": ["号"], "case": "upper", "pad": 6},
}  # fmt: skip
CONTRACT = {
    "mode": "full",
    "modes": [{"pattern": "x", "mode": "delta"}],
    "period": [{"from": "sheetName", "grain": "month", "written": "month", "era": "roc", "yearFrom": "title"}],
    "file": {"names": ["x*"], "totals": {"field": "x"}, "otherColumns": "warn", "hiddenRows": "skip", "struckRows": "skip", "struckRuns": "count"},
    "freshness": {"workdays": 3, "severity": "warn"},
    "acceptance": {"otherThan": "x", "unless": {"y": "z"}},
    "references": [{"field": "status", "feed": "a.b", "severity": "warn"}],
    **{name: {"severity": "hold"} if "properties" in rule else "hold" for name, rule in schema.RULES.items()},
}  # fmt: skip
STANDARD_KEYS = [
    {"pattern", "minLength", "maxLength"}, {"minimum", "maximum"}, {"type", "kwargs"}, {"validValues", "pattern"}
]  # fmt: skip
"""Keys of the standard's own properties."""


def documents() -> Iterator[str]:
    for folder in (FILES / "expectations", ROOT / "examples"):
        for path in folder.rglob("*.yaml"):
            text = path.read_text("utf-8").replace(DISTRICT, "110115")
            if text.lstrip().startswith("apiVersion"):
                yield text


def everything() -> Any:
    document = yaml.safe_load(YAML)
    given = [{"property": name, "value": value} for name, value in CONTRACT.items()]
    document["customProperties"] = given
    for kind in ("string", "timestamp"):
        field = copy.deepcopy(document["schema"][0]["properties"][0])
        custom = [{"property": name, "value": value} for name, value in FIELD.items()]
        field |= {"name": kind, "logicalType": kind, "customProperties": custom}
        document["schema"][0]["properties"].append(field)
    return document


def within(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from within(value)
    elif isinstance(node, list):
        for value in node:
            yield from within(value)


def test_the_file_is_that_of_the_code() -> None:
    assert FILE.read_text("utf-8") == schema.text(), (
        "python -m etl.contract.schema > expectations/contract.schema.json"
    )


def test_contracts_that_are_right_are_right() -> None:
    validator = jsonschema_rs.Draft7Validator(schema.schema())
    checked = 0
    for text in documents():
        errors = [str(error) for error in validator.iter_errors(yaml.safe_load(text))]
        assert errors == []
        checked += 1
    assert checked > 10
    assert validator.is_valid(everything())


@pytest.mark.parametrize(
    ("place", "name", "value"),
    [
        ((), "mode", "whole"),
        ((), "cadence", "daily"),
        ((), "file", {"names": "x"}),
        ((), "file", {"names": ["x"], "head": 1}),
        ((), "volume", {"severity": "hold", "minShare": 2}),
        (("schema", 0), "sameThing", ["x"]),
        (("schema", 0, "properties", 0), "handling", "hide"),
        (("schema", 0, "properties", 0), "plausible", {"from": "1990"}),
    ],
)
def test_what_the_reader_refuses_an_editor_marks(
    place: tuple[Any, ...], name: str, value: object
) -> None:
    document = yaml.safe_load(YAML)
    node = document
    for key in place:
        node = node[key]
    node.setdefault("customProperties", []).append({"property": name, "value": value})
    assert not jsonschema_rs.Draft7Validator(schema.schema()).is_valid(document)


def test_keys_and_words_are_those_that_the_reader_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: set[frozenset[str]] = set()
    words: set[frozenset[Any]] = set()
    real_keys, real_choice = Node.keys, Node.choice

    def keep_keys(node: Node, known: Collection[str]) -> Node:
        keys.add(frozenset(known))
        return real_keys(node, known)

    def keep_words(node: Node, options: tuple[str, ...], default: str) -> str:
        if "customProperties[" in node.path and ".quality[" not in node.path:
            words.add(frozenset(options))
        return real_choice(node, options, default)

    monkeypatch.setattr(Node, "keys", keep_keys)
    monkeypatch.setattr(Node, "choice", keep_words)
    path = Path("education/model.yaml")
    for row_that_counts in ({"latest": "x"}, "last"):
        document = everything()
        document["customProperties"].append({"property": "rowThatCounts", "value": row_that_counts})
        _resolve(Node(document, "", Sink(path)), path, YAML, SQL)
    parts = list(within(schema.schema()))
    mappings = {frozenset(p["properties"]) for p in parts if p.get("additionalProperties") is False}
    assert mappings == keys - {frozenset(known) for known in STANDARD_KEYS}
    custom = [schema.CONTRACT, schema.TABLE, schema.FIELD]
    enums = {frozenset(p["enum"]) for p in within(custom) if "enum" in p}
    # What is no `choice`: `header`, towns' levels, `received` among days.
    apart = {
        frozenset({True, False, "auto"}), frozenset(schema.fields.LEVELS), frozenset({"received"})
    }  # fmt: skip
    assert enums - apart == words
