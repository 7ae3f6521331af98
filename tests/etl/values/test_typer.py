# ruff: noqa: DTZ001, DTZ007 - local times of the contract's zone
"""Batches of text to typed columns: what is canonical, what is not, and what is a fault."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.contract.model import Contract, Field, LoadQuery
from etl.contract.options import PLACEHOLDERS
from etl.values import ContentHash, Typed, Typer
from etl.values.faults import Faults
from etl.values.zones import to_utc
from tests.etl.decode.factory import contract, field
from tests.etl.reasons.told import told

KEY = b"k" * 32


def batch(**columns: Sequence[str | None] | pa.Array) -> pa.RecordBatch:
    arrays = [c if isinstance(c, pa.Array) else pa.array(c, pa.string()) for c in columns.values()]
    row_no = pa.array(range(1, len(arrays[0]) + 1), pa.int32())
    return pa.record_batch([row_no, *arrays], names=["row_no", *columns])


def typed(what: Contract, rows: pa.RecordBatch, **options: Any) -> Typed:
    headers = {each.name: each.title_zh for each in what.fields if each.name in rows.schema.names}
    faults = options.pop("faults", None)
    return Typer(what, KEY, headers | options.pop("headers", {}), **options)(rows, faults)


def one(each: Field, values: Sequence[str | None], **options: Any) -> tuple[list[Any], list[Any]]:
    """One column through a typer, also as a dictionary, which must give the same."""
    file = {name: options.pop(name) for name in ("placeholders", "time_zone") if name in options}
    what = contract(each, **file)
    plain = typed(what, batch(**{each.name: values}), **dict(options)).narrow
    coded = typed(
        what, batch(**{each.name: pa.array(values, pa.string()).dictionary_encode()}), **options
    ).narrow
    assert plain.to_pydict() == coded.to_pydict()
    faults = [
        [(f["rule"], f["found"]) for f in json.loads(text)] if text else []
        for text in plain["fault"].to_pylist()
    ]
    return plain[each.column].to_pylist(), faults


def test_columns_are_those_of_staging() -> None:
    what = contract(
        field("name", "名称"),
        field("opened_at", "时间", "timestamp"),
        field("phone", "电话", handling="token", classification="personal", column="caller_token"),
        field("who", "姓名", handling="drop", classification="personal"),
        field("content", "内容", handling="restricted"),
        field("n", "数", "integer"),
        field("share", "率", "number"),
        field("flag", "是否", "boolean"),
        field("day", "日期", "date"),
    )
    rows = batch(name=["甲"], phone=["13800138000"], content=["很长的（文字）"], n=["1"])
    result = Typer(what, KEY, {})(rows)
    schema = {
        name: str(kind)
        for name, kind in zip(result.narrow.schema.names, result.narrow.schema.types, strict=True)
    }
    token = schema.pop("caller_token")
    assert token.startswith("dictionary<values=string")
    assert schema == {
        "row_no": "int32",
        "opened_at": "timestamp[us]",
        "n": "int64",
        "share": "double",
        "flag": "bool",
        "day": "date32[day]",
        "name": "string",
        "fault": "string",
    }
    assert result.text.to_pylist() == [{"row_no": 1, "content": "很长的（文字）"}]
    assert Typer(what, KEY, {}).columns == result.narrow.schema.names
    assert "13800138000" not in str(result.narrow.to_pydict())


def test_no_restricted_field_no_text_batch() -> None:
    assert typed(contract(field("a")), batch(a=["x"])).text is None


def test_moments_canonical_and_not_and_bad_in_one_column() -> None:
    values = ["2024-01-01 10:20:30"] * 300
    for place, text in {
        5: None,
        77: "2024年1月2日",
        150: "2024/1/3 9:05",
        151: "2024-02-30 10:00:00",
        200: "３月５日",
        299: "2024-01-01T02:20:30Z",
        40: " 2024-01-01 10:20:30\u3000",
        41: "-",
    }.items():
        values[place] = text  # type: ignore[call-overload]
    found, faults = one(field("t", kind="timestamp"), values, placeholders=("-",))
    expected: list[Any] = [datetime(2024, 1, 1, 10, 20, 30)] * 300
    expected[5] = expected[41] = expected[151] = expected[200] = None
    expected[77], expected[150] = datetime(2024, 1, 2), datetime(2024, 1, 3, 9, 5)
    assert found == expected
    assert {n: f for n, f in enumerate(faults) if f} == {
        151: [("type", "2024-02-30 10:00:00")],
        200: [("type", "３月５日")],
    }


@pytest.mark.parametrize(
    "form",
    [
        "%Y/%m/%d %H:%M:%S",
        "%Y/%m/%d %H:%M",
        "%Y-%m-%d %H:%M",
        "%Y.%m.%d",
        "%Y年%m月%d日",
        "%Y/%m/%d",
        "%Y/%-m/%-d %-H:%M",
    ],
)
def test_a_whole_column_in_another_form(form: str) -> None:
    """Read at once, yet 30 February, second 60 and two-digit years are seen."""
    moments = [
        datetime(2020 + n % 5, 1 + n % 12, 1 + n % 28, n % 24, n % 60, 0) for n in range(200)
    ]
    texts: list[str | None] = [moment.strftime(form) for moment in moments]
    texts[10] = texts[10].replace(texts[10][:4], "21", 1)  # type: ignore[union-attr]
    bad_day = datetime(2021, 2, 28).strftime(form).replace("28", "30", 1)
    texts[20], texts[21] = bad_day, None
    found, faults = one(field("t", kind="timestamp"), texts)
    whole = "%H" in form or "%-H" in form
    expected: list[Any] = [
        moment if whole else moment.replace(hour=0, minute=0) for moment in moments
    ]
    if whole and "%S" not in form:
        expected = [moment.replace(second=0) for moment in expected]
    expected[10] = expected[20] = expected[21] = None
    assert found == expected
    assert [n for n, fault in enumerate(faults) if fault] == [10, 20]


def test_second_sixty_is_a_fault_in_every_form() -> None:
    values = ["2024/1/15 10:20:30"] * 20 + ["2024/1/15 10:20:60"]
    found, faults = one(field("t", kind="timestamp"), values)
    assert found[-1] is None
    assert faults[-1] == [("type", "2024/1/15 10:20:60")]


def test_declared_format_in_bulk() -> None:
    values = [
        f"{1 + n % 12:02d}/{1 + n % 28:02d}/2021 {1 + n % 12:02d}:00:00 {'AP'[n % 2]}M"
        for n in range(100)
    ]
    values.append("02/30/2021 01:00:00 AM")
    form = "%m/%d/%Y %I:%M:%S %p"
    found, faults = one(field("t", kind="timestamp", formats=(form,)), values)
    assert found[:100] == [datetime.strptime(text, form) for text in values[:100]]
    assert [n for n, fault in enumerate(faults) if fault] == [100]


def test_dates() -> None:
    values = [
        "2024-01-05",
        "2024/1/6",
        "20240107",
        "2024-01-08 00:00:00",
        "2024-01-09T20:00:00Z",
        "5/1/2024",
        "0024-01-01",
    ]
    found, faults = one(field("d", kind="date"), values)
    assert found == [date(2024, 1, n) for n in (5, 6, 7, 8, 10)] + [None, None]
    assert faults[5:] == [[("ambiguous", "5/1/2024")], [("type", "0024-01-01")]]


def test_serials_only_from_spreadsheets() -> None:
    assert one(field("d", kind="date"), ["44260"])[0] == [None]
    assert (
        one(field("d", kind="date"), ["44260", "2021-03-05"], serials=True)[0]
        == [date(2021, 3, 5)] * 2
    )


def test_whole_numbers() -> None:
    values = [
        "1",
        "-2",
        "007",
        "1,234",
        " 5 ",
        "６",
        "3.0",
        "3.5",
        "0x1F",
        "1e3",
        "--5",
        None,
        "-",
        "9223372036854775807",
    ]
    found, faults = one(field("n", kind="integer"), values, placeholders=("-",))
    assert found == [1, -2, 7, 1234, 5, 6, 3, None, None, None, None, None, None, 2**63 - 1]
    assert [n for n, fault in enumerate(faults) if fault] == [7, 8, 9, 10]


def test_numbers() -> None:
    values = ["0.5", "-1.25", "1,000.5", "nan", "inf", "39%", None, ".5"]
    found, faults = one(field("x", kind="number"), values)
    assert found == [0.5, -1.25, 1000.5, None, None, None, None, 0.5]
    assert [fault[0][0] if fault else None for fault in faults] == [
        None,
        None,
        None,
        "type",
        "type",
        "unit",
        None,
        None,
    ]


def test_quantities_and_rates_by_their_unit() -> None:
    assert one(field("n", kind="integer", unit="人"), ["2.4万", "12", "约30"])[0] == [24000, 12, 30]
    assert one(field("x", kind="number", unit="%"), ["39%", "0.4"])[0] == [0.39, 0.4]


def test_the_header_says_the_unit() -> None:
    what = contract(field("n", "常住人口", "integer", unit="人"))
    headers = {"n": "常住人口（万人）"}
    assert typed(what, batch(n=["12.3", "0.5万"]), headers=headers).narrow["n"].to_pylist() == [
        123_000,
        50_000_000,
    ]


def test_yes_and_no() -> None:
    values = ["是", "否", "无", "-", "√", "Ｙ", "大概", None]
    found, faults = one(field("b", kind="boolean"), values, placeholders=("-", "无"))
    assert found == [True, False, False, None, True, True, None, None]
    assert faults[6] == [("type", "大概")]


def test_text_aliases_and_placeholders() -> None:
    each = field("s", codes=("旧宫镇",), aliases={"旧宫地区": "旧宫镇", "（旧）": "旧宫镇"})
    values = ["旧宫地区", "(旧)", "（旧）", " 旧宫镇", "无", None, "亦庄"]
    found, faults = one(each, values, placeholders=("无",))
    assert found == ["旧宫镇"] * 4 + [None, None, "亦庄"]
    assert not any(faults)


def test_aliases_of_other_types() -> None:
    assert one(field("b", kind="boolean", aliases={"已达标": "是"}), ["已达标", "否"])[0] == [
        True,
        False,
    ]
    assert one(field("n", kind="integer", aliases={"两": "2"}), ["两", "3"])[0] == [2, 3]


def test_damaged_ids_are_withheld_never_padded() -> None:
    found, faults = one(field("s"), ["1.10115E+17", "110115001000", "#N/A", "11011518991231001"])
    assert found == [None, "110115001000", None, "11011518991231001"]
    assert [fault[0][0] if fault else None for fault in faults] == ["damage", None, "damage", None]


def test_an_error_cell_is_damage_in_every_type() -> None:
    for kind in ("integer", "number", "date", "timestamp"):
        _, faults = one(field("v", kind=kind), ["#REF!"])
        assert faults == [[("damage", "#REF!")]], kind


def test_personal_values_are_never_shown() -> None:
    what = contract(
        field("phone", handling="token", classification="personal", column="phone_token"),
        field("born", kind="date", handling="keep", classification="personal"),
    )
    result = typed(what, batch(phone=["1.38001E+10"], born=["1899/13/31"])).narrow
    assert result["phone_token"].to_pylist() == [None]
    shown = json.loads(result["fault"][0].as_py())
    assert [f["found"] for f in shown] == ["***", "***"]
    assert "1899" not in result["fault"][0].as_py()


def test_a_fault_says_what_where_and_what_to_do() -> None:
    (fault,) = json.loads(
        typed(contract(field("n", "套数", "integer")), batch(n=["三百"])).narrow["fault"][0].as_py()
    )
    assert fault == {
        "column": "n",
        "rule": "type",
        "severity": "error",
        "message_zh": "读不成整数",
        "message_en": "this is no whole number",
        "found": "三百",
        "expected_zh": "整数，如 1200",
        "expected_en": "a whole number, such as 1200",
        "fix_zh": "请改为整数后重报",
        "fix_en": "correct it to a whole number and send again",
    }


def test_faults_of_the_decoder_come_first_and_only_where_they_belong() -> None:
    extra = Faults()
    extra.add(2, {"column": "", "rule": "ragged_row"})
    extra.add(9, {"column": "", "rule": "ragged_row"})
    result = typed(contract(field("n", kind="integer")), batch(n=["1", "x"]), faults=extra).narrow
    assert result["fault"][0].as_py() is None
    assert [f["rule"] for f in json.loads(result["fault"][1].as_py())] == ["ragged_row", "type"]
    plain = typed(
        contract(field("n", kind="integer")), batch(n=["1", "2"]), faults=dict(extra)
    ).narrow
    assert [text is None for text in plain["fault"].to_pylist()] == [True, False]


def test_an_empty_batch() -> None:
    what = contract(field("s"), field("t", kind="timestamp"), field("n", kind="integer"), field("b", kind="boolean"),
                    field("p", handling="token", column="p_token"), field("r", handling="restricted"))  # fmt: skip
    columns = {name: pa.array([], pa.string()) for name in "stnbpr"}
    result = typed(what, batch(**columns))
    assert result.narrow.num_rows == result.text.num_rows == 0


texts = st.none() | st.sampled_from(
    [
        "2024-01-01 00:00:00",
        "2024-02-30",
        "1",
        "x",
        "",
        " ",
        "-",
        "12万",
        "１",
        "2024/1/1",
        "#N/A",
        "1E+5",
        "是",
        "\0",
    ]
)


@given(
    st.lists(texts, min_size=1, max_size=200),
    st.sampled_from(["string", "date", "timestamp", "integer", "number", "boolean"]),
)
def test_a_row_means_the_same_alone_and_among_others(values: list[str | None], kind: str) -> None:
    """Whatever short cut a whole column takes, each of its values comes out as if it came alone."""
    each = field("v", kind=kind)
    together = one(each, values, placeholders=("-",))
    alone = [one(each, [value], placeholders=("-",)) for value in dict.fromkeys(values)]
    known = dict(zip(dict.fromkeys(values), alone, strict=True))
    assert together[0] == [known[value][0][0] for value in values]
    assert together[1] == [known[value][1][0] for value in values]


LOAD = LoadQuery(
    "fact_seat_change",
    "target",
    "SELECT row_no, change_id, school_id, stage, change_type, seats, beds * 2 AS b, note AS document_no"
    " FROM staging",
)


def test_numbers_beyond_the_star_are_faults() -> None:
    what = replace(
        contract(
            field("seats", kind="integer", unit="个"),
            field("beds", kind="integer"),
            field("spare", kind="integer"),
            field("share", kind="number"),
        ),
        loads=(LOAD,),
    )
    result = typed(
        what,
        batch(
            # int in the star: 2,147,483,647 is its last; 30亿 are 3,000,000,000.
            seats=["2147483647", "2147483648", "-2147483648", "30亿", "99999999999999999999"],
            # part of an expression: int as well.
            beds=["1", "2147483648", None, "5", "-2147483649"],
            # no query names it: what its staging column holds.
            spare=["9223372036854775807", "9223372036854775808", "1", "2", "3"],
            share=["1.5", "1e400", "9" * 400, "-1e308", "0"],
        ),
    ).narrow
    rows = result.to_pylist()
    assert [row["seats"] for row in rows] == [2**31 - 1, None, -(2**31), None, None]
    assert [row["beds"] for row in rows] == [1, None, None, 5, None]
    assert [row["spare"] for row in rows] == [2**63 - 1, None, 1, 2, 3]
    assert [row["share"] for row in rows] == [1.5, None, None, -1e308, 0.0]
    faults = [
        {f["column"]: (f["rule"], f["found"]) for f in json.loads(row["fault"])}
        if row["fault"]
        else {}
        for row in rows
    ]
    assert faults == [
        {},
        {
            "seats": ("range", "2147483648"),
            "beds": ("range", "2147483648"),
            "spare": ("range", "9223372036854775808"),
            "share": ("range", "1e400"),
        },
        {"share": ("range", "9" * 79 + "…")},
        {"seats": ("range", "30亿")},
        {"seats": ("range", "99999999999999999999"), "beds": ("range", "-2147483649")},
    ]


def test_the_contracts_own_range_is_what_the_clerk_is_told() -> None:
    what = replace(contract(field("seats", kind="integer", minimum=0, maximum=5000)), loads=(LOAD,))
    rows = typed(what, batch(seats=["6000", "6000000000"])).narrow.to_pylist()
    # 6,000 is the rule's matter; what cannot be stored is a fault that names the rule's limits.
    assert rows[0] == {"row_no": 1, "seats": 6000, "fault": None}
    (fault,) = json.loads(rows[1]["fault"])
    assert (fault["expected_zh"], fault["expected_en"]) == (
        "0 至 5000 之间的数",
        "a number from 0 to 5000",
    )


def test_texts_too_long_are_faults() -> None:
    what = replace(
        contract(field("school_id"), field("note"), field("other", handling="restricted")),
        loads=(LOAD,),
    )
    # 266 characters of three bytes are 798; one more is 801. A text may have 10,000 characters.
    result = typed(
        what,
        batch(
            school_id=["学" * 266, "学" * 267, "a" * 800, "a" * 801],
            note=["字" * 10_000, "字" * 10_001, "短", None],
            other=["字" * 20_000, None, None, None],
        ),
    )
    rows = result.narrow.to_pylist()
    assert [row["school_id"] for row in rows] == ["学" * 266, None, "a" * 800, None]
    assert [row["note"] for row in rows] == ["字" * 10_000, None, "短", None]
    assert result.text["other"].to_pylist()[0] == "字" * 20_000
    assert [[f["column"] for f in json.loads(r["fault"] or "[]")] for r in rows] == [
        [],
        ["school_id", "note"],
        [],
        ["school_id"],
    ]


@pytest.mark.parametrize("kind", ["string", "integer", "number", "date", "timestamp", "boolean"])
def test_a_nul_is_a_fault_whatever_the_type(kind: str) -> None:
    good = {"date": "2021-03-05", "timestamp": "2021-03-05 10:00", "boolean": "是"}.get(kind, "12")
    values, faults = one(field("x", kind=kind), [good, good + "\0", None])
    assert values[0] is not None
    assert values[1:] == [None, None]
    assert faults == [[], [("damage", good + "␀")], []]


def test_a_nul_in_free_text_is_a_fault_that_shows_nothing() -> None:
    what = contract(field("n", kind="integer"), field("content", handling="restricted"))
    result = typed(what, batch(n=["1", "2"], content=["甲", "乙\0丙"]))
    assert result.text["content"].to_pylist() == ["甲", None]
    (fault,) = json.loads(result.narrow["fault"].to_pylist()[1])
    assert (fault["column"], fault["rule"], fault["found"]) == ("content", "damage", "***")


def test_days_that_nobody_can_have_meant_load_and_are_counted() -> None:
    what = contract(
        field("at", "时间", "timestamp", plausible=("1990-01-01", "received")),
        field("due", "期限", "date", plausible=(None, "2050-12-31")),
    )
    typer = Typer(what, KEY, {"at": "时间", "due": "期限"}, received=date(2021, 3, 31))
    rows = batch(
        at=["1989-12-31 23:59:59", "1990-01-01", "2021-03-31 23:59:59", "2021-04-01", None],
        due=["2050-12-31", "2051-01-01", None, "0999-01-01", "1000-01-01"],
    )
    typed_rows = typer(rows).narrow
    assert typed_rows["at"].null_count == 1
    assert [w["rule"] for w in told(typer)] == ["plausible.at", "plausible.due"]
    assert [(w["rows"], w["row_no"], w["found"], w["expected"]) for w in told(typer)] == [
        (2, 1, "1989-12-31 23:59:59", "1990-01-01 – 2021-03-31"),
        (1, 2, "2051-01-01", "… – 2050-12-31"),
    ]
    typer(rows)
    assert [w["rows"] for w in told(typer)] == [4, 2]


def test_marks_of_notes_are_no_digits() -> None:
    """Expected by hand: the note is left out and told; what is no note mark, or a fraction, is a fault."""
    values = ["823①", "823¹", "8²", "823⑴", "823①②", "½", "823[1]", "823*", "823"]
    numbers, faults = one(field("n", kind="integer"), values)
    assert numbers == [823, 823, 8, 823, 823, None, None, None, 823]
    assert [n for n, reasons in enumerate(faults) if reasons] == [5, 6, 7]
    assert one(field("n", kind="integer", unit="m2"), ["12m²", "12㎡"])[0] == [12, 12]
    assert one(field("d", kind="date"), ["2021-03-05①"])[0] == [date(2021, 3, 5)]


def test_marks_at_an_id_are_left_out_and_at_a_name_kept() -> None:
    assert one(field("t"), ["甲里①", "823①"])[0] == ["甲里①", "823①"]
    assert one(field("t", pattern="^T"), ["T0001①", "T0002¹"])[0] == ["T0001", "T0002"]


def test_a_note_is_told_once_a_column_with_its_first_row() -> None:
    what = contract(field("n", "户数", "integer"))
    typer = Typer(what, KEY, {"n": "户数"})
    typer(batch(n=["1", "823①", "9²"]))
    (reason,) = typer.warnings()
    assert (reason.code, reason.severity, reason.rows, reason.found) == (
        "note_mark.n",
        "warning",
        2,
        "823①",
    )
    assert reason.details == {"row_no": 2}
    assert "823①" in reason.message_zh


NOTHING = [
    "nan", "NaN", "None", r"\N", "NULL", "Null", "(null)", "（空白）", "(空白)", "(blank)", "(Blank)", "NaT", "<NA>", "N/a",
    "nil", "undefined", "空", "未填", "--", "-1.#IND", "0000-00-00 00:00:00",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["string", "integer", "number", "date", "timestamp"])
@pytest.mark.parametrize("word", NOTHING)
def test_nothing_in_the_words_of_every_program(kind: Any, word: str) -> None:
    """In every type, between neighbours of every kind."""
    good = {"string": "甲", "integer": "5", "number": "5.5", "date": "2021-03-05"}.get(
        kind, "2021-03-05 10:00:00"
    )
    for values in ([word], [word, good], [word, good, "?!"]):
        column, faults = one(field("x", kind=kind), values, placeholders=PLACEHOLDERS)
        assert (column[0], faults[0]) == (None, [])


@pytest.mark.parametrize("kind", ["string", "integer", "number", "date", "timestamp", "boolean"])
@pytest.mark.parametrize("word", ["#N/A", "#NUM!", "#DIV/0!", "#WERT!", "#NV", "Err:502", "#REF!"])
def test_errors_of_a_spreadsheet_are_damage_in_every_type(kind: Any, word: str) -> None:
    _, faults = one(field("x", kind=kind), [word], placeholders=PLACEHOLDERS)
    assert faults == [[("damage", word)]]


def test_what_the_contract_gives_a_meaning_is_no_placeholder() -> None:
    codes = field("x", codes=("是", "无", "空"))
    assert one(codes, ["无", "空", "暂无"], placeholders=PLACEHOLDERS)[0] == ["无", "空", None]
    aliases = field("x", aliases={"暂无": "其他"})
    assert one(aliases, ["暂无", "空"], placeholders=PLACEHOLDERS)[0] == ["其他", None]


@pytest.mark.parametrize("neighbours", [["5"], ["5", "1,000"], ["5", "x"]])
def test_a_sentinel_is_nothing_whatever_stands_beside_it(neighbours: list[str]) -> None:
    for kind in ("integer", "number"):
        values = ["-999", "-999.0", "000000", "0", *neighbours]
        column, _ = one(field("x", kind=kind), values, placeholders=("-999", "000000"))
        assert column[:5] == [None, None, None, 0, 5]
    assert one(field("x", kind="integer"), ["-999"])[0] == [-999], "only where the contract says so"


@pytest.mark.parametrize("kind", ["date", "timestamp"])
def test_a_day_that_stands_for_nothing(kind: Any) -> None:
    for neighbour in ("2021-03-05", "2021年3月5日", "?"):
        values = ["1900-01-01", "1900/1/1", neighbour]
        assert one(field("x", kind=kind), values, placeholders=("1900-01-01",))[0][:2] == [
            None,
            None,
        ]
        assert one(field("x", kind=kind), values)[0][0] is not None


def test_an_offset_tells_which_of_two_hours_is_meant() -> None:
    """01:30 came twice on 2021-11-07 in New York: first at -04:00."""
    what = contract(field("t", kind="timestamp"), time_zone="America/New_York")
    values = [
        "2021-11-07 01:30:00-04:00",
        "2021-11-07 01:30:00-05:00",
        "2021-11-07T05:30:00Z",
        None,
    ]
    result = typed(what, batch(t=values))
    moments = to_utc(result.narrow["t"], "America/New_York", result.earlier["t"]).astype("M8[us]")
    assert [str(moment)[11:16] for moment in moments[:3]] == ["05:30", "06:30", "05:30"]
    hashes = []
    for rows in ([0], [1], [2]):
        content = ContentHash()
        part = typed(what, batch(t=[values[n] for n in rows]))
        content.update(part.narrow, part.text, part.earlier)
        hashes.append(content.hexdigest())
    assert hashes[0] == hashes[2] != hashes[1]
