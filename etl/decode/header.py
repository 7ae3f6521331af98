"""Where the header is, and which column is which field: title rows, two-row and merged headers, old names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from etl.contract.model import Contract

SCANNED_ROWS = 40
"""How far down a header is looked for."""

Cells = Sequence[str]

_MARKS = re.compile(r"[*\s\u200b-\u200f\ufeff]+|[(\[]必填[)\]]")
_BRACKET = re.compile(r"[(\[][^()\[\]]*[)\]]$")
_PLAIN_RANK, _BRACKET_RANK = 0, 1000


@dataclass(frozen=True)
class Header:
    """A header as it was found."""

    row: int
    """Index of its first row among those scanned."""
    rows: int
    columns: Mapping[str, int]
    """Field name to column index."""
    texts: Mapping[str, str]
    """Field name to the text found above its column."""
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    duplicates: tuple[str, ...] = ()
    width: int = 0
    title: str = ""
    """What stands above it."""

    @property
    def end(self) -> int:
        """Index of the first row below it."""
        return self.row + self.rows


@dataclass
class _Match:
    columns: dict[str, int] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    duplicates: list[str] = field(default_factory=list)


def key(text: str) -> str:
    """A header reduced to what tells it from others."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", text)).casefold()


def locate(rows: Sequence[Cells], contract: Contract) -> Header | None:
    """The best header among the rows; None where nothing resembles one.

    All required fields present beats more fields, which beats fewer rows and a place higher up.
    """
    names = _names(contract)
    required = [each.name for each in contract.fields if each.required]
    best: tuple[tuple[int, int, int, int], Header] | None = None
    for index, count, texts in _candidates(rows, contract.file.header_rows):
        match = _match(texts, names)
        if len(match.columns) < min(2, len(contract.fields)):
            continue
        missing = tuple(name for name in required if name not in match.columns)
        rank = (len(missing), -len(match.columns), count, index)
        if best is not None and best[0] <= rank:
            continue
        known = set(match.columns.values())
        header = Header(
            row=index,
            rows=count,
            columns=match.columns,
            texts=match.texts,
            unknown=tuple(
                options[0]
                for column, options in enumerate(texts)
                if column not in known and options and options[0]
            ),
            missing=missing,
            duplicates=tuple(match.duplicates),
            width=_width(rows[index : index + count]),
            title=title_of(rows[:index]),
        )
        best = (rank, header)
    return _with_second_language(best[1], rows, names) if best else None


def _with_second_language(
    header: Header, rows: Sequence[Cells], names: Mapping[str, tuple[str, int]]
) -> Header:
    """Take in a row below that names the same columns again, as in English below Chinese."""
    while header.end < len(rows):
        again = _match([[cell.strip()] for cell in rows[header.end]], names).columns
        same = sum(header.columns.get(name) == column for name, column in again.items())
        if same < max(2, len(header.columns) // 2):
            break
        header = replace(header, rows=header.rows + 1)
    return header


def by_position(rows: Sequence[Cells], contract: Contract) -> Header | None:
    """The header of a feed without one: its fields in order; None where the rows are not as wide.

    A first row that names half of the fields is a header all the same, and no row of data.
    """
    header = locate(rows[:1], contract)
    if header and len(header.columns) * 2 >= len(contract.fields):
        return header
    if len(rows[0]) != len(contract.fields):
        return None
    names = [each.name for each in contract.fields]
    return Header(
        row=0,
        rows=0,
        columns={name: index for index, name in enumerate(names)},
        texts={each.name: each.title_zh for each in contract.fields},
        unknown=(),
        missing=(),
        width=len(rows[0]),
    )


def title_of(rows: Sequence[Cells]) -> str:
    """The text of title rows; a merged cell says it once."""
    lines = []
    for row in rows:
        texts = list(dict.fromkeys(cell.strip() for cell in row if cell.strip()))
        if texts:
            lines.append(" ".join(texts))
    return "\n".join(lines)


def _width(rows: Sequence[Cells]) -> int:
    return max((len(row) for row in rows), default=0)


def _candidates(rows: Sequence[Cells], declared: int) -> Iterator[tuple[int, int, list[list[str]]]]:
    """Places where a header may be: its row, its height, and for each column its possible texts."""
    for index, row in enumerate(rows[:SCANNED_ROWS]):
        yield index, 1, [[cell.strip()] for cell in row]
        if index + 1 < len(rows):
            yield index, 2, _joined(row, rows[index + 1])
        if declared > 2 and index + declared <= len(rows):
            yield index, declared, _joined_many(rows[index : index + declared])


def _joined(upper: Cells, lower: Cells) -> list[list[str]]:
    width = max(len(upper), len(lower))
    texts: list[list[str]] = []
    group = ""
    for column in range(width):
        top = upper[column].strip() if column < len(upper) else ""
        bottom = lower[column].strip() if column < len(lower) else ""
        # A merged group header stands in its first cell only.
        group = top or (group if bottom else "")
        if bottom and group and bottom != group:
            texts.append([f"{group}/{bottom}", f"{group}{bottom}", bottom, *([top] if top else [])])
        else:
            texts.append([bottom or top])
    return texts


def _joined_many(rows: Sequence[Cells]) -> list[list[str]]:
    options = _joined(rows[0], rows[1])
    for row in rows[2:]:
        options = _joined([option[0] for option in options], row)
    return options


def _names(contract: Contract) -> dict[str, tuple[str, int]]:
    """Header key to field name and rank; the header in use ranks first."""
    names: dict[str, tuple[str, int]] = {}
    for each in contract.fields:
        for rank, text in enumerate(each.headers):
            names.setdefault(key(text), (each.name, rank))
    return names


def _match(texts: list[list[str]], names: Mapping[str, tuple[str, int]]) -> _Match:
    ranked: dict[str, tuple[int, int, str]] = {}
    match = _Match()
    for column, options in enumerate(texts):
        for penalty, text in enumerate(options):
            hit = _lookup(text, names)
            if hit is None:
                continue
            name, rank = hit
            rank += penalty * 10_000
            held = ranked.get(name)
            if held is None or rank < held[0]:
                ranked[name] = (rank, column, text)
                if name in match.duplicates:
                    match.duplicates.remove(name)
            elif rank == held[0]:
                match.duplicates.append(name)
            break
    match.columns = {name: column for name, (_, column, _) in ranked.items()}
    match.texts = {name: text for name, (_, _, text) in ranked.items()}
    return match


def _lookup(text: str, names: Mapping[str, tuple[str, int]]) -> tuple[str, int] | None:
    bare = key(text)
    if not bare:
        return None
    hit = names.get(bare)
    if hit is not None:
        return hit[0], hit[1] + _PLAIN_RANK
    # 常住人口（万人） is 常住人口; what the bracket says scales the values later.
    shorter = names.get(_BRACKET.sub("", bare))
    return (shorter[0], shorter[1] + _BRACKET_RANK) if shorter else None
