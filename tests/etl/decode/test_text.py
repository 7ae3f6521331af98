"""Delimited text, against Python's csv module and by hand."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etl.decode import DecodeProblem, Reading, batches, open_tables
from tests.etl.decode.factory import contract, field, read, rows_of
from tests.etl.reasons.told import told

THREE = contract(
    field("town", "镇街"),
    field("name", "名称"),
    field("count", "数量", "integer"),
    encodings=("utf-8", "gb18030", "big5"),
)
HEAD = "镇街,名称,数量"

ENCODINGS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "big5"]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    marks = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}
    path.write_bytes((marks.get(encoding, "") + text).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end(tmp_path: Path, encoding: str, end: str) -> None:
    text = end.join([HEAD, "黃村鎮,一,1", '"庄,镇","二' + end + '行",2', ""])
    text = text.replace("庄", "村").replace("镇", "鎮") if encoding == "big5" else text
    what = THREE
    if encoding == "big5":
        text = text.replace("街", "街").replace("数", "數").replace("称", "稱")
        what = contract(
            field("town", "鎮街"), field("name", "名稱"), field("count", "數量"),
            encodings=("utf-8", "gb18030", "big5"),
        )  # fmt: skip
    reading, rows = read(write(tmp_path / "a.csv", text, encoding), what)
    town = "村,鎮" if encoding == "big5" else "庄,镇"
    assert [list(row.values()) for row in rows] == [
        [1, "黃村鎮", "一", "1"],
        [2, town, f"二{end}行", "2"],
    ]
    assert reading.table.encoding == {
        "utf-8-sig": "utf-8",
        "utf-16": "utf-16-le",
        "big5": "big5hkscs",
    }.get(encoding, encoding)


def test_a_four_byte_gb18030_character(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", f"{HEAD}\n𬱖村,㐂,1\n", "gb18030")
    assert rows_of(path, THREE) == [(1, "𬱖村", "㐂", "1")]


def test_big5_is_told_from_gb18030_by_the_header_alone(tmp_path: Path) -> None:
    """Both decode; only one gives the contract's header, though GB18030 is declared first."""
    what = contract(field("name", "村里名稱"), field("code", "代碼"), encodings=("gb18030", "big5"))
    path = write(tmp_path / "a.csv", "村里名稱,代碼\n留侯里,650\n", "big5")
    path.read_bytes().decode("gb18030")  # decodes without complaint
    assert rows_of(path, what) == [(1, "留侯里", "650")]


def test_declared_encodings_come_first_then_the_others_with_a_warning(tmp_path: Path) -> None:
    what = contract(field("name", "名称"), field("code", "代码"), encodings=("utf-8",))
    reading, rows = read(write(tmp_path / "a.csv", "名称,代码\n黄村,1\n", "gbk"), what)
    assert rows == [{"row_no": 1, "name": "黄村", "code": "1"}]
    assert [w["rule"] for w in told(reading)] == ["undeclared_encoding"]


def test_the_encoding_is_settled_by_the_first_chinese_however_late(tmp_path: Path) -> None:
    """ASCII for more than the head that is looked at, then GB18030."""
    what = contract(field("code", "code"), field("name", "name"), encodings=("utf-8", "gb18030"))
    many = "".join(f"{n:012d},x\n" for n in range(100_000))
    path = write(tmp_path / "a.csv", f"code,name\n{many}1,黄村\n", "gb18030")
    reading, rows = read(path, what)
    assert reading.table.encoding == "gb18030"
    assert rows[-1] == {"row_no": 100_001, "code": "1", "name": "黄村"}


cells = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs", "Cn")),
    max_size=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=30),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    final=st.booleans(),
)
def test_any_rows_come_back_as_csv_reads_them(
    rows: list[tuple[str, ...]],
    end: str,
    quoting: int,
    delimiter: str,
    encoding: str,
    final: bool,
) -> None:
    # A key keeps the row from being blank, a footnote or a header.
    rows = [(f"k{n}", *row) for n, row in enumerate(rows)]
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["key", "one", "two", "three"])
    writer.writerows(rows)
    text = sink.getvalue() if final else sink.getvalue().removesuffix(end)
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:]
    what = contract(*(field(name) for name in ("key", "one", "two", "three")))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.csv")
        path.write_bytes(text.encode(encoding))
        found = rows_of(path, what)
    # The csv module leaves a lone CR unquoted, which then ends a row for every reader.
    assert found == [
        (n, *(cell or None for cell in (row if len(row) == 4 else [""] * 4)))
        for n, row in enumerate(expected, 1)
        if any(row)
    ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = f"{HEAD}\n黄村,a;b|c,1\n".replace(",", delimiter)
    found = rows_of(write(tmp_path / "a.txt", text), THREE)
    expected = "a;b|c"
    if delimiter in ";|":
        assert found[0][:2] == (1, None)  # ragged: an unquoted delimiter inside
    else:
        assert found == [(1, "黄村", expected, "1")]


def test_title_rows_go_into_the_title_and_rows_count_from_the_top(tmp_path: Path) -> None:
    text = f"大兴区社区名录,,\n,,\n2024年3月,,\n{HEAD}\n黄村,一,1\n\n旧宫,二,2\n,,\n瀛海,三,3\n"
    reading, rows = read(write(tmp_path / "a.csv", text), THREE)
    assert reading.table.title == "大兴区社区名录\n2024年3月"
    assert [(row["row_no"], row["town"]) for row in rows] == [(1, "黄村"), (3, "旧宫"), (5, "瀛海")]
    (segment,) = reading.segments
    lines = text.split("\n")
    for row in rows:
        assert lines[row["row_no"] + segment.row_offset - 1].startswith(row["town"])


def test_a_ragged_row_keeps_its_place_as_a_fault(tmp_path: Path) -> None:
    text = f"{HEAD}\n黄村,一,1\n旧宫,二\n瀛海,三,3\n亦庄,四,4,x\n"
    reading, rows = read(write(tmp_path / "a.csv", text), THREE)
    assert [tuple(row.values()) for row in rows] == [
        (1, "黄村", "一", "1"),
        (2, None, None, None),
        (3, "瀛海", "三", "3"),
        (4, None, None, None),
    ]
    assert {
        row: [(f["rule"], f["found"]) for f in faults] for row, faults in reading.faults.items()
    } == {
        2: [("ragged_row", "2")],
        4: [("ragged_row", "4")],
    }
    assert "旧宫" not in str(reading.faults)  # the cells of a torn row may be anybody's


def test_ragged_rows_everywhere_keep_every_number_right(tmp_path: Path) -> None:
    """Against the csv module, over many blocks."""
    lines = []
    for n in range(60_000):
        lines.append(f"t{n},n,{n}" if n % 7 else f"t{n},n")
    text = HEAD + "\n" + "\n".join(lines) + "\n" + "x" * 0
    path = write(
        tmp_path / "a.csv", text + "".join(f"pad{n},{'y' * 3000},1\n" for n in range(2_000))
    )
    reading, rows = read(path, THREE)
    expected = list(csv.reader(path.read_text().splitlines()))[1:]
    assert len(rows) == len(expected)
    for number, (row, cells_) in enumerate(zip(rows, expected, strict=True), 1):
        assert row["row_no"] == number
        assert row["town"] == (cells_[0] if len(cells_) == 3 else None)
    assert len(reading.faults) == sum(len(cells_) != 3 for cells_ in expected) > 8_000


def test_a_torn_row_is_no_blank_row_though_its_first_cell_is_empty(tmp_path: Path) -> None:
    reading, rows = read(write(tmp_path / "a.csv", f"{HEAD}\n,二\n,\n黄村,一,1\n"), THREE)
    assert [(row["row_no"], row["town"]) for row in rows] == [(1, None), (3, "黄村")]
    assert list(reading.faults) == [1]


def test_blocks_of_ragged_rows_alone(tmp_path: Path) -> None:
    """Several blocks hold no good row at all; the numbers go on."""
    torn = "".join(f"t{n},{'x' * 1000}\n" for n in range(6_000))
    reading, rows = read(
        write(tmp_path / "a.csv", f"{HEAD}\n甲,一,1\n{torn}乙,二,2\n{torn}丙,三,3\n"), THREE
    )
    good = {row["row_no"]: row["town"] for row in rows if row["town"]}
    assert good == {1: "甲", 6_002: "乙", 12_003: "丙"}
    assert [row["row_no"] for row in rows] == list(range(1, 12_004))
    assert len(reading.faults) == 12_000


def test_only_ragged_rows(tmp_path: Path) -> None:
    reading, rows = read(write(tmp_path / "a.csv", f"{HEAD}\na\nb\n"), THREE)
    assert [row["row_no"] for row in rows] == [1, 2]
    assert sorted(reading.faults) == [1, 2]


def test_empty_cells_too_many_do_no_harm(tmp_path: Path) -> None:
    reading, rows = read(write(tmp_path / "a.csv", f"{HEAD}\n黄村,一,1,,\n旧宫,二,2\n"), THREE)
    assert [tuple(row.values()) for row in rows] == [(1, "黄村", "一", "1"), (2, "旧宫", "二", "2")]
    assert not reading.faults


def test_a_delimiter_at_the_end_of_every_row(tmp_path: Path) -> None:
    reading, rows = read(write(tmp_path / "a.csv", f"{HEAD}\n黄村,一,1,\n旧宫,二,2,\n"), THREE)
    assert [row["count"] for row in rows] == ["1", "2"]
    assert not reading.faults


def test_unknown_columns_are_warned_of_and_dropped_fields_never_read(tmp_path: Path) -> None:
    what = contract(
        field("name", "名称"),
        field("phone", "电话", handling="drop", classification="personal"),
        field("n", "数"),
    )
    reading, rows = read(
        write(tmp_path / "a.csv", "名称,备注,电话,数\n甲,乙,13800138000,1\n"), what
    )
    assert rows == [{"row_no": 1, "name": "甲", "n": "1"}]
    assert reading.table.headers == {"name": "名称", "phone": "电话", "n": "数"}
    assert reading.table.unknown == ("备注",)
    assert reading.warnings[0].code == "unknown_columns"
    assert reading.warnings[0].found == "备注"


def test_columns_by_position_without_a_header(tmp_path: Path) -> None:
    what = contract(field("name"), field("city"), header=False)
    assert rows_of(write(tmp_path / "a.csv", "A,Anchorage\nB,Juneau\n"), what) == [
        (1, "A", "Anchorage"),
        (2, "B", "Juneau"),
    ]
    with pytest.raises(DecodeProblem) as caught:
        open_tables(write(tmp_path / "b.csv", "A,Anchorage,x\n"), what)
    assert (caught.value.code, caught.value.reason.found, caught.value.reason.expected_zh) == (
        "column_count",
        "3",
        "2",
    )


def test_a_second_header_in_another_language_is_no_data(tmp_path: Path) -> None:
    text = "镇街,名称,数量\ntown,name,count\n黄村,一,1\n"
    reading, rows = read(write(tmp_path / "a.csv", text), THREE)
    assert [row["town"] for row in rows] == ["黄村"]
    assert reading.segments[0].row_offset == 2


def test_a_header_repeated_among_the_data(tmp_path: Path) -> None:
    text = f"{HEAD}\n黄村,一,1\n{HEAD}\n旧宫,二,2\n"
    reading, rows = read(write(tmp_path / "a.csv", text), THREE)
    assert [(row["row_no"], row["town"]) for row in rows] == [(1, "黄村"), (3, "旧宫")]
    assert [w["rule"] for w in told(reading)] == ["repeated_header"]


def test_footnotes_are_dropped_also_ragged_ones_and_data_is_not(tmp_path: Path) -> None:
    what = contract(
        field("town", "镇街"), field("name", "名称", required=True), field("n", "数量"),
        footnotes=("^注[:：]", "^填报人", "^说明"),
    )  # fmt: skip
    text = "镇街,名称,数量\n说明会街,甲,1\n注：截至月末,,\n填报人：张三\n"
    reading, rows = read(write(tmp_path / "a.csv", text), what)
    assert [row["town"] for row in rows] == ["说明会街"]
    assert not reading.faults


def test_too_many_rows(tmp_path: Path) -> None:
    what = contract(field("a"), field("b"), max_rows=2)
    with pytest.raises(DecodeProblem) as caught:
        read(write(tmp_path / "a.csv", "a,b\n1,1\n2,2\n3,3\n"), what)
    assert caught.value.code == "too_many_rows"


def test_a_table_is_read_once(tmp_path: Path) -> None:
    reading = Reading(open_tables(write(tmp_path / "a.csv", f"{HEAD}\n黄村,一,1\n"), THREE))
    list(batches(reading))
    with pytest.raises(RuntimeError):
        list(batches(reading))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ('甲,一,1\n乙,"二,2\n丙,三,3\n', 3),
        ('甲,一,1\n乙,二,"2\n丙,三,3\n丁,四,4\n', 3),
        ('甲,一,1\n"乙,二,2\n丙,三,3\n', 3),
        ('甲,一,1\n乙,二,2,"备注\n丙,三,3\n', 3),
    ],
)
def test_a_quote_that_nothing_closes_swallows_no_rows(
    tmp_path: Path, rows: str, row: int, packed: bool
) -> None:
    head = "镇街,名称,数量,备注" if "备注" in rows else HEAD
    text = f"{head}\n{rows.replace('一,1', '一,1,x') if '备注' in rows else rows}"
    path = write(tmp_path / "a.csv", text)
    if packed:
        path.write_bytes(gzip.compress(path.read_bytes()))
    with pytest.raises(DecodeProblem) as caught:
        read(path, THREE)
    assert (caught.value.code, caught.value.reason.row) == ("unclosed_quote", row)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_quotes_and_line_ends_in_the_last_row_are_no_problem(tmp_path: Path, end: str) -> None:
    for last in ('乙,"二\n行","2"', '乙,"二 ""x""\n\n",', '乙,二,"2\n"', '乙,5" 管,2', '"乙",二,2'):
        path = write(tmp_path / "a.csv", f"{HEAD}\n甲,一,1\n{last}{end}")
        assert len(rows_of(path, THREE)) == 2, last


MYSQL = [["1", '他说"好"', "x"], ["2", "C:\\dir", None], ["3", '"', "两\n行"], ["4", "a,b", "\\N"]]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_quotes_escaped_by_mysql(tmp_path: Path, encoding: str) -> None:
    """SELECT … INTO OUTFILE with ENCLOSED BY '"': a backslash before quotes, backslashes and line ends; NULL is \\N."""

    def cell(text: str | None) -> str:
        if text is None or text == "\\N":
            return text or ""
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\\n") + '"'

    what = contract(field("id", "编号"), field("text", "内容"), field("more", "备注"))
    lines = [",".join(map(cell, row)) for row in MYSQL]
    path = tmp_path / "a.csv"
    path.write_bytes(("编号,内容,备注\n" + "\n".join(lines) + "\n").encode(encoding))
    _, rows = read(path, what)
    assert [[row["id"], row["text"], row["more"]] for row in rows] == MYSQL


def test_a_path_that_ends_in_a_backslash_escapes_nothing(tmp_path: Path) -> None:
    what = contract(field("id", "编号"), field("text", "内容"))
    path = tmp_path / "a.csv"
    path.write_text('编号,内容\n1,"C:\\dir\\"\n2,"C:\\""a"""\n', encoding="utf-8")
    _, rows = read(path, what)
    assert [row["text"] for row in rows] == ["C:\\dir\\", 'C:\\"a"']
