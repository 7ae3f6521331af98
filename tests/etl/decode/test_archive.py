"""Zip and gzip: names, limits, and what is refused."""

from __future__ import annotations

import gzip
import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.decode import DecodeProblem, members, open_tables
from etl.decode.archive import Limits
from tests.etl.decode.factory import contract, field, read, rows_of

FEED = contract(field("code", "编号", required=True), field("name", "名称"))
CSV = "编号,名称\n001,黄村\n".encode()
ROWS = [(1, "001", "黄村")]


def packed(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def named(path: Path, octets: bytes, *, flag: int = 0, data: bytes = CSV) -> Path:
    """A zip whose one member has this very name, as other programs write it."""
    stand_in = "n" * len(octets)
    packed(path, {stand_in: data})
    whole = path.read_bytes().replace(stand_in.encode(), octets)
    at = whole.index(b"PK\x01\x02")
    changed = bytearray(whole)
    struct.pack_into("<H", changed, at + 8, flag)
    struct.pack_into("<H", changed, 6, flag)
    path.write_bytes(bytes(changed))
    return path


def code_of(action: Callable[[], object]) -> str:
    with pytest.raises(DecodeProblem) as caught:
        action()
    return caught.value.code


def test_what_is_no_zip_has_itself_as_its_only_member(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CSV))
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    for path in tmp_path.iterdir():
        assert members(path) == [None]


def test_a_method_that_python_lacks_is_named(tmp_path: Path) -> None:
    """The explorer of Windows packs what is large by Deflate64: method 9 in both headers of the member."""
    whole = bytearray(packed(tmp_path / "报送.zip", {"名录.csv": CSV}).read_bytes())
    for signature, method in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        whole[whole.index(signature) + method] = 9
    (tmp_path / "报送.zip").write_bytes(whole)
    assert members(tmp_path / "报送.zip") == ["名录.csv"]
    with pytest.raises(DecodeProblem) as caught:
        read(tmp_path / "报送.zip", FEED, member="名录.csv")
    assert (caught.value.code, caught.value.reason.found) == ("packing_method", "Deflate64")


def test_members_without_junk_and_folders(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip",
        {
            "名录.csv": CSV, "夹/二.csv": CSV, "夹/": b"", "__MACOSX/._名录.csv": b"x", ".DS_Store": b"x",
            "夹/~$锁.xlsx": b"x", "Thumbs.db": b"x", "desktop.ini": b"x",
        },
    )  # fmt: skip
    assert members(path) == ["名录.csv", "夹/二.csv"]
    assert rows_of(path, FEED, member="夹/二.csv") == ROWS


@pytest.mark.parametrize(
    ("octets", "flag", "name"),
    [
        ("学校名录.csv".encode("gbk"), 0, "学校名录.csv"),
        ("学校名录.csv".encode(), 0x800, "学校名录.csv"),
        ("学校名录.csv".encode(), 0, "学校名录.csv"),
        ("𬱖村.csv".encode("gb18030"), 0, "𬱖村.csv"),
        (b"plain.csv", 0, "plain.csv"),
        ("夹\\名录.csv".encode("gbk"), 0, "夹/名录.csv"),
    ],
)
def test_names_as_their_sender_saw_them(
    tmp_path: Path, octets: bytes, flag: int, name: str
) -> None:
    path = named(tmp_path / "a.zip", octets, flag=flag)
    assert members(path) == [name]
    reading, rows = read(path, FEED, member=name, name="报送.zip")
    assert rows == [{"row_no": 1, "code": "001", "name": "黄村"}]
    assert reading.table.file == f"报送.zip / {name}"


def test_the_unicode_name_beside_the_short_one(tmp_path: Path) -> None:
    """As Info-ZIP writes it."""
    info = zipfile.ZipInfo("xx.csv")
    name = "名录.csv".encode()
    info.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, 0) + name
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, CSV)
    assert members(tmp_path / "a.zip") == ["名录.csv"]


@pytest.mark.parametrize(
    "name", ["../a.csv", "a/../../b.csv", "/etc/a.csv", "C:\\a.csv", "..\\a.csv"]
)
def test_names_that_point_outside(tmp_path: Path, name: str) -> None:
    assert code_of(lambda: members(named(tmp_path / "a.zip", name.encode()))) == "unsafe_name"


def test_links(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert code_of(lambda: members(tmp_path / "a.zip")) == "unsafe_name"


def test_archives_in_archives(tmp_path: Path) -> None:
    inner = packed(tmp_path / "i.zip", {"a.csv": CSV}).read_bytes()
    assert (
        code_of(lambda: members(packed(tmp_path / "a.zip", {"i.zip": inner}))) == "nested_archive"
    )
    # Under another name it is found out when it is opened.
    disguised = packed(tmp_path / "b.zip", {"a.csv": inner})
    assert code_of(lambda: open_tables(disguised, FEED, member="a.csv")) == "nested_archive"
    twice = tmp_path / "a.csv.gz"
    twice.write_bytes(gzip.compress(gzip.compress(CSV)))
    assert code_of(lambda: open_tables(twice, FEED)) == "nested_archive"
    assert (
        code_of(lambda: open_tables(packed(tmp_path / "c.zip", {"a.csv": CSV}), FEED))
        == "nested_archive"
    )


def test_encrypted_empty_and_missing(tmp_path: Path) -> None:
    path = named(tmp_path / "a.zip", b"a.csv", flag=1)
    assert code_of(lambda: members(path)) == "password"
    assert code_of(lambda: members(packed(tmp_path / "b.zip", {}))) == "empty_archive"
    assert (
        code_of(lambda: members(packed(tmp_path / "c.zip", {".DS_Store": b"x"}))) == "empty_archive"
    )
    whole = packed(tmp_path / "d.zip", {"a.csv": CSV})
    assert code_of(lambda: open_tables(whole, FEED, member="b.csv")) == "no_such_member"


def test_truncated_and_damaged(tmp_path: Path) -> None:
    noise = "编号,名称\n".encode() + b"".join(
        os.urandom(8).hex().encode() + b",x\n" for _ in range(20_000)
    )
    path = packed(tmp_path / "a.zip", {"a.csv": noise})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert code_of(lambda: members(path)) == "truncated"
    path.write_bytes(whole[:90_000] + bytes(2_000) + whole[92_000:])
    assert code_of(lambda: read(path, FEED, member="a.csv")) == "damaged"
    packed_twice = gzip.compress(noise)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(packed_twice[: len(packed_twice) // 2])
    assert code_of(lambda: read(path, FEED)) == "truncated"
    path.write_bytes(packed_twice[:90_000] + bytes(2_000) + packed_twice[92_000:])
    assert code_of(lambda: read(path, FEED)) == "damaged"


def test_bombs(tmp_path: Path) -> None:
    small = Limits(members=3, unpacked=10 << 20, ratio=100, ratio_from=1 << 20)
    zeros = bytes(5 << 20)
    path = packed(tmp_path / "a.zip", {"a.csv": zeros})
    assert code_of(lambda: members(path, limits=small)) == "zip_bomb"
    assert members(path) == ["a.csv"]
    noise = os.urandom(1000)
    path = packed(tmp_path / "b.zip", {f"{n}.csv": noise for n in range(4)})
    assert code_of(lambda: members(path, limits=small)) == "too_many_members"
    many = packed(tmp_path / "c.zip", {"a.csv": os.urandom(6 << 20), "b.csv": os.urandom(6 << 20)})
    assert code_of(lambda: members(many, limits=small)) == "zip_bomb"


def test_a_gzip_bomb_is_seen_while_it_unpacks(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=9) as stream:
        stream.write("编号,名称\n".encode())
        for _ in range(100):
            stream.write((b"1," + b"x" * 4_000 + b"\n") * 262)
    path = tmp_path / "a.csv.gz"
    path.write_bytes(sink.getvalue())
    assert code_of(lambda: read(path, FEED)) == "zip_bomb"


def test_gzip_of_several_parts_and_with_padding(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    parts = [gzip.compress(CSV)] + [gzip.compress(f"{n},x\n".encode()) for n in range(300)]
    path.write_bytes(b"".join(parts) + bytes(700))
    assert [row[1] for row in rows_of(path, FEED)] == ["001", *map(str, range(300))]
    path.write_bytes(b"".join(parts)[:-3])
    assert code_of(lambda: read(path, FEED)) == "truncated"


def test_a_large_gzip_is_what_the_standard_library_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    text = "编号,名称\n" + "".join(f"{n},名称{n * 7919 % 10007}\n" for n in range(300_000))
    path.write_bytes(gzip.compress(text.encode(), 1))
    found = rows_of(path, FEED)
    assert "".join(f"{code},{name}\n" for _, code, name in found) == text.partition("\n")[2]


def test_every_format_inside_a_zip_and_a_gzip(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["编号", "名称"])
    sheet.append(["001", "黄村"])
    workbook.save(tmp_path / "a.xlsx")
    pq.write_table(pa.table({"编号": ["001"], "名称": ["黄村"]}), tmp_path / "a.parquet")
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "a.jsonl").write_text('{"编号": "001", "名称": "黄村"}\n')
    (tmp_path / "a.json").write_text('[{"编号": "001",\n "名称": "黄村"}]')
    files = sorted(tmp_path.iterdir())
    archive = packed(tmp_path / "all.zip", {path.name: path.read_bytes() for path in files})
    for path in files:
        assert rows_of(archive, FEED, member=path.name) == ROWS, path.name
        (tmp_path / "g").write_bytes(gzip.compress(path.read_bytes()))
        assert rows_of(tmp_path / "g", FEED, name=f"{path.name}.gz") == ROWS, path.name
