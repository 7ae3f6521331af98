"""Parquet, streamed: typed columns become the text that a CSV of them would hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import numpy as np
import pyarrow as pa

from etl.contract.model import Contract
from etl.decode.astext import as_text
from etl.decode.header import Header, locate
from etl.decode.problems import DecodeProblem
from etl.decode.source import Source
from etl.decode.table import FIRST, Reading, Table
from etl.values.faults import LONG_NUMBER_CELL, fault

_ROWS = 8192
_BUFFER = 1 << 20


def open_parquet(source: Source, contract: Contract) -> Table:
    """Open a Parquet file."""
    stream = source.seekable()
    try:
        parquet = _file(stream, source.file)
        names = [str(name) for name in parquet.schema_arrow.names]
        header = locate([names], contract)
        if header is None:
            raise DecodeProblem(
                "header_missing",
                file=source.file,
                found=" | ".join(names)[:200],
                expected="、".join(each.name for each in contract.fields if each.required),
            )
        return Table.of(
            contract,
            source.file,
            "parquet",
            header,
            lambda reading: _batches(reading, parquet, stream, header, names),
        )
    except BaseException:
        stream.close()
        raise


def _file(stream: IO[bytes], file: str) -> Any:
    import pyarrow.parquet as pq

    try:
        return pq.ParquetFile(stream, buffer_size=_BUFFER, pre_buffer=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        text = str(error)
        code = "password" if "ncrypt" in text else "truncated" if "magic" in text else "damaged"
        raise DecodeProblem(code, file=file, found=text[:200]) from error


def _batches(
    reading: Reading, parquet: Any, stream: IO[bytes], header: Header, names: list[str]
) -> Iterator[Any]:
    table = reading.table
    reading.begin(None, 1, 0)
    by_name = table.contract.by_name
    columns = {field: names[header.columns[field]] for field in table.wanted}
    start = 1
    with stream:
        try:
            for batch in parquet.iter_batches(_ROWS, columns=list(columns.values())):
                row_no = np.arange(start, start + batch.num_rows, dtype=np.int32)
                texts = []
                for field, column in columns.items():
                    zone = None if by_name[field].has_own_clock else table.contract.file.time_zone
                    text, damaged = as_text(batch[column], zone)
                    for row, number in damaged:
                        reading.faults.add(start + row, fault(field, number, LONG_NUMBER_CELL))
                    texts.append(text)
                start += batch.num_rows
                yield pa.record_batch(
                    [pa.array(row_no), texts[0], *texts], names=["row_no", FIRST, *columns]
                )
        except (pa.ArrowException, OSError, ValueError) as error:
            raise DecodeProblem(
                "damaged", file=table.file, row=start, found=str(error)[:200]
            ) from error
    reading.end(start - 1)
