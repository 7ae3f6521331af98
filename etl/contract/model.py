"""A feed's contract, resolved: every default filled in, every reference checked; frozen and picklable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

FieldType = Literal["string", "date", "timestamp", "integer", "number", "boolean"]
Classification = Literal["public", "internal", "personal"]
Handling = Literal["keep", "drop", "token", "restricted"]
Mode = Literal["full", "delta", "window", "correction", "retraction"]
Grain = Literal["year", "schoolYear", "half", "quarter", "month", "day"]
Severity = Literal["error", "warning"]

PG_TYPES: Mapping[str, str] = {
    "string": "text",
    "date": "date",
    "timestamp": "timestamptz",
    "integer": "bigint",
    "number": "double precision",
    "boolean": "boolean",
}
"""Logical type to column type of the staging table."""

RECEIVED = "received"
"""Last plausible day of what has happened: the day on which the delivery was received."""

SQL_RULE = "sql"
"""`Rule.expectation` of a row condition written in SQL; anything else names a GX expectation."""


def normal_header(text: str) -> str:
    """A header as headers are compared: half-width, without blanks, in lower case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


@dataclass(frozen=True)
class Header:
    """A column header under which a field has been sent."""

    text: str
    since: int | None = None
    locale: str | None = None
    source: str | None = None
    layout: str | None = None
    """The layout in which the header means this field; None: in every one."""


@dataclass(frozen=True)
class Register:
    """The register whose things a field names: which names are known, and at which levels."""

    registry: str
    levels: tuple[str, ...] = ()
    severity: Severity = "error"


@dataclass(frozen=True)
class ValueFrom:
    """Where the value of a field comes from that has no column of its own."""

    source: Literal["sheetName", "fileName", "title", "field", "rowNumber", "rowContent"]
    pattern: str | None = None
    """Finds the value in a name or title: its group `value`, else the whole match; None: all of it."""
    of: tuple[str, ...] = ()
    """The field whose cell is taken as it was sent; those that make the key, or among whose equals rows are numbered."""


@dataclass(frozen=True)
class Spelling:
    """How an id is written before it is compared: without these endings, in one case, filled up with zeros."""

    drop: tuple[str, ...] = ()
    case: Literal["upper", "lower"] | None = None
    pad: int | None = None


@dataclass(frozen=True)
class Field:
    """One field of a feed: what arrives, and as which column it is staged."""

    name: str
    title_zh: str
    title_en: str
    type: FieldType
    column: str | None
    """Name of the staging column; None where the field is dropped or goes to the restricted schema."""
    description: str = ""
    required: bool = False
    key_position: int | None = None
    unique: bool = False
    classification: Classification = "internal"
    handling: Handling = "keep"
    codes: tuple[str, ...] = ()
    code_labels: Mapping[str, str] = field(default_factory=dict)
    vocabulary: Literal["closed", "open"] = "closed"
    aliases: Mapping[str, str] = field(default_factory=dict)
    history: tuple[Header, ...] = ()
    """Every header known for this field, the one in use first."""
    pattern: str | None = None
    shape: tuple[str, str] = ("", "")
    """What the pattern means, in Chinese and English."""
    minimum: Any = None
    maximum: Any = None
    min_length: int | None = None
    max_length: int | None = None
    formats: tuple[str, ...] = ()
    era: Literal["roc"] | None = None
    unit: str | None = None
    precision: Literal["day", "month", "year"] = "day"
    register: Register | None = None
    must_be_sent: bool = False
    """Whether the file has to have the column, empty or not."""
    filled_if_sent: bool = False
    """Whether every row fills the column of a file that has it."""
    placeholders: tuple[str, ...] = ()
    """What stands for nothing in this field, beside the file's placeholders."""
    value_from: ValueFrom | None = None
    spelling: Spelling | None = None
    time_zone: str | None = None
    """Zone of a timestamp's clock, if not the file's."""
    zone_field: str | None = None
    """The field in which each row names the zone of this timestamp's clock."""
    plausible: tuple[str | None, str | None] | None = None
    """First and last day that somebody can have meant; others load, with a warning. The last may be RECEIVED."""

    @property
    def is_optional_key(self) -> bool:
        """Whether the field is a part of the key that may be empty: the empty text then stands for it."""
        return self.key_position is not None and not self.required

    @property
    def headers(self) -> tuple[str, ...]:
        """The texts to look for in a header row, the one in use first; not those of a layout of its own."""
        return tuple(header.text for header in self.history if header.layout is None)

    @property
    def is_made(self) -> bool:
        """Whether the field is a key made for rows without an id."""
        return self.value_from is not None and self.value_from.source in (
            "rowNumber",
            "rowContent",
        )

    @property
    def is_of_typed(self) -> bool:
        """Whether it is made of the values of other fields as they were read."""
        source = self.value_from
        return source is not None and (
            source.source == "rowContent" or (source.source == "rowNumber" and bool(source.of))
        )

    @property
    def has_own_clock(self) -> bool:
        """Whether the timestamp is of another zone than the file's."""
        return bool(self.time_zone or self.zone_field)

    @property
    def pg_type(self) -> str:
        """Type of the staging column."""
        return "text" if self.handling in ("token", "restricted") else PG_TYPES[self.type]


@dataclass(frozen=True)
class PeriodSource:
    """One place from which the report period can be read."""

    source: Literal["fileName", "sheetName", "title", "column", "received", "fixed"]
    grain: Grain
    pattern: str | None = None
    field: str | None = None
    era: Literal["roc"] | None = None
    value: str | None = None
    year_from: Literal["fileName", "title"] | None = None
    """Where the year stands that a sheet called 3月 does not name."""
    split: bool = False
    """Whether each row, sheet or title has its own period, and the file is a delivery for each."""


@dataclass(frozen=True)
class Totals:
    """How total rows are recognised, and which fields they must add up to."""

    field: str
    values: tuple[str, ...]
    sums: tuple[str, ...] = ()
    by: tuple[str, ...] | None = None
    """Of a by-town feed: the fields (such as the month) within whose values the towns add up. A row
    that equals the sum of the others is then a total whatever it is called; None: only by its name."""


@dataclass(frozen=True)
class FileOptions:
    """How the feed's files are named and written."""

    names: tuple[str, ...]
    encodings: tuple[str, ...] = ("utf-8", "gb18030")
    delimiter: str = "auto"
    header: bool | Literal["auto"] = True
    """Whether there is a header; `auto`: in some files there is, in others the fields come in their order."""
    header_rows: int = 1
    sheets: tuple[str, ...] = ()
    totals: Totals | None = None
    footnotes: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    max_megabytes: int = 64
    max_rows: int | None = None
    time_zone: str = "Asia/Shanghai"
    record_path: str | None = None
    ignores_others: bool = False
    """Whether columns that the contract does not know are passed over without a word."""
    hidden_rows: Literal["count", "skip"] = "count"
    """Rows of a spreadsheet that are hidden or filtered away: data like any other, or not read. Told in any case."""
    struck_rows: Literal["count", "skip"] = "count"
    """Rows of a spreadsheet all of whose cells are struck out."""
    struck_runs: Literal["count", "skip"] = "skip"
    """Parts of a text that are struck out, beside others that are not: 800 before 823 would give 800823."""


@dataclass(frozen=True)
class Rule:
    """Something that must hold, for each row or (no columns) for the delivery."""

    id: str
    expectation: str
    """Type of a Great Expectations expectation, or `sql`: then `kwargs["condition"]` must hold."""
    kwargs: Mapping[str, Any]
    severity: Severity
    dimension: str
    text_zh: str
    text_en: str
    columns: tuple[str, ...]
    generated: bool = False
    named: str | None = None
    """The expectation of the domain (`etl.contract.named`) that the contract asked for, of which this is the SQL."""
    registry: str | None = None
    """The register that the SQL asks; a field's own register is not meant."""


@dataclass(frozen=True)
class DeliveryRule:
    """Something that must hold of a delivery as a whole; where it does not, a person looks at it first."""

    id: str
    """Also the code of the reason that names a delivery for which it does not hold."""
    severity: Literal["hold", "warn", "allow"]
    text_zh: str
    text_en: str
    share: float = 0.0
    """Of the things or rows before: the limit of a rule that has one."""
    least: int = 0
    """So few things or rows are never asked about."""
    field: str | None = None
    """The field that a rule is about, if it is about one."""
    unless: tuple[tuple[str, str], ...] = ()
    """Field and value of the rows that it is not about."""


@dataclass(frozen=True)
class Correction:
    """A known fault of the source, and what becomes of the row (`etl.contract.corrections`)."""

    id: str
    key: Mapping[str, str | None]
    """The business key of the row."""
    expected: Mapping[str, str | None]
    """What the source has: the correction is applied only while all of it holds. None: an empty cell."""
    action: Literal["set", "leaveOut"]
    values: Mapping[str, str | None]
    """What `set` puts in its place."""
    reason: str
    by: str
    said_on: date | None
    status: Literal["confirmed", "proposed", "retired"]
    expires: date | None = None
    """Deliveries received after this day are as they are."""
    period: str | None = None
    """Only deliveries of this period, `2020-01-01..2020-12-31`; None: of any."""


@dataclass(frozen=True)
class Reference:
    """A field that names things of which another feed tells."""

    field: str
    feed: str
    severity: Literal["hold", "warn"]


@dataclass(frozen=True)
class LoadQuery:
    """One SELECT of the load file, from `staging` to a target of the star or to a registry's aliases."""

    target: str
    kind: Literal["target", "alias"]
    sql: str


@dataclass(frozen=True)
class Contract:
    """Everything that is known about a feed."""

    feed: str
    department: str
    version: str
    status: str
    name_zh: str
    name_en: str
    owner: str
    purpose: str
    usage: str
    limitations: str
    mode: Mode
    modes: tuple[tuple[str, Mode], ...]
    """Pattern on the file name, and the mode a delivery so named has instead of `mode`."""
    period: tuple[PeriodSource, ...]
    file: FileOptions
    cadence: str
    deadline_days: int | None
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    loads: tuple[LoadQuery, ...]
    path: Path
    yaml_text: str
    load_text: str
    hash: str
    """SHA-256 over both files, and the register of corrections where there is one."""
    source_time: str | None = None
    scope: tuple[str, ...] = ()
    row_that_counts: tuple[Literal["first", "last", "latest"], str | None] | None = None
    """Which of several rows of one key counts: by its place in the file, or the latest by a field; None: none does."""
    shared_keys: tuple[str, ...] = ()
    """Targets whose ids are those of a register that other feeds use too; elsewhere ids are the feed's own."""
    delivery_rules: tuple[DeliveryRule, ...] = ()
    references: tuple[Reference, ...] = ()
    answer_days: int | None = None
    """Within how many days after receipt quarantined rows are to be answered; they expire then. None: never."""
    corrections: tuple[Correction, ...] = ()
    corrections_text: str = ""
    same_thing: tuple[tuple[str, ...], ...] = ()
    """Lists of fields: rows that agree in all of one list, filled, are the same thing whatever their keys say."""

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by name."""
        return {item.name: item for item in self.fields}

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The business key, in its order."""
        keyed = [item for item in self.fields if item.key_position is not None]
        return tuple(item.name for item in sorted(keyed, key=lambda item: item.key_position or 0))

    @cached_property
    def staged(self) -> tuple[Field, ...]:
        """The fields that have a column in the staging table, in its order: fixed width first, then text."""
        kept = (item for item in self.fields if item.column is not None)
        return tuple(sorted(kept, key=lambda item: item.pg_type == "text"))

    @cached_property
    def restricted(self) -> tuple[Field, ...]:
        """The fields that go to the restricted schema only."""
        return tuple(item for item in self.fields if item.handling == "restricted")

    @cached_property
    def layouts(self) -> tuple[Contract, ...]:
        """The contract once for each way in which its headers may be meant, the usual one first."""
        named = (header.layout for item in self.fields for header in item.history)
        names = dict.fromkeys(name for name in named if name)
        return (self, *(self._in_layout(name) for name in names))

    def _in_layout(self, layout: str) -> Contract:
        """With the headers of one layout: a field's own ones there, else its usual ones that no other has there."""
        own = {
            item.name: tuple(
                replace(header, layout=None) for header in item.history if header.layout == layout
            )
            for item in self.fields
        }
        taken = {normal_header(header.text) for headers in own.values() for header in headers}
        fields = []
        for item in self.fields:
            usual = (
                h for h in item.history if h.layout is None and normal_header(h.text) not in taken
            )
            fields.append(replace(item, history=own[item.name] or tuple(usual)))
        return replace(self, fields=tuple(fields))

    @property
    def split(self) -> PeriodSource | None:
        """Where the rows of one file say their several periods; None if a file has one."""
        return next((source for source in self.period if source.split), None)

    def delivery_rule(self, name: str) -> DeliveryRule | None:
        """The rule on whole deliveries of this name, if the feed has it and asks for it."""
        rules = (rule for rule in self.delivery_rules if rule.id == name)
        return next((rule for rule in rules if rule.severity != "allow"), None)

    @property
    def deadline(self) -> str:
        """When a delivery is due, in words."""
        if self.deadline_days is None:
            return "无期限 / none"
        return f"期末后 {self.deadline_days} 天 / {self.deadline_days} days after the period"

    @property
    def targets(self) -> tuple[str, ...]:
        """The tables of the star that this feed fills."""
        return tuple(load.target for load in self.loads if load.kind == "target")
