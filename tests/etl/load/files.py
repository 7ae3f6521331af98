"""Small files of a few feeds, and what the star makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from etl import ledger
from etl.context import Context
from etl.ingest import carry
from etl.ledger import Delivery
from etl.receive import receive
from tests.make import write_csv

INSTITUTION = ["机构登记号", "机构名称", "床位", "区划", "执业登记日期", "状态"]
CONTRACT = ["小区编码", "物业企业", "统一社会信用代码", "合同开始日期", "合同结束日期", "管理方式"]
STAFF = ["月份", "镇街", "社区工作者数", "持证社区工作者数", "专业人才数", "持证专业人才数"]
AREA = ["区划代码", "名称", "上级代码", "级别", "别名"]
ORDER = ["工单编号", "一级分类", "被反映街乡镇", "承办单位", "来电时间", "更新时间"]
TARGET = (
    "indicator_code plan_code target_on target_value comparator nature basis supplied_on definition_version"
).split()
SEAT = ["变动编号", "学校标识码", "学段", "变动类型", "学位数", "启用日期", "批文号"]


class Desk:
    """Hands files in one after another."""

    def __init__(self, ctx: Context, folder: Path) -> None:
        self.ctx, self.folder = ctx, folder

    def send(self, name: str, header: list[str], rows: list[list[Any]]) -> Delivery:
        """Write a CSV and take it in, all the way."""
        # Not ingest(), which would carry on what a test has left on its way.
        (received,) = receive(write_csv(self.folder / name, header, rows), ctx=self.ctx)
        done = carry(received, self.ctx)
        assert done.state != "failed", done.reasons
        return done

    def accepted(self, held: Delivery) -> Delivery:
        """A delivery that waits for a second person, accepted by one."""
        assert [r["rule"] for r in held.reasons if r["severity"] == "error"] == ["unaccepted"]
        done = carry(ledger.release(held.delivery_id, "第二人", self.ctx), self.ctx)
        assert done.state == "loaded", done.reasons
        return done

    def ask(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of the warehouse."""
        with self.ctx.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    def register(self, day: str = "2020年6月30日", **aliases: str) -> Delivery:
        """The register of a district with two towns and a community in each."""
        return self.send(
            f"区划登记_{day}.csv",
            AREA,
            [
                ["110115000000", "大兴区", None, "区县", None],
                ["110115006000", "旧宫地区办事处", "110115000000", "镇街", aliases.get("first", "旧宫镇")],
                ["110115101000", "青云店镇", "110115000000", "镇街", aliases.get("second")],
                ["110115006001", "一社区", "110115006000", "社区", None],
                ["110115101001", "二社区", "110115101000", "社区", None],
            ],
        )  # fmt: skip


def institution(number: str, name: str = "甲", area: str = "110115006001") -> list[Any]:
    """A row of the register of health institutions."""
    return [number, name, 1, area, "2010-01-01", "执业"]


def order(number: str, town: str, unit: str) -> list[Any]:
    """A hotline order of one day."""
    return [number, "住房保障", town, unit, "2024-01-02 08:00:00", "2024-01-03 10:00:00"]


def staff(month: str, town: str, workers: int = 10) -> list[Any]:
    """A town's social workers in a month."""
    return [month, town, workers, 1, 2, 1]


def seats(number: str, places: Any) -> list[Any]:
    """A change of school places."""
    return [number, "1111000001", "小学", "新建", places, "2020-01-05", "x"]
