"""What happens to deliveries as wholes: rows left out, sent twice, corrected, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from minsheng_sample.chance import Chance
from minsheng_sample.compose import Record
from minsheng_sample.timeline import Row, Span


@dataclass(frozen=True)
class Incident:
    """Something that befalls one delivery of a feed, found by the year that it reports on."""

    kind: str
    feed: str
    year: int


def incidents(span: Span) -> list[Incident]:
    """The incidents of a sample; those of years outside it do not happen."""
    anchor, last = span.anchor.year, span.last
    middle = min(anchor + 2, last - 1) if last > anchor else anchor
    planned = [
        Incident("late_correction", "education.seat_change", max(span.first, anchor - 2)),
        Incident("late_correction", "civil_affairs.elderly_facility", anchor),
        Incident("retraction", "education.seat_change", max(span.first, anchor - 1)),
        Incident("total_mismatch", "civil_affairs.elderly_facility", span.first),
        Incident("missing_town", "civil_affairs.social_worker_month", middle),
        Incident("duplicate_file", "housing.renewal", anchor),
        Incident("resend", "housing.property_contract", middle),
        Incident("duplicate_row", "education.seat_change", max(span.first, anchor - 2)),
        Incident("duplicate_row", "housing.affordable_project", anchor),
        Incident("duplicate_row", "hotline.work_order", anchor),
        Incident("conflicting_key", "education.seat_change", anchor),
        Incident("conflicting_key", "civil_affairs.elderly_facility", middle),
        Incident("ragged_row", "hotline.work_order", max(span.first, anchor - 1)),
        Incident("ragged_row", "hotline.work_order", max(span.first, anchor - 2)),
    ]
    return [incident for incident in planned if span.first <= incident.year <= last]


def befall(kind: str, records: list[Record], draw: Chance) -> list[Row]:
    """Change the records of a delivery; returns the rows that a later delivery must bring or take.

    Where too few rows are left to choose from, nothing happens.
    """
    return _CHANGES[kind](records, draw)


def _missing_town(records: list[Record], draw: Chance) -> list[Row]:
    index = draw.integer(0, len(records) - 1)
    return [records.pop(index).row]


def _late_correction(records: list[Record], draw: Chance) -> list[Row]:
    """Two numbers are wrong and nobody can see it: the true rows come later."""
    rows = []
    for record in draw.some([r for r in records if not r.kind], 2):
        name = "seats" if "seats" in record.row else "beds"
        number = record.row[name]
        if isinstance(number, int):
            record.kind = "late_correction"
            record.cells[name] = number + 45
            rows.append(record.row)
    return rows


def _retraction(records: list[Record], draw: Chance) -> list[Row]:
    """Two changes that never were: a later delivery withdraws them."""
    rows = []
    for number, record in enumerate(draw.some([r for r in records if not r.kind], 2), start=1):
        when = record.row["effective_on"]
        year = when.year if isinstance(when, date) else 0
        row = record.row | {"change_id": f"XW{year}-9{number:03d}", "seats": 360}
        row |= {"change_type": "新建", "document_no": None}
        records.append(Record(row, kind="retraction"))
        rows.append(row)
    return rows


def _duplicate_row(records: list[Record], draw: Chance) -> list[Row]:
    for record in draw.some([r for r in records if not r.kind], 2):
        records.append(Record(record.row, kind="duplicate_row", like=record))
    return []


def _conflicting_key(records: list[Record], draw: Chance) -> list[Row]:
    """The same key with another number: which one is right cannot be told."""
    name = "seats" if "seats" in records[0].row else "nursing_beds"
    choice = [(r, n) for r in records if not r.kind and isinstance(n := r.row[name], int) and n > 3]
    if choice:
        record, number = draw.pick(choice)
        record.kind, record.loads = "conflicting_key", False
        records.append(Record(record.row, {name: number - 2}, "conflicting_key", loads=False))
    return []


def _ragged_row(records: list[Record], draw: Chance) -> list[Row]:
    for record in draw.some([r for r in records if not r.kind], 1):
        record.kind, record.loads, record.ragged = "ragged_row", False, True
    return []


_CHANGES: dict[str, Callable[[list[Record], Chance], list[Row]]] = {
    "missing_town": _missing_town,
    "late_correction": _late_correction,
    "retraction": _retraction,
    "duplicate_row": _duplicate_row,
    "conflicting_key": _conflicting_key,
    "ragged_row": _ragged_row,
}
