"""A feed drafted from a file: what can be told stands in it with its figures, what cannot is asked, and then it loads."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from etl.cli.main import run
from etl.contract import Contract, read_contract
from etl.decode.guess import guess
from etl.draft.infer import kind_of
from etl.draft.keys import find_key
from etl.draft.moments import order_of, settle
from etl.draft.personal import is_identity, kinds_in
from etl.draft.profile import Profiler
from etl.draft.reading import open_extract
from etl.draft.write import glob_of
from etl.settings import ROOT
from tests.make import write_csv

Captured = pytest.CaptureFixture[str]
# No living owner has this number: the fixture of the domain notes.
IDENTITY = "110115189912310018"


@pytest.fixture
def drafts(module_database: sa.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for drafts, and a warehouse in which they are tried."""
    url = module_database.url.render_as_string(hide_password=False)
    monkeypatch.setenv("MINSHENG_DATABASE_URL", url)
    return tmp_path / "drafts"


def drafted(
    drafts: Path, capsys: Captured, file: Path, feed: str, *more: str, code: int = 0
) -> tuple[Contract, dict[str, Any]]:
    """Draft a feed; what was read from its contract, and what the command said."""
    capsys.readouterr()
    assert (
        run(["feeds", "new", str(file), "--id", feed, "-o", str(drafts), *more, "--json"]) == code
    )
    told = json.loads(capsys.readouterr().out)
    assert run(["feeds", "check", str(drafts)]) == 0, "the draft as it is, questions and all"
    return read_contract(Path(told["contract"])), told


def tried(capsys: Captured, file: Path, contract: Path) -> dict[str, Any]:
    capsys.readouterr()
    run(["feeds", "try", str(file), "--contract", str(contract), "--json"])
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def letters(count: int, day: str) -> list[list[Any]]:
    return [
        [f"00{n:04d}", day.format(d=n % 28 + 1, m=n % 12 + 1, e=n % 12 + 1), ["投诉", "咨询", "建议"][n % 3],
         f"1380013{n:04d}", IDENTITY, "张三", f"第{n}件，请回电 13800138000 谢谢" if n % 4 else "无电话的普通来信内容",
         n % 7, round(1.5 * n, 1), "是" if n % 2 else "否"]
        for n in range(60)
    ]  # fmt: skip


HEADER = [
    "来信编号",
    "来信时间",
    "来信类型",
    "电话",
    "身份证",
    "来信人姓名",
    "来信内容",
    "附件数",
    "分值",
    "是否回复",
]


def test_types_codes_key_period_and_personal_columns_are_told(
    drafts: Path, tmp_path: Path, capsys: Captured
) -> None:
    file = write_csv(
        tmp_path / "来信登记2021年3月.csv", HEADER, letters(60, "2021-03-{d:02d} 08:30")
    )
    contract, told = drafted(drafts, capsys, file, "hotline.mail", "--target", "fact_work_order")
    assert told["questions"] == []
    by_title = {field.title_zh: field for field in contract.fields}
    assert {title: field.type for title, field in by_title.items()} == {
        "来信编号": "string", "来信时间": "timestamp", "来信类型": "string", "电话": "string", "身份证": "string",
        "来信人姓名": "string", "来信内容": "string", "附件数": "integer", "分值": "number", "是否回复": "boolean",
    }  # fmt: skip
    assert contract.key == (by_title["来信编号"].name,)
    assert by_title["来信类型"].codes == ("投诉", "咨询", "建议")
    assert by_title["来信类型"].vocabulary == "open"
    personal = {t: f.handling for t, f in by_title.items() if f.classification == "personal"}
    assert personal == {
        "电话": "drop",
        "身份证": "drop",
        "来信人姓名": "drop",
        "来信内容": "restricted",
    }
    assert (contract.period[0].source, contract.period[0].grain) == ("fileName", "month")
    assert contract.file.names == ("来信登记*",)
    text = contract.path.read_text("utf-8")
    assert "60 / 60 行有值 filled；3 个不同值 distinct" in text
    assert "60 个以 0 开头" in text
    for secret in (IDENTITY, "13800138000", "1380013", "张三"):
        assert secret not in text + contract.load_text
    result = tried(capsys, file, contract.path)
    assert (result["state"], result["period"], result["counts"]["loaded"]) == (
        "loaded", "2021-03-01..2021-03-31", 60,
    )  # fmt: skip


def test_an_ambiguous_date_is_a_question_until_somebody_answers(
    drafts: Path, tmp_path: Path, capsys: Captured
) -> None:
    header = ["编号", "登记日期", "受理日期"]
    rows = [[f"A{n}", f"0{n % 9 + 1}/0{n % 8 + 1}/2021", "2021-05-06"] for n in range(30)]
    file = write_csv(tmp_path / "登记2021年.csv", header, rows)
    contract, told = drafted(
        drafts, capsys, file, "hotline.asked", "--target", "fact_work_order", code=3
    )
    [question] = [q for q in told["questions"] if "登记日期" in q["zh"]]
    assert "30" in question["en"]
    assert contract.fields[1].formats == ()
    text = contract.path.read_text("utf-8")
    assert text.count("# TODO") >= 2
    answers = re.findall(r"^ +# customProperties: \[\{property: formats.*$", text, re.MULTILINE)
    assert len(answers) == 2
    month_first = next(line for line in answers if "%m/%d/%Y" in line)
    contract.path.write_text(text.replace(month_first, month_first.replace("# ", "", 1)), "utf-8")
    assert read_contract(contract.path).fields[1].formats == ("%m/%d/%Y",)


def test_a_workbook_with_title_groups_and_a_total(
    drafts: Path, tmp_path: Path, capsys: Captured
) -> None:
    book = Workbook()
    book.worksheets[0].append(["编制说明"])
    sheet = book.create_sheet("数据")
    for row in (
        ["2020年12月社区工作者统计表"],
        ["社区", "持证", "", "备注"],
        ["", "男", "女", ""],
        *([f"第{n}社区", n, 2 * n, None] for n in range(1, 21)),
        ["合计", 210, 420, None],
    ):
        sheet.append(row)
    sheet.merge_cells("B2:C2")
    sheet.merge_cells("A2:A3")
    sheet.merge_cells("D2:D3")
    book.save(tmp_path / "统计.xlsx")
    contract, _ = drafted(drafts, capsys, tmp_path / "统计.xlsx", "civil_affairs.groups", code=3)
    assert [field.title_zh for field in contract.fields] == ["社区", "持证/男", "持证/女", "备注"]
    assert [field.type for field in contract.fields] == ["string", "integer", "integer", "string"]
    assert (contract.period[0].source, contract.period[0].grain) == ("title", "month")
    assert contract.name_zh == "2020年12月社区工作者统计表"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([["编号", "数"], ["A", "1"], ["B", "2"]], (0, 1, "plain")),
        ([["某表", ""], ["编号", "数"], ["A", "1"], ["B", "2"]], (1, 1, "plain")),
        ([["甲社", "99835"], ["乙社", "99775"], ["丙社", "99603"]], (0, 0, "none")),
        ([["year", "site"], ["統計年", "區域"], ["106", "1"], ["106", "2"]], (0, 2, "bilingual")),
        ([["街道", "人口", ""], ["", "男", "女"], ["甲", "1", "2"], ["乙", "3", "4"]], (0, 2, "grouped")),
        ([["指标", "2019", "2020", "2021"], ["户数", "1", "2", "3"]], (0, 1, "plain")),
        ([["", ""], []], None),
    ],
)  # fmt: skip
def test_a_header_is_found_without_a_contract(rows: list[list[str]], expected: Any) -> None:
    place = guess(rows)
    assert (place and tuple(place)) == expected


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["31/12/2020", "01/02/2020"], ("%d/%m/%Y",)),
        (["12/31/2020 1:02:03 PM", "01/02/2020 11:00:00 AM"], ("%m/%d/%Y %I:%M:%S %p",)),
        (["1/2/2020", "3/12/2020"], ("%d/%m/%Y", "%m/%d/%Y")),
        (["5-Mar-2021", "17-Apr-2020"], ("%d-%b-%Y",)),
        (["1.2.20", "13.2.20"], ("%d.%m.%y",)),
    ],
)  # fmt: skip
def test_the_order_of_days(values: list[str], formats: tuple[str, ...]) -> None:
    order = order_of(dict.fromkeys(values, 1))
    assert order is not None
    assert order.formats == formats


@pytest.mark.parametrize(
    "values", [["2021-03-05"], ["13/31/2020", "31/13/2020"], ["3/4/2020", "甲"], ["1.5"]]
)
def test_what_is_no_question_of_order(values: list[str]) -> None:
    assert order_of(dict.fromkeys(values, 1)) is None


def test_another_column_of_the_file_settles_an_order_of_the_same_shape_only() -> None:
    orders = {
        "a": order_of({"1/2/2020": 1}), "b": order_of({"1/13/2020": 1}), "c": order_of({"1-2-2020": 1}),
    }  # fmt: skip
    settled = settle({name: order for name, order in orders.items() if order})
    assert (settled["a"].formats, settled["a"].settled_by) == (("%m/%d/%Y",), "b")
    assert settled["c"].is_open


def test_personal_data_by_content() -> None:
    assert is_identity(IDENTITY)
    assert not is_identity(IDENTITY[:-1] + "9")
    assert kinds_in(IDENTITY) == {"identity"}
    assert kinds_in("１３８００１３８０００") == {"phone"}
    assert kinds_in("来电 138 0013 8000，有事") == {"phone", "text"} or kinds_in(
        "138 0013 8000"
    ) == {"phone"}
    # A right check digit alone is no resident number: a serial number has it by chance.
    assert is_identity("202013800138000123")
    assert kinds_in("工单号 202013800138000123") == set()
    assert kinds_in("someone@example.org") == {"email"}


def test_keys_of_one_column_of_several_and_of_none(tmp_path: Path) -> None:
    def key_of(header: list[str], rows: list[list[Any]]) -> tuple[str, ...]:
        extract = open_extract(write_csv(tmp_path / "k.csv", header, rows))
        key = find_key(extract.profiled())
        return tuple(extract.headers[column] for column in key.columns)

    assert key_of(["名称", "代码"], [[f"甲{n}", f"{n:03d}"] for n in range(9)]) == ("代码",)
    pairs = [[f"镇{n % 3}", f"2020-0{n // 3 + 1}", n] for n in range(9)]
    assert key_of(["镇街", "月份", "人数"], pairs) == ("镇街", "月份")
    # Rows that are the same all over are one row twice.
    assert key_of(["代码", "数"], [["A", 1], ["B", 2], ["A", 1]]) == ("代码",)
    assert key_of(["镇街", "说明"], [["甲", "x"], ["甲", None], ["甲", None]]) == ()


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["是", "否"], "boolean"), (["Y", "N"], "boolean"), (["x", "y"], "string"), (["0", "1"], "integer"),
        (["007", "010"], "string"), (["1,338", "2"], "integer"), (["1.5", "2"], "number"), (["20210305", "20210306"], "integer"),
        (["2021-03-05", "2021年3月6日"], "date"), (["2021-03-05 08:00", "2021/3/6 9:00"], "timestamp"),
        (["2021-03-05", "甲"], "string"),
    ],
)  # fmt: skip
def test_the_type_of_a_column(tmp_path: Path, values: list[str], kind: str) -> None:
    file = write_csv(
        tmp_path / "t.csv", ["列甲", "列乙"], [[f"名{n}", v] for n, v in enumerate(values * 9)]
    )
    assert kind_of(open_extract(file).profiled().profiles[1]) == kind


def test_uniqueness_is_of_the_whole_file_not_of_a_batch() -> None:
    import pyarrow as pa

    profiler = Profiler({"a": "编号"})
    for value in ("x", "y", "x"):
        profiler.add(pa.record_batch([pa.array([value])], names=["a"]))
    assert not profiler.finish()[0].unique


@pytest.mark.parametrize(
    ("name", "glob"),
    [
        ("民办园学位2021Q1.csv", "民办园学位*"),
        ("接诉即办工单_2020年12月.xlsx", "接诉即办工单*"),
        ("2021年第一季度名单.xls", "*名单*"),
        ("202103.csv", "202103*"),
        ("nyc311_sample.csv.gz", "nyc311_sample*"),
    ],
)
def test_the_pattern_of_a_files_name(name: str, glob: str) -> None:
    assert glob_of(name) == glob


def test_usage(drafts: Path, tmp_path: Path, capsys: Captured) -> None:
    file = write_csv(tmp_path / "x2021.csv", ["编号", "值"], [[f"A{n}", n] for n in range(9)])
    assert run(["feeds", "new", str(file), "--id", "Bad", "-o", str(drafts)]) == 2
    assert (
        run(["feeds", "new", str(file), "--id", "a.b", "--target", "no_table", "-o", str(drafts)])
        == 2
    )
    (tmp_path / "empty.csv").write_bytes(b"")
    assert run(["feeds", "new", str(tmp_path / "empty.csv"), "--id", "a.b", "-o", str(drafts)]) == 1


EXTRACTS = {
    "hotline.nyc": ("hotline/nyc311_tuplex_sample.csv", 999),
    "health.cms": ("health/us_cms_hospital_general_2021.csv", 5325),
    "health.mha": ("health/uk_inpatients_mha_1011.csv", 326),
    "education.uk": ("education/uk_school_eng_schools.tsv", 881),
    "housing.lianjia": ("housing/bj_lianjia_xiaoqu_2019.csv", 4846),
    "hotline.letters": ("hotline/cn_tipdm_附件2_抽样_一级分类.xlsx", 493),
}
"""Feed, extract, and the rows that the reviewed contract in `examples/` loads of it."""


@pytest.mark.parametrize("feed", EXTRACTS)
def test_a_real_extract_loads_after_the_edits_that_the_docs_show(
    shared: Path, drafts: Path, capsys: Captured, feed: str
) -> None:
    place, rows = EXTRACTS[feed]
    file = shared / "data" / place
    capsys.readouterr()
    assert run(["feeds", "new", str(file), "--id", feed, "-o", str(drafts)]) in (0, 3)
    assert run(["feeds", "check", "--database", str(drafts)]) == 0
    department, _, name = feed.partition(".")
    contract = drafts / department / f"{name}.yaml"
    edits = edits_of(feed)
    assert len(edits) <= 5
    for ending, old, new in edits:
        path = contract.with_suffix(ending)
        text = path.read_text("utf-8")
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new), "utf-8")
    assert run(["feeds", "check", "--database", str(drafts)]) == 0
    result = tried(capsys, file, contract)
    assert (result["state"], result["counts"]["loaded"]) == ("loaded", rows)


def edits_of(feed: str) -> list[tuple[str, str, str]]:
    """The edits that docs/drafts.md shows for a feed: file ending, text before, text after."""
    text = (ROOT / "docs" / "drafts.md").read_text("utf-8")
    assert f"`{feed}`" in text
    edits = []
    for ending, block in re.findall(rf"```diff\n--- {feed}(\S+)\n(.*?)```", text, re.DOTALL):
        for hunk in re.split(r"^@@.*\n", block, flags=re.MULTILINE):
            lines = hunk.splitlines(keepends=True)
            old = "".join(line[1:] for line in lines if line[:1] in " -")
            new = "".join(line[1:] for line in lines if line[:1] in " +")
            if lines:
                edits.append((ending, old, new))
    return edits
