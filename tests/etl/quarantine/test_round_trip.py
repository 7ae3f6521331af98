"""Rejected rows come back repaired: the workbook, filled in by openpyxl, closes what it answers and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import zipfile

import pytest

from etl import ledger
from etl.ingest import ingest
from etl.settings import Settings
from tests.etl.load.files import INSTITUTION, SEAT, Desk, institution, seats
from tests.etl.quarantine.conftest import Clerk

OPEN = "SELECT count(*) FROM ledger.quarantine WHERE resolved_by IS NULL"
STATES = "SELECT row_no, entry_state FROM bi.quarantine ORDER BY delivery_id, row_no"
SEATS = "SELECT change_id, seats FROM star.fact_seat_change ORDER BY 1"
NAME = "学位变动_2020年第1季度.csv"


def rules(delivery: object) -> list[str]:
    return [reason["rule"] for reason in delivery.reasons]  # type: ignore[attr-defined]


def test_a_repaired_cell_is_loaded_and_closes_its_entry(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", 100), seats("C2", "三百多"), seats("C3", 30)])
    assert (first.loaded, first.quarantined) == (2, 1)
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    assert clerk.exported.rows == 1
    clerk.fill(3, seats=300)
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.rows, repair.loaded, repair.feed) == (
        "loaded",
        1,
        1,
        "education.seat_change",
    )
    assert repair.period == first.period
    assert desk.ask(SEATS) == [("C1", 100), ("C2", 300), ("C3", 30)]
    assert desk.ask(STATES) == [(2, "repaired")]


@pytest.mark.parametrize("nothing", ["(空)", "（空）", "无"])
def test_a_cell_that_should_be_empty_is_answered_by_a_word_for_it(desk: Desk, nothing: str) -> None:
    """Beds are optional; the cell of a repair that is left blank says nothing."""
    wrong = institution("A2", "乙")
    wrong[INSTITUTION.index("床位")] = "许多"
    first = desk.send("医疗卫生机构2020年12月.csv", INSTITUTION, [institution("A1"), wrong])
    assert (first.loaded, first.quarantined) == (1, 1)
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    assert "(空)" in str([cell.value for row in clerk.book["说明"] for cell in row])
    clerk.fill(3, beds=nothing)
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.loaded, repair.quarantined) == ("loaded", 1, 0)
    query = "SELECT institution_name, beds FROM known.dim_institution WHERE institution_key > 0 AND institution_name = '乙'"
    assert desk.ask(query) == [("乙", None)]
    assert desk.ask(OPEN) == [(0,)]


def test_the_workbook_shows_the_departments_own_headers_and_the_cell_as_it_was_sent(
    desk: Desk,
) -> None:
    header = ["变更编号", "学校代码", "教育阶段", "变动方式", "新增学位数", "启用时间", "批复文号"]
    first = desk.send(NAME, header, [seats("C1", "=1+1"), seats("C2", 7)])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    shown = [cell.value for cell in clerk.sheet[2]]
    assert [h for h in shown if h in header] == header
    cell = clerk.sheet.cell(clerk.row_of(2), clerk.column_of("新增学位数"))
    assert (cell.value, cell.data_type, cell.fill.fgColor.rgb[-6:]) == ("=1+1", "s", "FFC7CE")
    assert "=1+1" in cell.comment.text
    assert shown[shown.index("新增学位数") + 1] == "修正值：新增学位数"
    assert clerk.sheet.row_dimensions[1].hidden
    assert clerk.sheet.column_dimensions["A"].hidden
    assert clerk.book["_minsheng"].sheet_state == "hidden"
    assert NAME in [cell.value for row in clerk.book["说明"] for cell in row]


def test_what_is_still_wrong_is_kept_out_again_with_the_new_reason(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "三百多"), seats("C2", "四百多")])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    clerk.fill(2, seats="0")  # the contract wants at least 1
    clerk.fill(3, seats="400")
    (repair,) = clerk.hand_in()
    assert (repair.loaded, repair.quarantined) == (1, 1)
    assert desk.ask(SEATS) == [("C2", 400)]
    assert desk.ask(OPEN) == [(1,)]
    again = Clerk(desk, delivery_id=repair.delivery_id)
    assert again.exported.rows == 1
    row = again.sheet.max_row
    assert again.sheet.cell(row, again.column_of("学位数")).value == "0"
    again.sheet.cell(row, again.column_of("修正值：学位数")).value = "310"
    (second,) = again.hand_in("again.xlsx")
    assert (second.state, second.loaded) == ("loaded", 1)
    assert desk.ask(SEATS) == [("C1", 310), ("C2", 400)]
    assert desk.ask(OPEN) == [(0,)]


def test_rows_left_blank_stay_and_an_untouched_workbook_is_refused(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "三百多"), seats("C2", "四百多")])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    (untouched,) = clerk.hand_in("untouched.xlsx")
    assert (untouched.state, rules(untouched)) == ("rejected", ["no_answer"])
    clerk.fill(3, seats=400)
    clerk.hand_in()
    assert desk.ask(SEATS) == [("C2", 400)]
    assert desk.ask(STATES) == [(1, "open"), (2, "repaired")]


def test_contradicting_rows_lie_side_by_side_and_one_is_kept(desk: Desk) -> None:
    rows = [seats("C1", 100), seats("C9", 5), seats("C1", 120)]
    first = desk.send(NAME, SEAT, rows)
    assert (first.loaded, first.quarantined) == (1, 2)
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    assert abs(clerk.row_of(2) - clerk.row_of(4)) == 1
    clerk.act(4, "保留")
    clerk.act(2, "撤回")
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.rows, repair.loaded) == ("loaded", 1, 1)
    assert desk.ask(SEATS) == [("C1", 120), ("C9", 5)]
    assert desk.ask(STATES) == [(1, "withdrawn"), (3, "repaired")]


def test_a_row_without_a_key_gets_one(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("", 55), seats("", 55)])
    assert first.quarantined == 2
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    clerk.fill(2, change_id="C5")
    (repair,) = clerk.hand_in()
    assert repair.state == "loaded"
    assert desk.ask(SEATS) == [("C5", 55)]
    assert desk.ask(STATES) == [(1, "repaired"), (2, "open")]


def test_only_withdrawn_rows(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "很多"), seats("C2", 10)])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    clerk.act(2, "撤回")
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.rows) == ("loaded", 0)
    assert desk.ask(STATES) == [(1, "withdrawn")]
    assert desk.ask(SEATS) == [("C2", 10)]


def test_a_snapshot_is_repaired_without_closing_anything(desk: Desk) -> None:
    desk.register()
    rows = [institution(f"A{n}", f"甲{n}") for n in range(5)]
    rows[2][2] = "若干"  # beds
    first = desk.send("医疗卫生机构2020年1月.csv", INSTITUTION, rows)
    assert first.quarantined == 1
    clerk = Clerk(desk, feed="health.institution")
    clerk.fill(4, beds=3)
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.loaded, repair.closed) == ("loaded", 1, 0)
    now = "SELECT institution_id FROM star.dim_institution WHERE valid_to = 'infinity' ORDER BY 1"
    assert desk.ask(now) == [(f"A{n}",) for n in range(5)]


def test_stale_double_and_foreign_rows_are_named_and_never_guessed(desk: Desk) -> None:
    first = desk.send(
        NAME, SEAT, [seats("C1", "三百多"), seats("C2", "四百多"), seats("C3", "五百多")]
    )
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    desk.send("学位变动_2020年第1季度_更正.csv", SEAT, [seats("C1", 301)])  # closes C1 meanwhile
    clerk.fill(2, seats=300)
    clerk.fill(3, seats=400)
    sheet = clerk.sheet
    fix = next(c.column for c in sheet[1] if c.value == "fix:seats")
    double, foreign = sheet.max_row + 1, sheet.max_row + 2
    sheet.cell(double, 1).value = sheet.cell(clerk.row_of(3), 1).value
    sheet.cell(double, fix).value = 444
    sheet.cell(foreign, fix).value = 555
    forged = sheet.cell(clerk.row_of(4), 1)
    forged.value = forged.value[:-1] + ("0" if forged.value[-1] != "0" else "1")
    clerk.fill(4, seats=500)
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.loaded) == ("loaded", 1)
    assert sorted(rules(repair)) == ["answered_twice", "forged_row", "stale_row", "unknown_row"]
    assert {r["rule"]: r["row"] for r in repair.reasons}["answered_twice"] == double
    assert desk.ask(SEATS) == [("C1", 301), ("C2", 400)]


def test_a_workbook_handed_in_twice_changes_nothing_the_second_time(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "三百多")])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    clerk.fill(2, seats=300)
    (once,) = clerk.hand_in("a.xlsx")
    (same,) = ingest([desk.folder / "a.xlsx"], ctx=desk.ctx)
    (renamed,) = clerk.hand_in("b.xlsx")
    assert (once.state, same.state, renamed.state) == ("loaded", "duplicate", "rejected")
    assert rules(renamed) == ["stale_row"]
    assert desk.ask(SEATS) == [("C1", 300)]


def test_a_workbook_of_another_warehouse_is_refused(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "三百多")])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    clerk.fill(2, seats=300)
    clerk.book["_minsheng"]["B1"].value = "0" * 20
    (refused,) = clerk.hand_in()
    assert (refused.state, rules(refused)) == ("rejected", ["other_warehouse"])
    assert desk.ask(OPEN) == [(1,)]


def test_personal_columns_are_masked_and_come_back_as_they_were(
    desk: Desk, settings: Settings
) -> None:
    header = [
        "工单编号",
        "一级分类",
        "被反映街乡镇",
        "承办单位",
        "来电时间",
        "更新时间",
        "来电号码",
    ]
    desk.register()
    good = [
        "W1",
        "住房保障",
        "旧宫镇",
        "旧宫镇",
        "2024-01-02 08:00:00",
        "2024-01-03 10:00:00",
        "13800000001",
    ]
    bad = ["W2", "住房保障", "旧宫镇", "旧宫镇", "某日上午", "2024-01-03 10:00:00", "13800000001"]
    first = desk.send("接诉即办工单_2024年1月.csv", header, [good, bad])
    assert (first.loaded, first.quarantined) == (1, 1), first.reasons
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    texts = [str(cell.value) for row in clerk.sheet for cell in row]
    assert not any("13800000001" in text for text in texts)
    clerk.fill(3, opened_at="2024-01-02 09:30")
    clerk.hand_in()
    tokens = desk.ask("SELECT DISTINCT caller_token FROM star.fact_work_order")
    assert len(tokens) == 1
    assert desk.ask("SELECT count(*) FROM star.fact_work_order") == [(2,)]


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_a_workbook_saved_by_libreoffice_comes_back(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "三百多"), seats("", 7)])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    clerk.fill(2, seats="0300")
    clerk.fill(3, change_id="C2")
    filled = desk.folder / "filled.xlsx"
    clerk.book.save(filled)
    saved = desk.folder / "saved"
    profile = f"-env:UserInstallation={(desk.folder / 'profile').as_uri()}"
    kind = "xlsx:Calc MS Excel 2007 XML"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", saved, filled]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (repair,) = ingest([saved / "filled.xlsx"], ctx=desk.ctx)
    assert (repair.state, repair.loaded) == ("loaded", 2)
    assert desk.ask(SEATS) == [("C1", 300), ("C2", 7)]


def test_synthetic_rows_say_so_on_the_cover_whatever_the_file_is_called(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "三百多")])
    for synthetic in (False, True):
        with desk.ctx.engine.begin() as connection:
            ledger.record(connection, first.delivery_id, synthetic=synthetic)
        cover = Clerk(desk, delivery_id=first.delivery_id).book["说明"]
        texts = " ".join(str(cell.value) for row in cover for cell in row if cell.value)
        assert ("合成数据" in texts) is synthetic


def test_a_copied_sheet_answers_nothing_twice(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "三百多")])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    clerk.fill(2, seats=300)
    clerk.book.copy_worksheet(clerk.sheet)
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.loaded, rules(repair)) == ("loaded", 1, ["answered_twice"])
    assert desk.ask(SEATS) == [("C1", 300)]


@pytest.mark.parametrize(
    "text",
    [
        '{"minsheng": "repair"',
        '{"minsheng": "repair", "answers": [{}]}',
        '{"minsheng": "repair", "answers": 7}',
    ],
)
def test_answers_edited_by_hand_are_refused_and_stop_nobody(desk: Desk, text: str) -> None:
    path = desk.folder / "x.json"
    path.write_text(text)
    (refused,) = ingest([path], ctx=desk.ctx)
    assert (refused.state, rules(refused)) == ("rejected", ["broken"])


def test_a_damaged_workbook_is_refused_with_a_reason(desk: Desk) -> None:
    first = desk.send(NAME, SEAT, [seats("C1", "三百多")])
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    path = desk.folder / "x.xlsx"
    with zipfile.ZipFile(clerk.path) as whole, zipfile.ZipFile(path, "w") as damaged:
        for part in whole.infolist():
            content = whole.read(part)
            damaged.writestr(part, content[:200] if "worksheets" in part.filename else content)
    (refused,) = ingest([path], ctx=desk.ctx)
    assert (refused.state, rules(refused)) == ("rejected", ["broken"])
