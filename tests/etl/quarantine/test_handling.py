"""What clerks do to a workbook: each answer is taken as it was meant, or named; none is guessed, none is lost."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from etl import ledger
from etl.ingest import carry, ingest
from etl.ledger import Delivery
from etl.preview import withdraw
from etl.receive import receive
from etl.stage import stage
from etl.validate import validate
from tests.etl.load.files import SEAT, Desk, seats
from tests.etl.quarantine.conftest import Clerk

NAME = "学位变动_2020年第1季度.csv"
SEATS = "SELECT change_id, seats FROM star.fact_seat_change ORDER BY 1"
STATES = "SELECT row_no, entry_state FROM bi.quarantine ORDER BY delivery_id, row_no"


def rules(delivery: Delivery) -> list[str]:
    return sorted(reason["rule"] for reason in delivery.reasons)


def clerk_of(desk: Desk, *texts: object) -> Clerk:
    """Rows 2, 3, … of a file have these for seats, which nobody can read."""
    rows = [seats(f"C{n}", text) for n, text in enumerate(texts, 1)]
    return Clerk(desk, delivery_id=desk.send(NAME, SEAT, rows).delivery_id)


def test_sorted_filtered_hidden_and_deleted_rows_answer_what_they_are_about(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百", "二百", "三百", "四百")
    for row, value in ((2, 100), (3, 200), (4, 300)):
        clerk.fill(row, seats=value)
    sheet = clerk.sheet
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
    sheet.delete_rows(3, len(rows))
    for values in (rows[2], rows[0], rows[1]):  # sorted, and the fourth deleted
        sheet.append(values)
    sheet.row_dimensions[4].hidden = True
    sheet.auto_filter.add_filter_column(1, ["2"])
    clerk.book.move_sheet(sheet, 3)
    sheet.title = "改名了"
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.loaded, rules(repair)) == ("loaded", 3, [])
    assert desk.ask(SEATS) == [("C1", 100), ("C2", 200), ("C3", 300)]
    assert desk.ask(STATES)[3] == (4, "open")


def test_a_correction_written_over_the_wrong_cell_is_named_and_not_lost(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百", "二百", "三百")
    at = clerk.column_of("学位数")
    clerk.sheet.cell(clerk.row_of(2), at).value = 100
    clerk.fill(3, seats=200)
    clerk.sheet.cell(clerk.row_of(4), at).value = 300  # there and in its own column as well
    clerk.fill(4, seats=300)
    (repair,) = clerk.hand_in()
    assert (repair.loaded, rules(repair)) == (2, ["changed_cell"])
    assert repair.reasons[0]["row"] == clerk.row_of(2)
    assert desk.ask(SEATS) == [("C2", 200), ("C3", 300)]
    assert desk.ask(STATES)[0] == (1, "open")


def test_a_workbook_with_nothing_but_cells_written_over_says_so(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百")
    clerk.sheet.cell(3, clerk.column_of("学位数")).value = 100
    (refused,) = clerk.hand_in()
    assert (refused.state, rules(refused)) == ("rejected", ["changed_cell"])


def test_columns_that_were_sorted_without_their_row_are_not_taken(desk: Desk) -> None:
    """The marks stayed where they were: every answer would go to another row."""
    clerk = clerk_of(desk, "一百", "二百")
    sheet = clerk.sheet
    for column in range(2, sheet.max_column):
        one, other = sheet.cell(3, column), sheet.cell(4, column)
        one.value, other.value = other.value, one.value
    fix = next(c.column for c in sheet[1] if c.value == "fix:seats")
    sheet.cell(3, fix).value, sheet.cell(4, fix).value = 200, 100
    (refused,) = clerk.hand_in()
    assert (refused.state, set(rules(refused))) == ("rejected", {"changed_cell"})
    assert desk.ask(SEATS) == []


def test_answers_in_wrong_columns_or_against_each_other_are_named(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百", "二百", "三百", "四百")
    clerk.act(2, "100")
    clerk.fill(3, seats=200)
    clerk.act(3, "撤回")
    clerk.act(4, "修正")
    clerk.fill(5, seats=400)
    (repair,) = clerk.hand_in()
    assert rules(repair) == ["contradicts_itself", "no_value", "unknown_action"]
    assert (repair.loaded, desk.ask(SEATS)) == (1, [("C4", 400)])


def test_rows_and_columns_before_the_names_change_nothing(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百")
    clerk.fill(2, seats=100)
    sheet = clerk.sheet
    sheet.insert_cols(1)
    sheet.insert_rows(1, 2)
    sheet["B1"] = "教委填报，请查收"
    (repair,) = clerk.hand_in()
    assert (repair.state, repair.loaded, rules(repair)) == ("loaded", 1, [])


def test_without_the_names_of_the_columns_a_sheet_is_named(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百")
    clerk.fill(2, seats=100)
    clerk.sheet.delete_rows(1)
    (refused,) = clerk.hand_in()
    assert (refused.state, rules(refused)) == ("rejected", ["names_gone"])


def test_two_workbooks_for_one_entry_the_first_counts(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百")
    paths = []
    for value in (100, 101):
        clerk.fill(2, seats=value)
        paths.append(desk.folder / f"{value}.xlsx")
        clerk.book.save(paths[-1])
    first, second = ingest(paths, ctx=desk.ctx)
    assert (first.state, second.state, rules(second)) == ("loaded", "rejected", ["stale_row"])
    assert desk.ask(SEATS) == [("C1", 100)]


def test_two_workbooks_for_one_entry_on_their_way_at_once(desk: Desk) -> None:
    """Both are staged before either loads: whoever comes second finds the entry closed."""
    clerk = clerk_of(desk, "一百", "二百")
    numbers = []
    for value in (100, 101):
        clerk.fill(2, seats=value)
        if value == 101:
            clerk.fill(3, seats=200)
        path = desk.folder / f"{value}.xlsx"
        clerk.book.save(path)
        numbers.append(receive(path, ctx=desk.ctx)[0].delivery_id)
    for number in numbers:
        validate(stage(number, desk.ctx).delivery_id, desk.ctx)
    first, second = (carry(_get(desk, number), desk.ctx) for number in numbers)
    assert (first.state, second.state) == ("loaded", "held")
    assert rules(second) == ["answered_meanwhile"]
    assert desk.ask(SEATS) == [("C1", 100)]
    ledger.release(second.delivery_id, "王", ctx=desk.ctx)
    done = carry(_get(desk, second.delivery_id), desk.ctx)
    assert (done.state, done.loaded) == ("loaded", 1)
    assert desk.ask(SEATS) == [("C1", 100), ("C2", 200)]


def _get(desk: Desk, number: int) -> Delivery:
    with desk.ctx.engine.connect() as connection:
        return ledger.get(connection, number)


def test_a_delivery_that_was_withdrawn_meanwhile_is_said_to_be(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百", 7)
    clerk.fill(2, seats=100)
    withdraw(clerk.exported.deliveries[0], by="王", reason="误报", ctx=desk.ctx)
    (refused,) = clerk.hand_in()
    assert (refused.state, rules(refused)) == ("rejected", ["delivery_gone"])
    assert desk.ask(SEATS) == []


def test_a_copied_row_with_other_values_is_named(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百", "二百")
    clerk.fill(2, seats=100)
    sheet = clerk.sheet
    sheet.append([cell.value for cell in sheet[clerk.row_of(2)]])
    fix = next(c.column for c in sheet[1] if c.value == "fix:seats")
    sheet.cell(sheet.max_row, fix).value = 999
    (repair,) = clerk.hand_in()
    assert (repair.loaded, rules(repair)) == (1, ["answered_twice"])
    assert desk.ask(SEATS) == [("C1", 100)]


def test_only_the_sheet_in_a_workbook_of_ones_own_is_no_repair(desk: Desk) -> None:
    clerk = clerk_of(desk, "一百")
    clerk.fill(2, seats=100)
    own = Workbook()
    for row in clerk.sheet.iter_rows(values_only=True):
        own.worksheets[0].append(row)
    path = desk.folder / "自己的表.xlsx"
    own.save(path)
    (refused,) = ingest([path], ctx=desk.ctx)
    assert refused.state == "rejected"
    assert desk.ask(SEATS) == []


@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        ("xlsx", "xlsx:Calc MS Excel 2007 XML"),
        ("ods", "ods"),
        ("xls", "xls:MS Excel 97"),
    ],
)
def test_saved_by_libreoffice_every_kind_of_answer_comes_back(
    desk: Desk, ending: str, kind: str
) -> None:
    rows: list[list[Any]] = [seats(f"C{n}", "若干") for n in range(1, 5)]
    rows += [seats("C5", 100), seats("C5", 120), seats("=C6", "=1+1"), seats("", 8)]
    rows[3][5] = "某日"  # of C4 seats and day are wrong
    first = desk.send(NAME, SEAT, rows)
    assert first.quarantined == 8
    clerk = Clerk(desk, delivery_id=first.delivery_id)
    clerk.fill(2, seats="0100")
    clerk.fill(3, seats=200.0)
    clerk.act(4, "撤回")
    clerk.fill(5, seats="400", effective_on="2020年3月5日")
    clerk.act(6, "撤回")
    clerk.act(7, "保留")
    clerk.fill(8, seats="7")
    clerk.fill(9, change_id="=C7")
    at = clerk.sheet.cell(
        clerk.row_of(9), next(c.column for c in clerk.sheet[1] if c.value == "fix:change_id")
    )
    at.data_type = "s"
    saved = resaved(clerk, ending, kind)
    if ending == "xlsx":
        as_saved(saved)
    (repair,) = ingest([saved], ctx=desk.ctx)
    assert (repair.state, rules(repair)) == ("loaded", []), repair.reasons
    assert desk.ask(SEATS) == [
        ("=C6", 7),
        ("=C7", 8),
        ("C1", 100),
        ("C2", 200),
        ("C4", 400),
        ("C5", 120),
    ]
    day = "SELECT effective_on FROM star.fact_seat_change WHERE change_id = 'C4'"
    assert str(desk.ask(day)[0][0]) == "2020-03-05"
    assert {state for _, state in desk.ask(STATES)} == {"repaired", "withdrawn"}


def as_saved(path: Path) -> None:
    """What a clerk sees survives another program: drop-downs, notes, hidden marks, texts that begin with =."""
    book = load_workbook(path)
    sheet = next(s for s in book.worksheets if s["A1"].value == "#entry")
    lists = [v for v in sheet.data_validations.dataValidation if v.type == "list"]
    assert any("_codes" in str(v.formula1) for v in lists)
    notes = [cell for row in sheet.iter_rows() for cell in row if cell.comment]
    assert len(notes) >= 8
    assert all(re.search("[一-鿿]", cell.comment.text) for cell in notes)
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert sheet.row_dimensions[1].hidden
    assert sheet.column_dimensions["A"].hidden
    assert book["_minsheng"].sheet_state == book["_codes"].sheet_state == "hidden"


def resaved(clerk: Clerk, ending: str, kind: str) -> Path:
    folder = clerk.desk.folder
    filled = folder / "filled.xlsx"
    clerk.book.save(filled)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = [
        "soffice",
        profile,
        "--headless",
        "--convert-to",
        kind,
        "--outdir",
        folder / "saved",
        filled,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / "saved" / f"filled.{ending}"
