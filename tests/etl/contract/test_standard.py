"""What departs from the standard's schema: the same as to `jsonschema`, each fault with a place that exists."""

from __future__ import annotations

import copy
import random
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft201909Validator

from etl.contract.problems import Problem, Sink
from etl.contract.standard import _schema, check_standard
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


def found(document: Any) -> list[Problem]:
    sink = Sink(Path("model.yaml"))
    check_standard(document, sink)
    return sink.problems


def above(path: str) -> str:
    """The place that a problem's place lies in: `a[0].b` lies in `a[0]`."""
    return path.rpartition(".")[0] if not path.endswith("]") else path.rpartition("[")[0]


def test_spoilt_contracts_are_refused_as_jsonschema_refuses_them() -> None:
    exact = Draft201909Validator(_schema())
    rng = random.Random(20250101)
    document = yaml.safe_load(YAML)
    verdicts = {True: 0, False: 0}
    for _ in range(400):
        candidate = spoilt(document, rng)
        valid = exact.is_valid(candidate)
        verdicts[valid] += 1
        problems = found(candidate)
        assert (not problems) == valid, candidate
        there = {"", *(dotted(place) for place in places(candidate))}
        for problem in problems:
            assert problem.expected
            assert problem.path in there or above(problem.path) in there, problem
    assert min(verdicts.values()) > 20, verdicts


def dotted(place: tuple[Any, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)[1:]


def test_what_yaml_can_say_and_json_cannot() -> None:
    for text in ("id: !!binary aGk=", "id: !!set {b}", "id: !!timestamp 2020-01-01", "id: &x [*x]"):
        [problem] = found(yaml.safe_load(text))
        assert "mappings" in problem.expected, text


def test_all_contracts_of_the_repository_are_valid_to_jsonschema_too() -> None:
    paths = sorted((ROOT / "expectations").glob("*/*.yaml"))
    assert paths
    exact = Draft201909Validator(_schema())
    for path in paths:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert [e.message for e in exact.iter_errors(document)] == [], path.name
