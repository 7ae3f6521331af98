"""Where the header is and which column is which field; tables made by hand."""

from __future__ import annotations

import pytest

from etl.decode.header import Header, key, locate
from tests.etl.decode.factory import contract, field

SEATS = contract(
    field("school_id", "学校标识码", required=True),
    field("name", "学校名称", synonyms=("名称", "校名")),
    field("primary", "小学学位", "integer", synonyms=("学位/小学",)),
    field("junior", "中学学位", "integer", synonyms=("学位/中学",)),
)


def found(rows: list[list[str]]) -> Header:
    header = locate(rows, SEATS)
    assert header is not None
    return header


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("学校标识码", "学校标识码"),
        (" 学校 标识码 ", "学校标识码"),
        ("学校\n标识码", "学校标识码"),
        ("学校标识码*", "学校标识码"),
        ("*学校标识码", "学校标识码"),
        ("学校标识码（必填）", "学校标识码"),
        ("\ufeff学校标识码", "学校标识码"),
        ("ＳＣＨＯＯＬ＿ID", "school_id"),
        ("学校\u3000标识码", "学校标识码"),
    ],
)
def test_what_does_not_tell_headers_apart(sent: str, meant: str) -> None:
    assert key(sent) == key(meant)


def test_one_row() -> None:
    header = found([["学校标识码", "学校名称", "小学学位", "备注"]])
    assert header.columns == {"school_id": 0, "name": 1, "primary": 2}
    assert header.texts == {"school_id": "学校标识码", "name": "学校名称", "primary": "小学学位"}
    assert (header.row, header.rows, header.unknown, header.missing, header.title) == (
        0,
        1,
        ("备注",),
        (),
        "",
    )


def test_columns_in_any_order_under_old_names_and_english_ones() -> None:
    assert found([["校名", "x", "School_ID"]]).columns == {"name": 0, "school_id": 2}


def test_the_name_in_use_wins_over_an_old_one_wherever_it_stands() -> None:
    header = found([["学校标识码", "校名", "学校名称"]])
    assert header.columns["name"] == 2
    assert header.unknown == ("校名",)
    assert not header.duplicates


def test_a_name_with_its_group_wins_over_the_same_name_in_another_group() -> None:
    what = contract(field("town", "镇街"), field("n", "学位", synonyms=("2024年/学位",)))
    header = locate([["镇街", "2023年", "2024年"], ["", "学位", "学位"], ["黄村", "1", "2"]], what)
    assert header is not None
    assert header.columns == {"town": 0, "n": 2}


def test_two_equal_headers_for_one_field_are_told() -> None:
    assert found([["学校标识码", "学校名称", "学校名称"]]).duplicates == ("name",)
    assert found([["学校标识码", "学校名称", "备注", "备注"]]).duplicates == ()


def test_titles_above() -> None:
    header = found(
        [
            ["大兴区中小学学位", "", ""],
            ["", "", ""],
            ["2024年9月", "2024年9月", "单位：个"],
            ["学校标识码", "学校名称", "小学学位"],
            ["1", "2", "3"],
        ]
    )
    assert (header.row, header.end) == (3, 4)
    assert header.title == "大兴区中小学学位\n2024年9月 单位：个"


def test_two_rows_with_a_group_merged_or_in_its_first_cell() -> None:
    for group in (
        ["学校标识码", "学校名称", "学位", ""],
        ["学校标识码", "学校名称", "学位", "学位"],
    ):
        for below in (["", "", "小学", "中学"], ["学校标识码", "学校名称", "小学", "中学"]):
            header = found([group, below, ["3111", "一小", "300", ""]])
            assert header.columns == {"school_id": 0, "name": 1, "primary": 2, "junior": 3}
            assert (header.row, header.rows) == (0, 2)
            assert header.texts["primary"] == "学位/小学"


def test_a_group_row_that_means_nothing_is_a_title() -> None:
    header = found(
        [
            ["基本信息", "", "规模", ""],
            ["学校标识码", "学校名称", "小学学位", "中学学位"],
            ["1", "2", "3", "4"],
        ]
    )
    assert header.columns == {"school_id": 0, "name": 1, "primary": 2, "junior": 3}
    assert header.end == 2


def test_three_rows_where_the_contract_says_so() -> None:
    what = contract(
        field("town", "镇街"),
        field("a", "学位/小学/公办"),
        field("b", "学位/小学/民办"),
        header_rows=3,
    )
    rows = [["镇街", "学位", ""], ["", "小学", ""], ["", "公办", "民办"], ["黄村", "1", "2"]]
    header = locate(rows, what)
    assert header is not None
    assert header.columns == {"town": 0, "a": 1, "b": 2}
    assert header.end == 3


def test_a_bracket_is_dropped_where_only_without_it_the_name_is_known() -> None:
    header = found([["学校标识码", "小学学位（个）"]])
    assert header.columns == {"school_id": 0, "primary": 1}
    assert header.texts["primary"] == "小学学位（个）"


def test_a_second_row_in_another_language_belongs_to_the_header() -> None:
    header = found(
        [
            ["学校标识码", "学校名称", "小学学位"],
            ["school_id", "name", "primary"],
            ["3111", "name", "5"],
        ]
    )
    assert header.rows == 2


def test_missing_ones_are_named_and_a_complete_row_further_down_is_better() -> None:
    assert found([["学校名称", "小学学位"]]).missing == ("school_id",)
    assert found([["学校名称", "小学学位"], ["学校标识码", "学校名称"]]).row == 1


def test_nothing_like_a_header() -> None:
    assert locate([["a", "b"], ["1", "2"]], SEATS) is None
    assert locate([["学校名称"]], SEATS) is None  # one known word is no header
    assert locate([], SEATS) is None


def test_a_feed_of_one_column() -> None:
    header = locate([["zip"], ["10001"]], contract(field("zip")))
    assert header is not None
    assert header.columns == {"zip": 0}
