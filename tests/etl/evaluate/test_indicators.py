"""Each computable indicator against answers worked out by hand, with the traps of the domain."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from etl.evaluate import Reading
from etl.evaluate.figures import Figure, receipt
from etl.plan import load_plan
from tests.warehouse.star import DISTRICT, Star

END = date(2020, 12, 31)
XINGFENG, QINGYUAN, RONGHUA = "110115001000", "110115003000", "110115012000"


def figure(star: Star, code: str, as_of: date = END) -> Figure:
    return Reading(star.connection, {}, as_of).figure(load_plan().statement(code))


def entities(star: Star, code: str, as_of: date = END) -> list[tuple[Any, ...]]:
    reading = Reading(star.connection, {}, as_of)
    statement = load_plan().statement(code)
    rows = receipt(star.connection, statement, reading.parameters(statement))
    return [(row["entity"], row["numerator"], row["denominator"]) for row in rows]


def test_seats_are_signed_by_type_and_cut_by_stage_and_day(star: Star) -> None:
    star.delivery("education.seat_change", mode="delta")
    school = star.dimension(
        "school", "S1", "2018-09-01", school_id="S1", school_name="一小", area_key=5
    )

    def change(number: str, kind: str, seats: int, on: str, stage: str = "小学") -> None:
        star.put(
            "fact_seat_change", change_id=number, school_key=school, stage=stage, change_type=kind,
            seats=seats, effective_on=on,
        )  # fmt: skip

    change("1", "新建", 900, "2016-01-01")  # first day counts
    change("2", "改扩建", 300, "2020-12-31", "初中")  # so does the last
    change("3", "撤并", 200, "2019-07-20")
    change("4", "新建", 5000, "2015-12-31")  # before
    change("5", "新建", 7000, "2021-01-01")  # after
    change("6", "新建", 600, "2018-09-01", "幼儿园")  # not compulsory
    change("7", "待定", 50, "2018-09-01")  # neither adds nor takes
    assert figure(star, "edu_compulsory_seats_added").value == 900 + 300 - 200
    assert figure(star, "edu_compulsory_seats_added", date(2021, 12, 31)).value == 7000
    # The register begins after change 1: its first version says where the school is.
    assert figure(star, "edu_compulsory_seats_added").areas == {5}


def test_health_institutions_are_counted_by_what_holds_on_the_day(star: Star) -> None:
    star.delivery("health.institution")

    def institution(
        name: str, since: str = "2016-01-31", until: str = "infinity", **values: Any
    ) -> None:
        given = {
            "institution_id": name[:2],
            "institution_name": name,
            "area_key": -1,
            "status": "执业",
        }
        star.dimension("institution", name, since, until, **given | values)

    institution("A1")
    institution("B1", until="2020-12-31")  # gone on the day itself
    institution("B2", since="2020-12-31")  # the serial B is given to another one
    institution("C1", status="停业")
    institution("D1", status="注销", deregistered_on="2019-01-01")
    institution("E1", deregistered_on="2020-12-31")  # the register still says 执业
    institution("F1", since="2021-01-31")
    institution("G1", registered_on="2021-01-05")
    assert figure(star, "hlt_institutions_total").value == 2  # A1 and B2
    assert figure(star, "hlt_institutions_total", date(2020, 12, 30)).value == 3  # A1, B1, E1


def test_elderly_institutions_by_type_status_and_days(star: Star) -> None:
    star.delivery("civil_affairs.elderly_facility")

    def facility(number: str, kind: str = "养老机构", **values: Any) -> None:
        given = {
            "facility_id": number,
            "facility_name": number,
            "facility_type": kind,
            "area_key": -1,
            "status": "运营",
        }
        star.dimension("facility", number, **given | values)

    facility("1")
    facility("2", "养老服务驿站")
    facility("3", "养老照料中心", opened_on="2020-12-31")
    facility("4", "日间照料室")  # not in the definition's types
    facility("5", status="关闭")
    facility("6", closed_on="2020-12-31")
    facility("7", opened_on="2021-01-01")
    facility("8", status=None)  # nothing says that it is closed
    assert figure(star, "civ_elderly_service_institutions_total").value == 4


def test_only_completion_counts_as_built(star: Star) -> None:
    star.delivery("housing.affordable_project")

    def milestone(lot: str, what: str, on: str, units: int) -> None:
        star.put(
            "fact_housing_milestone", project_id="P", lot_id=lot, milestone=what, area_key=-1,
            units=units, milestone_on=on,
        )  # fmt: skip

    milestone("1", "started", "2016-05-01", 100)
    milestone("1", "completed", "2018-05-01", 100)
    milestone("1", "delivered", "2018-09-01", 100)
    milestone("2", "completed", "2015-05-01", 1000)
    milestone("3", "started", "2020-05-01", 300)
    milestone("3", "completed", "2022-05-01", 300)
    assert figure(star, "hsg_affordable_units_built").value == 100
    assert figure(star, "hsg_affordable_units_built", date(2022, 12, 31)).value == 300


@pytest.fixture
def towns(star: Star) -> dict[str, int]:
    star.delivery("reference.division")
    keys = {DISTRICT: star.area(DISTRICT, "大兴区", "district")}
    for code, name in ((XINGFENG, "兴丰街道"), (QINGYUAN, "清源街道"), (RONGHUA, "荣华街道")):
        keys[code] = star.area(code, name, "town", unit_type="街道")
    return keys


@pytest.mark.usefixtures("towns")
def test_circle_coverage_takes_its_denominator_from_the_register(star: Star) -> None:
    def community(
        code: str, kind: str | None, since: str = "2016-01-01", until: str = "infinity"
    ) -> int:
        return star.area(
            code, f"社区{code[-3:]}", "community", since, until, urban_rural_class=kind
        )

    first = community("110115001001", "111")
    community("110115001002", "112")  # never in the feed: uncovered, not absent
    three = community("110115001003", None)  # a committee without class counts as urban
    rural = community("110115001004", "220")
    old = community("110115001005", "111", until="2020-06-30")
    late = community("110115001006", "111", since="2021-10-31")
    six = community("110115001007", "111")
    village = star.area(
        "110115001201", "某村", "village", urban_rural_class="111"
    )  # class is not kind
    star.delivery("civil_affairs.community")
    for key, on in (
        (first, "2019-01-01"), (three, "2020-12-31"), (six, "2021-01-01"), (rural, "2019-01-01"),
        (old, "2019-01-01"), (late, "2019-01-01"), (village, "2019-01-01"),
    ):  # fmt: skip
        star.put("fact_community_coverage", area_key=key, is_urban=True, service_circle_on=on)
    counted = figure(star, "civ_15min_circle_urban_coverage")
    assert (counted.numerator, counted.denominator, counted.value) == (2, 4, 0.5)
    gaps = [
        entity
        for entity, covered, _ in entities(star, "civ_15min_circle_urban_coverage")
        if not covered
    ]
    assert gaps == ["110115001002 社区002", "110115001007 社区007"]


@pytest.mark.usefixtures("towns")
def test_donation_sites_count_all_communities(star: Star) -> None:
    keys = [
        star.area(f"11011500100{n}", f"社区{n}", "community", urban_rural_class=kind)
        for n, kind in enumerate(("111", "220", None, "112"), 1)
    ]
    star.delivery("civil_affairs.community")
    star.put(
        "fact_community_coverage", area_key=keys[1], is_urban=False, donation_site_on="2018-01-01"
    )
    star.put("fact_community_coverage", area_key=keys[3], is_urban=True)
    counted = figure(star, "civ_donation_site_coverage")
    assert (counted.numerator, counted.denominator) == (1, 4)


def test_no_denominator_gives_no_value(star: Star) -> None:
    star.delivery("reference.division")
    for code in (
        "civ_15min_circle_urban_coverage",
        "hsg_property_mgmt_coverage",
        "civ_community_worker_cert_rate",
    ):
        assert figure(star, code).value is None
    assert figure(star, "hlt_institutions_total").value == 0


def renewal(star: Star, project: str, estate: int, kind: str, **values: Any) -> None:
    star.put(
        "fact_renewal",
        project_id=project,
        estate_key=estate,
        renewal_type=kind,
        **{"area_key": -1} | values,
    )


@pytest.mark.usefixtures("towns")
def test_renewal_pilots_are_communities_designated_in_the_period(star: Star) -> None:
    pilot = "有机更新试点"
    zaoyuan = star.area("110115003008", "枣园社区", "community")
    sanhe = star.area("110115001022", "三合南里社区", "community")
    star.delivery("housing.renewal", mode="delta")
    renewal(
        star, "1", 1, pilot, area_key=zaoyuan, designated_on="2018-06-01", completed_on="2021-05-01"
    )
    renewal(star, "1", 2, pilot, area_key=zaoyuan, designated_on="2018-06-01")  # the same community
    renewal(star, "2", 3, pilot, area_key=sanhe, designated_on="2020-12-31")
    renewal(star, "3", 4, pilot, area_key=sanhe, designated_on="2015-01-01")
    renewal(star, "4", 5, "节能改造", area_key=sanhe, designated_on="2018-01-01")
    assert figure(star, "hsg_old_estate_renewal_pilots").value == 2
    renewal(
        star, "5", 6, pilot, designated_on="2019-01-01"
    )  # community not supplied: its estate stands for it
    renewal(star, "6", 6, pilot, designated_on="2019-02-01")
    assert figure(star, "hsg_old_estate_renewal_pilots").value == 3


def test_power_retrofit_counts_a_household_once(star: Star) -> None:
    power = "电力改造(内线)"
    star.delivery("housing.renewal", mode="delta")
    estate = star.estate("E1", -1)
    renewal(star, "1", estate, power, households=500, completed_on="2018-06-01")
    renewal(star, "2", estate, power, households=520, completed_on="2019-06-01")
    renewal(
        star, "3", 77, power, households=80, completed_on="2019-06-01"
    )  # an estate not yet known
    renewal(star, "4", 78, power, households=90, completed_on="2021-06-01")
    renewal(star, "5", 79, power, households=100)  # designated, not finished
    renewal(star, "6", -1, power, households=10, completed_on="2019-06-01")
    renewal(star, "7", -1, power, households=20, completed_on="2019-06-01")
    assert figure(star, "hsg_power_retrofit_households").value == 520 + 80 + 10 + 20
    assert ("E1 小区E1", 520.0, None) in entities(star, "hsg_power_retrofit_households")


def contract(
    star: Star, estate: int, starts: str, ends: str | None = None, firm: str = "F"
) -> None:
    star.put(
        "fact_property_contract", estate_key=estate, firm_id=firm, starts_on=starts, ends_on=ends
    )


@pytest.mark.usefixtures("towns")
def test_three_no_is_read_on_the_day_before_the_contract(star: Star) -> None:
    first = star.area("110115001001", "甲社区", "community")
    second = star.area("110115001002", "乙社区", "community")
    third = star.area("110115001003", "丙社区", "community")
    star.delivery("housing.estate")
    served = star.estate("1", first, "2016-03-31", "2018-06-30", is_three_no=True)
    star.estate(
        "1", first, "2018-06-30", is_three_no=False
    )  # the flag turns when the manager comes
    also = star.estate("2", first, "2016-03-31", is_three_no=True)
    late = star.estate("3", second, "2016-03-31", "2018-03-31", is_three_no=True)
    star.estate("3", second, "2018-03-31", is_three_no=False)
    never = star.estate("4", third, "2016-03-31", is_three_no=False)
    star.delivery("housing.property_contract")
    contract(star, served, "2018-06-30")  # the day before, it still was
    contract(star, also, "2017-01-01")  # the same community
    contract(star, late, "2018-04-01")  # the day before, it was not
    contract(star, never, "2018-04-01")
    assert figure(star, "hsg_three_no_communities_served").value == 1
    assert [e for e, *_ in entities(star, "hsg_three_no_communities_served")] == [
        "110115001001 甲社区"
    ]


def test_property_coverage_over_the_estate_register(star: Star) -> None:
    star.delivery("housing.estate")
    managed = star.estate("1", -1)
    expired = star.estate("2", -1)
    renewed = star.estate("3", -1)
    star.estate("4", -1)  # without any contract
    demolished = star.estate("5", -1, until="2020-06-30")
    star.delivery("housing.property_contract")
    contract(star, managed, "2015-01-01")
    contract(star, managed, "2018-01-01", firm="G")  # two contracts, one estate
    contract(star, expired, "2015-01-01", "2020-12-30")
    contract(star, renewed, "2015-01-01", "2020-12-31")  # its last day
    contract(star, demolished, "2015-01-01")
    contract(star, 99, "2015-01-01")  # an estate that the register does not have
    counted = figure(star, "hsg_property_mgmt_coverage")
    assert (counted.numerator, counted.denominator) == (2, 4)


def test_named_associations_by_name_and_day(star: Star) -> None:
    star.delivery("civil_affairs.social_organisation")
    elderly = {
        "organisation_name": "大兴区养老服务行业协会",
        "uscc": "51A",
        "founded_on": "2017-01-01",
    }
    star.organisation("1", **elderly)
    star.organisation("2", **elderly)  # registered anew under the same credit code
    star.organisation(
        "3",
        organisation_name="北京市大兴区殡葬行业协会",
        founded_on="2018-01-01",
        until="2020-01-31",
    )
    star.organisation("4", organisation_name="大兴区老龄产业协会", founded_on="2015-01-01")
    star.organisation(
        "5",
        organisation_name="大兴区社会工作行业协会",
        founded_on="2018-01-01",
        organisation_type="基金会",
    )
    star.organisation(
        "6", organisation_name="大兴区养老服务行业协会促进会", founded_on="2018-01-01"
    )
    star.organisation("7", organisation_name="大兴区社会工作行业协会", founded_on="2021-01-01")
    assert figure(star, "civ_industry_associations_founded").value == 2


def test_social_organisations_never_lose_those_without_a_code(star: Star) -> None:
    star.delivery("civil_affairs.social_organisation")
    star.organisation("1", uscc="51A")
    star.organisation("2")  # founded before the code was
    star.organisation("3")
    star.organisation("4", uscc="51A")  # the same body twice
    star.organisation("5", status="注销", deregistered_on="2018-01-01")
    star.organisation("6", registrar="北京市民政局")
    star.organisation("7", organisation_type="备案社区组织")
    star.organisation("8", since="2021-01-31")
    star.organisation("9", deregistered_on="2020-12-31")
    assert figure(star, "civ_social_orgs_total").value == 3


def test_federation_denominator_is_a_parameter(star: Star, towns: dict[str, int]) -> None:
    star.area("110115403000", "北京经济技术开发区", "town", unit_type="统计类似乡级单位")
    star.delivery("civil_affairs.social_organisation")
    star.organisation("1", area_key=towns[XINGFENG], is_town_federation=True)
    star.organisation("2", area_key=towns[XINGFENG], is_town_federation=True)
    star.organisation("3", area_key=towns[QINGYUAN], is_town_federation=False)
    star.organisation(
        "4", area_key=towns[RONGHUA], is_town_federation=True
    )  # left out by the definition
    star.organisation("5", area_key=towns[QINGYUAN], is_town_federation=True, status="撤销")
    counted = figure(star, "civ_town_so_federation_coverage")
    assert (counted.numerator, counted.denominator) == (1, 2)
    reading = Reading(star.connection, {}, END)
    statement = load_plan().statement("civ_town_so_federation_coverage")
    everyone = reading.parameters(statement) | {"excluded_towns": []}
    rows = receipt(star.connection, statement, everyone)
    assert (sum(r["numerator"] for r in rows), len(rows)) == (2, 3)


def test_social_workers_are_read_in_the_month_that_has_ended(
    star: Star, towns: dict[str, int]
) -> None:
    star.delivery("civil_affairs.social_worker_month", mode="delta")

    def month(
        town: str, first: str, workers: int, certified: int, professionals: int, holders: int | None
    ) -> None:
        star.put(
            "fact_social_worker_month", area_key=towns[town], month=first, community_workers=workers,
            certified_community_workers=certified, professionals=professionals, certified_professionals=holders,
        )  # fmt: skip

    month(XINGFENG, "2020-12-01", 100, 30, 80, 40)
    month(QINGYUAN, "2020-12-01", 300, 150, 120, None)
    month(XINGFENG, "2020-11-01", 1, 1, 1, 1)
    month(RONGHUA, "2020-11-01", 1, 1, 1, 1)
    assert figure(star, "civ_social_work_professionals").value == 200
    assert figure(star, "civ_social_work_certified").value == 40
    rate = figure(star, "civ_community_worker_cert_rate")
    assert rate.value == 180 / 400  # the mean of the towns' rates would be 0.4
    # In the middle of December the last month that has ended is November.
    assert figure(star, "civ_social_work_professionals", date(2020, 12, 30)).value == 2


def test_as_known_before_a_correction(star: Star) -> None:
    star.delivery("housing.affordable_project")
    star.put(
        "fact_housing_milestone", project_id="P", lot_id="1", milestone="completed", area_key=-1,
        units=100, milestone_on="2018-05-01",
    )  # fmt: skip
    before = star.seq
    star.delivery("housing.affordable_project", mode="correction")
    star.forget("fact_housing_milestone", "lot_id = '1'")
    star.put(
        "fact_housing_milestone", project_id="P", lot_id="1", milestone="completed", area_key=-1,
        units=90, milestone_on="2018-05-01",
    )  # fmt: skip
    statement = load_plan().statement("hsg_affordable_units_built")
    reading = Reading(star.connection, {}, END)
    assert reading.figure(statement).value == 90
    old = reading.parameters(statement) | {"known_at": before}
    assert [row["numerator"] for row in receipt(star.connection, statement, old)] == [100]
