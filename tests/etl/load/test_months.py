"""Facts whose month comes from the period: each month is a thing of its own under the feed's key."""

from __future__ import annotations

from typing import Any

from tests.etl.load.files import Desk

FACILITY = ["机构编码", "机构名称", "类型", "床位", "入住", "镇街", "开业日期", "状态"]


def facility(number: str, beds: int) -> list[Any]:
    return [number, "示例养老院", "养老机构", beds, 1, "旧宫镇", "2015-01-01", "运营"]


def months(desk: Desk) -> list[tuple[str, int]]:
    return desk.ask(
        "SELECT to_char(month, 'MM') || facility_id, beds FROM star.fact_facility_month"
        " JOIN registry.facility USING (facility_key) ORDER BY 1"
    )


def test_a_newer_month_leaves_the_older_ones_as_they_are(desk: Desk) -> None:
    desk.send("养老服务机构_2020年1月.csv", FACILITY, [facility("Y1", 10), facility("Y2", 20)])
    desk.send("养老服务机构_2020年2月.csv", FACILITY, [facility("Y1", 11), facility("Y2", 20)])
    assert months(desk) == [("01Y1", 10), ("01Y2", 20), ("02Y1", 11), ("02Y2", 20)]


def test_a_correction_and_a_retraction_are_about_their_own_month(desk: Desk) -> None:
    desk.send("养老服务机构_2020年1月.csv", FACILITY, [facility("Y1", 10), facility("Y2", 20)])
    desk.send("养老服务机构_2020年2月.csv", FACILITY, [facility("Y1", 11), facility("Y2", 20)])
    desk.send("养老服务机构_2020年1月_更正.csv", FACILITY, [facility("Y1", 9)])
    desk.send("养老服务机构_2020年2月_撤回.csv", FACILITY, [facility("Y2", 20)])
    assert months(desk) == [("01Y1", 9), ("01Y2", 20), ("02Y1", 11)]


def test_a_snapshot_closes_nothing_of_another_month(desk: Desk) -> None:
    desk.send("养老服务机构_2020年1月.csv", FACILITY, [facility("Y1", 10), facility("Y2", 20)])
    desk.send("养老服务机构_2020年2月.csv", FACILITY, [facility("Y1", 11), facility("Y3", 5)])
    assert months(desk) == [("01Y1", 10), ("01Y2", 20), ("02Y1", 11), ("02Y3", 5)]
