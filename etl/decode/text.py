"""CSV and TSV: any declared encoding, any line end, quoted line ends; streamed by Arrow.

The head of the file is read by hand to find encoding, delimiter and header; what follows
the header goes to Arrow's reader as one stream of UTF-8.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pv

from etl.contract.model import Contract
from etl.decode import encoding as enc
from etl.decode.layout import Layout, find_layout
from etl.decode.problems import MESSAGES, DecodeProblem, warning
from etl.decode.source import Source
from etl.decode.table import FIRST, Reading, Table
from etl.reasons import Reason
from etl.values.faults import fault

BLOCK = 2 << 20
"""Larger blocks fall out of the processor's cache and cost half as much again."""

_PROBED_ROWS = 200
_TAIL = 65_536
_FEW = 0.2


def open_text(source: Source, contract: Contract) -> Table:
    """Open a delimited text file."""
    layout = find_layout(source, contract)
    declared = {enc.canonical(name) for name in contract.file.encodings}
    warnings: tuple[Reason, ...] = ()
    if layout.encoding not in declared and not layout.bom:
        encodings = ", ".join(contract.file.encodings)
        warnings = (warning("undeclared_encoding", found=layout.encoding, expected=encodings),)
    return Table.of(
        contract,
        source.file,
        "text",
        layout.header,
        lambda reading: _Reader(source, layout, reading).batches(),
        encoding=layout.encoding,
        warnings=warnings,
    )


class _Reader:
    """Arrow's CSV reader over the data rows, with row numbers, ragged rows kept as faults."""

    def __init__(self, source: Source, layout: Layout, reading: Reading) -> None:
        self._source = source
        self._layout = layout
        self._reading = reading
        self._fields = {layout.header.columns[name]: name for name in reading.table.wanted}
        self._few = self._few_valued()
        self._ragged: list[tuple[int, str, int]] = []
        self._next = 1

    def batches(self) -> Iterator[Any]:
        """All rows."""
        last = None
        self._reading.begin(None, 1, self._layout.offset)
        with self._stream() as stream:
            try:
                for batch in self._open(stream, self._few, self._invalid):
                    last = batch
                    yield self._named(batch)
            except pa.ArrowInvalid as error:
                raise self._problem(error) from error
        if self._ragged:
            yield self._rest(last)
        elif last is not None and last.num_rows:
            self._check_end(last)
        self._reading.end(self._next - 1)

    def _stream(self) -> Any:
        layout = self._layout
        if layout.encoding == "utf-8" and not self._source.padded and not layout.escaped:
            stream = pa.OSFile(str(self._source.path))
            stream.seek(layout.bom + layout.skip)
            return stream
        raw: BinaryIO = self._source.open()
        reader = enc.Utf8Stream(
            raw,
            layout.encoding,
            bom=layout.bom,
            file=self._source.file,
            escaped=layout.escaped,
        )
        reader.skip(layout.skip)
        return reader

    def _few_valued(self) -> set[int]:
        """Columns of few different values: read as dictionaries, each value is typed once."""
        probe = self._layout.probe
        probe = probe[: max(probe.rfind(b"\n"), probe.rfind(b"\r")) + 1]
        if not probe:
            return set()
        try:
            rows = next(iter(self._open(pa.BufferReader(probe), set(), lambda _: "skip")), None)
        except pa.ArrowInvalid:
            return set()
        if rows is None or rows.num_rows < _PROBED_ROWS:
            return set()
        limit = _FEW * rows.num_rows
        return {i for i in self._fields if pc.count_distinct(rows[f"c{i}"]).as_py() <= limit}

    def _open(
        self, stream: Any, few_valued: set[int], invalid: Callable[[Any], str]
    ) -> Iterator[Any]:
        width = self._layout.header.width
        names = [f"c{index}" for index in range(width)]
        text, few = pa.string(), pa.dictionary(pa.int32(), pa.string())
        wanted = sorted({0, *self._fields})
        if self._at_end(stream):
            return
        yield from pv.open_csv(
            stream,
            read_options=pv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names),
            parse_options=pv.ParseOptions(
                delimiter=self._layout.delimiter,
                newlines_in_values=True,
                ignore_empty_lines=False,
                invalid_row_handler=invalid,
            ),
            convert_options=pv.ConvertOptions(
                column_types={f"c{i}": few if i in few_valued else text for i in wanted},
                include_columns=[f"c{i}" for i in wanted],
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=[""],
            ),
        )

    def _at_end(self, stream: Any) -> bool:
        if isinstance(stream, enc.Utf8Stream):
            return stream.exhausted()
        return bool(stream.tell() >= stream.size())

    def _invalid(self, row: Any) -> str:
        self._ragged.append((row.number, row.text, row.actual_columns))
        return "skip"

    def _named(self, batch: Any) -> Any:
        """Row numbers, field names and, among the rows, those that were ragged."""
        ragged = []
        if self._ragged:
            numbers = np.array([number for number, _, _ in self._ragged])
            places = np.arange(
                self._next, self._next + batch.num_rows + len(numbers), dtype=np.int32
            )
            row_no = places[~np.isin(places, numbers)][: batch.num_rows]
            if len(row_no):
                count = int(np.searchsorted(numbers, row_no[-1]))
            else:
                # Arrow reads ahead: only an unbroken run is sure to stand before the next good row.
                unbroken = numbers == np.arange(self._next, self._next + len(numbers))
                count = len(numbers) if unbroken.all() else int(np.argmin(unbroken))
            ragged, self._ragged = self._ragged[:count], self._ragged[count:]
        else:
            row_no = np.arange(self._next, self._next + batch.num_rows, dtype=np.int32)
        if len(row_no):
            self._next = int(row_no[-1]) + 1
        elif ragged:
            self._next = ragged[-1][0] + 1
        columns = [batch[f"c{index}"] for index in self._fields]
        names = ["row_no", FIRST, *self._fields.values()]
        named = pa.record_batch([pa.array(row_no), batch["c0"], *columns], names=names)
        return self._with_ragged(named, ragged) if ragged else named

    def _rest(self, last: Any) -> Any:
        """Ragged rows after the last good one."""
        kinds = {f"c{index}": pa.string() for index in {0, *self._fields}}
        empty = pa.record_batch([pa.array([], kind) for kind in kinds.values()], names=list(kinds))
        ragged, self._ragged = self._ragged, []
        named = self._named(empty if last is None else last.slice(0, 0))
        self._next = ragged[-1][0] + 1
        return self._with_ragged(named, ragged)

    def _with_ragged(self, batch: Any, ragged: list[tuple[int, str, int]]) -> Any:
        width = self._layout.header.width
        rows = []
        for number, text, columns in ragged:
            cells = self._cells(number, text)
            if len(cells) > width and not any(cells[width:]):
                # Only empty cells too many: nothing is lost and nothing moved.
                rows.append([number, cells[0], *(cells[index] or None for index in self._fields)])
                continue
            first = cells[0] if cells else ""
            rows.append([number, first or None, *([None] * len(self._fields))])
            if any(cells):
                self._reading.faults.add(
                    number, fault("", str(columns), MESSAGES.reason("ragged_row", width=width))
                )
        added = pa.table(
            [
                pa.array(column, pa.int32() if n == 0 else pa.string())
                for n, column in enumerate(zip(*rows, strict=True))
            ],
            names=batch.schema.names,
        )
        plain = pa.Table.from_batches([batch]).cast(added.schema)
        return pa.concat_tables([plain, added]).sort_by("row_no").combine_chunks().to_batches()[0]

    def _cells(self, number: int, text: str) -> list[str]:
        if text.count('"') % 2:
            raise self._unclosed(number, text)
        cells = csv.reader(io.StringIO(text, newline=""), delimiter=self._layout.delimiter)
        return next(cells, [])

    def _check_end(self, last: Any) -> None:
        """Refuse a file whose last record is a quotation that nothing closes: it swallows all rows after it."""
        cells = [last[name][last.num_rows - 1].as_py() or "" for name in last.schema.names]
        if not any("\n" in cell or "\r" in cell for cell in cells) and self._ends_with(last, cells):
            return
        quotes = 0
        with self._source.open() as raw:
            layout = self._layout
            reader = enc.Utf8Stream(raw, layout.encoding, bom=layout.bom, escaped=layout.escaped)
            reader.skip(self._layout.skip)
            while block := reader.read(enc.HEAD):
                quotes += block.count(b'"')
        if quotes % 2:
            raise self._unclosed(self._next - 1, ",".join(cells))

    def _ends_with(self, last: Any, cells: list[str]) -> bool:
        """Whether the file's last line is its last record."""
        with self._source.open() as raw:
            if self._source.packed or not raw.seekable():
                return False
            raw.seek(max(0, self._source.path.stat().st_size - _TAIL))
            tail = raw.read().decode(self._layout.encoding, "replace")
        line = tail.rstrip("\r\n" + enc.PADDING).replace("\r", "\n").rpartition("\n")[2]
        parts = line.split(self._layout.delimiter)
        places = [int(name[1:]) for name in last.schema.names]
        return len(parts) == self._layout.header.width and [parts[p] for p in places] == cells

    def _unclosed(self, number: int, text: str) -> DecodeProblem:
        return DecodeProblem(
            "unclosed_quote",
            file=self._source.file,
            row=number + self._layout.offset,
            found=f"{text[:20]}…",
        )

    def _problem(self, error: pa.ArrowInvalid) -> DecodeProblem:
        message = str(error)
        row = self._next + self._layout.offset
        if "UTF8" in message or "UTF-8" in message:
            with self._source.open() as stream:
                problem = enc.first_undecodable(stream, "utf-8", self._source.file)
            if problem is not None:
                return problem
        if "straddl" in message or "block" in message:
            return DecodeProblem(
                "row_too_long", file=self._source.file, row=row, expected=f"≤ {BLOCK:,} bytes"
            )
        return DecodeProblem("damaged", file=self._source.file, row=row, found=message)
