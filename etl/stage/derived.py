"""Values that no column of the file holds: of the sheet's, the file's name or the title, or made for rows without an id."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from etl.contract import Contract, Period
from etl.contract.model import Field
from etl.decode import Reading

_BETWEEN = "\x1f"


def in_file(contract: Contract) -> Contract:
    """The contract as far as the file goes: without the fields whose values come from elsewhere.

    A column that has to be sent, though its cells may be empty, is one without which a header is not whole.
    """
    if not any(field.value_from or field.must_be_sent for field in contract.fields):
        return contract
    fields = (field for field in contract.fields if field.value_from is None)
    return replace(
        contract, fields=tuple(replace(f, required=f.required or f.must_be_sent) for f in fields)
    )


def derived_headers(contract: Contract) -> dict[str, str]:
    """Those fields, as if the file had a column for each."""
    return {field.name: field.title_zh for field in contract.fields if field.value_from}


def with_derived(
    batches: Iterator[Any], contract: Contract, reading: Reading, name: str, period: Period
) -> Iterator[Any]:
    """The batches with a column for each of those fields, as text."""
    fields = [field for field in contract.fields if field.value_from]
    if not fields:
        yield from batches
        return
    for batch in batches:
        columns = [_column(field, batch, reading, name, period) for field in fields]
        yield pa.RecordBatch.from_arrays(
            [*batch.columns, *columns],
            names=[*batch.schema.names, *(field.name for field in fields)],
        )


def _column(field: Field, batch: Any, reading: Reading, name: str, period: Period) -> Any:
    source = field.value_from
    assert source is not None  # noqa: S101 - chosen by it
    rows = batch.num_rows
    if source.source == "rowNumber":
        return pa.array([f"{period.end}#{n}" for n in batch["row_no"].to_pylist()], pa.string())
    if source.source == "rowContent":
        return _content(batch)
    if source.source == "sheetName":
        text = _sheet(reading, batch["row_no"][0].as_py()) if rows else ""
    elif source.source == "title":
        text = reading.table.title
    else:
        text = PurePath(name).stem
    return pa.repeat(pa.scalar(_part(source.pattern, text), pa.string()), rows)


def _part(pattern: str | None, text: str) -> str | None:
    if pattern is None:
        return text or None
    match = re.search(pattern, text)
    if match is None:
        return None
    return match["value"] if "value" in match.re.groupindex else match[0]


def _sheet(reading: Reading, row_no: int) -> str:
    """The sheet in which a row stands; the segments are in the order of their rows."""
    began = [segment for segment in reading.segments if segment.first_row_no <= row_no]
    return (began[-1].sheet or "") if began else ""


def _content(batch: Any) -> Any:
    """A short fingerprint of each row's cells: rows that say the same are one thing."""
    names = sorted(
        name for name in batch.schema.names if name != "row_no" and not name.startswith("#")
    )
    texts = []
    for name in names:
        column = batch[name]
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        texts.append(pc.utf8_trim_whitespace(pc.fill_null(column.cast(pa.string()), "")))
    joined = pc.binary_join_element_wise(*texts, _BETWEEN)
    digests = (
        hashlib.blake2b(text.encode(), digest_size=10).hexdigest() for text in joined.to_pylist()
    )
    return pa.array(digests, pa.string())
