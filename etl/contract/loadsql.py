"""The load file of a feed: one SELECT for each target, under a line that names it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from etl.contract.model import Field, LoadQuery
from etl.contract.problems import Sink
from etl.quoting import string
from etl.settings import FILES

PARAMETERS = frozenset({"period_start", "period_end"})
"""What the loader supplies to a query."""

_HEADING = re.compile(r"^--\s*(target|alias)\s*:\s*(\S*)\s*$", re.MULTILINE)
_PARAMETER = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
REMARK_OR_TEXT = re.compile(
    r"--[^\n]*|/\*.*?\*/"
    r"|\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"
    r'|"(?:[^"]|"")*"',
    re.DOTALL,
)
"""What a parameter cannot stand in: remarks, texts, quoted names."""
_DISTINCT = re.compile(r"\bSELECT\s+DISTINCT\b|\bGROUP\s+BY\b|\bUNION\b(?!\s+ALL\b)", re.IGNORECASE)
_CODES = "_codes"
_MADE = {
    "target": re.compile(r"^CREATE TABLE star\.(\w+)", re.MULTILINE),
    "alias": re.compile(r"ledger\.create_registry\('(\w+)'\)"),
}


def read_loads(text: str, fields: Iterable[Field], path: Path, sink: Sink) -> tuple[LoadQuery, ...]:
    """Split a load file into its queries.

    `:<field>_codes` becomes the array of the codes that the contract lists for the field,
    so that a vocabulary is written once.
    """
    codes = {field.name: field.codes for field in fields if field.codes}
    parts = _HEADING.split(text)
    if len(parts) == 1:
        sink.add(
            "",
            text[:60],
            "每段以 -- target: <表> 开头 / sections that start with -- target: <table>",
            file=path,
        )
    loads: list[LoadQuery] = []
    for heading, target, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        place = f"-- {heading}: {target}"
        known = _known(heading)
        if known and target not in known:
            sink.unknown(place, target, known, file=path)
        if any((load.kind, load.target) == (heading, target) for load in loads):
            sink.add(place, target, "每个目标一段 / one section a target", file=path)
        sql = body.strip().rstrip(";").strip()
        _check(sql, codes, place, path, sink)
        kind = "target" if heading == "target" else "alias"
        loads.append(
            LoadQuery(target, "target" if kind == "target" else "alias", _fill(sql, codes))
        )
    if parts[1:] and not any(load.kind == "target" for load in loads):
        sink.add("", "alias", "至少一个 -- target / at least one -- target", file=path)
    return tuple(loads)


def _check(sql: str, codes: dict[str, tuple[str, ...]], place: str, path: Path, sink: Sink) -> None:
    bare = REMARK_OR_TEXT.sub(" ", sql)
    if not re.match(r"\s*(SELECT|WITH)\b", bare, re.IGNORECASE):
        sink.add(place, sql[:60], "一条 SELECT / one SELECT", file=path)
    elif ";" in bare:
        sink.add(place, ";", "只有一条 SELECT / one SELECT only", file=path)
    elif not re.search(r"\bFROM\s+staging\b", bare, re.IGNORECASE):
        sink.add(place, sql[:60], "SELECT ... FROM staging", file=path)
    else:
        known = PARAMETERS | {name + _CODES for name in codes}
        for name in _PARAMETER.findall(bare):
            if name not in known:
                sink.unknown(place, ":" + name, {":" + each for each in known}, file=path)
                return


def _fill(sql: str, codes: dict[str, tuple[str, ...]]) -> str:
    arrays = {}
    for name, values in codes.items():
        arrays[name + _CODES] = f"ARRAY[{', '.join(map(string, values))}]::text[]"
    return put_in(sql, arrays)


def may_be_lookup(sql: str, kind: str) -> bool:
    """Whether a load query may do without `row_no`: it lists members of a dimension, each once."""
    return kind == "dimension" and bool(_DISTINCT.search(REMARK_OR_TEXT.sub(" ", sql)))


def is_derived(sql: str, kind: str) -> bool:
    """Whether a load query only lists members of a dimension, of no row in particular."""
    bare = REMARK_OR_TEXT.sub(" ", sql)
    return may_be_lookup(sql, kind) and not re.search(r"\brow_no\b", bare)


def put_in(sql: str, values: Mapping[str, str]) -> str:
    """The query with SQL for those of its parameters that `values` names; a `:x` in a text or a remark is none."""
    parts, end = [], 0
    for kept in [*REMARK_OR_TEXT.finditer(sql), None]:
        bare = sql[end : kept.start() if kept else len(sql)]
        parts.append(_PARAMETER.sub(lambda name: values.get(name[1], name[0]), bare))
        if kept:
            parts.append(kept[0])
            end = kept.end()
    return "".join(parts)


@cache
def _known(heading: str) -> frozenset[str]:
    """Tables of the star, or registries, by the migrations; the database has the last word."""
    files = (FILES / "warehouse" / "sql" / "migrations").glob("*.sql")
    return frozenset(
        name for file in files for name in _MADE[heading].findall(file.read_text(encoding="utf-8"))
    )
