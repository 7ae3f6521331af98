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
    plain_integers,
    plain_numbers,
    plausible_moment,
    shapes_for,
)
from etl.values.damage import damaged, without_nul
from etl.values.dates import DateParser
from etl.values.faults import HIDDEN, NUL_CELL, Fault, Faults, fault
from etl.values.fitting import Fitting, fits_text
from etl.values.keys import empty_for_none, spelled, without_words
from etl.values.numbers import header_scale, is_boolean_word, parse_boolean, parse_number
from etl.values.plausible import Plausible
from etl.values.text import Cells, clean, free_text, normalise, placeholders
from etl.values.tokens import Tokeniser

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
        self._placeholders = placeholders(contract.file.placeholders)
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
        fields = [field for field in contract.fields if field.handling != "drop"]
        # Columns of fixed width side by side are cheapest to send to PostgreSQL.
        staged = sorted(
            (field for field in fields if field.column is not None),
            key=lambda field: field.type == "string" or field.handling == "token",
        )
        self._staged = [(field, self._converter(field, headers)) for field in staged]
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
        found = set(batch.schema.names)
        faults: dict[int, list[Fault]] = {}
        _merge_extra(faults, row_no, extra_faults)
        columns: list[Any] = []
        for field, convert in self._staged:
            if field.name not in found:
                nothing = pa.nulls(len(row_no), _type_of(field))
                columns.append(empty_for_none(nothing) if field.is_optional_key else nothing)
                continue
            cells = without_words(batch[field.name], field.placeholders)
            values, bad = _through_dictionary(convert, cells)
            if field.is_optional_key:
                values = empty_for_none(values, [rows for rows, _, _ in bad])
            columns.append(values)
            if field.name in self._plausible:
                self._plausible[field.name].look(values, row_no)
            hidden = field.classification == "personal" or field.handling != "keep"
            for rows, text, expected in bad:
                reason = fault(field.name, HIDDEN if hidden else text, expected)
                for row in rows.tolist():
                    faults.setdefault(row, []).append(reason)
        text = self._text(batch, found, faults)
        narrow = pa.record_batch(
            [row_no, *columns, _fault_column(faults, len(row_no))], names=self.columns
        )
        return Typed(narrow, text)

    def warnings(self) -> list[Reason]:
        """What the rows so far held that loads but should be looked at."""
        return [told for each in self._plausible.values() if (told := each.reason()) is not None]

    def _text(self, batch: Any, found: set[str], faults: dict[int, list[Fault]]) -> Any:
        if not self._restricted:
            return None
        columns: list[Any] = []
        for field in self._restricted:
            if field.name not in found:
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
            return self._token
        if field.type == "string":
            return partial(self._string, field, _aliases(field))
        if field.type == "boolean":
            return partial(self._boolean, _aliases(field))
        if field.type in ("date", "timestamp"):
            return self._moment(field)
        return self._number(field, header_scale(normalise(headers.get(field.name, ""))))

    def _string(self, field: Field, aliases: Mapping[str, str], values: Any) -> Converted:
        cells = Cells(values).cleaned().without(self._placeholders)
        cells, long = fits_text(cells, self._limits.get(field.name))
        values, bad = damaged(cells)
        if field.spelling:
            values = spelled(values, field.spelling)
        if aliases:
            values = _replace(values, aliases)
        return values, bad + long if long else bad

    def _token(self, values: Any) -> Converted:
        values, bad = damaged(Cells(values).cleaned().without(self._placeholders))
        return self._tokeniser.column(values), bad

    def _boolean(self, aliases: Mapping[str, str], values: Any) -> Converted:
        absent = {word for word in self._placeholders.words if not is_boolean_word(word)}

        def parse(text: str) -> Any:
            return None if text in absent else parse_boolean(aliases.get(text, text))

        return by_value(Cells(values).cleaned().values, parse, pa.bool_())

    def _moment(self, field: Field) -> Converter:
        time = field.type == "timestamp"
        parser = DateParser(
            time=time,
            zone=self._zone,
            precision=field.precision,
            formats=field.formats,
            roc=field.era == "roc",
            serials=self._serials,
        )
        return CastThenParse(
            ARROW_TYPES[field.type],
            parser if time else parse_date(parser),
            plausible_moment,
            self._placeholders,
            shapes_for(field.formats),
            _aliases(field),
        )

    def _number(self, field: Field, scale: Decimal) -> Converter:
        integer = field.type == "integer"
        parse = partial(parse_number, unit=field.unit, integer=integer, scale=scale)
        cast = CastThenParse(
            ARROW_TYPES[field.type],
            parse,
            plain_integers if integer else plain_numbers,
            self._placeholders,
            (),
            _aliases(field),
        )
        if scale == 1:
            return Fitting(cast, self._limits.get(field.name), field)

        def scaled(values: Any) -> Converted:
            return by_value(
                clean(values, self._placeholders), cast.parse_alias, ARROW_TYPES[field.type]
            )

        return Fitting(scaled, self._limits.get(field.name), field)


def _aliases(field: Field) -> dict[str, str]:
    return {normalise(found): canonical for found, canonical in field.aliases.items()}


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
