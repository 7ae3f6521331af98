"""Every load query, run on PostgreSQL: the right columns, and the right rows out of a right row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from etl.contract import Contract
from etl.contract.trial import try_contract
from tests.expectations.rows import GOOD
from tests.expectations.staged import fill

PERIOD = {"period_start": date(2020, 12, 1), "period_end": date(2020, 12, 31)}


@pytest.fixture
def connection(module_database: sa.Engine) -> Any:
    with module_database.connect() as connection:
        yield connection


def load(
    connection: sa.Connection, contract: Contract, rows: list[dict[str, Any]]
) -> dict[str, list[dict[str, Any]]]:
    """What each query of the contract makes of these rows."""
    fill(connection, contract, rows)
    connection.execute(sa.text("CREATE TEMP VIEW staging AS SELECT * FROM stage.d1"))
    made = {}
    for query in contract.loads:
        text = sa.text(query.sql)
        values = {name: PERIOD[name] for name in text._bindparams}
        made[query.target] = [dict(row) for row in connection.execute(text, values).mappings()]
    connection.rollback()
    return made


def test_queries_and_conditions_run_and_give_the_targets_columns(
    connection: sa.Connection, contract: Contract
) -> None:
    assert try_contract(connection, contract) == []
    assert not connection.execute(sa.text("SELECT to_regclass('pg_temp.staging')")).scalar_one()


def test_a_right_row_gives_a_row_to_every_target(
    connection: sa.Connection, contract: Contract
) -> None:
    made = load(connection, contract, [GOOD[contract.feed]])
    for target, rows in made.items():
        assert rows, target
        for row in rows:
            assert row.get("row_no", 1) == 1


def test_every_table_of_the_star_that_feeds_fill_is_filled(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    filled = {load.target for c in contracts.values() for load in c.loads if load.kind == "target"}
    targets = set(connection.execute(sa.text("SELECT target FROM ledger.target")).scalars())
    # These two are written by the program, from contracts and from the plan.
    assert targets - filled == {"dim_department", "dim_indicator"}


def test_a_school_list_speaks_of_the_first_of_september(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    feed = "education.school"
    [row] = load(connection, contracts[feed], [GOOD[feed]])["dim_school"]
    assert (row["valid_from"], row["area_id"]) == (date(2020, 9, 1), "110115001001")


def test_an_institution_is_its_number_and_registration_day(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    feed = "health.institution"
    [row] = load(connection, contracts[feed], [GOOD[feed]])["dim_institution"]
    assert row["institution_registry_id"] == "PDY0001@2010-01-01"
    assert row["institution_id"] == "PDY0001"
    assert "address" not in row


def test_a_lot_gives_a_row_for_each_milestone_reached(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    feed = "housing.affordable_project"
    rows = [GOOD[feed], GOOD[feed] | {"lot_id": "02", "completed_on": None, "delivered_on": None}]
    made = load(connection, contracts[feed], rows)["fact_housing_milestone"]
    assert [(r["row_no"], r["milestone"], str(r["milestone_on"])) for r in made] == [
        (1, "started", "2017-03-01"),
        (1, "completed", "2019-06-01"),
        (1, "delivered", "2019-10-01"),
        (2, "started", "2017-03-01"),
    ]


def test_a_firm_without_a_code_goes_by_its_name(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    feed = "housing.property_contract"
    rows = [GOOD[feed], GOOD[feed] | {"firm_uscc": None}]
    made = load(connection, contracts[feed], rows)["fact_property_contract"]
    assert [r["firm_id"] for r in made] == ["91350100M000100Y43", "示例物业公司"]


def test_a_facility_gives_its_version_and_its_month(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    feed = "civil_affairs.elderly_facility"
    made = load(connection, contracts[feed], [GOOD[feed]])
    assert made["dim_facility"][0]["area_id"] == "旧宫镇"
    [month] = made["fact_facility_month"]
    assert (month["month"], month["beds"], month["occupied"]) == (date(2020, 12, 1), 100, 90)


def test_a_month_is_its_first_day(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    feed = "civil_affairs.social_worker_month"
    rows = [GOOD[feed] | {"month": "2020-12-17"}]
    [row] = load(connection, contracts[feed], rows)["fact_social_worker_month"]
    assert row["month"] == date(2020, 12, 1)


def test_orders_name_their_categories_channels_and_units(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    feed = "hotline.work_order"
    good = GOOD[feed]
    rows = [
        good,
        good | {"order_id": "2", "unit": "大兴区旧宫地区办事处", "community_code": "110115006001"},
        good
        | {"order_id": "3", "unit": "区住房城乡建设委", "channel": None, "category_2": "未收录"},
        good | {"order_id": "4", "unit": "某某公司", "category_2": None, "category_3": None},
    ]
    made = load(connection, contracts[feed], rows)
    assert {r["category_id"]: r["is_mapped"] for r in made["dim_category"]} == {
        "住房保障>物业管理>停车管理": True,
        "住房保障>未收录>停车管理": False,
        "住房保障": True,
    }
    assert [r["channel_id"] for r in made["dim_channel"]] == ["12345热线"]
    assert {r["unit_id"]: (r["unit_kind"], r["area_id"]) for r in made["dim_unit"]} == {
        "旧宫镇": ("town", "旧宫镇"),
        "大兴区旧宫地区办事处": ("town", "旧宫地区"),
        "区住房城乡建设委": ("department", None),
        "某某公司": ("other", None),
    }
    orders = made["fact_work_order"]
    assert [r["area_id"] for r in orders] == ["旧宫镇", "110115006001", "旧宫镇", "旧宫镇"]
    assert orders[2]["category_id"] == "住房保障>未收录>停车管理"
    assert orders[0]["source_at"].isoformat() == "2020-03-06T09:00:00+08:00"


def test_only_names_of_towns_and_the_district_stand_for_an_area(
    connection: sa.Connection, contracts: dict[str, Contract]
) -> None:
    feed = "reference.division"
    village = {
        "division_code": "110115006201",
        "division_name": "示例村委会",
        "parent_code": "110115006000",
        "level": "村",
    }
    made = load(connection, contracts[feed], [GOOD[feed], village])
    assert {(r["alias"], r["area_id"]) for r in made["area"]} == {
        ("旧宫镇", "110115006000"),
        ("旧宫地区", "110115006000"),
        ("旧宫地区办事处", "110115006000"),
    }
    assert [r["area_level"] for r in made["dim_area"]] == ["town", "village"]
    assert made["dim_area"][1]["parent_area_id"] == "110115006000"
