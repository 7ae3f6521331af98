"""A file's rows with what no cell of them says: the name of the sheet, of the file, the title above, a number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from etl.contract.model import Contract, Field
from etl.decode.batches import batches
from etl.decode.open import open_tables
from etl.decode.table import Reading


def open_rows(
    path: Path, contract: Contract, *, member: str | None, name: str
) -> tuple[Reading, Iterator[Any]]:
    """A reading of a file and its batches, as `batches` gives them, with what sheet, file, title or another cell say.

    `name` is the file's own name where `path` is an archive's.
    """
    reading = Reading(open_tables(path, in_file(contract), member=member, name=name))
    fields = [field for field in contract.fields if field.value_from and not field.is_made]
    rows = batches(reading)
    return reading, _placed(rows, fields, reading, base_name(member or name)) if fields else rows


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


def with_numbers(rows: Iterator[Any], contract: Contract, end: date) -> Iterator[Any]:
    """The batches of one period, which ends then, with a column for each number within it."""
    fields = [field.name for field in contract.fields if field.is_made and not field.is_of_typed]
    numbers = count(1)
    for batch in rows:
        texts = [f"{end}#{next(numbers)}" for _ in range(batch.num_rows)] if fields else []
        for name in fields:
            batch = batch.append_column(name, pa.array(texts, pa.string()))
        yield batch


def base_name(name: str) -> str:
    """The name of a file without the folders within its archive."""
    return name.replace("\\", "/").rsplit("/", 1)[-1]


def _placed(
    rows: Iterator[Any], fields: list[Field], reading: Reading, file_name: str
) -> Iterator[Any]:
    for batch in rows:
        segment = reading.segment_of(batch["row_no"][0].as_py())
        texts = {
            "sheetName": segment.sheet or "",
            "title": segment.title,
            "fileName": PurePosixPath(file_name).stem,
        }
        for field in fields:
            source = field.value_from
            assert source is not None  # noqa: S101 - chosen by it
            if source.source == "field":
                sent = source.of[0] in batch.schema.names
                column = batch[source.of[0]] if sent else pa.nulls(batch.num_rows, pa.string())
                batch = batch.append_column(field.name, column)
                continue
            value = pa.scalar(_part(source.pattern, texts[source.source]), pa.string())
            batch = batch.append_column(field.name, pa.repeat(value, batch.num_rows))
        yield batch


def _part(pattern: str | None, text: str) -> str | None:
    if pattern is None:
        return text or None
    match = re.search(pattern, text)
    if match is None:
        return None
    return match["value"] if "value" in match.re.groupindex else match[0]
