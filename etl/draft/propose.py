"""A change of a contract for a file that no longer fits it: new names of columns, new columns, codes and date formats.

Everything is told from the file and from the delivery that was loaded last; the change is a text edit of the contract,
to be read as a diff and applied with `write`. Nothing is loaded here.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from etl.contract import Contract, Field, matches_any, read_period
from etl.contract.likeness import likeness
from etl.draft.edit import Edit, quoted
from etl.draft.fieldtext import field_text
from etl.draft.glossary import names_for
from etl.draft.infer import infer
from etl.draft.pairs import Pair, pairs
from etl.draft.profile import Profile
from etl.draft.reading import Profiled, under
from etl.values.convert import parse_date
from etl.values.dates import DateParser
from etl.values.text import normalise

_RARE = 0.02
"""A new value in fewer of the rows, and only once, is taken for a slip of the pen."""
_UNREAD = 0.5
"""From this share of unreadable days on, the format has changed."""


@dataclass(frozen=True)
class Change:
    """One change, and from what it was told."""

    kind: str
    """synonym, column, code, format, era, sheet or encoding."""
    field: str
    what: str
    why: str


@dataclass
class Proposal:
    """What a file asks of its feed's contract."""

    contract: Contract
    file: str
    expected: tuple[str, ...] = ()
    """Titles of the contract's columns."""
    headers: tuple[str, ...] = ()
    """Headers of the file."""
    missing: tuple[str, ...] = ()
    """Titles of required columns that nothing in the file was taken for."""
    pairs: list[Pair] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    questions: list[tuple[str, str]] = field(default_factory=list)
    """What a person has to answer, in Chinese and English."""
    old: str = ""
    new: str = ""

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        name = str(self.contract.path)
        lines = difflib.unified_diff(
            self.old.splitlines(keepends=True), self.new.splitlines(keepends=True), name, name
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

    def write(self) -> None:
        """Apply it to the contract's file, whose line ends stay."""
        path = self.contract.path
        ends = "\r\n" if b"\r\n" in path.read_bytes() else "\n"
        path.write_text(self.new, encoding="utf-8", newline=ends)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "feed": self.contract.feed,
            "file": self.file,
            "contract": str(self.contract.path),
            "expected": list(self.expected),
            "headers": list(self.headers),
            "missing": list(self.missing),
            "pairs": [
                {
                    "field": p.field, "header": p.header, "score": round(p.score, 2), "text": round(p.text, 2),
                    "content": round(p.content, 2), "why": p.why, "sure": p.sure,
                }
                for p in self.pairs
            ],
            "changes": [vars(change) for change in self.changes],
            "questions": [{"zh": zh, "en": en} for zh, en in self.questions],
            "diff": self.diff,
        }  # fmt: skip


def propose(
    contract: Contract,
    path: Path,
    *,
    name: str | None = None,
    member: str | None = None,
    received: date,
    known: Mapping[str, Contract] | None = None,
    before: Profiled | None = None,
) -> Proposal:
    """What the file asks of the contract; its headers are new in the year of its period, else of the receipt.

    `before` is the feed's delivery that was loaded last, `known` are contracts whose fields have English names
    for headers. Raises InputProblem for a file that cannot be read at all.
    """
    name = name or path.name
    read = under(contract, path, name=name, member=member).profiled()
    profiles = {each.name: each for each in read.profiles}
    year = _year(contract, read, received)
    old = contract.path.read_text(encoding="utf-8-sig")
    proposal = Proposal(contract, name, old=old, new=old)
    asked = [each for each in contract.fields if each.value_from is None]
    proposal.expected = tuple(each.title_zh for each in asked)
    proposal.headers = tuple(read.extract.headers.values())
    edit = Edit(old)
    _sheet(proposal, edit, read)
    _encoding(proposal, edit, read)
    absent = [each for each in asked if each.name not in profiles]
    others = [each for each in read.profiles if each.name not in contract.by_name]
    earlier = {each.name: each for each in before.profiles} if before else {}
    proposal.pairs = pairs(absent, others, earlier)
    paired: dict[str, Profile] = {}
    by_column = {each.name: each for each in others}
    for pair in proposal.pairs:
        if pair.sure:
            paired[pair.field] = by_column[pair.column]
            _synonym(proposal, edit, pair, name, year)
        elif contract.by_name[pair.field].required:
            _ask_for_pair(proposal, pair)
    proposal.missing = tuple(
        each.title_zh for each in absent if each.required and each.name not in paired
    )
    columns = {name: p for name, p in profiles.items() if name in contract.by_name} | paired
    for each in contract.fields:
        if each.name in columns and each.handling == "keep":
            _codes(proposal, edit, each, columns[each.name])
            _days(proposal, edit, each, columns[each.name])
    asking = {
        pair.column
        for pair in proposal.pairs
        if not pair.sure and contract.by_name[pair.field].required
    }
    added = [each for each in others if each not in paired.values() and each.name not in asking]
    if not contract.file.ignores_others:
        _columns(proposal, edit, added, name, list((known or {}).values()))
    proposal.new = edit.result()
    return proposal


def _sheet(proposal: Proposal, edit: Edit, read: Profiled) -> None:
    """None of the file's sheets is called as the contract says: the one that was read is."""
    wanted, there = proposal.contract.file.sheets, read.extract.sheet
    if there is None or not wanted or matches_any(there, wanted):
        return
    others = read.extract.other_sheets
    why = f"契约 contract：{'、'.join(wanted)}"
    if others:
        why += f"；另有 also {'、'.join(others)}"
    edit.add_to_file("sheets", there, why)
    proposal.changes.append(Change("sheet", "file", there, why))


def _encoding(proposal: Proposal, edit: Edit, read: Profiled) -> None:
    """The file could be read, in an encoding that the contract does not name."""
    declared = proposal.contract.file.encodings
    for warning in read.table.warnings:
        if warning.code == "undeclared_encoding" and warning.found:
            why = f"契约 contract：{'、'.join(declared)}"
            edit.add_to_file("encodings", str(warning.found), why, default=declared)
            proposal.changes.append(Change("encoding", "file", str(warning.found), why))


def _synonym(proposal: Proposal, edit: Edit, pair: Pair, name: str, year: int) -> None:
    why = f"表头相似 text {pair.text:.0%}，内容 content {pair.content:.0%}（{pair.why}）"
    given = (
        f"{{synonym: {quoted(pair.header)}, source: {quoted(name)},"
        f" customProperties: [{{property: year, value: {year}}}]}}"
    )
    edit.add(edit.field(pair.field), "synonyms", given, why)
    proposal.changes.append(Change("synonym", pair.field, pair.header, why))


def _ask_for_pair(proposal: Proposal, pair: Pair) -> None:
    title = proposal.contract.by_name[pair.field].title_zh
    figures = f"{pair.header}（text {pair.text:.0%}, content {pair.content:.0%}）"
    proposal.questions.append(
        (
            f"“{title}”是否就是 {figures}？是则把它加入该字段的 synonyms",
            f'Is "{title}" now {figures}? If so, add it to the synonyms of the field',
        )
    )


def _codes(proposal: Proposal, edit: Edit, wanted: Field, column: Profile) -> None:
    if not wanted.codes or column.many:
        return
    meant = {normalise(word) for word in (*wanted.codes, *wanted.aliases)}
    for value, count in column.counts.most_common():
        if value in meant:
            continue
        share = count / column.filled
        nearest = max(wanted.codes, key=lambda code: likeness([code], value))
        close = likeness([nearest], value) >= 0.6
        why = f"{count:,} / {column.filled:,} 行 rows"
        if close:
            why += (
                f"；若与“{nearest}”同义，应写入 aliases / if it means {nearest}, make it an alias"
            )
        if count == 1 and share < _RARE:
            continue
        edit.add(
            edit.field(wanted.name),
            "enum",
            f"{{value: {quoted(value)}, label: {quoted(value)}}}",
            why,
        )
        proposal.changes.append(Change("code", wanted.name, value, why))


def _days(proposal: Proposal, edit: Edit, wanted: Field, column: Profile) -> None:
    order = column.order
    if wanted.type not in ("date", "timestamp") or order is None or not column.counts:
        return
    parser = DateParser(
        time=wanted.type == "timestamp",
        precision=wanted.precision,
        formats=wanted.formats,
        roc=wanted.era == "roc",
    )
    parse = parser if wanted.type == "timestamp" else parse_date(parser)
    unread = sum(
        count
        for text, count in column.counts.items()
        if getattr(parse(text), "severity", None) == "error"
    )
    counted = sum(column.counts.values())
    if unread < _UNREAD * counted:
        return
    example = next(iter(column.counts))
    why = f"{unread:,} / {counted:,} 行按原格式读不出 unreadable before，如 e.g. {example}"
    if order.is_open:
        inferred = infer(column)
        if inferred.question is not None:
            proposal.questions.append(inferred.question)
        return
    node = edit.field(wanted.name)
    if order.roc:
        if not edit.has_custom(node, "era"):
            edit.set_custom(node, "era", "roc", why)
            proposal.changes.append(Change("era", wanted.name, "roc", why))
        return
    if order.highest != (0, 0):
        why += "；前后两数最大 highest {} / {}".format(*order.highest)
    edit.add_custom(node, "formats", [f"'{form}'" for form in order.formats], why)
    proposal.changes.append(Change("format", wanted.name, order.formats[0], why))


def _columns(
    proposal: Proposal, edit: Edit, columns: list[Profile], name: str, known: list[Contract]
) -> None:
    contract = proposal.contract
    names = names_for(
        [c.header for c in columns],
        [contract, *known],
        department=contract.department,
        taken=contract.by_name,
    )
    for column, own in zip(columns, names, strict=True):
        inferred = infer(column)
        edit.add_field(field_text(own, column, inferred, source=f"{name}: 新列 new column").block)
        proposal.changes.append(Change("column", own, column.header, "；".join(inferred.told)))
        if inferred.question is not None:
            proposal.questions.append(inferred.question)


def _year(contract: Contract, read: Profiled, received: date) -> int:
    values = {each.name: next(iter(each.counts), None) for each in read.profiles}
    period = read_period(
        contract,
        file_name=read.extract.name,
        title=read.extract.title,
        first_values=values,
        received=received,
    )
    return (period.start if period else received).year
