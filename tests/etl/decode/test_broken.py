"""Every broken file ends in a named problem that says where, what, and what to do, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.decode import UNPLACED, DecodeProblem, Reading, batches, open_tables
from etl.decode.problems import MESSAGES
from etl.errors import InputProblem
from etl.settings import ROOT
from tests.etl.decode.factory import contract, field, read
from tests.fixtures.broken.recipes import build

FEED = contract(
    field("code", "编号", required=True),
    field("name", "名称", required=True),
    field("n", "数量", "integer"),
    max_megabytes=1,
)

CASES = {
    # file: code, sheet, row, column, part of what was found, part of what was expected
    "empty.csv": ("empty_file", None, None, None, "0 bytes", None),
    "blank.csv": ("empty_file", None, None, None, "4 bytes", None),
    "header_only.csv": ("no_rows", None, None, None, "0", "≥ 1"),
    "no_header.csv": ("header_missing", None, None, None, "一 | 二 | 三", "编号、名称"),
    "missing_column.csv": ("columns_missing", None, 2, "编号", "名称、数量、备注", "编号、名称"),
    "duplicate_header.csv": ("duplicate_header", None, 1, "名称", "名称 × 2", "名称 × 1"),
    "unclosed_quote.csv": ("unclosed_quote", None, 3, None, '2,"乙', None),
    "wrong_encoding.csv": ("wrong_encoding", None, 3, None, "d2 d2 b4 e5 @ 31", "utf-8"),
    "mixed_encoding.csv": ("wrong_encoding", None, 3, None, "UTF-8: 2,北京市", "gb18030"),
    "nul.csv": ("binary_content", None, 2, None, "NUL @ 23", "CSV"),
    "long_row.csv": ("row_too_long", None, 2, None, None, "bytes"),
    "web_page.xls": ("unknown_format", None, None, None, "HTML", None),
    "scan.pdf.csv": ("unknown_format", None, None, None, "PDF", None),
    "document.docx": ("unknown_format", None, None, None, "DOCX", None),
    "archive.7z": ("unknown_format", None, None, None, "7z", None),
    "~$名录.xlsx": ("lock_file", None, None, None, None, None),
    "truncated.json": ("truncated", None, 2, None, "Unterminated", "JSON"),
    "malformed.json": ("bad_json", None, 2, None, "delimiter", "JSON"),
    "no_records.json": ("header_missing", None, 1, None, "code | message", None),
    "truncated.xlsx": ("truncated", None, None, None, "zip", None),
    "damaged.xlsx": ("damaged", "表1", None, None, None, None),
    "password.xlsx": ("password", None, None, None, None, None),
    "other_header.xlsx": ("no_sheet", None, None, None, "说明", "编号、名称"),
    "missing_column.xlsx": ("columns_missing", "表1", 2, "编号", "名称、数量", "编号、名称"),
    "empty.xlsx": ("empty_file", None, None, None, "表1", None),
    "header_only.xlsx": ("no_rows", None, None, None, "0", "≥ 1"),
    "large.xlsx": ("too_large", None, None, None, "2.0 MB", "≤ 1 MB"),
    "truncated.csv.gz": ("truncated", None, None, None, "end-of-stream", None),
    "bomb.csv.gz": ("zip_bomb", None, None, None, "→", "250 : 1"),
    "truncated.parquet": ("truncated", None, None, None, "magic", None),
}  # fmt: skip

PROBLEMS = {
    code: words for code, words in MESSAGES.entries.items()
    if "severity" not in words and "expected_zh" not in words and code not in UNPLACED
}  # fmt: skip
"""What is wrong with a file as a whole; not what is odd about it, and not what is wrong with a row."""

ELSEWHERE = {
    # tested with the archives, spreadsheets and texts that they are about
    "column_count", "too_many_rows", "mixed_units", "too_many_members", "nested_archive",
    "unsafe_name", "packing_method", "empty_archive", "no_such_member", "no_records",
    # tests/language/test_periods.py
    "period_of_row_unreadable", "too_many_periods", "no_rows_of_period",
}  # fmt: skip


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("broken"))


@pytest.mark.parametrize("name", CASES)
def test_broken_file(broken: Path, name: str) -> None:
    code, sheet, row, column, found, expected = CASES[name]
    with pytest.raises(DecodeProblem) as caught:
        read(broken / name, FEED)
    problem = caught.value
    assert (problem.code, problem.reason.file, problem.reason.sheet, problem.reason.row, problem.reason.header) == (
        code, name, sheet, row, column,
    )  # fmt: skip
    assert found is None or found in str(problem.reason.found)
    assert expected is None or expected in str(problem.reason.expected_zh)


@pytest.mark.parametrize("name", CASES)
def test_the_message_is_for_people(broken: Path, name: str) -> None:
    with pytest.raises(InputProblem) as caught:
        read(broken / name, FEED)
    what, place, *_, fix = str(caught.value).splitlines()
    reason = caught.value.reason
    assert reason.message_zh in what
    assert reason.message_en in what
    assert place.startswith(f"文件 file {name}")
    assert fix == f"处理 fix: {reason.fix_zh} {reason.fix_en}"
    assert str(broken) not in str(caught.value)  # no path of this machine
    assert {"rule", "message_zh", "message_en", "fix_zh", "fix_en"} <= set(caught.value.as_dict())


def test_every_problem_has_a_broken_file() -> None:
    assert {case[0] for case in CASES.values()} | ELSEWHERE == set(PROBLEMS)


def test_every_fixture_is_used(broken: Path) -> None:
    assert {path.name for path in broken.iterdir()} == set(CASES) | {"ragged.csv", "bad_line.jsonl"}


def test_torn_rows_are_faults_and_the_others_go_on(broken: Path) -> None:
    for name, good in (
        ("ragged.csv", ["1", None, None, "4"]),
        ("bad_line.jsonl", ["1", None, "3"]),
    ):
        reading, rows = read(broken / name, FEED)
        assert [row["code"] for row in rows] == good
        assert sorted(reading.faults) == [n for n, code in enumerate(good, 1) if code is None]


def test_every_problem_is_documented() -> None:
    text = (ROOT / "docs" / "input-formats.md").read_text()
    for code, words in PROBLEMS.items():
        assert f"| `{code}` |" in text, code
        assert words["zh"].split("{")[0] in text, code


def test_nothing_stays_open(broken: Path) -> None:
    """A refused file can be moved and deleted at once."""
    before = _open_files()
    for name in CASES:
        with pytest.raises(DecodeProblem):
            read(broken / name, FEED)
    assert _open_files() == before


def _open_files() -> int:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        pytest.skip("no /proc here: open files cannot be counted")
    return len(list(folder.iterdir()))


def test_a_good_file_has_no_problem(broken: Path) -> None:
    path = broken / "good.csv"
    path.write_text("编号,名称,数量\n1,甲,1\n")
    table = open_tables(path, FEED)
    assert [batch.num_rows for batch in batches(Reading(table))] == [1]
    path.unlink()
