"""The truths once more, by pandas from the true rows, and some of them from the files themselves."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from minsheng_sample import timeline
from minsheng_sample.district.truths import totals, truths
from minsheng_sample.district.world import World
from minsheng_sample.register import REGISTER_DATES, committees, register
from minsheng_sample.timeline import Period, Span

from tests.sample import reading
from tests.sample.conftest import Sample

CHAPTER = {
    "edu_compulsory_seats_added": 24000,
    "hlt_institutions_total": 823,
    "civ_elderly_service_institutions_total": 186,
    "hsg_affordable_units_built": 70000,
    "civ_15min_circle_urban_coverage": 1.0,
    "hsg_old_estate_renewal_pilots": 2,
    "hsg_power_retrofit_households": 33000,
    "hsg_three_no_communities_served": 56,
    "hsg_property_mgmt_coverage": 1.0,
    "civ_industry_associations_founded": 4,
    "civ_social_orgs_total": 611,
    "civ_town_so_federation_coverage": 0.10,
    "civ_social_work_professionals": 2800,
    "civ_social_work_certified": 1200,
    "civ_community_worker_cert_rate": 0.39,
}
NAMES = [
    "大兴区养老服务行业协会",
    "大兴区老龄产业协会",
    "大兴区殡葬行业协会",
    "大兴区社会工作行业协会",
]


def frame(world: World, feed: str, period: Period) -> pd.DataFrame:
    return pd.DataFrame(world.rows(feed, period))


def by_pandas(world: World, start: date, as_of: date) -> dict[str, float]:
    """The indicators' formulas, read from domain knowledge and applied to frames."""
    month = timeline.month(as_of.year, as_of.month)
    flow = Period(start, as_of)
    seats = frame(world, "education.seat_change", flow).query("stage in ['小学', '初中']")
    sign = seats.change_type.map({"新建": 1, "改扩建": 1, "回收再用": 1, "撤并": -1})
    lots = frame(world, "housing.affordable_project", month)
    built = pd.to_datetime(lots.completed_on).between(str(start), str(as_of))
    urban = {c.code for c in committees(max(d for d in REGISTER_DATES if d <= as_of))}
    reached = frame(world, "civil_affairs.community", month).set_index("community_code")
    reached = reached.reindex(sorted(urban))
    renewal = frame(world, "housing.renewal", Period(date(2010, 1, 1), as_of))
    designated = pd.to_datetime(renewal.designated_on).between(str(start), str(as_of))
    completed = pd.to_datetime(renewal.completed_on).between(str(start), str(as_of))
    organisations = frame(world, "civil_affairs.social_organisation", month)
    normal = organisations[organisations.status == "正常"]
    founded = pd.to_datetime(organisations.founded_on).between(str(start), str(as_of))
    real_towns = [
        d.code
        for d in register(REGISTER_DATES[0])
        if d.code.endswith("000")
        and d.code[6:9] < "400"
        and d.code != "110115000000"
        and not d.is_etown
    ]
    staff = frame(world, "civil_affairs.social_worker_month", month)
    return {
        "edu_compulsory_seats_added": (sign * seats.seats).sum(),
        "hlt_institutions_total": (frame(world, "health.institution", month).status == "执业").sum(),
        "civ_elderly_service_institutions_total": frame(world, "civil_affairs.elderly_facility", month)
        .pipe(lambda f: f[f.closed_on.isna()]).facility_id.nunique(),
        "hsg_affordable_units_built": lots[built].units.sum(),
        "civ_15min_circle_urban_coverage": reached.service_circle_on.notna().mean(),
        "civ_donation_site_coverage": reached.donation_site_on.notna().mean(),
        "hsg_old_estate_renewal_pilots": renewal[designated & (renewal.renewal_type == "有机更新试点")]
        .community_code.nunique(),
        "hsg_power_retrofit_households": renewal[completed & (renewal.renewal_type == "电力改造(内线)")]
        .groupby("estate_id").households.max().sum(),
        "hsg_three_no_communities_served": three_no(world, start, as_of),
        "hsg_property_mgmt_coverage": managed(world, as_of),
        "civ_industry_associations_founded": organisations[founded].organisation_name.isin(NAMES).sum(),
        "civ_social_orgs_total": len(normal),
        "civ_town_so_federation_coverage": len(set(normal[normal.is_town_federation].town) & set(real_towns))
        / len(real_towns),
        "civ_social_work_professionals": staff.professionals.sum(),
        "civ_social_work_certified": staff.certified_professionals.sum(),
        "civ_community_worker_cert_rate": staff.certified_community_workers.sum() / staff.community_workers.sum(),
    }  # fmt: skip


def three_no(world: World, start: date, as_of: date) -> int:
    """From daily registers: was the estate 三无 the day before each contract began?"""
    contracts = frame(world, "housing.property_contract", Period(start, as_of))
    contracts = contracts[contracts.starts_on.between(start, as_of)]
    communities = set()
    for day, group in contracts.groupby("starts_on"):
        before = day - timedelta(days=1)
        register_then = frame(world, "housing.estate", Period(before, before))
        then = register_then[
            register_then.is_three_no & register_then.estate_id.isin(group.estate_id)
        ]
        communities |= set(then.community_code)
    return len(communities)


def managed(world: World, as_of: date) -> float:
    estates = frame(world, "housing.estate", Period(as_of, as_of))
    contracts = frame(world, "housing.property_contract", Period(as_of, as_of))
    open_end = contracts.ends_on.isna() | (contracts.ends_on.fillna(date.max) >= as_of)
    return float(estates.estate_id.isin(contracts[open_end].estate_id).mean())


def test_the_default_seed_gives_the_chapters_figures(sample: Sample) -> None:
    truth = sample.manifest["truths"][0]
    assert truth["as_of"] == "2020-12-31"
    at_anchor = truth["indicators"]
    figures = {code: at_anchor[code]["value"] for code in CHAPTER}
    assert figures == pytest.approx(CHAPTER, abs=1e-12)
    assert at_anchor["civ_donation_site_coverage"]["value"] < 1
    federations = at_anchor["civ_town_so_federation_coverage"]
    assert (federations["numerator"], federations["denominator"]) == (2, 20)


@pytest.mark.parametrize("seed", [14, 7, 99])
def test_truths_are_what_pandas_counts(seed: int) -> None:
    world = World(seed, Span(2016, 2025), 0)
    for start, as_of in (
        (date(2016, 1, 1), date(2020, 12, 31)),
        (date(2021, 1, 1), date(2025, 12, 31)),
    ):
        figures = {code: truth.value for code, truth in truths(world, start, as_of).items()}
        assert figures == pytest.approx(by_pandas(world, start, as_of))


def test_order_totals_are_what_pandas_counts(world: World) -> None:
    orders = pd.DataFrame([world.hotline.as_of(o, world.hotline.end) for o in world.hotline.orders])
    counted = totals(world)
    assert counted["orders"] == len(orders)
    assert counted["cases"] == orders.case_id.nunique()
    assert counted["callers"] == orders.caller_phone.nunique()
    valid = orders[orders.is_valid_callback.eq(True)]
    for year, counts in counted["orders_by_year"].items():  # type: ignore[attr-defined]
        part = valid[valid.opened_at.dt.year == int(year)]
        assert counts["valid_callbacks"] == len(part)
        assert counts["resolved"] == (part.resolution == "解决").sum()
        assert counts["satisfied"] == (part.satisfaction == "满意").sum()


def test_clean_and_repaired_files_together_hold_the_places(sample: Sample) -> None:
    """Read the files of the seat changes as a person would, take out what is faulty, add the corrections."""
    held: dict[str, tuple[str, str, int, date]] = {}
    stages = {"学前": "幼儿园", "学前教育": "幼儿园", "初级中学": "初中", "高级中学": "高中"}
    entries = sorted(
        (
            e
            for e in sample.files("history", "newest", "repaired")
            if e["feed"] == "education.seat_change"
        ),
        key=lambda e: e["received_on"],
    )
    for entry in entries:
        faulty = {(f["sheet"], f["row"]) for f in entry["faults"] if f["outcome"] != "loaded"}
        for sheet, rows in reading.sheets(sample.folder / entry["path"], entry["encoding"]).items():
            for number, row in enumerate(rows, start=1):
                if not str(row[0]).startswith("XW") or (sheet, number) in faulty:
                    continue
                change, _, stage, kind, seats, when = row[:6]
                if entry["mode"] == "retraction":
                    del held[change]
                else:
                    held[change] = (
                        stages.get(stage, stage),
                        kind,
                        int(str(seats).rstrip("个")),
                        when,
                    )
    signs = {"撤并": -1, "合并": -1}
    total = sum(
        signs.get(kind, 1) * seats
        for change, (stage, kind, seats, _) in held.items()
        if stage in ("小学", "初中") and change[2:6] <= "2020"
    )
    assert total == 24000


def test_before_the_repair_the_figures_are_not_yet_met(sample: Sample) -> None:
    """Otherwise nobody would see what the corrections are for."""
    hit: set[str] = set()
    for entry in sample.files("history"):
        faults = [f for f in entry["faults"] if f["outcome"] == "quarantined"]
        if entry["period"]["end"] <= "2020-12-31" and faults:
            hit.add(entry["feed"])
    assert len(hit) >= 12


def as_int(value: Any) -> int:
    return int(str(value).replace(",", ""))
