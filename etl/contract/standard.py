"""What the Open Data Contract Standard demands of every contract, by its own JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema_rs

from etl.contract.problems import Sink

_STANDARD = "open_data_contract_standard"


def check_standard(document: dict[str, Any], sink: Sink) -> None:
    """Note everything in which the document departs from the standard's JSON schema."""
    try:
        errors = list(_validator().iter_errors(document))
    except (
        ValueError
    ) as strange:  # what JSON has no word for: a !!binary, a !!set, a list in itself
        sink.add("", str(strange), "文字、数字、列表和映射 / texts, numbers, lists and mappings")
        return
    for error in errors:
        for path, value, expected, names in _explain(error):
            if names is None:
                sink.add(path, value, expected)
            else:
                sink.unknown(path, value, names)


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
def _validator() -> jsonschema_rs.Validator:
    return jsonschema_rs.Draft201909Validator(_schema())


def _explain(
    error: jsonschema_rs.ValidationError,
) -> Iterator[tuple[str, Any, str, set[str] | None]]:
    kind, path = error.kind, _path(error.instance_path)
    match kind:
        case jsonschema_rs.ValidationErrorKind.UnevaluatedProperties(unexpected=names):
            yield from _unknown(error, path, names)
        case jsonschema_rs.ValidationErrorKind.AdditionalProperties(unexpected=names):
            yield from _unknown(error, path, names)
        case jsonschema_rs.ValidationErrorKind.Required(property=name):
            yield f"{path}.{name}".lstrip("."), "缺失 / nothing", "必填 / required", None
        case (
            jsonschema_rs.ValidationErrorKind.OneOfNotValid(context=branches)
            | jsonschema_rs.ValidationErrorKind.AnyOf(context=branches)
        ):
            # The branch that fits best is the one that was meant.
            deepest = max(
                (inner for branch in branches for inner in branch),
                key=lambda inner: len(inner.instance_path),
                default=error,
            )
            if len(deepest.instance_path) > len(error.instance_path):
                yield from _explain(deepest)
            else:
                yield path, error.instance, _expected(error), None
        case _:
            yield path, error.instance, _expected(error), None


def _unknown(
    error: jsonschema_rs.ValidationError, path: str, names: list[str]
) -> Iterator[tuple[str, Any, str, set[str] | None]]:
    """The names that mean nothing here; a known one stands among them where its own value is wrong."""
    schema: Any = _schema()
    for key in error.schema_path[:-1]:
        schema = schema[key]
    known = _known(schema)
    for name in names:
        if name not in known:
            yield f"{path}.{name}".lstrip("."), name, "", known


def _expected(error: jsonschema_rs.ValidationError) -> str:
    keyword, wanted = error.kind.name, error.kind.value
    match keyword:
        case "enum":
            return "one of " + ", ".join(map(str, wanted))
        case "type":
            return " or ".join([wanted] if isinstance(wanted, str) else wanted)
        case "oneOf" | "anyOf":
            options = [" + ".join(o["required"]) for o in wanted if "required" in o]
            choice = "恰好一项 / exactly one of " + ", ".join(options)
            return choice if options else error.message
        case _:
            return f"{keyword} {wanted}"


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
