"""What the Open Data Contract Standard demands of every contract, by its own JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from etl.contract.jsoncheck import Check, compile_schema
from etl.contract.problems import Sink

_STANDARD = "open_data_contract_standard"


def check_standard(document: dict[str, Any], sink: Sink) -> None:
    """Note everything in which the document departs from the standard's JSON schema."""
    if _fits()(document) is not None:
        return
    from jsonschema import Draft201909Validator

    for error in Draft201909Validator(_schema()).iter_errors(document):
        for path, found, expected, names in _explain(error):
            if names is None:
                sink.add(path, found, expected)
            else:
                sink.unknown(path, found, names)


@cache
def _schema() -> dict[str, Any]:
    # The package's module loads pydantic models that nothing here needs; its folder is enough.
    spec = find_spec(_STANDARD)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(_STANDARD)
    path = Path(spec.submodule_search_locations[0]) / "schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


@cache
def _fits() -> Check:
    try:
        return compile_schema(_schema())
    except NotImplementedError:  # a newer schema says things in a new way
        return lambda document: None


def _explain(error: Any) -> Iterator[tuple[str, Any, str, set[str] | None]]:
    path = _path(error.absolute_path)
    if error.validator in ("unevaluatedProperties", "additionalProperties"):
        known = _known(error.schema)
        for name in error.instance:
            if name not in known:
                yield f"{path}.{name}".lstrip("."), name, "", known
    elif error.validator in ("oneOf", "anyOf") and error.context:
        # The branch that fits best is the one that was meant.
        deepest = max(error.context, key=lambda e: len(e.absolute_path))
        if len(deepest.absolute_path) > len(error.absolute_path):
            yield from _explain(deepest)
        else:
            yield path, error.instance, _expected(error), None
    elif error.validator == "required":
        missing = [name for name in error.validator_value if name not in error.instance]
        for name in missing:
            yield f"{path}.{name}".lstrip("."), "缺失 / nothing", "必填 / required", None
    else:
        yield path, error.instance, _expected(error), None


def _expected(error: Any) -> str:
    if error.validator == "enum":
        return "one of " + ", ".join(map(str, error.validator_value))
    if error.validator == "type":
        wanted = error.validator_value
        return " or ".join([wanted] if isinstance(wanted, str) else wanted)
    if error.validator in ("oneOf", "anyOf"):
        options = [" + ".join(o["required"]) for o in error.validator_value if "required" in o]
        return "恰好一项 / exactly one of " + ", ".join(options) if options else str(error.message)
    return f"{error.validator} {error.validator_value}"


def _known(schema: dict[str, Any]) -> set[str]:
    """Every property name that a schema and what it refers to speak of."""
    names: set[str] = set(schema.get("properties", {}))
    parts = [schema.get("then"), schema.get("else"), *schema.get("allOf", [])]
    if "$ref" in schema:
        parts.append(_schema()["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
    for key in ("oneOf", "anyOf"):
        parts += schema.get(key, [])
    for part in parts:
        if isinstance(part, dict):
            names |= _known(part)
    return names


def _path(parts: Any) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")
