"""A batch of text, as decoded, made into the typed columns of the staging table, faults beside them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from etl.contract.limits import limits
from etl.contract.model import Contract, Field
from etl.reasons import Reason
from etl.values.convert import (
    TIMESTAMP,
    CastThenParse,
    Converted,
    Converter,
    by_value,
    parse_date,
    parse_noted,
    plain_integers,
    plain_numbers,
    plausible_moment,
    shapes_for,
    with_sentinels,
)
from etl.values.damage import damaged, is_error_word, without_nul
from etl.values.dates import DateParser
from etl.values.faults import (
    EARLIER,
    ERROR_CELL,
    HIDDEN,
    NOTE_MARK,
    NUL_CELL,
    Fault,
    Faults,
    fault,
)
from etl.values.fitting import Fitting, fits_text
from etl.values.keys import empty_for_none, spelled
from etl.values.numbers import header_scale, is_boolean_word, parse_boolean, parse_number
from etl.values.plausible import Notes, Plausible
from etl.values.text import (
    Cells,
    Placeholders,
    clean,
    free_text,
    mask_of,
    normalise,
    placeholders,
    unmarked,
)
from etl.values.tokens import Tokeniser
from etl.values.zoned import UNKNOWN_ZONE, Zoned

ARROW_TYPES: Mapping[str, Any] = {
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp": TIMESTAMP,
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
}
"""Logical type of a contract to the type of its column here."""


@dataclass(frozen=True)
class Typed:
    """A typed batch: what goes to the staging table, and the free text that goes elsewhere."""

    narrow: Any
    """RecordBatch: row_no, the staged columns, fault (JSON array or null). Columns of few values
    are dictionaries. Timestamps are local times of the contract's zone."""
    text: Any
    """RecordBatch of row_no and the restricted fields, or None where the contract has none."""
    earlier: Any = None
    """RecordBatch of the timestamp columns, true where the clock showed the hour twice and an offset says
    that the first is meant; None where there is no such row."""


class Typer:
    """Types the batches of one delivery.

    `headers` are the fields that the file has, with the header found for each: a unit in
    it, as in 常住人口（万人）, scales the column. `serials`: plain numbers may be dates,
    as in spreadsheets. `received` (default: today): what has happened is no later than that.
    """

    def __init__(
        self,
        contract: Contract,
        token_key: bytes,
        headers: Mapping[str, str],
        *,
        serials: bool = False,
        received: date | None = None,
    ) -> None:
        self._words = contract.file.placeholders
        self._placeholders = placeholders(self._words)
        self._tokeniser = Tokeniser(token_key)
        self._zone = contract.file.time_zone
        self._serials = serials
        self._limits = limits(contract)
        received = received or datetime.now(ZoneInfo(self._zone)).date()
        self._plausible = {
            field.name: Plausible(field, received)
            for field in contract.fields
            if field.plausible is not None and field.column is not None
        }
        self._notes = {field.name: Notes(field) for field in contract.fields}
        fields = [field for field in contract.fields if field.handling != "drop"]
        # Columns of fixed width side by side are cheapest to send to PostgreSQL.
        staged = sorted(
            (field for field in fields if field.column is not None),
            key=lambda field: field.type == "string" or field.handling == "token",
        )
        self._staged = [(field, self._converter(field, headers)) for field in staged]
        self._zoned = {
            field.name: Zoned(partial(self._moment, field), self._zone)
            for field in staged
            if field.has_own_clock
        }
        self._timestamps = [str(f.column) for f in staged if f.type == "timestamp"]
        self._absent = {
            str(field.column)
            for field in staged
            if field.name not in headers and not field.is_optional_key
        }
        self._restricted = [field for field in fields if field.handling == "restricted"]

    @property
    def columns(self) -> list[str]:
        """Names of `Typed.narrow`'s columns, in its order."""
        return ["row_no", *(str(field.column) for field, _ in self._staged), "fault"]

    @property
    def sent(self) -> list[str]:
        """Those of them that the file has; a column that is not sent is NULL in the table at no cost."""
        return [name for name in self.columns if name not in self._absent]

    def __call__(self, batch: Any, extra_faults: Mapping[int, list[Fault]] | None = None) -> Typed:
        """Type one batch; `extra_faults` are those that the decoder saw, by row_no."""
        row_no = batch["row_no"]
        sent = set(batch.schema.names)
        faults: dict[int, list[Fault]] = {}
        earlier: dict[str, list[Any]] = {}
        _merge_extra(faults, row_no, extra_faults)
        columns: list[Any] = []
        for field, convert in self._staged:
            if field.name not in sent:
                nothing = pa.nulls(len(row_no), _type_of(field))
                columns.append(empty_for_none(nothing) if field.is_optional_key else nothing)
                continue
            if field.name in self._zoned:
                zones = self._zones(field, batch)
                values, bad = self._zoned[field.name](_plain(batch[field.name]), zones)
            else:
                values, bad = _through_dictionary(convert, batch[field.name])
            if field.is_optional_key:
                faulty = [rows for rows, _, reason in bad if reason.severity == "error"]
                values = empty_for_none(values, faulty)
            columns.append(values)
            if field.name in self._plausible:
                self._plausible[field.name].look(values, row_no, batch[field.name])
            hidden = field.classification == "personal" or field.handling != "keep"
            for rows, text, expected in bad:
                if expected.code == NOTE_MARK.code:
                    self._notes[field.name].add(rows, HIDDEN if hidden else text, row_no)
                elif expected.code == EARLIER.code:
                    earlier.setdefault(str(field.column), []).append(rows)
                else:
                    told: dict[str, Fault] = {}
                    name = str(field.zone_field) if expected is UNKNOWN_ZONE else field.name
                    cells = [HIDDEN] * len(rows) if hidden else _cells(batch[name], rows)
                    for row, cell in zip(rows.tolist(), cells, strict=True):
                        if cell not in told:
                            told[cell] = fault(name, cell, expected)
                        faults.setdefault(row, []).append(told[cell])
        text = self._text(batch, sent, faults)
        narrow = pa.record_batch(
            [row_no, *columns, _fault_column(faults, len(row_no))], names=self.columns
        )
        return Typed(narrow, text, _flags(self._timestamps, earlier, len(row_no)))

    def warnings(self) -> list[Reason]:
        """What the rows so far held that loads but should be looked at."""
        each: list[Plausible | Notes] = [*self._plausible.values(), *self._notes.values()]
        return [reason for counted in each if (reason := counted.reason()) is not None]

    def _zones(self, field: Field, batch: Any) -> Any:
        """The zone of each row's clock for a timestamp that is not on the file's; null for that."""
        if field.time_zone:
            return pa.repeat(pa.scalar(field.time_zone), batch.num_rows)
        convert = next(convert for each, convert in self._staged if each.name == field.zone_field)
        if field.zone_field not in batch.schema.names:
            return pa.nulls(batch.num_rows, pa.string())
        return _plain(_through_dictionary(convert, batch[field.zone_field])[0])

    def _text(self, batch: Any, sent: set[str], faults: dict[int, list[Fault]]) -> Any:
        if not self._restricted:
            return None
        columns: list[Any] = []
        for field in self._restricted:
            if field.name not in sent:
                columns.append(pa.nulls(batch.num_rows, pa.string()))
                continue
            cells = free_text(_plain(batch[field.name]), self._placeholders)
            values, rows = without_nul(cells)
            columns.append(values)
            for row in rows:
                faults.setdefault(int(row), []).append(fault(field.name, HIDDEN, NUL_CELL))
        names = ["row_no", *(field.name for field in self._restricted)]
        return pa.record_batch([batch["row_no"], *columns], names=names)

    def _converter(self, field: Field, headers: Mapping[str, str]) -> Converter:
        if field.handling == "token":
            return partial(self._token, self._absent_words(field))
        if field.type == "string":
            return partial(self._string, field, self._absent_words(field), _aliases(field))
        if field.type == "boolean":
            return partial(self._boolean, self._absent_words(field), _aliases(field))
        if field.type in ("date", "timestamp"):
            return self._moment(field)
        return self._number(field, header_scale(normalise(headers.get(field.name, ""))))

    def _absent_words(self, field: Field) -> Placeholders:
        """The placeholders of a field: what its contract gives a meaning (a code, an alias) is none in it."""
        meant = {normalise(word) for word in (*field.codes, *field.aliases)}
        words = (word for word in self._words if normalise(word) not in meant)
        if field.type == "boolean":
            words = (word for word in words if not is_boolean_word(normalise(word)))
        return placeholders((*words, *field.placeholders))

    def _string(
        self, field: Field, absent: Placeholders, aliases: Mapping[str, str], values: Any
    ) -> Converted:
        sent = Cells(values)
        cells = sent.cleaned().without(absent)
        cells, long = fits_text(cells, self._limits.get(field.name))
        values, bad = damaged(cells, sent)
        if cells.marked and (
            field.key_position is not None or field.codes or field.pattern or field.register
        ):
            # A name may end in ①; what is looked up somewhere refers to a note with it.
            bare, rows = unmarked(values)
            bad += [
                (rows[i : i + 1], values[int(row)].as_py(), NOTE_MARK) for i, row in enumerate(rows)
            ]
            values = bare
        if field.spelling:
            values = spelled(values, field.spelling)
        if aliases:
            values = _replace(values, aliases)
        return values, bad + long if long else bad

    def _token(self, absent: Placeholders, values: Any) -> Converted:
        sent = Cells(values)
        values, bad = damaged(sent.cleaned().without(absent), sent)
        return self._tokeniser.column(values), bad

    def _boolean(self, absent: Placeholders, aliases: Mapping[str, str], values: Any) -> Converted:
        def parse(text: str) -> Any:
            if text[:1] in "#=E" and is_error_word(text):
                return ERROR_CELL
            return parse_noted(parse_boolean, aliases.get(text, text))

        return by_value(Cells(values).cleaned().without(absent).values, parse, pa.bool_())

    def _moment(self, field: Field, zone: str | None = None) -> Converter:
        time = field.type == "timestamp"
        parser = DateParser(
            time=time,
            zone=zone or self._zone,
            precision=field.precision,
            formats=field.formats,
            roc=field.era == "roc",
            serials=self._serials,
        )
        parse = parser if time else parse_date(parser)
        absent = self._absent_words(field)
        convert = CastThenParse(
            ARROW_TYPES[field.type],
            parse,
            plausible_moment,
            absent,
            shapes_for(field.formats),
            _aliases(field),
        )
        return with_sentinels(convert, ARROW_TYPES[field.type], parse, absent)

    def _number(self, field: Field, scale: Decimal) -> Converter:
        integer = field.type == "integer"
        kind, absent = ARROW_TYPES[field.type], self._absent_words(field)
        parse = partial(parse_number, unit=field.unit, integer=integer, scale=scale)
        cast = CastThenParse(
            ARROW_TYPES[field.type],
            parse,
            plain_integers if integer else plain_numbers,
            absent,
            (),
            _aliases(field),
        )

        def scaled(values: Any) -> Converted:
            return by_value(clean(values, absent), cast.parse_alias, kind)

        convert: Converter = cast if scale == 1 else scaled
        convert = with_sentinels(convert, kind, parse, absent)
        return Fitting(convert, self._limits.get(field.name), field)


def _aliases(field: Field) -> dict[str, str]:
    return {normalise(word): canonical for word, canonical in field.aliases.items()}


def _cells(values: Any, rows: Any) -> list[str]:
    """What stood in these rows, as it was sent."""
    return [text.strip() for text in _plain(values.take(pa.array(rows))).to_pylist()]


def _flags(columns: list[str], rows: Mapping[str, list[Any]], size: int) -> Any:
    if not rows:
        return None
    arrays = []
    for name in columns:
        mask = mask_of(size, np.concatenate(rows[name])) if name in rows else np.zeros(size, bool)
        arrays.append(pa.array(mask, mask=~mask))
    return pa.record_batch(arrays, names=columns)


def _replace(values: Any, aliases: Mapping[str, str]) -> Any:
    which = pc.index_in(values, value_set=pa.array(list(aliases), pa.string()))
    if which.null_count == len(which):
        return values
    return pc.coalesce(pa.array(list(aliases.values()), pa.string()).take(which), values)


def _type_of(field: Field) -> Any:
    return pa.string() if field.handling == "token" else ARROW_TYPES[field.type]


def _plain(values: Any) -> Any:
    return values.cast(pa.string()) if pa.types.is_dictionary(values.type) else values


def _through_dictionary(convert: Converter, values: Any) -> Converted:
    """Apply a converter, to the dictionary alone where the column has one."""
    if not pa.types.is_dictionary(values.type):
        return convert(values)
    typed, bad = convert(values.dictionary)
    if bad:
        position = values.indices.fill_null(-1).to_numpy()
        bad = [(np.flatnonzero(np.isin(position, at)), text, what) for at, text, what in bad]
    typed = _plain(typed)
    if not pa.types.is_string(typed.type):
        return typed.take(values.indices), bad
    # Cleaning may have made equal or emptied what was different.
    compact = typed.dictionary_encode()
    indices = compact.indices.take(values.indices)
    return pa.DictionaryArray.from_arrays(indices, compact.dictionary), bad


def _merge_extra(
    faults: dict[int, list[Fault]], row_no: Any, extra: Mapping[int, list[Fault]] | None
) -> None:
    if not extra or not len(row_no):
        return
    keys = list(extra)
    if isinstance(extra, Faults):
        keys = extra.between(row_no[0].as_py(), row_no[-1].as_py())
    position = pc.index_in(pa.array(keys, row_no.type), value_set=row_no).to_pylist()
    for key, row in zip(keys, position, strict=True):
        if row is not None:
            faults[row] = list(extra[key])


def _fault_column(faults: Mapping[int, list[Fault]], rows: int) -> Any:
    if not faults:
        return pa.nulls(rows, pa.string())
    texts: list[str | None] = [None] * rows
    for row, reasons in faults.items():
        texts[row] = json.dumps(reasons, ensure_ascii=False)
    return pa.array(texts, pa.string())
