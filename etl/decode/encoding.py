"""Which encoding a file has, and a stream of it as UTF-8; strict, and precise about what cannot be read."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from etl.decode.problems import DecodeProblem

HEAD = 1 << 20
"""How much of a file is looked at before it is read."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ALIASES = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "cp936": "gb18030",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
}
_ALSO_TRIED = ("utf-8", "gb18030", "big5hkscs")
_BLOCK = 1 << 20

PADDING = "\0\x1a"
"""What some systems write after the last line: NULs up to a block's end, or Ctrl-Z."""

_FEW_NULS = 50
"""UTF-16 has a NUL in every digit, delimiter and line end: far more than one byte in fifty."""

# What the commonest UTF-8 characters look like when they are taken for GB18030.
_MOJIBAKE = "鐨锛浜鍖涓鏄澶闂鍏绗"


def unpadded(head: bytes) -> bytes:
    """The head of a file that ends in it, without what is written after the last line.

    One NUL stays where it may be half of a character of UTF-16.
    """
    size = len(head.rstrip(PADDING.encode()))
    return head[: size + (size % 2 if len(head) % 2 == 0 else 0)]


def opening(head: bytes) -> str:
    """How a text begins, whatever its encoding; what cannot be told is replaced."""
    names, bom = candidates(head, ("utf-8",))
    return head[bom:].decode(names[0], "replace").lstrip() if names else ""


def candidates(head: bytes, declared: Sequence[str]) -> tuple[list[str], int]:
    """Encodings to try, in order, and the length of the byte order mark, which decides alone."""
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return [encoding], len(mark)
    sample = head[:4096].rstrip(PADDING.encode())
    if head and not sample:
        return [], 0
    if sample.count(0) * _FEW_NULS > len(sample):
        # ASCII in UTF-16 has NUL in every second place; anything else with NUL is no text.
        even, odd = sample[0::2].count(0), sample[1::2].count(0)
        if odd > 4 * even:
            return ["utf-16-le"], 0
        if even > 4 * odd:
            return ["utf-16-be"], 0
        return [], 0
    names = [canonical(name) for name in declared]
    return list(dict.fromkeys([*(n for n in names if n != "utf-16"), *_ALSO_TRIED])), 0


def canonical(name: str) -> str:
    """The codec that reads all files of an encoding; GB18030 holds GBK and GB2312, HKSCS holds Big5."""
    lower = name.strip().lower().replace("_", "-")
    lower = {"big5": "big5hkscs", "big-5": "big5hkscs"}.get(lower, lower)
    return _ALIASES.get(lower, lower)


def decode_head(head: bytes, encoding: str, *, whole: bool) -> str | None:
    """The head as text, without what a cut left of its last character; None if it is not that encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        return decoder.decode(head, final=whole)
    except UnicodeDecodeError:
        return None


def readable(chunk: bytes, encoding: str) -> bool:
    """Whether a piece cut out of a file decodes, apart from the characters cut at its ends."""
    for start in range(min(4, len(chunk))):
        if decode_head(chunk[start:], encoding, whole=False) is not None:
            return True
    return False


_ESCAPED = re.compile(r'\\(["\\\r\n])')


def escapes_quotes(text: str, delimiter: str) -> bool:
    """Whether quotes within quotes have a backslash before them, as MySQL writes; elsewhere a quote ends its cell."""
    if '\\"' not in text:
        return False
    end = f"{re.escape(delimiter)}\r\n"
    return re.search(rf'(?<!\\)\\"(?:[^{end}"]|"(?:[{end}]|$))', text) is not None


def unescaped(text: str) -> str:
    """The text with quotes doubled instead; a backslash before a letter, as in MySQL's NULL, stays."""
    return _ESCAPED.sub(lambda match: '""' if match[1] == '"' else match[1], text)


class Utf8Stream(io.RawIOBase):
    """A text file of any encoding, read as UTF-8."""

    def __init__(
        self,
        stream: BinaryIO,
        encoding: str,
        *,
        bom: int = 0,
        file: str = "",
        escaped: bool = False,
    ) -> None:
        super().__init__()
        self._escaped = escaped
        self._backslash = ""
        self._stream = stream
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._file = file
        self._taken = len(stream.read(bom)) if bom else 0
        self._left = b""
        self._lines = 0
        self._ended = False
        self._held: list[str] = []

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        parts = [self._left]
        length = len(self._left)
        while not self._ended and (size < 0 or length < size):
            part = self._next()
            parts.append(part)
            length += len(part)
        data = b"".join(parts)
        if size < 0:
            self._left = b""
            return data
        self._left = data[size:]
        return data[:size]

    def skip(self, size: int) -> None:
        """Read over `size` bytes."""
        while size > 0:
            size -= len(self.read(min(size, HEAD))) or size

    def exhausted(self) -> bool:
        """Whether nothing is left to read."""
        while not self._left and not self._ended:
            self._left = self._next()
        return not self._left

    def close(self) -> None:
        """Close the file as well."""
        self._stream.close()
        super().close()

    def _next(self) -> bytes:
        raw = self._stream.read(_BLOCK)
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            raise self._problem(error, raw) from None
        if self._encoding == "gb18030" and any(mark in text for mark in _MOJIBAKE):
            self._refuse_mixed(text)
        self._ended = not raw
        self._taken += len(raw)
        text = self._without_padding(text)
        data = (self._unescaped(text) if self._escaped else text).encode()
        self._lines += data.count(b"\n") or data.count(b"\r")
        return data

    def _unescaped(self, text: str) -> str:
        text = self._backslash + text
        stray = (len(text) - len(text.rstrip("\\"))) % 2
        self._backslash = "\\" if stray and not self._ended else ""
        return unescaped(text[:-1] if self._backslash else text)

    def _without_padding(self, text: str) -> str:
        """Padding is held back until text follows it; at the end of the file it is none of its rows."""
        bare = text.rstrip(PADDING)
        if not bare:
            self._held.append(text)
            return ""
        padding = text[len(bare) :]
        text = "".join([*self._held, bare])
        self._held = [padding] if padding else []
        return text

    def _refuse_mixed(self, text: str) -> None:
        """Lines of UTF-8 decode as GB18030 without complaint, into nonsense; real text cannot be both."""
        for number, line in enumerate(text.splitlines()):
            if not any(mark in line for mark in _MOJIBAKE):
                continue
            octets = line.encode("gb18030")
            try:
                meant = octets.decode()
            except UnicodeDecodeError:
                continue
            if len(octets) - len(meant) >= 4:
                raise DecodeProblem(
                    "wrong_encoding",
                    file=self._file,
                    row=self._lines + number + 1,
                    found=f"UTF-8: {meant[:30]}",
                    expected=self._encoding,
                )

    def _problem(self, error: UnicodeDecodeError, raw: bytes) -> DecodeProblem:
        # The decoder may hold bytes of the block before.
        held = len(error.object) - len(raw)
        offset = self._taken - held + error.start
        before = error.object[: error.start].decode(self._encoding, "replace")
        line = self._lines + (before.count("\n") or before.count("\r")) + 1
        return bad_bytes(
            self._file, self._encoding, offset, line, error.object[error.start : error.start + 4]
        )


def bad_bytes(file: str, encoding: str, offset: int, line: int, octets: bytes) -> DecodeProblem:
    """The problem of bytes that are not the encoding's."""
    return DecodeProblem(
        "wrong_encoding",
        file=file,
        row=line,
        found=f"字节 / bytes {octets.hex(' ')} @ {offset}",
        expected=encoding,
    )


def first_undecodable(stream: BinaryIO, encoding: str, file: str) -> DecodeProblem | None:
    """Where a file stops being its encoding: a slow second look, for the message."""
    reader = Utf8Stream(stream, encoding, file=file)
    try:
        for _ in _blocks(reader):
            pass
    except DecodeProblem as problem:
        return problem
    return None


def _blocks(reader: Utf8Stream) -> Iterator[bytes]:
    while block := reader.read(HEAD):
        yield block
