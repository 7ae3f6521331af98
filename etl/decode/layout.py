"""How a text file is written: encoding, delimiter and header, found out from its head."""

from __future__ import annotations

from dataclasses import dataclass, replace

from etl.contract.model import Contract
from etl.decode import encoding as enc
from etl.decode.header import SCANNED_ROWS, Header, header_of
from etl.decode.problems import DecodeProblem
from etl.decode.records import records
from etl.decode.source import Source

_DELIMITERS = (",", "\t", ";", "|")
_PROBE = 300_000


@dataclass(frozen=True)
class Layout:
    """How a text file is written, found out from its head."""

    encoding: str
    bom: int
    delimiter: str
    header: Header
    skip: int
    """Bytes of UTF-8 before the first data row."""
    offset: int
    """Records before the first data row."""
    probe: bytes
    """Some of the data, as UTF-8, to judge columns by."""
    escaped: bool = False
    """Whether quotes within quotes are written with a backslash."""


def find_layout(source: Source, contract: Contract) -> Layout:
    """The first declared encoding, and the delimiter, under which the header is the contract's.

    A Big5 file decodes as GB18030 without complaint: only what the header says tells them apart.
    """
    head = source.head(enc.HEAD)
    whole = len(head) < enc.HEAD
    if whole:
        head = enc.unpadded(head)
    if not head.strip(b"\0\xef\xbb\xbf\xff\xfe \t\r\n"):
        raise DecodeProblem("empty_file", file=source.file, found=f"{len(head)} bytes")
    names, bom = enc.candidates(head, contract.file.encodings)
    if not names:
        at = head.index(b"\0")
        raise DecodeProblem(
            "binary_content",
            file=source.file,
            row=head[:at].count(b"\n") + 1,
            found=f"NUL @ {at}",
            expected="CSV / TSV",
        )
    best: Layout | None = None
    by_position: Layout | None = None
    for name in names:
        text = enc.decode_head(head[bom:], name, whole=whole)
        if text is None:
            continue
        if whole:
            text = text.rstrip(enc.PADDING)
        layout = _lay_out(text, contract, name, bom, whole=whole)
        if layout is None:
            continue
        if not layout.header.missing and _fits(source, head, name):
            if layout.header.rows or contract.file.header != "auto":
                return layout
            # Without a header under this encoding: under another it may have one.
            by_position = by_position or layout
        elif best is None or len(layout.header.columns) > len(best.header.columns):
            best = layout
    if by_position is not None:
        return by_position
    if best is not None and best.header.missing:
        return best
    raise _nothing_fits(source, contract, head, names, bom, whole=whole)


def _lay_out(text: str, contract: Contract, name: str, bom: int, *, whole: bool) -> Layout | None:
    best: Layout | None = None
    delimiters = _DELIMITERS if contract.file.delimiter == "auto" else (contract.file.delimiter,)
    for delimiter in delimiters:
        escaped = enc.escapes_quotes(text, delimiter)
        told = enc.unescaped(text) if escaped else text
        head = list(records(told, delimiter, limit=SCANNED_ROWS + 20, whole=whole))
        if not head:
            continue
        rows = [record.cells for record in head]
        header = header_of(rows, contract)
        if header is None:
            continue
        header = replace(header, width=_width(rows, header))
        first = header.end
        start = head[first].start if first < len(head) else head[-1].end
        layout = Layout(
            encoding=name,
            bom=bom,
            delimiter=delimiter,
            header=header,
            skip=len(told[:start].encode()),
            offset=first,
            probe=told[start : start + _PROBE].encode(),
            escaped=escaped,
        )
        if best is None or _rank(layout) < _rank(best):
            best = layout
    return best


def _rank(layout: Layout) -> tuple[int, int]:
    return len(layout.header.missing), -len(layout.header.columns)


def _width(rows: list[tuple[str, ...]], header: Header) -> int:
    """Columns of the data: as the header has, or one more where every row ends in a delimiter."""
    width = len(rows[header.end - 1]) if header.rows else header.width
    data = [row for row in rows[header.end :] if any(row)]
    if data and all(len(row) == width + 1 and not row[-1] for row in data):
        return width + 1
    return width


def _fits(source: Source, head: bytes, name: str) -> bool:
    """Whether the first text beyond ASCII is of this encoding, should the head have none."""
    if name.startswith("utf-16") or not head.isascii() or len(head) < enc.HEAD:
        return True
    with source.open() as stream:
        while block := stream.read(enc.HEAD):
            if not block.isascii():
                at = next(
                    i for i in range(0, len(block), 4096) if not block[i : i + 4096].isascii()
                )
                return enc.readable(block[at : at + 65536], name)
    return True


def _nothing_fits(
    source: Source, contract: Contract, head: bytes, names: list[str], bom: int, *, whole: bool
) -> DecodeProblem:
    expected = "、".join(each.title_zh for each in contract.fields if each.required)
    layouts = [
        layout
        for name in names
        if (
            layout := _lay_out(head[bom:].decode(name, "replace"), contract, name, bom, whole=whole)
        )
        and not layout.header.missing
    ]
    # The header is right and some of the rest is not; of files joined, the first one's is the file's.
    for layout in sorted(layouts, key=lambda each: each.header.row):
        with source.open() as stream:
            problem = enc.first_undecodable(stream, layout.encoding, source.file)
        if problem is not None:
            return problem
    for name in names:
        text = enc.decode_head(head[bom:], name, whole=whole)
        if text is None:
            continue
        delimiter = max(_DELIMITERS, key=text[:4096].count)
        if contract.file.delimiter != "auto":
            delimiter = contract.file.delimiter
        first = next(
            (r for r in records(text, delimiter, limit=40, whole=whole) if any(r.cells)), None
        )
        cells = first.cells if first else ()
        if not contract.file.header:
            return DecodeProblem(
                "column_count",
                file=source.file,
                row=1,
                found=str(len(cells)),
                expected=str(len(contract.fields)),
            )
        return DecodeProblem(
            "header_missing", file=source.file, found=" | ".join(cells)[:200], expected=expected
        )
    for name in dict.fromkeys(map(enc.canonical, contract.file.encodings)):
        with source.open() as stream:
            problem = enc.first_undecodable(stream, name, source.file)
        if problem is not None:
            return problem
    return DecodeProblem("wrong_encoding", file=source.file)
