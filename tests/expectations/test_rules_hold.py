"""Every rule of every contract, judged by Great Expectations on PostgreSQL.

A right row breaks no rule; each spoilt row breaks the rule that it was spoilt for.
"""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from etl.contract import Contract
from etl.validate import with_registers
from tests.expectations.rows import GOOD
from tests.expectations.staged import fill

pytestmark = pytest.mark.slow

# feed, rule, what is spoilt
SPOILT: list[tuple[str, str, dict[str, Any]]] = [
    ("education.school", "fault", {"fault": '[{"column": "status"}]'}),
    ("education.school", "required.school_name", {"school_name": None}),
    ("education.school", "pattern.school_id", {"school_id": "2112000001"}),
    ("education.school", "pattern.school_id", {"school_id": "211100001"}),
    ("education.school", "pattern.division_code", {"division_code": "110114001001"}),
    ("education.school", "codes.status", {"status": "待定"}),
    ("education.school", "codes.school_category", {"school_category": "书院"}),
    ("education.school", "uscc_check", {"uscc": "52110115XX0000019F"}),
    ("education.seat_change", "range.seats", {"seats": -1080}),
    ("education.seat_change", "range.seats", {"seats": 0}),
    ("education.seat_change", "codes.stage", {"stage": "大学"}),
    ("education.seat_change", "range.effective_on", {"effective_on": "0020-09-01"}),
    ("health.institution", "axes_swapped", {"longitude": 39.73, "latitude": 116.34}),
    ("health.institution", "range.longitude", {"longitude": 39.73, "latitude": 116.34}),
    ("health.institution", "range.latitude", {"latitude": 39.9}),
    ("health.institution", "coordinates_in_pairs", {"latitude": None}),
    ("health.institution", "pattern.category_code", {"category_code": "医院"}),
    ("health.institution", "pattern.category_code", {"category_code": "I100"}),
    ("health.institution", "range.beds", {"beds": -5}),
    ("health.institution", "uscc_check", {"uscc": "52110115XX0000018E"}),
    ("health.institution", "hospital_has_beds", {"beds": 0}),
    (
        "health.institution",
        "deregistered_after_registered",
        {"deregistered_on": "2009-12-31", "status": "注销"},
    ),
    ("health.institution", "deregistered_has_date", {"status": "注销"}),
    ("housing.affordable_project", "completed_after_started", {"completed_on": "2016-06-01"}),
    ("housing.affordable_project", "delivered_after_completed", {"delivered_on": "2019-05-31"}),
    ("housing.affordable_project", "delivered_was_completed", {"completed_on": None}),
    ("housing.affordable_project", "range.units", {"units": 0}),
    ("housing.estate", "range.built_year", {"built_year": 95}),
    ("housing.estate", "old_estate_is_old", {"built_year": 2015}),
    ("housing.property_contract", "ends_after_start", {"ends_on": "2018-04-30"}),
    ("housing.property_contract", "uscc_check", {"firm_uscc": "91350100M000100Y44"}),
    (
        "housing.property_contract",
        "no_phone_in_name",
        {"firm_name": "张某（１３８００００００００）"},
    ),
    ("housing.property_contract", "required.firm_name", {"firm_name": None}),
    ("housing.renewal", "completed_after_designated", {"completed_on": "2017-12-31"}),
    ("housing.renewal", "has_a_date", {"designated_on": None, "completed_on": None}),
    ("housing.renewal", "codes.renewal_type", {"renewal_type": "加装电梯"}),
    (
        "civil_affairs.social_organisation",
        "deregistered_after_founded",
        {"deregistered_on": "2014-12-31", "status": "注销"},
    ),
    ("civil_affairs.social_organisation", "ended_has_date", {"status": "撤销"}),
    ("civil_affairs.social_organisation", "federation_has_town", {"town": None}),
    ("civil_affairs.social_organisation", "uscc_check", {"uscc": "51110115XX0000019"}),
    ("civil_affairs.social_organisation", "uscc_fits_type", {"organisation_type": "基金会"}),
    ("civil_affairs.elderly_facility", "occupied_within_beds", {"occupied": 101}),
    ("civil_affairs.elderly_facility", "nursing_within_beds", {"nursing_beds": 101}),
    (
        "civil_affairs.elderly_facility",
        "closed_after_opened",
        {"closed_on": "2014-12-31", "status": "关闭"},
    ),
    ("civil_affairs.elderly_facility", "closed_has_date", {"status": "关闭"}),
    ("civil_affairs.elderly_facility", "open_has_no_date", {"closed_on": "2020-01-01"}),
    ("civil_affairs.community", "pattern.community_code", {"community_code": "110115001"}),
    ("civil_affairs.community", "range.service_circle_on", {"service_circle_on": "1918-06-01"}),
    (
        "civil_affairs.social_worker_month",
        "certified_within_workers",
        {"certified_community_workers": 121},
    ),
    (
        "civil_affairs.social_worker_month",
        "certified_within_professionals",
        {"certified_professionals": 131},
    ),
    ("hotline.work_order", "closed_after_opened", {"closed_at": "2020-02-29 23:00:00+08"}),
    ("hotline.work_order", "dispatched_after_opened", {"dispatched_at": "2020-03-01 07:00:00+08"}),
    ("hotline.work_order", "returns_plausible", {"return_count": -1}),
    ("hotline.work_order", "codes.category_1", {"category_1": "未收录"}),
    ("hotline.work_order", "codes.resolution", {"resolution": "待定"}),
    ("hotline.work_order", "codes.satisfaction", {"satisfaction": "一般"}),
    ("hotline.work_order", "required.town", {"town": None}),
    ("reference.division", "has_a_parent", {"parent_code": None}),
    (
        "reference.division",
        "parent_fits_code",
        {"division_code": "110115007001", "level": "社区", "parent_code": "110115006000"},
    ),
    (
        "reference.division",
        "code_fits_level",
        {"division_code": "110115006201", "level": "社区", "parent_code": "110115006000"},
    ),
    ("reference.division", "inside_daxing", {"division_code": "110114006000"}),
    ("reference.population", "range.residents", {"residents": -1}),
    ("reference.plan_target", "official_has_evidence", {"basis": "official", "quote": "原文"}),
    ("reference.plan_target", "codes.comparator", {"comparator": "大于"}),
    ("reference.delivery_register", "starts_before_it_ends", {"nothing_to": "2021-03-31"}),
    ("reference.task", "official_has_evidence", {"basis": "official"}),
    ("reference.task", "done_has_evidence", {"evidence": None}),
    ("reference.task", "no_personal_numbers", {"progress_note": "咨询010-60000000"}),
    ("reference.declaration", "official_has_evidence", {"basis": "official"}),
    ("reference.declaration", "no_personal_numbers", {"evidence": "咨询010-60000000"}),
    ("reference.declaration", "no_personal_numbers", {"evidence": "证件110115189912310018"}),
    ("reference.declaration", "number_has_comparator", {"comparator": None}),
]


def distinct(contract: Contract, row: dict[str, Any], number: int) -> dict[str, Any]:
    """The row under a key of its own, where its key is a free text that nothing else looks at."""
    for name in contract.key:
        if contract.by_name[name].type == "string" and not contract.by_name[name].pattern:
            return (
                row | {name: f"{row[name]}-{number}"}
                if row[name] == GOOD[contract.feed][name]
                else row
            )
    return row


def test_each_spoilt_row_breaks_its_rule_and_the_right_one_none(
    module_database: sa.Engine, contract: Contract
) -> None:
    from etl.validate import expect

    good = GOOD[contract.feed]
    cases = [(rule, change) for feed, rule, change in SPOILT if feed == contract.feed]
    rows = [good, *(distinct(contract, good | change, n) for n, (_, change) in enumerate(cases))]
    with module_database.begin() as connection:
        fill(connection, contract, rows, number=7)
    url = module_database.url.render_as_string(hide_password=False)
    # Registers are empty here: what they know is put into the rules when a delivery is judged.
    with module_database.connect() as connection:
        rules, _ = with_registers(connection, contract)
    outcomes = {o.rule.id: o for o in expect.judge(url, "d7", rules)}
    assert {o.rule.id: o.detail for o in outcomes.values() if o.verdict == "error"} == {}
    with module_database.connect() as connection:
        broken = {
            rule: set(connection.exec_driver_sql(o.rows_sql.replace("%", "%%")).scalars())
            for rule, o in outcomes.items()
            # Rows that share a key are told apart from repeats by `validate`, not by GX.
            if o.rows_sql and rule != "key"
        }
    assert [rule for rule, found in broken.items() if 1 in found] == []
    for number, (rule, change) in enumerate(cases, 2):
        assert number in broken.get(rule, set()), f"{rule} lets {change} pass"


def test_every_rule_that_a_contract_spells_out_is_broken_by_some_row(
    contracts: dict[str, Contract],
) -> None:
    declared = {(c.feed, r.id) for c in contracts.values() for r in c.rules if not r.generated}
    assert declared - {(feed, rule) for feed, rule, _ in SPOILT} == set()
