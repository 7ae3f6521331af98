"""Where the header is, and which column is which field: title rows, two-row and merged headers, old names."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from etl.contract.model import Contract
from etl.decode.guess import guess
from etl.decode.units import Placing, Unit, unit_of, unit_row
from etl.reasons import Reason
from etl.values.marks import nfkc, without_notes

SCANNED_ROWS = 40
"""How far down a header is looked for."""

Cells = Sequence[str]

_MARKS = re.compile(r"[*\s\u200b-\u200f\ufeff]+|[(\[]必填[)\]]")
_BRACKET = re.compile(r"[(\[][^()\[\]]*[)\]]$")
_PLAIN_RANK, _NOTE_RANK, _BRACKET_RANK = 0, 500, 1000
_DIGIT = re.compile(r"\d")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_NUMBERING = re.compile(r"\(?\d{1,2}\)?|[①-⑳]")


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
    told: tuple[Reason, ...] = ()
    """What was taken for what around it; errors hold the delivery."""

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
    """A header reduced to what tells it from others; a mark such as ① stays."""
    return _MARKS.sub("", nfkc(text)).casefold()


def header_of(rows: Sequence[Cells], contract: Contract) -> Header | None:
    """The header as the contract has it: looked for, or its fields in order, or whichever fits a file that comes both ways."""
    if not contract.file.header:
        return by_position(rows, contract)
    header = locate(rows, contract)
    if contract.file.header == "auto" and (header is None or header.missing):
        return by_position(rows, contract) or header
    return header


def locate(rows: Sequence[Cells], contract: Contract) -> Header | None:
    """The best header among the rows; None where nothing resembles one.

    Of several layouts, the one that leaves fewest columns unknown is meant, the usual one first. Where the contract
    has no fields at all, each column of the likeliest header is named by its place (`c0`).
    """
    if not contract.fields:
        return _guessed(rows)
    headers = (_locate(rows, layout) for layout in contract.layouts)
    return min(filter(None, headers), key=_unfitting, default=None)


def _unfitting(header: Header) -> tuple[int, int, int, int]:
    return (
        len(header.missing),
        len(header.duplicates),
        len(header.unknown),
        -len(header.columns),
    )


def _locate(rows: Sequence[Cells], contract: Contract) -> Header | None:
    """All required fields present beats more fields, which beats fewer rows and a place higher up."""
    names = _names(contract)
    required = [each.name for each in contract.fields if each.required]
    best: tuple[tuple[int, int, int, int], Header] | None = None
    for index, count, texts in _candidates(rows, contract.file.header_rows):
        match = _match(texts, names)
        if count > 1 and _below_is_data(rows[index], rows[index + 1], names):
            continue
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
    if best is None:
        return None
    return _with_units(_with_second_language(best[1], rows, names), rows, contract)


def _guessed(rows: Sequence[Cells]) -> Header | None:
    """The header of a file that no contract describes; `unknown` are its texts in a second language, if it has one."""
    place = guess(rows)
    if place is None:
        return None
    own = [cell.strip() for cell in rows[place.row + max(place.rows - 1, 0)]]
    above = [cell.strip() for cell in rows[place.row]]
    if place.kind == "none":
        own = [""] * max(map(len, rows))
    elif place.kind == "grouped":
        own = [options[0] for options in _joined(rows[place.row], rows[place.row + 1])]
    return Header(
        row=place.row,
        rows=place.rows,
        columns={f"c{column}": column for column in range(len(own))},
        texts={f"c{column}": text for column, text in enumerate(own)},
        unknown=tuple(above) if place.kind == "bilingual" else (),
        missing=(),
        width=len(own),
        title=title_of(rows[: place.row]),
    )


def _below_is_data(upper: Cells, lower: Cells, names: Mapping[str, tuple[str, int]]) -> bool:
    """Whether a row below a header is a row of data: a column that has its name above says something else."""
    for top, bottom in zip(upper, lower, strict=False):
        top, bottom = top.strip(), bottom.strip()
        if not bottom or bottom == top or _lookup(top, names) is None:
            continue
        texts = (bottom, f"{top}/{bottom}", f"{top}{bottom}")
        if unit_of(bottom) is None and not any(_lookup(text, names) for text in texts):
            return True
    return False


def _with_units(header: Header, rows: Sequence[Cells], contract: Contract) -> Header:
    """Take in rows of units and of column numbers, and put the units of these and of the title to their columns."""
    placing = Placing(contract, header.texts)
    end = header.end
    below: list[tuple[Mapping[int, Unit], int]] = []
    while end < len(rows):
        units = unit_row(rows[end])
        if units is not None:
            below.append((units, end + 1))
        elif not _is_numbering(rows[end]):
            break
        end += 1
    if len(below) + (end > header.end) == 0 and not header.title:
        return header
    for units, row in below:
        placing.row(units, header.columns, row)
    placing.title(header.title, header.row)
    return replace(header, rows=end - header.row, texts=placing.texts, told=tuple(placing.told))


def _is_numbering(row: Cells) -> bool:
    """The numbers of the columns, as statistical tables have them below the header: 甲 乙 1 2, (1) (2) (3)."""
    cells = [nfkc(cell).strip() for cell in row if cell.strip()]
    stems = [cell for cell in cells if cell in _STEMS]
    numbers = [cell for cell in cells if cell not in _STEMS]
    bare = [_NUMBERING.fullmatch(cell) for cell in numbers]
    if (
        len(cells) < 2
        or not all(bare)
        or not (stems or all(not cell.isdigit() for cell in numbers))
    ):
        return False
    values = [
        ord(cell) - ord("①") + 1 if "①" <= cell <= "⑳" else int(cell.strip("()"))
        for cell in numbers
    ]
    return values == list(range(1, len(values) + 1)) or (not numbers and len(stems) > 1)


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

    A first row that names half of the fields is a header all the same, and no row of data. So may be one
    in words that nobody knows: where files come both ways, it is not taken for data.
    """
    header = locate(rows[:1], contract)
    if header and len(header.columns) * 2 >= len(contract.fields):
        return header
    if len(rows[0]) != len(contract.fields):
        return None
    if contract.file.header == "auto" and _may_be_names(rows):
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


def _may_be_names(rows: Sequence[Cells]) -> bool:
    """Whether the first row has words without a digit where every row below it has digits."""
    for column, top in enumerate(rows[0]):
        below = [row[column] for row in rows[1:] if column < len(row) and row[column].strip()]
        if top.strip() and not _DIGIT.search(top) and below and all(map(_DIGIT.search, below)):
            return True
    return False


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
    seen: Counter[str] = Counter()
    for column, options in enumerate(texts):
        seen.update({key(text) for text in options})
        for penalty, text in enumerate(options):
            # The second 户数 is 户数#2 to a contract that tells them apart.
            hit = names.get(f"{key(text)}#{seen[key(text)]}") or _lookup(text, names)
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
    for form, rank in _forms(text):
        if (hit := names.get(form)) is not None:
            return hit[0], hit[1] + rank
    return None


@lru_cache(maxsize=16_384)
def _forms(text: str) -> tuple[tuple[str, int], ...]:
    """The keys under which a header may be known, the likeliest first."""
    bare = key(text)
    if not bare:
        return ()
    noted = without_notes(bare)
    return (
        (bare, _PLAIN_RANK),
        # m² and CO₂ may be written m2 and CO2; 户数① is 户数, with a note below the table.
        (unicodedata.normalize("NFKC", bare), _NOTE_RANK),
        (noted, _NOTE_RANK),
        # 常住人口（万人） is 常住人口; what the bracket says scales the values later.
        (without_notes(_BRACKET.sub("", noted)), _BRACKET_RANK),
    )
