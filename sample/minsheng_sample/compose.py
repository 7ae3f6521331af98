"""One delivery: true rows, what goes wrong with some of them, and the file that comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from etl.contract import Contract
from minsheng_sample.chance import Chance
from minsheng_sample.dress.cells import Cell, render
from minsheng_sample.dress.files import file_bytes, record_bytes
from minsheng_sample.dress.layout import Table, header_of, lay_out
from minsheng_sample.dress.style import Style
from minsheng_sample.faults import KINDS, Fault
from minsheng_sample.timeline import Period, Row, Value


@dataclass
class Record:
    """One record of a delivery: the truth, and the cells that say something else."""

    row: Row
    cells: dict[str, Cell] = field(default_factory=dict)
    kind: str = ""
    """What is wrong with it; empty where nothing is."""
    loads: bool = True
    ragged: bool = False
    like: Record | None = None
    """The record that this one repeats to the letter."""


@dataclass(frozen=True)
class Spoiled:
    """A record that is not what it should be, and where it stands."""

    kind: str
    loads: bool
    sheet: str | None
    row: int
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    found: tuple[str, ...]
    key: dict[str, str]
    truth: Row

    def as_dict(self) -> dict[str, object]:
        """For the manifest."""
        zh, en = KINDS[self.kind]
        # Of a row that was not read at all nothing is known.
        unknown = self.truth if self.kind == "ragged_row" else self.fields
        outcome = "duplicate" if self.kind == "duplicate_row" else "loaded"
        return {
            "kind": self.kind,
            "outcome": outcome if self.loads else "quarantined",
            "why_zh": zh,
            "why_en": en,
            "sheet": self.sheet,
            "row": self.row,
            "columns": list(self.columns),
            "fields": list(self.fields),
            "found": list(self.found),
            "key": self.key,
            "true": {name: plain(self.truth[name]) for name in unknown},
        }


@dataclass(frozen=True)
class Delivery:
    """A finished file with what must become of its rows."""

    name: str
    content: bytes
    records: int
    totals: int
    spoiled: tuple[Spoiled, ...]

    def count(self, kind: str) -> int:
        """How many records have this fault."""
        return sum(row.kind == kind for row in self.spoiled)

    @property
    def quarantined(self) -> int:
        """How many records must not be loaded."""
        return sum(not row.loads for row in self.spoiled)


def compose(
    contract: Contract,
    period: Period,
    style: Style,
    records: Sequence[Record],
    stem: str,
    *,
    miscount: int = 0,
) -> Delivery:
    """Write the records in a style."""
    fields = list(contract.fields)
    year = period.end.year
    headers = [header_of(item, style, year) for item in fields]
    lines: list[list[Cell]] = []
    written: dict[int, list[Cell]] = {}
    for number, record in enumerate(records):
        line = written.get(id(record.like)) or [
            record.cells[item.name]
            if item.name in record.cells
            else render(record.row[item.name], item, style, number, header)
            for item, header in zip(fields, headers, strict=True)
        ]
        written[id(record)] = line
        lines.append([*line, "多余", "列"] if record.ragged else line)
    places: list[tuple[str | None, int]]
    if style.format in ("jsonl", "parquet"):
        content = record_bytes(headers, lines, style, stem)
        places, totals = [(None, number + 1) for number in range(len(lines))], 0
    else:
        rows = [record.row | _counted(record.cells) for record in records]
        laid = lay_out(Table(contract, fields, headers, lines, rows, period, miscount), style)
        content = file_bytes(laid.sheets, style, stem)
        totals = laid.totals
        places = [(sheet if style.is_sheet else None, row) for sheet, row in laid.places]
    titles = dict(zip((item.name for item in fields), headers, strict=True))
    spoiled = tuple(
        _spoiled(contract, record, place, titles)
        for record, place in zip(records, places, strict=True)
        if record.kind
    )
    return Delivery(stem + style.suffix, content, len(records), totals, spoiled)


def spoil(
    records: list[Record],
    faults: Iterable[Fault],
    draw: Chance,
    fresh: Sequence[int],
) -> None:
    """Give each fault a record of its own, new things first: nobody has seen those right before."""
    repeated = {id(record.like) for record in records if record.like}
    for fault in faults:
        fits = [i for i in fresh if not records[i].kind and fault.fits(records[i].row)]
        if not fits or draw.happens(0.3):
            every = (i for i, r in enumerate(records) if not r.kind and fault.fits(r.row))
            fits = list(every) or fits
        if not fits:
            continue
        record = records[draw.pick(fits)]
        if id(record) in repeated:  # a repetition of a faulty row is a faulty row
            fits = [i for i in fits if id(records[i]) not in repeated]
            if not fits:
                continue
            record = records[draw.pick(fits)]
        record.kind, record.loads = fault.kind, fault.loads
        record.cells[fault.field] = fault.change(record.row)
        for name, change in fault.also:
            record.cells[name] = change(record.row)


def plain(value: Value) -> str | int | float | bool | None:
    """A value as JSON has it."""
    return (
        value.isoformat(sep=" ")
        if isinstance(value, datetime)
        else (value.isoformat() if isinstance(value, date) else value)
    )


def _counted(cells: dict[str, Cell]) -> Row:
    """What a spreadsheet's sum makes of the wrong cells: words count as nothing."""
    return {name: cell if isinstance(cell, int) else None for name, cell in cells.items()}


def _spoiled(
    contract: Contract, record: Record, place: tuple[str | None, int], titles: dict[str, str]
) -> Spoiled:
    fields = tuple(record.cells)
    return Spoiled(
        kind=record.kind,
        loads=record.loads,
        sheet=place[0],
        row=place[1],
        columns=tuple(titles[name] for name in fields),
        fields=fields,
        found=tuple("" if cell is None else str(cell) for cell in record.cells.values()),
        key={name: str(plain(record.row[name])) for name in contract.key},
        truth=record.row,
    )
