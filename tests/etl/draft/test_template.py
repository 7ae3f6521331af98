"""The blank workbook of every feed: filled in by a clerk, it is received and loads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from etl.cli.main import run
from etl.context import Context
from etl.contract import Contract, load_contracts
from etl.decode import Reading, batches, open_tables
from etl.draft.template import header_in_use, period_line, write_template
from etl.settings import Settings
from tests.etl.load.files import Desk
from tests.expectations.rows import GOOD

CONTRACTS = load_contracts(Settings.load({}))


def test_there_are_feeds() -> None:
    assert len(CONTRACTS) >= 10


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())
def test_filled_in_it_is_read_as_it_was_typed(contract: Contract, tmp_path: Path) -> None:
    row = {name: value for name, value in GOOD[contract.feed].items() if value is not None}
    path = filled(write_template(contract, tmp_path / "空表.xlsx"), contract, row, "2020年3月31日")
    table = open_tables(path, contract)
    reading = Reading(table)
    read = [each for batch in batches(reading) for each in batch.to_pylist()]
    assert len(read) == 1
    told = {name: text for name, text in read[0].items() if name != "row_no" and text is not None}
    sent = {f.name: row[f.name] for f in contract.fields if f.name in row and f.handling == "keep"}
    assert told.keys() == sent.keys()
    assert {name: _plain(value) for name, value in sent.items()} == told
    assert table.unknown == ()
    assert not reading.warnings
    if period_line(contract):
        assert "2020年3月31日" in table.title


def test_every_feed_has_its_headers_drop_downs_and_notes(tmp_path: Path) -> None:
    contract = CONTRACTS["education.seat_change"]
    book = load_workbook(write_template(contract, tmp_path / "a.xlsx"))
    sheet, notes = book.worksheets[:2]
    assert book["_codes"].sheet_state == "hidden"
    headers = [cell.value for cell in sheet[2]]
    # 变更编号 since 2017, 投入使用日期 since 2021: the newest of each.
    assert headers == [
        "变更编号",
        "学校代码",
        "教育阶段",
        "变动方式",
        "新增学位数",
        "投入使用日期",
        "批复文号",
    ]
    assert str(sheet["A1"].value).startswith("______年第_季度")
    lists = {str(v.sqref).split(":")[0]: v for v in sheet.data_validations.dataValidation}
    assert set(lists) == {"C3", "D3"}
    stages = lists["C3"].formula1.split("!")[1].replace("$", "")
    assert [row[0].value for row in book["_codes"][stages]] == ["幼儿园", "小学", "初中", "高中"]
    assert sheet.column_dimensions["A"].number_format == "@"
    assert sheet.column_dimensions["E"].number_format == "0"
    told = {row[0].value: [cell.value or "" for cell in row] for row in notes.iter_rows()}
    assert told["教育阶段"][7] == "幼儿园（kindergarten）、小学（primary）、初中（junior secondary）、高中（senior secondary）"  # fmt: skip
    assert told["新增学位数"][3:8] == ["是 yes", "整数 whole number", "120", "个", "1 – 20000"]
    assert told["投入使用日期"][5] == "2020-03"


def test_what_is_dropped_is_not_asked_for(tmp_path: Path) -> None:
    contract = CONTRACTS["hotline.work_order"]
    dropped = [header_in_use(f) for f in contract.fields if f.handling == "drop"]
    assert dropped
    sheet = load_workbook(write_template(contract, tmp_path / "a.xlsx")).worksheets[0]
    headers = {cell.value for row in sheet.iter_rows() for cell in row}
    assert headers.isdisjoint(dropped)


def test_the_command_writes_what_the_landing_zone_takes(
    ingest_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(Context.of(ingest_settings), tmp_path)
    desk.register()
    monkeypatch.chdir(tmp_path)
    assert run(["feeds", "template", "civil_affairs.social_worker_month"]) == 0
    contract = CONTRACTS["civil_affairs.social_worker_month"]
    [blank] = tmp_path.glob("*.xlsx")
    row = GOOD[contract.feed] | {"month": "2020-12"}
    assert "旧宫镇" in {cell.value for line in load_workbook(blank)["_codes"] for cell in line}
    path = filled(blank, contract, row, "2020年12月")
    from etl.ingest import ingest

    [delivery] = ingest([path.rename(path.with_stem(path.stem + "_2020年12月"))], ctx=desk.ctx)
    assert (delivery.feed, delivery.state, delivery.loaded) == (contract.feed, "loaded", 1)
    assert desk.ask("SELECT community_workers FROM star.fact_social_worker_month") == [(120,)]
    assert run(["feeds", "template", "no.feed"]) == 1


def filled(blank: Path, contract: Contract, row: dict[str, Any], period: str) -> Path:
    """Type a row into the blank workbook under its headers, and the period into its line."""
    book = load_workbook(blank)
    sheet = book.worksheets[0]
    head = 2 if period_line(contract) else 1
    if head == 2:
        sheet["A1"] = f"{period} {contract.name_zh}"
    columns = {cell.value: cell.column for cell in sheet[head]}
    for field in contract.fields:
        if field.name in row and header_in_use(field) in columns:
            sheet.cell(head + 1, columns[header_in_use(field)], _typed(row[field.name]))
    book.save(blank)
    return blank


def _typed(value: Any) -> Any:
    return {True: "是", False: "否"}[value] if isinstance(value, bool) else value


def _plain(value: Any) -> str:
    return str(_typed(value))
