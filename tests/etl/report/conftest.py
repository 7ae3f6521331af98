"""A report of a small warehouse with all 22 towns, built once for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from etl.context import Context
from etl.report import Built, build
from etl.settings import Settings
from tests.browser import chromium
from tests.etl.load.files import (
    AREA,
    INSTITUTION,
    SEAT,
    STAFF,
    TARGET,
    Desk,
    institution,
    seats,
    staff,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TOWNS = {
    **{f"110115{n:03}000": f"街道{n}" for n in (*range(1, 14),)},
    **{f"110115{n}000": f"镇{n}" for n in range(103, 112)},
}
"""As many as the district has; made-up names."""
AS_OF = date(2020, 12, 31)
TASK = "任务编号 报告日期 规划代码 任务名称 牵头单位 完成时限 进展状态 依据材料 依据类别 填报人".split()


def task(number: str, reported_on: str, status: str, deadline: str) -> list[str]:
    """A row of the feed of tasks."""
    name = f"任务{number}·{reported_on}"
    return [
        number,
        reported_on,
        "P",
        name,
        "牵头局",
        deadline,
        status,
        "材料",
        "user_supplied",
        "填报人",
    ]


@pytest.fixture(scope="module")
def desk(module_database: sa.Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A register of 22 towns, institutions in two of them, workers of all but one, seats with an unreadable row, two targets."""
    home = tmp_path_factory.mktemp("home")
    ctx = Context.of(
        Settings.load(
            {
                "MINSHENG_HOME": str(home),
                "MINSHENG_DATABASE_URL": module_database.url.render_as_string(hide_password=False),
            }
        )
    )
    made = Desk(ctx, tmp_path_factory.mktemp("files"))
    towns = [[code, name, "110115000000", "镇街", None] for code, name in TOWNS.items()]
    first, second = list(TOWNS)[:2]
    made.send(
        "区划登记_2016年6月30日.csv", AREA, [["110115000000", "大兴区", None, "区县", None], *towns]
    )
    rows = [institution(f"A{n}", f"甲{n}", first) for n in range(7)]
    made.send("医疗卫生机构2020年12月.csv", INSTITUTION, [*rows, institution("B", "乙", second)])
    some = list(TOWNS.values())[:-1]
    made.send(
        "社工与社区工作者月报_2020年12月.csv", STAFF, [staff("2020-12", name) for name in some]
    )
    made.send(
        "学位变动_2020年第1季度.csv", SEAT, [seats("C1", 100), seats("C2", "多"), seats("C3", 30)]
    )
    rest = ["test", "2025-12-31", 500, "gte", "预期性", "user_supplied", "2020-06-01", "1"]
    targets = [[code, *rest] for code in ("hlt_institutions_total", "edu_compulsory_seats_added")]
    tasks = [
        task("T1", "2020-11-30", "进行中", "2020-11-30"),
        task("T2", "2020-12-31", "已完成", "2020-06-30"),
        task("T2", "2020-01-01", "未启动", "2020-06-30"),
        task("T3", "2021-01-01", "进行中", "2021-06-30"),
    ]
    made.accepted(made.send("plan_targets_2020-06-01.csv", TARGET, targets))
    made.accepted(made.send("重点任务_2020年12月1日.csv", TASK, tasks))
    yield made
    ctx.engine.dispose()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a module."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def built(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The site of that warehouse."""
    return build(tmp_path_factory.mktemp("site"), desk.ctx, AS_OF)
