"""What every format is read into: batches of text columns under the contract's field names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from etl.contract.model import Contract
from etl.decode.header import Header
from etl.decode.problems import DecodeProblem, warning
from etl.decode.sieve import Sieve
from etl.reasons import Reason
from etl.values.faults import Faults


@dataclass(frozen=True)
class Segment:
    """A stretch of rows: row in the sheet (or record in the file) = row_no + row_offset."""

    sheet: str | None
    first_row_no: int
    row_offset: int
    rows: int
    """Places from `first_row_no` on, dropped ones included."""


@dataclass
class Table:
    """A file opened under a contract.

    `row_no` counts the places of data rows over all sheets from 1; blank rows, totals and
    footnotes leave gaps, so that a row is found again in its file. `segments`,
    `totals_dropped`, `warnings` and `faults` are complete when `batches()` has ended.
    """

    contract: Contract
    file: str
    format: str
    headers: dict[str, str]
    title: str = ""
    unknown: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Required fields without a column: always empty here, since opening such a file raises."""
    serials: bool = False
    """Whether a plain number may be a date, as in a spreadsheet."""
    encoding: str | None = None
    totals_dropped: int = 0
    segments: list[Segment] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)
    faults: Faults = field(default_factory=Faults)
    reader: Callable[[Table], Iterator[Any]] | None = field(default=None, repr=False)
    sieve: Sieve | None = field(default=None, repr=False)

    def begin(self, sheet: str | None, first_row_no: int, row_offset: int) -> None:
        """A sheet begins; its rows follow."""
        if self.sieve is not None:
            self.sieve.section()
        self.segments.append(Segment(sheet, first_row_no, row_offset, 0))

    def end(self, last_row_no: int) -> None:
        """A sheet has ended with this row."""
        last = self.segments[-1]
        self.segments[-1] = replace(last, rows=last_row_no - last.first_row_no + 1)

    def batches(self) -> Iterator[Any]:
        """RecordBatches: row_no (int32), then a column a found field: text as sent, null for empty.

        Columns of few values may be dictionaries. Fields that the contract drops are not
        read at all. Raises a problem where the file turns out broken, also half way through.
        """
        if self.reader is None:
            raise RuntimeError("a table is read once")
        reader, self.reader = self.reader, None
        sieve = self.sieve = Sieve(self)
        yielded = False
        for batch in reader(self):
            for kept in sieve(batch):
                if kept.num_rows:
                    yielded = True
                    yield kept
        for kept in sieve.finish():
            if kept.num_rows:
                yielded = True
                yield kept
        if not yielded:
            raise DecodeProblem("no_rows", file=self.file, found="0", expected="≥ 1")

    @classmethod
    def of(
        cls, contract: Contract, file: str, form: str, header: Header, sheet: str | None = None
    ) -> Table:
        """A table with what its header says; raises where required columns are missing."""
        table = cls(contract, file, form, dict(header.found), header.title, list(header.unknown))
        table.check(header, sheet)
        return table

    def check(self, header: Header, sheet: str | None) -> None:
        """Refuse a header without the required columns or with two for one field."""
        titles = {each.name: each.title_zh for each in self.contract.fields}
        if header.duplicates:
            name = header.duplicates[0]
            raise DecodeProblem(
                "duplicate_header",
                file=self.file,
                sheet=sheet,
                row=header.row + 1,
                header=titles[name],
                found=f"{header.found[name]} × 2",
                expected=f"{header.found[name]} × 1",
            )
        if header.missing:
            raise DecodeProblem(
                "columns_missing",
                file=self.file,
                sheet=sheet,
                row=header.row + 1,
                header="、".join(titles[name] for name in header.missing),
                found="、".join([*header.found.values(), *header.unknown]),
                expected="、".join(
                    titles[each.name] for each in self.contract.fields if each.required
                ),
            )
        if header.unknown:
            self.warnings.append(
                warning(
                    "unknown_columns",
                    sheet=sheet,
                    found="、".join(header.unknown),
                )
            )

    @property
    def wanted(self) -> dict[str, str]:
        """Fields to read, with their headers, in the contract's order: those found, but not dropped ones."""
        fields = [each.name for each in self.contract.fields if each.handling != "drop"]
        return {name: self.headers[name] for name in fields if name in self.headers}
