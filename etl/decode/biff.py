"""What calamine does not tell of an XLS: passwords, error cells, formulas without a result.

olefile opens the compound file ([MS-CFB]); of the BIFF records in it just enough is read here ([MS-XLS]).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO

import olefile

from etl.decode.damage import Damage

_BOUNDSHEET, _FILEPASS, _RECALCID, _DATEMODE, _EOF = 0x85, 0x2F, 0x1C1, 0x22, 0x0A
_FORMULA, _BOOLERR, _DIMENSIONS, _STRINGS = 0x06, 0x205, 0x200, 0xFC
_CELLS = frozenset({_FORMULA, _BOOLERR, 0x201, 0x203, 0x204, 0x27E, 0xBD, 0xBE, 0xD6, 0xFD})
_ROWS, _COLUMNS = 65_536, 256
_NO_NUMBER = b"\xff\xff"
_ERROR_RESULT, _EMPTY_RESULT = 2, 3
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip


class Workbook:
    """The records of an XLS; raises KeyError, OSError, ValueError or struct.error where it is none."""

    def __init__(self, octets: bytes) -> None:
        self.starts_1904 = False
        self._offsets: list[int] = []
        self._damage: list[Damage] = []
        with olefile.OleFileIO(BytesIO(octets)) as container:
            # An XLSX with a password is a compound file around it.
            self.encrypted = container.exists("EncryptedPackage")
            if self.encrypted:
                return
            self._stream = _stream(container)
        # Excel writes RECALCID; what lacks it was written by a program that calculates nothing.
        self._calculated = False
        for kind, body in self._records(0):
            if kind == _BOUNDSHEET:
                self._offsets.append(struct.unpack_from("<I", body)[0])
            elif kind == _FILEPASS:
                self.encrypted = True
                return
            elif kind == _DATEMODE:
                self.starts_1904 = body[:2] == b"\1\0"
            elif kind == _STRINGS and struct.unpack_from("<I", body, 4)[0] > len(self._stream):
                raise ValueError("strings")
            elif kind == _RECALCID:
                self._calculated = True
        # calamine reads all sheets at once, so all are looked through before.
        self._damage = [self._look_through(offset) for offset in self._offsets]

    def scan(self, _sheet: str, position: int) -> Damage:
        """What is wrong on the sheet at this position among all."""
        return self._damage[position]

    def _look_through(self, offset: int) -> Damage:
        damage = Damage()
        for kind, body in self._records(offset):
            # calamine makes room for whatever is said here; too much ends the process.
            if kind in _CELLS and struct.unpack_from("<H", body, 2)[0] >= _COLUMNS:
                raise ValueError("column")
            if kind == _DIMENSIONS:
                form = "<IIHH" if len(body) >= 12 else "<HHHH"
                first_row, last_row, first, last = struct.unpack_from(form, body)
                if not (first_row <= last_row <= _ROWS and first <= last <= _COLUMNS):
                    raise ValueError("dimensions")
            if kind == _BOOLERR:
                row, column, _, value, is_error = struct.unpack_from("<HHHBB", body)
                if is_error:
                    damage.errors[row, column] = _ERRORS.get(value, "#ERROR")
            elif kind == _FORMULA and body[12:14] == _NO_NUMBER:
                row, column = struct.unpack_from("<HH", body)
                if body[6] == _ERROR_RESULT:
                    damage.errors[row, column] = _ERRORS.get(body[8], "#ERROR")
                elif body[6] == _EMPTY_RESULT and not self._calculated:
                    damage.formulas.add((row, column))
        return damage

    def _records(self, place: int) -> Iterator[tuple[int, bytes]]:
        stream = self._stream
        while place + 4 <= len(stream):
            kind, size = struct.unpack_from("<HH", stream, place)
            yield kind, stream[place + 4 : place + 4 + size]
            if kind == _EOF:
                return
            place += 4 + size


def _stream(container: olefile.OleFileIO) -> bytes:
    """The stream of the compound file that holds the workbook; KeyError where none does."""
    for name in ("Workbook", "Book"):
        if container.exists(name):
            content: bytes = container.openstream(name).read()
            return content
    raise KeyError("Workbook")
