"""A JSON schema of what this project adds to the standard's contracts, for editors that complete and check while one writes.

`python -m etl.contract.schema > expectations/contract.schema.json`. The standard's own properties are in
the standard's schema; `minsheng feeds check` judges by both, and by what no schema can say.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any, get_args

from etl.contract import fields, options, reader
from etl.contract.deliveries import ACCEPTANCE, DELIVERY_RULES, FRESHNESS
from etl.contract.model import Classification, FieldType, Grain, Handling, Mode

Schema = dict[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}
PAIRS: Schema = {"type": "object", "additionalProperties": {"type": "string"}}
SHARE: Schema = {"type": "number", "exclusiveMinimum": 0, "maximum": 1}


def whole(least: int) -> Schema:
    """A whole number."""
    return {"type": "integer", "minimum": least}


def words(*known: str) -> Schema:
    """One of these."""
    return {"enum": list(known)}


def mapping(**values: Schema) -> Schema:
    """These keys and no other; `from_` is `from`."""
    named = {name.rstrip("_"): value for name, value in values.items()}
    return {"type": "object", "additionalProperties": False, "properties": named}


def listed(item: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": item}


SEVERITY = words("hold", "warn", "allow")
RULES = {
    name: mapping(**{"severity": SEVERITY, kind.limit: SHARE}) if kind.limit else SEVERITY
    for name, kind in DELIVERY_RULES.items()
}
FILE = {
    "names": TEXTS, "encodings": TEXTS, "delimiter": {"type": "string"}, "headerRows": whole(1),
    "header": {"enum": [True, False, "auto"]}, "sheets": TEXTS, "footnotes": TEXTS,
    "totals": mapping(field=TEXT, values=TEXTS, sums=TEXTS, by=TEXTS),
    "maxMegabytes": whole(1), "maxRows": whole(1), "placeholders": TEXTS, "timeZone": TEXT,
    "recordPath": TEXT, "otherColumns": words("warn", "ignore"),
    "hiddenRows": words("count", "skip"), "struckRows": words("count", "skip"), "struckRuns": words("count", "skip"),
}  # fmt: skip
CONTRACT = {
    "englishName": TEXT,
    "mode": words("full", "delta", "window"),
    "modes": listed(mapping(pattern=TEXT, mode=words(*get_args(Mode)))),
    "period": listed(
        mapping(
            from_=words("fileName", "sheetName", "title", "column", "received", "fixed"),
            grain=words(*get_args(Grain)), written=words(*get_args(Grain)), pattern=TEXT, field=TEXT,
            era=words("roc"), value=TEXT, yearFrom=words("fileName", "title"), split=FLAG,
        )
    ),
    "file": mapping(**FILE),
    "sourceTime": TEXT,
    "scope": TEXTS,
    "sharedKeys": TEXTS,
    "rowThatCounts": {"anyOf": [words("first", "last"), mapping(latest=TEXT)]},
    "answerWithin": whole(1),
    "freshness": mapping(**{"severity": SEVERITY, FRESHNESS.limit: whole(0)}),
    "acceptance": mapping(**{ACCEPTANCE.limit: TEXT, "unless": PAIRS}),
    "references": listed(mapping(field=TEXT, feed=TEXT, severity=words("hold", "warn"))),
    **RULES,
}  # fmt: skip
TABLE = {"sameThing": listed(TEXTS)}
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
FIELD = {
    "englishName": TEXT,
    "handling": words(*get_args(Handling)),
    "tokenName": TEXT,
    "vocabulary": words("closed", "open"),
    "aliases": PAIRS,
    "formats": TEXTS,
    "era": words("roc"),
    "unit": TEXT,
    "plausible": mapping(from_=DAY, to={"anyOf": [DAY, words("received")]}),
    "precision": words("day", "month", "year"),
    "shape": TEXT,
    "register": mapping(
        of=words(*fields.REGISTERS), levels=listed(words(*fields.LEVELS)), severity=words("error", "warning")
    ),
    "valueFrom": mapping(source=words(*fields.SOURCES), pattern=TEXT, of=TEXTS),
    "mustBeSent": FLAG,
    "filledIfSent": FLAG,
    "placeholders": TEXTS,
    "spelling": mapping(drop=TEXTS, case=words("upper", "lower"), pad=whole(1)),
    "timeZone": {"anyOf": [TEXT, mapping(field=TEXT)]},
}  # fmt: skip
SYNONYM = {"year": whole(1900), "layout": TEXT}


def custom(values: Mapping[str, Schema], known: Collection[str]) -> Schema:
    """`customProperties` of one place: each property at most what its schema says; `known` as the reader has them."""
    if values.keys() != set(known):
        raise ValueError(sorted(values.keys() ^ set(known)))
    given = [
        {
            "if": {"properties": {"property": {"const": name}}},
            "then": {"properties": {"value": schema}},
        }
        for name, schema in sorted(values.items())
    ]
    item = {
        "type": "object",
        "required": ["property", "value"],
        "properties": {"property": words(*sorted(values))},
        "allOf": given,
    }
    return {"customProperties": listed(item)}


def schema() -> Schema:
    """The whole, as draft 7, which editors know best."""
    synonym = {"properties": custom(SYNONYM, fields.SYNONYM_CUSTOM)}
    field = {
        "properties": {
            "logicalType": words(*get_args(FieldType)),
            "classification": words(*get_args(Classification)),
            "synonyms": listed(synonym),
            **custom(FIELD, fields.CUSTOM),
        },
    }
    table = {"properties": {"properties": listed(field), **custom(TABLE, reader.TABLE_CUSTOM)}}
    frequency = {
        "if": {"properties": {"property": {"const": "frequency"}}},
        "then": {"properties": {"value": words(*reader.CADENCES)}},
    }
    if FILE.keys() != options.FILE:
        raise ValueError(sorted(FILE.keys() ^ options.FILE))
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "minsheng: contract of a feed",
        "description": "What minsheng adds to the Open Data Contract Standard 3.2: docs/adding-a-feed.md",
        "type": "object",
        "properties": {
            "schema": {"maxItems": 1, **listed(table)},
            "slaProperties": listed(frequency),
            **custom(CONTRACT, reader.CUSTOM),
        },
    }


def text() -> str:
    """The file."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(text())
