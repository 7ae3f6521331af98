"""XLSX, XLS and ODS: calamine reads the values, our own parsers what else the file says; several sheets, title rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice
from typing import IO

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetVisibleEnum,
)

from etl.contract.find import matches_any
from etl.contract.model import Contract
from etl.decode import biff, ods, xlsx
from etl.decode.archive import UNREADABLE, ZIP
from etl.decode.cells import shown
from etl.decode.header import SCANNED_ROWS, Header, header_of
from etl.decode.marks import Formats, Marks, Place
from etl.decode.problems import DecodeProblem, warning
from etl.decode.rich import read_texts
from etl.decode.sheet_rows import Merge, Sheet, left_of, read_sheets, rows_of
from etl.decode.source import Source
from etl.decode.table import Table, check_header
from etl.reasons import Reason
from etl.values.numbers import header_scale
from etl.values.text import normalise

Workbook = xlsx.Workbook | biff.Workbook | ods.Workbook
"""What the file says beyond what calamine tells."""
NOTES = "填表说明 Notes"
"""Sheet of a blank workbook that explains its columns (`minsheng feeds template`); no data is looked for in it."""
_EPOCH, _EPOCH_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)
_UNPACKED = 24
"""How many times its permitted size a workbook may unpack to."""


def open_sheets(source: Source, contract: Contract) -> Table:
    """Open a workbook; its size is limited by the contract."""
    stream = source.seekable(contract.file.max_megabytes << 20)
    try:
        inside = _inside(stream, source, contract)
        calamine = _calamine(stream, source)
        sheets, skipped = _sheets(calamine, inside, contract, source.file)
    finally:
        stream.close()
    headers: dict[str, str] = {}
    warnings: list[Reason] = []
    for sheet in sheets:
        warnings += check_header(contract, source.file, sheet.header, sheet.name)
        _same_units(headers, sheet, source.file)
        headers = {**sheet.header.texts, **headers}
    return Table(
        contract,
        source.file,
        "sheets",
        headers,
        lambda reading: read_sheets(reading, sheets),
        title=sheets[0].header.title,
        unknown=tuple(dict.fromkeys(text for sheet in sheets for text in sheet.header.unknown)),
        serials=not inside.starts_1904,
        warnings=(*skipped, *warnings),
    )


def sheet_names(source: Source) -> list[str]:
    """The visible sheets of a workbook that may hold data; none of a damaged one, of which opening it tells."""
    stream = source.seekable()
    try:
        book = _calamine(stream, source)
    except DecodeProblem:
        return []
    finally:
        stream.close()
    sheets = book.sheets_metadata
    return [s.name for s in sheets if s.visible == SheetVisibleEnum.Visible and s.name != NOTES]


def _inside(stream: IO[bytes], source: Source, contract: Contract) -> Workbook:
    """What the file says beyond what calamine tells."""
    packed = stream.read(4) == ZIP
    stream.seek(0)
    try:
        if packed:
            size = contract.file.max_megabytes
            unpacked = size * _UNPACKED << 20
            if ods.is_ods(stream):
                return ods.Workbook.of(stream, source.file, unpacked)
            return xlsx.Workbook(source, size, unpacked).checked()
        old = biff.Workbook(stream.read())
    except KeyError as error:
        code = "damaged" if packed else "unknown_format"
        raise DecodeProblem(code, file=source.file, found=f"{error.args[0]}") from error
    except UNREADABLE as error:
        raise DecodeProblem("damaged", file=source.file, found=str(error)) from error
    if old.encrypted:
        raise DecodeProblem("password", file=source.file)
    return old


def _calamine(stream: IO[bytes], source: Source) -> CalamineWorkbook:
    stream.seek(0)
    with _guarded(source.file):
        return CalamineWorkbook.from_filelike(stream)


@contextmanager
def _guarded(file: str, sheet: str | None = None) -> Iterator[None]:
    """Calamine's errors as problems, and its panics, which are no Exceptions."""
    try:
        yield
    except PasswordError as error:
        raise DecodeProblem("password", file=file) from error
    except (CalamineError, *UNREADABLE) as error:
        raise DecodeProblem("damaged", file=file, sheet=sheet, found=str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise DecodeProblem("damaged", file=file, sheet=sheet, found=str(error)) from error


def _sheets(
    book: CalamineWorkbook, inside: Workbook, contract: Contract, file: str
) -> tuple[list[Sheet], list[Reason]]:
    """The sheets to read: visible, named as the contract says, with its header; warnings of the others."""
    epoch = _EPOCH_1904 if inside.starts_1904 else _EPOCH
    named = contract.file.sheets
    sheets: list[Sheet] = []
    warnings: list[Reason] = []
    rejected: list[tuple[str, Header | None]] = []
    for position, meta in enumerate(book.sheets_metadata):
        if meta.name == NOTES:
            continue
        chosen = matches_any(meta.name, named)
        if meta.visible != SheetVisibleEnum.Visible or (named and not chosen):
            continue
        marks = _marks(inside, meta.name, position, file)
        formats = inside.formats(meta.name, marks)
        with _guarded(file, meta.name):
            rows = book.get_sheet_by_name(meta.name)
            if rows.start is None:
                continue
            merges = [*(rows.merged_cell_ranges or ()), *marks.merges]
            rich = inside.rich(meta.name, marks)
            texts = read_texts(rich, marks, counts=contract.file.struck_runs == "count")
            header = _header(rows, merges, formats, epoch, contract, texts)
        if header is not None and (not header.missing or chosen):
            sheets.append(Sheet(meta.name, rows, header, marks, formats, merges, epoch, texts))
        else:
            rejected.append((meta.name, header))
    if not sheets:
        raise _nothing(rejected, contract, file, [meta.name for meta in book.sheets_metadata])
    for name, header in rejected:
        if header is not None and len(header.columns) * 2 >= len(contract.fields):
            # So much of the header cannot be chance: these rows would be missed.
            check_header(contract, file, header, name)
        warnings.append(warning("sheet_skipped", sheet=name))
    return sheets, warnings


def _marks(inside: Workbook, name: str, position: int, file: str) -> Marks:
    try:
        return inside.marks(name, position)
    except UNREADABLE as error:
        raise DecodeProblem("damaged", file=file, sheet=name, found=str(error)) from error


def _nothing(
    rejected: list[tuple[str, Header | None]], contract: Contract, file: str, names: list[str]
) -> DecodeProblem:
    partial = [(name, header) for name, header in rejected if header is not None]
    if partial:
        name, header = max(partial, key=lambda each: len(each[1].columns))
        try:
            check_header(contract, file, header, name)
        except DecodeProblem as problem:
            return problem
    if not rejected:
        return DecodeProblem("empty_file", file=file, found="、".join(names))
    return DecodeProblem(
        "no_sheet",
        file=file,
        found="、".join(names),
        expected="、".join(each.title_zh for each in contract.fields if each.required),
    )


def _header(
    sheet: CalamineSheet,
    merges: list[Merge],
    formats: Formats,
    epoch: dt.date,
    contract: Contract,
    texts: Mapping[Place, str],
) -> Header | None:
    left = left_of(sheet)
    top = [
        [
            shown(cell, epoch, partial(formats.at, number, column)) or ""
            for column, cell in enumerate(row, left)
        ]
        for number, row in enumerate(islice(rows_of(sheet, texts), SCANNED_ROWS + 1))
    ]
    for (first_row, first_column), (last_row, last_column) in merges:
        start, end = first_column - left, last_column - left + 1
        if first_row < len(top) and 0 <= start < len(top[first_row]):
            text = top[first_row][start]
            for row in top[first_row : last_row + 1]:
                row[start:end] = [text] * (min(end, len(row)) - start)
    return header_of(top, contract)


def _same_units(headers: Mapping[str, str], sheet: Sheet, file: str) -> None:
    for name, text in sheet.header.texts.items():
        other = headers.get(name, text)
        if header_scale(normalise(text)) != header_scale(normalise(other)):
            raise DecodeProblem(
                "mixed_units",
                file=file,
                sheet=sheet.name,
                header=text,
                found=text,
                expected=other,
            )
