"""What every format is read into: what is known before a file is read, and what reading it has told."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from etl.contract.likeness import likeliest_pairs
from etl.contract.model import Contract
from etl.decode.header import Header
from etl.decode.problems import DecodeProblem, warning
from etl.reasons import Reason
from etl.values.faults import Faults

FIRST = "#first"
"""Column of a raw batch that holds the first cell of each row, where totals and footnotes say what they are."""


@dataclass(frozen=True)
class Segment:
    """A stretch of rows: row in the sheet (or record in the file) = row_no + row_offset."""

    sheet: str | None
    first_row_no: int
    row_offset: int
    rows: int
    """Places from `first_row_no` on, dropped ones included."""
    title: str = ""
    """What stands above the header of this sheet."""


@dataclass(frozen=True)
class Table:
    """A file opened under a contract: what is known before it is read."""

    contract: Contract
    file: str
    format: str
    headers: Mapping[str, str]
    """The fields that the file has, with the header found for each."""
    reader: Callable[[Reading], Iterator[Any]] = field(repr=False)
    """Gives raw batches: `row_no`, `FIRST`, then a column a wanted field. Some readers can do so only once."""
    title: str = ""
    unknown: tuple[str, ...] = ()
    """Headers that the contract does not know."""
    serials: bool = False
    """Whether a plain number may be a date, as in a spreadsheet."""
    encoding: str | None = None
    warnings: tuple[Reason, ...] = ()
    """What opening it has told."""

    @classmethod
    def of(
        cls,
        contract: Contract,
        file: str,
        form: str,
        header: Header,
        reader: Callable[[Reading], Iterator[Any]],
        *,
        encoding: str | None = None,
        warnings: tuple[Reason, ...] = (),
    ) -> Table:
        """A table with what its one header says; raises where required columns are missing."""
        return cls(
            contract,
            file,
            form,
            header.texts,
            reader,
            title=header.title,
            unknown=header.unknown,
            encoding=encoding,
            warnings=(*check_header(contract, file, header), *warnings),
        )

    @property
    def wanted(self) -> dict[str, str]:
        """Fields to read, with their headers, in the contract's order: those the file has, but not dropped ones."""
        fields = [each.name for each in self.contract.fields if each.handling != "drop"]
        return {name: self.headers[name] for name in fields if name in self.headers}


class Reading:
    """What reading a table has told so far; all of it when its batches have ended."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.segments: list[Segment] = []
        self.warnings: list[Reason] = list(table.warnings)
        self.faults = Faults()
        self.totals: Counter[str | None] = Counter()
        """Total rows that were taken out, by sheet."""

    @property
    def totals_dropped(self) -> int:
        """All of them."""
        return self.totals.total()

    def begin(
        self, sheet: str | None, first_row_no: int, row_offset: int, title: str | None = None
    ) -> None:
        """A sheet begins; its rows follow. `title`: what stands above its header, if not the table's."""
        title = self.table.title if title is None else title
        self.segments.append(Segment(sheet, first_row_no, row_offset, 0, title))

    def segment_of(self, row_no: int) -> Segment:
        """The stretch that a row lies in, of those begun so far."""
        return self.segments[bisect_right([s.first_row_no for s in self.segments], row_no) - 1]

    def end(self, last_row_no: int) -> None:
        """A sheet has ended with this row."""
        last = self.segments[-1]
        self.segments[-1] = replace(last, rows=last_row_no - last.first_row_no + 1)


def check_header(
    contract: Contract, file: str, header: Header, sheet: str | None = None
) -> tuple[Reason, ...]:
    """Refuse a header without the required columns or with two for one field; warn of unknown ones."""
    titles = {each.name: each.title_zh for each in contract.fields}
    if header.duplicates:
        name = header.duplicates[0]
        raise DecodeProblem(
            "duplicate_header",
            file=file,
            sheet=sheet,
            row=header.row + 1,
            header=titles[name],
            found=f"{header.texts[name]} × 2",
            expected=f"{header.texts[name]} × 1",
        )
    if header.missing:
        named = {name: contract.by_name[name].headers for name in header.missing}
        likely = likeliest_pairs(named, header.unknown)
        pairs = "、".join(f"{titles[name]} → {text}" for name, text in likely.items())
        raise DecodeProblem(
            "columns_missing",
            file=file,
            sheet=sheet,
            row=header.row + 1,
            header="、".join(titles[name] for name in header.missing),
            found="、".join([*header.texts.values(), *header.unknown]),
            expected="、".join(titles[each.name] for each in contract.fields if each.required),
            likely_zh=f"，可能改名：{pairs}" if pairs else "",
            likely_en=f"; perhaps renamed: {pairs}" if pairs else "",
            details={"fields": list(header.missing), "likely": likely},
        )
    warnings = [replace(reason, sheet=sheet) for reason in header.told]
    if header.rows and not contract.file.header:
        warnings.append(
            warning("header_there", sheet=sheet, found="、".join(header.texts.values()))
        )
    if not header.rows and contract.file.header == "auto":
        warnings.append(warning("header_not_there", sheet=sheet))
    if header.unknown and not contract.file.ignores_others:
        warnings.append(warning("unknown_columns", sheet=sheet, found="、".join(header.unknown)))
    return tuple(warnings)
