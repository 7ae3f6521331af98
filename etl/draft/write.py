"""A contract's draft as text: what each line was told from stands above it, what nobody could tell is a question."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath

from etl.draft.edit import quoted
from etl.draft.fieldtext import FieldText, field_text
from etl.draft.infer import infer
from etl.draft.keys import Key
from etl.draft.period import Told
from etl.draft.reading import Profiled

_DIGITS = r"[\d〇一二三四五六七八九十]"
_PERIOD = re.compile(
    rf"[-_ ]*(?:{_DIGITS}{{2,4}}年(?:第?[{'1-4一二三四'}]季度|[上下]半年|{_DIGITS}{{1,3}}月(?:份|{_DIGITS}{{1,3}}日)?)?"
    r"|(?:19|20)\d{2}(?:[-_.]?(?:0[1-9]|1[0-2])(?:[-_.]?\d{2})?|[-_]?[Qq][1-4])?)(?!\d)"
)
_INDENT = " " * 6
_BY_CONTENT = (
    "name: record_id",
    "businessName: 记录标识",
    "logicalType: string",
    "primaryKey: true",
    "classification: internal",
    "customProperties: [{property: valueFrom, value: {source: rowContent}}]",
)


@dataclass
class Draft:
    """The two files of a feed, and what a person has to answer before it loads right."""

    feed: str
    yaml: str
    sql: str = ""
    target: str = ""
    questions: list[tuple[str, str]] = field(default_factory=list)
    """In Chinese and English."""


def draft_contract(
    feed: str,
    read: Profiled,
    names: Mapping[str, str],
    key: Key,
    period: Told,
    *,
    required: Collection[str] = (),
) -> Draft:
    """The YAML of a contract for a file; `names` are the fields' names by column, `required` those of never empty ones."""
    extract = read.extract
    department, _, stem = feed.partition(".")
    inferred = {each.name: infer(each) for each in read.profiles}
    questions = [q for each in inferred.values() if (q := each.question)]
    questions += [q for q in (period.question, key.question) if q]
    lines: list[str] = []
    places = {column: place for place, column in enumerate(key.columns, 1)}
    columns = list(extract.headers)
    for profile in read.profiles:
        place = columns.index(profile.name)
        lines += field_text(
            names[profile.name],
            profile,
            inferred[profile.name],
            key_position=places.get(profile.name),
            single=len(places) == 1,
            required=names[profile.name] in required,
            english=extract.second[place] if place < len(extract.second) else "",
        ).block(_INDENT)
    if not places:
        lines += FieldText((key.why,), _BY_CONTENT).block(_INDENT)
    head = _head(feed, department, stem, read, period, key, questions)
    return Draft(feed, "\n".join([*head, *lines]) + "\n", questions=questions)


def glob_of(name: str) -> str:
    """A pattern for the names of a feed's files: without what says the period, and without the extension."""
    stem = PurePath(name).name
    for suffix in (".gz", PurePath(stem.removesuffix(".gz")).suffix):
        stem = stem.removesuffix(suffix)
    bare = _PERIOD.sub("*", stem).strip("_- ")
    bare = re.sub(r"\*+", "*", bare)
    return (bare if len(bare.replace("*", "")) >= 2 else stem).rstrip("*") + "*"


def _head(
    feed: str,
    department: str,
    stem: str,
    read: Profiled,
    period: Told,
    key: Key,
    questions: Sequence[tuple[str, str]],
) -> list[str]:
    extract = read.extract
    title = extract.title.split("\n")[0] or PurePath(extract.name).stem
    file = [f"names: [{quoted(glob_of(extract.name))}]"]
    if extract.sheet is not None and extract.other_sheets:
        file.append(f"sheets: [{quoted(extract.sheet)}]")
    if not extract.contract.file.header:
        file.append("header: false")
    lines = [
        f"# 草稿：由 {extract.name} 的 {read.rows:,} 行推断；每行注释说明依据，逐条看过后把 status 改为 active。",
        f"# A draft, told from {read.rows:,} rows of {extract.name}; the comments say from what. Read it, then set status.",
        *(f"# TODO {zh} / {en}" for zh, en in questions),
        "apiVersion: v3.2.0",
        "kind: DataContract",
        f"id: {feed}",
        f"name: {quoted(title)}",
        "version: '1.0.0'",
        "status: draft",
        f"domain: {department}",
        "description: {purpose: 待填写 to be written}",
        "team: {name: 待填写 to be written}",
        "slaProperties:",
        f"  - {{property: frequency, value: {period.frequency}}}",
        "customProperties:",
        "  # 未推断：一个文件看不出缺行是否意味着消失（full 全量, delta 增量, window 滚动窗口）/ not told from one file",
        "  - {property: mode, value: delta}",
        f"  # {period.why}",
        "  - property: period",
        "    value:",
        *(f"      - {line}" for line in period.lines),
    ]
    lines += [f"  # 另有工作表 other sheets: {'、'.join(extract.other_sheets)}"] * bool(
        extract.other_sheets
    )
    if not extract.contract.file.header:
        lines.append(
            "  # 首行与其下各行同类，没有表头 / the first row is like those below it: no header"
        )
    if extract.nameless:
        lines.append(
            f"  # {extract.nameless} 列没有表头，未读取 / columns without a header are not read"
        )
    for warning in read.reading.warnings:
        if warning.code in ("total_rows", "note_rows", "repeated_header"):
            lines.append(
                f"  # {warning.message_zh} {warning.message_en} ({warning.found or warning.rows})"
            )
    lines += [
        f"  - {{property: file, value: {{{', '.join(file)}}}}}",
        "schema:",
        f"  - name: {stem}",
        f"    # 主键 key: {key.why}",
        "    properties:",
    ]
    return lines
