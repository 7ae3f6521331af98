"""Stage: what arrived becomes typed rows in a table of its own; or a duplicate, held or rejected, with why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.contract import PeriodSource
from etl.ledger import Delivery
from etl.load import load
from etl.receive import receive
from etl.stage import _period_of, restage, stage
from etl.stage.table import table_name
from etl.validate import validate
from tests.make import write_csv

FEED = "education.model_school"
HEADER = ("编号", "名称", "状态")
A = [("1", "一小", "正常"), ("2", "二小", "停办")]
SOON = date.today() + timedelta(40)  # noqa: DTZ011 - any day to come
B = [("1", "一小", "停办"), ("2", "二小", "停办")]


def sent(ctx: Context, folder: Path, name: str, rows: Any = A, header: Any = HEADER) -> Delivery:
    """Received under `模型学校_<name>.csv`."""
    return receive(write_csv(folder / f"模型学校_{name}.csv", header, rows), feed=FEED, ctx=ctx)[0]


def staged(ctx: Context, folder: Path, name: str, rows: Any = A, header: Any = HEADER) -> Delivery:
    return stage(sent(ctx, folder, name, rows, header).delivery_id, ctx)


def loaded(ctx: Context, folder: Path, name: str, rows: Any = A) -> Delivery:
    delivery = staged(ctx, folder, name, rows)
    assert delivery.state == "staged", delivery.reasons
    validate(delivery.delivery_id, ctx)
    delivery = load(delivery.delivery_id, ctx)
    assert delivery.state == "loaded", delivery.reasons
    return delivery


def rows_of(ctx: Context, delivery: Delivery) -> list[tuple[Any, ...]] | None:
    """The staged rows; None if there is no table."""
    table = table_name(delivery.delivery_id)
    with ctx.engine.connect() as connection:
        there = sa.text("SELECT to_regclass(:t) IS NOT NULL")
        if not connection.execute(there, {"t": table}).scalar_one():
            return None
        query = f"SELECT row_no, school_id, school_name, status, fault FROM {table} ORDER BY row_no"
        return [tuple(row) for row in connection.execute(sa.text(query))]


def test_rows_period_content_and_places(opened: Context, tmp_path: Path) -> None:
    path = tmp_path / "模型学校_20180131_a.csv"
    write_csv(path, HEADER, A, title="登记册")
    delivery = stage(receive(path, ctx=opened)[0].delivery_id, opened)
    assert (delivery.state, delivery.staged_rows, delivery.totals_dropped) == ("staged", 2, 0)
    assert delivery.period == "2018-01-31..2018-01-31"
    assert delivery.seconds > 0
    assert delivery.supersedes is None
    assert rows_of(opened, delivery) == [(1, *A[0], None), (2, *A[1], None)]
    with opened.engine.connect() as connection:
        places = connection.execute(
            sa.text("SELECT first_row_no, row_offset, rows FROM ledger.segment WHERE delivery_id = :d"),
            {"d": delivery.delivery_id},
        )  # fmt: skip
        assert [tuple(row) for row in places] == [(1, 2, 2)], "title and header stand above"
    again = stage(delivery.delivery_id, opened)
    assert again == delivery, "not due any more: nothing is done"


def test_content_is_its_rows_not_its_bytes(opened: Context, tmp_path: Path) -> None:
    plain = staged(opened, tmp_path, "20180228_a")
    turned = [(status, name, number) for number, name, status in A]
    other = staged(opened, tmp_path, "20180228_b", turned, HEADER[::-1])
    assert plain.sha256 != other.sha256
    assert plain.content_hash == other.content_hash
    assert staged(opened, tmp_path, "20180228_c", B).content_hash != plain.content_hash


@pytest.mark.parametrize("name", ["b", "a"])
def test_the_same_once_more_is_a_duplicate(opened: Context, tmp_path: Path, name: str) -> None:
    """By its content under another name, by its bytes under the same."""
    day = {"a": "20180331", "b": "20180330"}[name]
    first = loaded(opened, tmp_path, f"{day}_a")
    again = staged(opened, tmp_path, f"{day}_{name}")
    assert (again.state, again.supersedes) == ("duplicate", first.delivery_id)
    assert again.period == first.period
    assert [reason["rule"] for reason in again.reasons] == ["duplicate_delivery"]
    assert str(first.delivery_id) in again.reasons[0]["message_en"]
    assert rows_of(opened, again) is None


@pytest.mark.parametrize("name", ["c", "a"])
def test_content_sent_a_b_a_is_no_duplicate(opened: Context, tmp_path: Path, name: str) -> None:
    """B was the last word; who sends A again takes B back."""
    day = {"a": "20180430", "c": "20180429"}[name]
    loaded(opened, tmp_path, f"{day}_a", A)
    between = loaded(opened, tmp_path, f"{day}_b", B)
    back = staged(opened, tmp_path, f"{day}_{name}", A)
    assert (back.state, back.supersedes) == ("staged", between.delivery_id)
    assert rows_of(opened, back) == [(1, *A[0], None), (2, *A[1], None)]


def test_a_retraction_is_no_duplicate_of_what_it_takes_back(
    opened: Context, tmp_path: Path
) -> None:
    first = loaded(opened, tmp_path, "20180531_a")
    taken_back = staged(opened, tmp_path, "20180531_撤回")
    assert (taken_back.state, taken_back.mode) == ("staged", "retraction")
    assert taken_back.content_hash == first.content_hash
    assert taken_back.supersedes is None, "of its own mode it is the first"


def test_what_a_person_released_is_not_asked_again(opened: Context, tmp_path: Path) -> None:
    loaded(opened, tmp_path, "20180630_a")
    again = sent(opened, tmp_path, "20180630_a")
    with opened.engine.begin() as connection:
        ledger.record(connection, again.delivery_id, released_by="somebody")
    assert stage(again.delivery_id, opened).state == "staged", "a duplicate, but released"
    early = sent(opened, tmp_path, f"{SOON:%Y%m%d}_a", [("9", "九小", "正常")])
    with opened.engine.begin() as connection:
        ledger.record(connection, early.delivery_id, released_by="somebody")
    assert stage(early.delivery_id, opened).state == "staged"


def test_a_period_to_come_is_held_and_leaves_no_table(opened: Context, tmp_path: Path) -> None:
    delivery = staged(opened, tmp_path, f"{SOON:%Y%m%d}_b", [("8", "八小", "正常")])
    assert delivery.state == "held"
    assert [reason["rule"] for reason in delivery.reasons] == ["future_period"]
    assert (delivery.staged_rows, rows_of(opened, delivery)) == (1, None)


@pytest.mark.parametrize(
    ("name", "header", "rule"),
    [("20180731_a", ("甲", "乙", "丙"), None), ("某日", HEADER, "period_unreadable")],
)
def test_what_cannot_be_read_is_rejected_with_why(
    opened: Context, tmp_path: Path, name: str, header: Any, rule: str | None
) -> None:
    delivery = staged(opened, tmp_path, name, A, header)
    assert delivery.state == "rejected"
    assert delivery.reasons
    if rule:
        assert [reason["rule"] for reason in delivery.reasons] == [rule]
        assert delivery.reasons[0]["found"] == f"模型学校_{name}.csv"
    assert rows_of(opened, delivery) is None


def test_a_cell_that_cannot_be_read_is_a_fault_of_its_row(opened: Context, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "模型合同_20180831_a.csv",
        ("小区", "企业", "开始", "名称"),
        [("E1", "F1", "2018-01-01", "甲"), ("E2", "F1", "某日", "乙")],
    )
    delivery = stage(receive(path, ctx=opened)[0].delivery_id, opened)
    with opened.engine.connect() as connection:
        query = f"SELECT starts_on IS NULL, fault FROM {table_name(delivery.delivery_id)} ORDER BY row_no"
        good, bad = connection.execute(sa.text(query)).all()
    assert tuple(good) == (False, None)
    assert bad[0]
    assert "某日" in bad[1]


def test_emptied_by_a_crash_it_is_filled_again(opened: Context, tmp_path: Path) -> None:
    delivery = staged(opened, tmp_path, "20180930_a")
    before = rows_of(opened, delivery)
    table = table_name(delivery.delivery_id)
    with opened.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        oid = sa.text(f"SELECT '{table}'::regclass::oid")
        kept = connection.execute(oid).scalar_one()
        restage(opened, connection, delivery)
        assert connection.execute(oid).scalar_one() == kept, "whole: left as it is"
        connection.execute(sa.text(f"TRUNCATE {table}"))
        restage(opened, connection, delivery)
        assert rows_of(opened, delivery) == before
        connection.execute(sa.text(f"DROP TABLE {table}"))
        restage(opened, connection, delivery)
    assert rows_of(opened, delivery) == before


def test_a_failure_of_ours_leaves_it_received(
    opened: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivery = sent(opened, tmp_path, "20181031_a")
    with monkeypatch.context() as patch:
        patch.setattr("etl.stage._keep_segments", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            stage(delivery.delivery_id, opened)
    assert stage(delivery.delivery_id, opened).state == "staged", "and may be repeated at will"


def test_the_period_may_stand_in_a_column(
    opened: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the first row that has one."""
    contract = opened.contract(FEED)
    source = PeriodSource("column", "month", r"(?P<year>\d{4})年(?P<month>\d+)月", "school_name")
    told = replace(contract, period=(source,), hash="f" * 64)
    monkeypatch.setattr("etl.stage.ledger.contract_of", lambda *_, **__: told)
    rows = [("1", None, "正常"), ("2", "2018年11月", "正常"), ("3", "2018年12月", "正常")]
    assert staged(opened, tmp_path, "某月", rows).period == "2018-11-01..2018-11-30"


def test_a_repair_speaks_of_the_period_of_what_it_repairs(opened: Context, tmp_path: Path) -> None:
    with opened.engine.begin() as connection:
        of = sent(opened, tmp_path, "20181130_a")
        ledger.record(
            connection, of.delivery_id, period_start=date(2017, 1, 1), period_end=date(2017, 1, 31)
        )
        repair = ledger.record(
            connection, sent(opened, tmp_path, "20181130_b").delivery_id, repairs=of.delivery_id
        )
        first: Any = None
        contract = opened.contract(FEED)
        assert _period_of(connection, contract, repair, first, first) == (
            date(2017, 1, 1), date(2017, 1, 31)
        )  # fmt: skip
