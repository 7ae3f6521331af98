"""JSON documents: a list of objects, or of rows below a header row, perhaps some way down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from etl.contract.model import Contract
from etl.decode import encoding as enc
from etl.decode.build import batches_of, flatten, json_text, load_json
from etl.decode.header import Header, locate
from etl.decode.problems import DecodeProblem
from etl.decode.source import Source
from etl.decode.table import Reading, Table

_DEEPEST = 4
_PROBED = 1000


def open_document(source: Source, contract: Contract) -> Table:
    """Open a JSON document; it is read whole, so its size is limited by the contract."""
    records = _records(_parse(source, contract), contract, source.file)
    if not records:
        raise DecodeProblem("no_rows", file=source.file, found="[]", expected="≥ 1")
    if isinstance(records[0], dict):
        flat = [flatten(record) if isinstance(record, dict) else {} for record in records]
        names = list(dict.fromkeys(name for record in flat[:_PROBED] for name in record))
        header = locate([names], contract) or _no_header(names, contract, source.file)
        rows: Sequence[Any] = [[record.get(name) for name in names] for record in flat]
    else:
        table = [row if isinstance(row, list) else [row] for row in records]
        head = [[json_text(cell) or "" for cell in row] for row in table[:20]]
        header = locate(head, contract) or _no_header(head[0], contract, source.file)
        rows = [[*row, *([None] * (header.width - len(row)))] for row in table[header.end :]]
    return Table.of(
        contract, source.file, "json", header, lambda reading: _batches(reading, header, rows)
    )


def _batches(reading: Reading, header: Header, rows: Sequence[Sequence[Any]]) -> Iterator[Any]:
    reading.begin(None, 1, header.end)
    columns = {name: header.columns[name] for name in reading.table.wanted}
    cells = ((number, [json_text(cell) for cell in row]) for number, row in enumerate(rows, 1))
    yield from batches_of(cells, columns, reading)
    reading.end(len(rows))


def _no_header(names: Sequence[str], contract: Contract, file: str) -> Header:
    raise DecodeProblem(
        "header_missing",
        file=file,
        found=" | ".join(names)[:200],
        expected="、".join(each.name for each in contract.fields if each.required),
    )


def _parse(source: Source, contract: Contract) -> Any:
    with source.seekable(contract.file.max_megabytes << 20) as stream:
        octets = stream.read()
    names, bom = enc.candidates(enc.unpadded(octets[: enc.HEAD]), contract.file.encodings)
    for name in names:
        text = enc.decode_head(octets[bom:], name, whole=True)
        if text is None:
            continue
        text = text.rstrip(enc.PADDING)
        try:
            return load_json(text)
        except json.JSONDecodeError as error:
            ended = error.pos >= len(text.rstrip()) - 1
            cut = ended or error.msg.startswith("Unterminated")
            raise DecodeProblem(
                "truncated" if cut else "bad_json",
                file=source.file,
                row=error.lineno,
                found=f"{error.msg}: {text[max(0, error.pos - 20) : error.pos + 20]!r}",
                expected="JSON",
            ) from error
        except RecursionError as error:
            raise DecodeProblem("bad_json", file=source.file, found="nesting") from error
    raise DecodeProblem("wrong_encoding", file=source.file, expected="UTF-8")


def _records(document: Any, contract: Contract, file: str) -> list[Any]:
    path = contract.file.record_path
    if path:
        node = document
        for step in path.removeprefix("$").strip(".").split("."):
            node = node.get(step) if isinstance(node, dict) and step else node
        if isinstance(node, list):
            return node
        raise DecodeProblem("no_records", file=file, found=_shape(document), expected=path)
    lists = list(_lists(document, 0))
    if not lists:
        raise DecodeProblem("no_records", file=file, found=_shape(document), expected="[{…}, …]")
    return max(lists, key=len)


def _lists(node: Any, depth: int) -> Iterator[list[Any]]:
    if isinstance(node, list):
        yield node
    elif isinstance(node, dict) and depth < _DEEPEST:
        for child in node.values():
            yield from _lists(child, depth + 1)


def _shape(document: Any) -> str:
    if isinstance(document, dict):
        return "{" + ", ".join(list(document)[:10]) + "}"
    return type(document).__name__
