"""What calamine does not tell of an XLS: passwords, error cells, formulas without a result.

Just enough of the compound file and of the BIFF records in it ([MS-CFB], [MS-XLS]).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from etl.decode.damage import Damage

_END = 0xFFFFFFFA  # above it are marks, not sectors
_ENTRY = 128
_MINI = 64
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
    """The records of an XLS; raises ValueError or struct.error where it is none."""

    def __init__(self, octets: bytes) -> None:
        self._stream = _stream(octets)
        self.encrypted = False
        self.starts_1904 = False
        self._offsets: list[int] = []
        self._damage: list[Damage] = []
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


def _stream(octets: bytes) -> bytes:
    """The stream of the compound file that holds the workbook."""
    shift, cutoff = struct.unpack_from("<H", octets, 30)[0], struct.unpack_from("<I", octets, 56)[0]
    if not 7 <= shift <= 16:
        raise ValueError("sector size")
    size = 1 << shift
    sectors = _Sectors(octets, size)
    directory = sectors.chain(struct.unpack_from("<I", octets, 48)[0])
    root, entries = b"", {}
    for place in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        start, length = struct.unpack_from("<IQ", directory, place + 116)
        count = struct.unpack_from("<H", directory, place + 64)[0]
        name = directory[place : place + max(count - 2, 0)].decode("utf-16-le", "replace")
        entries[name] = (start, length & 0xFFFFFFFF)
        if directory[place + 66] == 5:
            root = sectors.chain(start)
    start, length = entries.get("Workbook") or entries["Book"]
    if length >= cutoff:
        return sectors.chain(start)[:length]
    small = _Sectors(b"", _MINI, root, sectors.chain(struct.unpack_from("<I", octets, 60)[0]))
    return small.chain(start)[:length]


class _Sectors:
    """Sectors, and the table that says which follows which."""

    def __init__(
        self, octets: bytes, size: int, body: bytes | None = None, table: bytes = b""
    ) -> None:
        self._size = size
        self._body = octets[size:] if body is None else body
        if body is None:
            listed = list(struct.unpack_from("<109I", octets, 76))
            following, count = struct.unpack_from("<II", octets, 68)
            for _ in range(min(count, len(octets) // size)):
                more = struct.unpack(f"<{size // 4}I", self._sector(following))
                listed += more[:-1]
                following = more[-1]
            table = b"".join(self._sector(number) for number in listed if number < _END)
        self._next = struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])

    def chain(self, start: int) -> bytes:
        """All sectors from `start` on."""
        parts, seen = [], 0
        while start < _END:
            if start >= len(self._next) or seen > len(self._next):
                raise ValueError("sector chain")
            parts.append(self._sector(start))
            start = self._next[start]
            seen += 1
        return b"".join(parts)

    def _sector(self, number: int) -> bytes:
        return self._body[number * self._size : (number + 1) * self._size]
