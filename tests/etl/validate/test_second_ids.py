"""The same thing under a second id is told, with candidates; hand-made rows in a staging table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.contract import Contract, load_contracts
from etl.ingest import carry
from etl.ledger import Delivery
from etl.receive import receive
from etl.settings import Settings
from etl.stage import stage
from etl.stage.table import table_name
from etl.validate import second_ids
from tests.make import write_csv

INSTITUTION = ["机构登记号", "信用代码", "机构名称", "区划", "执业登记日期", "状态"]
SEAT = ["变动编号", "学校标识码", "学段", "变动类型", "学位数", "启用日期", "批文号"]
A, B = "110115001001", "110115001002"


@pytest.fixture
def ctx(ingest_settings: Settings) -> Context:
    return Context.of(ingest_settings)


@pytest.fixture
def connection(ctx: Context) -> Iterator[sa.Connection]:
    with ctx.engine.connect() as connection:
        yield connection


def staged(ctx: Context, path: Path) -> Delivery:
    return stage(receive(path, ctx=ctx)[0].delivery_id, ctx)


def found(
    connection: sa.Connection, ctx: Context, delivery: Delivery, bad: str | None = None
) -> list[dict[str, Any]]:
    contract = ctx.contract(str(delivery.feed))
    found = second_ids.find(connection, delivery, contract, table_name(delivery.delivery_id), bad)
    return [one.as_dict() for one in found]


def institutions(tmp_path: Path, *rows: tuple[Any, ...]) -> Path:
    lines = [(*row, "2010-01-01", "执业") for row in rows]
    return write_csv(tmp_path / "医疗卫生机构_2021年3月.csv", INSTITUTION, lines, title="登记册")


def test_an_x_behind_the_number(tmp_path: Path, ctx: Context, connection: sa.Connection) -> None:
    """Title and header are lines 1 and 2, so the first row is line 3."""
    delivery = staged(
        ctx,
        institutions(
            tmp_path,
            ("I1", None, "甲医院", A),
            ("I2", None, "乙医院", A),
            ("I1X", None, "甲医院", A),
            ("I3", None, "甲医院", B),
        ),
    )
    (reason,) = found(connection, ctx, delivery)
    assert (reason["rule"], reason["severity"]) == ("second_id", "warning")
    assert (reason["columns"], reason["rows"], reason["things"]) == (
        ["institution_name", "division_code"], 2, 1,
    )  # fmt: skip
    assert "I1 2010-01-01 / I1X 2010-01-01 (rows 3, 5)" in reason["message_en"]
    assert reason["candidates"] == ["I1 2010-01-01 / I1X 2010-01-01（第 3、5 行）"]
    assert "机构名称、区划相同而编号不同" in reason["message_zh"]


def test_a_credit_code_counts_only_where_it_is_filled(
    tmp_path: Path, ctx: Context, connection: sa.Connection
) -> None:
    delivery = staged(
        ctx,
        institutions(
            tmp_path,
            ("I1", "91350100M000100Y43", "甲医院", A),
            ("I2", "91350100M000100Y43", "甲医院（新名）", A),
            # A branch under the code of its parent, elsewhere.
            ("I3", "91350100M000100Y43", "甲医院分院", B),
            ("I4", None, "丙", A),
            ("I5", None, "丁", A),
        ),
    )
    (reason,) = found(connection, ctx, delivery)
    assert (reason["columns"], reason["rows"]) == (["uscc", "division_code"], 2)
    assert "I1 2010-01-01 / I2 2010-01-01" in reason["message_en"]


def test_rows_that_are_not_loaded_count_for_nothing(
    tmp_path: Path, ctx: Context, connection: sa.Connection
) -> None:
    delivery = staged(ctx, institutions(tmp_path, ("I1", None, "甲", A), ("I1X", None, "甲", A)))
    connection.execute(sa.text("CREATE TEMP TABLE bad AS SELECT 2 AS row_no"))
    assert len(found(connection, ctx, delivery)) == 1
    assert found(connection, ctx, delivery, "bad") == []


def test_the_same_row_twice_is_no_second_id(
    tmp_path: Path, ctx: Context, connection: sa.Connection
) -> None:
    delivery = staged(ctx, institutions(tmp_path, ("I1", None, "甲", A), ("I1", None, "甲", A)))
    assert found(connection, ctx, delivery) == []


def test_ten_candidates_and_how_many_more(
    tmp_path: Path, ctx: Context, connection: sa.Connection
) -> None:
    rows = [(f"I{n}{x}", None, f"医院{n}", A) for n in range(30) for x in ("", "X")]
    (reason,) = found(connection, ctx, staged(ctx, institutions(tmp_path, *rows)))
    assert (reason["rows"], reason["things"], len(reason["candidates"])) == (60, 30, 10)
    assert reason["message_en"].endswith(
        "I9 2010-01-01 / I9X 2010-01-01 (rows 21, 22); and 20 more"
    )


def seats(tmp_path: Path, quarter: int, *rows: tuple[Any, ...]) -> Path:
    lines = [(n, s, "小学", "新建", count, "2020-09-01", doc) for n, s, count, doc in rows]
    return write_csv(tmp_path / f"学位变动_2020年第{quarter}季度.csv", SEAT, lines)


def test_what_the_star_believes_under_another_number(
    tmp_path: Path, ctx: Context, connection: sa.Connection
) -> None:
    school, other = "2111000001", "2111000002"
    first = seats(
        tmp_path, 1, ("C1", school, 90, "批1"), ("C2", school, 180, "批2"), ("C3", other, 90, "批1")
    )
    assert carry(receive(first, ctx=ctx)[0], ctx).state == "loaded"
    second = staged(
        ctx,
        seats(
            tmp_path,
            2,
            ("D1", school, 90, "批1"),  # C1 renumbered
            ("C2", school, 180, "批2"),  # C2 itself
            ("D3", other, 95, "批1"),  # other places
            ("D4", other, 90, None),  # no document: nobody can say
        ),
    )
    (reason,) = found(connection, ctx, second)
    assert (reason["rows"], reason["candidates"]) == (1, ["C1 / D1（第 2 行与已入库的一条）"])
    assert "C1 / D1 (row 2 and one loaded before)" in reason["message_en"]
    # Who takes back C1 and sends D1 has said it all.
    assert found(connection, ctx, replace(second, mode="retraction")) == []


def test_contracts_that_say_what_is_the_same_thing() -> None:
    said: dict[str, Contract] = {n: c for n, c in load_contracts().items() if c.same_thing}
    assert set(said) == {
        "health.institution", "education.school", "education.seat_change",
        "civil_affairs.social_organisation", "civil_affairs.elderly_facility",
    }  # fmt: skip
