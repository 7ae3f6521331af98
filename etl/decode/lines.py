"""JSON lines, streamed: Arrow reads blocks of whole lines, Python those that Arrow refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.json as pj

from etl.contract.model import Contract
from etl.decode import encoding as enc
from etl.decode.astext import as_text
from etl.decode.build import batch_of, flatten, json_text, load_json
from etl.decode.header import locate
from etl.decode.problems import MESSAGES, DecodeProblem
from etl.decode.source import Source
from etl.decode.table import FIRST, Reading, Table
from etl.values.faults import fault

_BLOCK = 2 << 20
_LONGEST = 64 << 20
_PROBED = 500

_BAD_RECORD = MESSAGES.reason("bad_record")


def looks_like_lines(text: str) -> bool:
    """Whether the first line is an object by itself, and no document that holds the records."""
    line, _, rest = text.strip().partition("\n")
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and (bool(rest) or not _holds_records(first))


def _holds_records(node: Any) -> bool:
    if isinstance(node, dict):
        return any(map(_holds_records, node.values()))
    return isinstance(node, list) and any(isinstance(item, dict | list) for item in node)


def open_lines(source: Source, contract: Contract) -> Table:
    """Open a file of one JSON object a line."""
    head = enc.unpadded(source.head(enc.HEAD))
    names, bom = enc.candidates(head, contract.file.encodings)
    encoding = next(
        (n for n in names if enc.decode_head(head[bom:], n, whole=False) is not None), None
    )
    if encoding is None:
        raise DecodeProblem("wrong_encoding", file=source.file, expected="UTF-8")
    text = enc.decode_head(head[bom:], encoding, whole=False) or ""
    records = [
        record for line in text.split("\n")[:_PROBED] if (record := _object(line, json.loads))
    ]
    keys = list(dict.fromkeys(key for record in records for key in flatten(record)))
    header = locate([keys], contract)
    if header is None:
        raise DecodeProblem(
            "header_missing",
            file=source.file,
            row=1,
            found=" | ".join(keys)[:200] or text[:60],
            expected="、".join(each.name for each in contract.fields if each.required),
        )

    def reader(reading: Reading) -> Iterator[Any]:
        places = {name: keys[header.columns[name]] for name in reading.table.wanted}
        return _Reader(source, encoding, bom, places, records, reading).batches()

    return Table.of(contract, source.file, "lines", header, reader, encoding=encoding)


class _Reader:
    """Blocks of lines to batches."""

    def __init__(
        self,
        source: Source,
        encoding: str,
        bom: int,
        places: Mapping[str, str],
        records: list[dict[str, Any]],
        reading: Reading,
    ) -> None:
        self._source = source
        self._encoding = encoding
        self._bom = bom
        self._places = places
        self._reading = reading
        self._schema = _schema(reading.table, places, records)
        self._next = 1

    def batches(self) -> Iterator[Any]:
        """All lines."""
        self._reading.begin(None, 1, 0)
        with self._source.open() as raw:
            stream = enc.Utf8Stream(raw, self._encoding, bom=self._bom, file=self._source.file)
            for block in self._blocks(stream):
                batch = self._quickly(block)
                yield self._slowly(block) if batch is None else batch
        self._reading.end(self._next - 1)

    def _blocks(self, stream: enc.Utf8Stream) -> Iterator[bytes]:
        left = b""
        while data := stream.read(_BLOCK):
            cut = data.rfind(b"\n") + 1
            if cut:
                yield left + data[:cut]
                left = data[cut:]
            else:
                left += data
            if len(left) > _LONGEST:
                raise DecodeProblem("row_too_long", file=self._source.file, row=self._next)
        if left.strip():
            yield left

    def _quickly(self, block: bytes) -> Any:
        """The block by Arrow; None where it is not one plain record a line."""
        if self._schema is None:
            return None
        lines = block.count(b"\n") + (not block.endswith(b"\n"))
        try:
            block_rows = pj.read_json(
                pa.BufferReader(block),
                pj.ReadOptions(use_threads=False, block_size=len(block) + 1),
                pj.ParseOptions(explicit_schema=self._schema, unexpected_field_behavior="ignore"),
            ).combine_chunks()
            if block_rows.num_rows != lines:
                return None
            texts = {}
            for name, key in self._places.items():
                texts[name], damaged = as_text(block_rows[key].combine_chunks(), "UTC")
                if damaged:
                    return None
        except pa.ArrowInvalid:
            return None
        numbers = pa.array(range(self._next, self._next + lines), pa.int32())
        self._next += lines
        first = next(iter(texts.values()))
        return pa.record_batch([numbers, first, *texts.values()], names=["row_no", FIRST, *texts])

    def _slowly(self, block: bytes) -> Any:
        rows = []
        lines = block.decode().split("\n")
        if not lines[-1].strip():
            lines.pop()
        for number, line in enumerate(lines, self._next):
            record = _object(line)
            if record is not None:
                flat = flatten(record)
                rows.append((number, [json_text(flat.get(key)) for key in self._places.values()]))
            else:
                rows.append((number, [None] * len(self._places)))
                if line.strip():
                    self._reading.faults.add(number, fault("", line[:20], _BAD_RECORD))
        self._next += len(lines)
        places = {name: place for place, name in enumerate(self._places)}
        return batch_of(rows, places, self._reading)


def _object(line: str, load: Callable[[str], Any] = load_json) -> dict[str, Any] | None:
    try:
        record = load(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _schema(table: Table, places: Mapping[str, str], records: list[dict[str, Any]]) -> Any:
    """The types to read the wanted keys as, judged by the first lines; None if Arrow cannot be used."""
    types = {each.name: each.type for each in table.contract.fields}
    columns = {}
    for name, key in places.items():
        kinds = {_kind(record.get(key)) for record in records} - {None}
        if kinds == {"integer", "number"}:
            kinds = {"number"}
        if len(kinds) > 1 or kinds == {"other"}:
            return None
        kind = next(iter(kinds), None) or "string"
        if kind == "number" and types[name] == "string":
            return None  # 1.10 would come out as 1.1
        if any(key not in record and "." in key for record in records):
            return None
        columns[key] = {"string": pa.string(), "integer": pa.int64(), "number": pa.float64()}.get(
            kind, pa.bool_()
        )
    return pa.schema(columns)


def _kind(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "boolean"
    return {str: "string", int: "integer", float: "number"}.get(type(value), "other")
