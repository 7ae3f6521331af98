"""The dated registers of Daxing: 撤村建居 as it happened, read by date."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples.conftest import Warehouse, ids_without_authority, receipt

DATES = ("2020-06-30", "2021-10-31", "2023-06-30")


@pytest.fixture(scope="module")
def registers(warehouse: Warehouse, shared: Path) -> Warehouse:
    for date in DATES:
        for kind in ("streets", "villages"):
            warehouse.load(shared / "reference" / f"daxing_110115_{kind}_{date}.csv")
    return warehouse


def test_what_each_register_changed(registers: Warehouse) -> None:
    # comm(1) on the sorted codes: 90 gone and 15 new in 2021, 5 gone and 58 new in 2023; 1 and 13 codes have
    # another name than before. All the gone ones are villages.
    found = {date: registers.deliveries[f"daxing_110115_villages_{date}.csv"] for date in DATES}
    assert [receipt(each) for each in found.values()] == [
        {"rows": 780, "loaded": 780},
        {"rows": 705, "loaded": 15 + 1, "unchanged": 705 - 16},
        {"rows": 758, "loaded": 58 + 13, "unchanged": 758 - 71},
    ]
    assert [each.closed for each in found.values()] == [0, 90, 5]
    # 90 villages in a year: told by town, not held, since a register may do that.
    rules = [[reason["rule"] for reason in each.reasons] for each in found.values()]
    assert rules == [[], ["closing"], []]
    # comm(1) on the codes of 110115008: 28 of 47 gone, one new.
    assert found[DATES[1]].reasons[0]["found"] == "瀛海地区 28/48"


def test_a_register_without_changes_is_not_a_resaved_sheet(registers: Warehouse) -> None:
    # cmp(1): the towns of 2021 are byte for byte those of 2020; in 2023 405 has another name.
    found = [registers.deliveries[f"daxing_110115_streets_{date}.csv"] for date in DATES]
    assert [receipt(each) for each in found] == [
        {"rows": 26, "loaded": 26},
        {"rows": 26, "unchanged": 26},
        {"rows": 26, "loaded": 1, "unchanged": 25},
    ]


@pytest.mark.parametrize(
    ("day", "community", "village", "virtual"),
    # awk on the last three digits: below 200, 200 to 399, 400 and above.
    [
        ("2020-06-30", 234, 527, 19),
        ("2021-10-30", 234, 527, 19),
        ("2021-10-31", 247, 437, 21),
        ("2023-06-30", 305, 432, 21),
    ],
)
def test_committees_by_date(
    registers: Warehouse, day: str, community: int, village: int, virtual: int
) -> None:
    levels = registers.rows(
        "SELECT area_level, count(*) FROM star.dim_area WHERE valid_from <= :day AND :day < valid_to"
        " GROUP BY 1 ORDER BY 1",
        day=day,
    )
    assert levels == [
        ("community", community),
        ("town", 26),
        ("village", village),
        ("virtual", virtual),
    ]


def test_a_code_has_one_name_at_a_time(registers: Warehouse) -> None:
    # The registers: 寿宝庄村 of 2020 is 寿保庄村 in 2021, 国家新媒体产业基地 of 2021 is 大兴经济开发区 in 2023.
    names = registers.rows(
        "SELECT area_code, area_name, valid_from::text, valid_to::text FROM star.dim_area"
        " WHERE area_code IN ('110115007212', '110115405000') ORDER BY 1, 3"
    )
    assert names == [
        ("110115007212", "寿宝庄村村委会", "2020-06-30", "2021-10-31"),
        ("110115007212", "寿保庄村村委会", "2021-10-31", "infinity"),
        ("110115405000", "国家新媒体产业基地", "2020-06-30", "2023-06-30"),
        ("110115405000", "大兴经济开发区", "2023-06-30", "infinity"),
    ]


def test_names_of_towns_old_and_new_are_aliases(registers: Warehouse) -> None:
    keys = registers.rows(
        "SELECT count(DISTINCT area_key) FROM registry.area"
        " WHERE area_id IN ('国家新媒体产业基地', '大兴经济开发区', '110115405000')"
    )
    assert keys == [(1,)]


def test_a_register_that_lost_a_third_is_held(
    registers: Warehouse, shared: Path, tmp_path: Path
) -> None:
    lines = (
        (shared / "reference" / "daxing_110115_villages_2023-06-30.csv")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    cut = tmp_path / "daxing_110115_villages_2024-06-30.csv"
    cut.write_text("\n".join(lines[:501]), encoding="utf-8")  # 500 of 758 are fewer than 70 %
    delivery = registers.load(cut)
    assert delivery.state == "held"
    assert [reason["rule"] for reason in delivery.reasons] == ["volume"]


def test_ids_are_codes_and_names_of_the_district(registers: Warehouse) -> None:
    # Names of towns are aliases on purpose; everything else is a code.
    assert {area for _, area in ids_without_authority(registers)} == {
        name
        for (name,) in registers.rows(
            "SELECT area_name FROM star.dim_area WHERE area_level = 'town'"
        )
    }
