"""The 16 indicators once more, written in pandas from the definitions, on random districts.

It reads the star and its history as plain tables and shares no text with the SQL files.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from etl.evaluate import Reading
from etl.plan import load_plan
from tests.warehouse.star import Star

PLAN = load_plan()
CODES = [
    statement.code
    for statement in PLAN.statements
    if statement.computable == "C" and statement.in_chapter
]
FOREVER = 2**62


class District:
    """Random rows with versions of both times, and the tables read back into frames."""

    def __init__(self, star: Star, seed: int) -> None:
        self.star, self.draw = star, random.Random(seed)
        star.delivery(at="2021-01-01")
        self._fill()
        star.delivery(at="2021-02-01")
        self.first = star.seq - 1
        self._correct()
        self._fill()

    def day(self, first: int = 2014, last: int = 2022) -> str:
        """A day, often the last of a year."""
        if self.draw.random() < 0.15:
            return f"{self.draw.randint(first, last)}-12-31"
        return str(date(first, 1, 1) + timedelta(self.draw.randrange((last - first + 1) * 365)))

    def maybe(self, value: Any, share: float = 0.5) -> Any:
        """The value, or None."""
        return value if self.draw.random() < share else None

    def versions(self, thing: str, name: str, make: Callable[[], dict[str, Any]]) -> None:
        """One to three versions of a thing, the last one open or closed."""
        days = sorted({self.day() for _ in range(self.draw.randint(1, 3))})
        ends = [*days[1:], self.draw.choice(["infinity", "2022-12-31", "infinity"])]
        for since, until in zip(days, ends, strict=True):
            if since < until or until == "infinity":
                self.star.dimension(thing, name, since, until, **make())

    def _fill(self) -> None:
        star, pick, mark = self.star, self.draw.choice, self.star.seq
        areas = [star.key("area", f"1101150{t:02d}00{n}") for t in (1, 2, 12) for n in range(1, 5)]
        if mark == 1:
            for t in (1, 2, 3, 4, 12, 13):
                self.versions("area", f"1101150{t:02d}000", lambda t=t: {
                    "area_code": f"1101150{t:02d}000", "area_name": f"镇{t}", "area_level": "town",
                    "parent_area_key": -1, "unit_type": pick(["街道", "镇", "统计类似乡级单位", None])})  # fmt: skip
            for t in (1, 2, 12):
                for n in range(1, 5):
                    self.versions("area", f"1101150{t:02d}00{n}", lambda t=t, n=n: {
                        "area_code": f"1101150{t:02d}00{n}", "area_name": f"社区{n}", "parent_area_key": -1,
                        "area_level": pick(["community", "community", "village"]),
                        "urban_rural_class": pick(["111", "112", "123", None])})  # fmt: skip
        towns = [star.key("area", f"1101150{t:02d}000") for t in (1, 2, 3, 12)]
        estates = [star.key("estate", f"E{mark}{n}") for n in range(14)]
        for n in range(14):
            self.versions("estate", f"E{mark}{n}", lambda: {
                "estate_id": "E", "estate_name": "小区", "area_key": pick([*areas, -1]), "is_three_no": pick([True, False, None])})  # fmt: skip
            for _ in range(self.draw.randint(0, 2)):
                star.put("fact_property_contract", estate_key=pick(estates), firm_id=f"F{n}{self.draw.random()}",
                         starts_on=self.day(), ends_on=self.maybe(self.day(), 0.3))  # fmt: skip
            star.put("fact_renewal", project_id=f"P{mark}{n}", estate_key=pick([*estates, -1, -2]),
                     area_key=pick([*areas, -1]), renewal_type=pick(["电力改造(内线)", "有机更新试点", "节能改造"]),
                     households=self.maybe(self.draw.randint(10, 900), 0.9), designated_on=self.maybe(self.day()),
                     completed_on=self.maybe(self.day()))  # fmt: skip
            self.versions("institution", f"I{mark}{n}", lambda: {
                "institution_id": "I", "institution_name": "诊所", "area_key": -1, "category_code": self.maybe("D211"),
                "status": pick(["执业", "执业", "停业", "注销"]), "registered_on": self.maybe(self.day()),
                "deregistered_on": self.maybe(self.day(), 0.2)})  # fmt: skip
            self.versions("facility", f"K{mark}{n}", lambda: {
                "facility_id": "K", "facility_name": "院", "area_key": -1, "status": pick(["运营", "停业", "关闭", None]),
                "facility_type": pick(["养老机构", "养老服务驿站", "其他"]), "opened_on": self.maybe(self.day()),
                "closed_on": self.maybe(self.day(), 0.2)})  # fmt: skip
            self.versions("organisation", f"R{mark}{n}", lambda n=n: {
                "registration_no": f"R{mark}{n}", "uscc": self.maybe(f"51{n % 6}"), "area_key": pick([*towns, -1]),
                "organisation_name": pick(["大兴区殡葬行业协会", "北京市大兴区老龄产业协会", "大兴区书画协会"]),
                "organisation_type": pick(["社会团体", "社会团体", "基金会", "民办非企业单位", "备案组织"]),
                "is_town_federation": pick([True, False, None]), "status": pick(["正常", "正常", "注销"]),
                "founded_on": self.maybe(self.day(), 0.8), "deregistered_on": self.maybe(self.day(), 0.2),
                "registrar": pick(["大兴区民政局", "北京市民政局", None])})  # fmt: skip
            star.put("fact_seat_change", change_id=f"C{mark}{n}", school_key=-1, stage=pick(["小学", "初中", "高中"]),
                     change_type=pick(["新建", "改扩建", "撤并", "回收再用"]), seats=self.draw.randint(1, 500),
                     effective_on=self.day())  # fmt: skip
            star.put("fact_housing_milestone", project_id=f"H{mark}{n}", lot_id="1", area_key=-1,
                     milestone=pick(["started", "completed", "delivered"]), units=self.draw.randint(1, 900),
                     milestone_on=self.day())  # fmt: skip
        if mark == 1:
            for key in areas[:9]:
                star.put("fact_community_coverage", area_key=key, service_circle_on=self.maybe(self.day()),
                         donation_site_on=self.maybe(self.day()))  # fmt: skip
            for key in towns:
                for month in ("2020-11-01", "2020-12-01", "2021-01-01", "2021-06-01"):
                    if self.draw.random() < 0.8:
                        workers, people = self.draw.randint(20, 90), self.draw.randint(20, 90)
                        star.put("fact_social_worker_month", area_key=key, month=month, community_workers=workers,
                                 certified_community_workers=self.maybe(workers // 3, 0.9), professionals=people,
                                 certified_professionals=people // 2)  # fmt: skip

    def _correct(self) -> None:
        """The second delivery withdraws a third of all rows."""
        for table in tables(self.star.connection):
            self.star.forget(table, "delivery_id IS NOT NULL AND row_no % 3 = 0")


def tables(connection: sa.Connection) -> list[str]:
    wanted = "(fact_(seat|housing|property|renewal|community|social)|dim_(area|institution|facility|organisation|estate))"
    return list(
        connection.execute(
            sa.text(f"SELECT target FROM ledger.target WHERE target ~ '^{wanted}'")
        ).scalars()
    )


class Frames:
    """What is believed at a commit, as frames."""

    def __init__(self, connection: sa.Connection, seq: int, as_of: date) -> None:
        self.connection, self.seq, self.as_of = connection, seq, as_of
        self.start = date(2016, 1, 1) if as_of <= date(2020, 12, 31) else date(2021, 1, 1)

    def __call__(self, table: str) -> pd.DataFrame:
        parts = []
        for schema, upto in (("star", f"{FOREVER}::bigint"), ("history", "known_to")):
            frame = pd.DataFrame(
                self.connection.execute(sa.text(f"SELECT *, {upto} AS upto FROM {schema}.{table}"))
                .mappings()
                .all()
            )
            parts.append(frame.drop(columns=["known_to"], errors="ignore"))
        rows = pd.concat([part for part in parts if not part.empty], ignore_index=True)
        return rows[(rows.known_from <= self.seq) & (rows.upto > self.seq)].astype(object)

    def valid(self, table: str, on: date | None = None) -> pd.DataFrame:
        rows, on = self(table), on or self.as_of
        return rows[[a <= on < b for a, b in zip(rows.valid_from, rows.valid_to, strict=True)]]

    def within(self, days: pd.Series) -> pd.Series:
        return days.map(lambda day: isinstance(day, date) and self.start <= day <= self.as_of)


def none(value: Any) -> bool:
    return value is None or value is pd.NaT or value != value


def computed(f: Frames, code: str) -> float | None:
    """The definition of each indicator, row by row."""
    if code == "edu_compulsory_seats_added":
        rows = f("fact_seat_change")
        rows = rows[rows.stage.isin(["小学", "初中"]) & f.within(rows.effective_on)]
        return float(
            sum(-r.seats if r.change_type == "撤并" else r.seats for r in rows.itertuples())
        )
    if code == "hlt_institutions_total":
        rows = f.valid("dim_institution")
        return float(sum(
            r.status == "执业" and (none(r.registered_on) or r.registered_on <= f.as_of)
            and (none(r.deregistered_on) or r.deregistered_on > f.as_of) for r in rows.itertuples()
        ))  # fmt: skip
    if code == "civ_elderly_service_institutions_total":
        rows = f.valid("dim_facility")
        return float(sum(
            r.facility_type != "其他" and (none(r.status) or r.status == "运营")
            and (none(r.opened_on) or r.opened_on <= f.as_of) and (none(r.closed_on) or r.closed_on > f.as_of)
            for r in rows.itertuples()
        ))  # fmt: skip
    if code == "hsg_affordable_units_built":
        rows = f("fact_housing_milestone")
        return float(
            rows[(rows.milestone == "completed") & f.within(rows.milestone_on)].units.sum()
        )
    if code in ("civ_15min_circle_urban_coverage", "civ_donation_site_coverage"):
        circle = code.startswith("civ_15")
        column = "service_circle_on" if circle else "donation_site_on"
        reached = dict(
            f("fact_community_coverage")[["area_key", column]].itertuples(index=False, name=None)
        )
        places = [
            r.area_key for r in f.valid("dim_area").itertuples()
            if r.area_level == "community"
            and (not circle or none(r.urban_rural_class) or r.urban_rural_class in ("111", "112"))
        ]  # fmt: skip
        got = [key for key in places if not none(reached.get(key)) and reached[key] <= f.as_of]
        return len(got) / len(places) if places else None
    if code == "hsg_old_estate_renewal_pilots":
        rows = f("fact_renewal")
        rows = rows[(rows.renewal_type == "有机更新试点") & f.within(rows.designated_on)]
        return float(
            len(
                {
                    ("c", r.area_key) if r.area_key > 0 else ("e", r.estate_key)
                    for r in rows.itertuples()
                }
            )
        )
    if code == "hsg_power_retrofit_households":
        rows = f("fact_renewal")
        rows = rows[(rows.renewal_type == "电力改造(内线)") & f.within(rows.completed_on)]
        best: dict[Any, float] = {}
        for r in rows.itertuples():
            same = r.estate_key if r.estate_key > 0 else (r.estate_key, r.project_id)
            if not none(r.households):
                best[same] = max(best.get(same, 0), r.households)
        return float(sum(best.values())) if best or rows.empty else None
    if code == "hsg_three_no_communities_served":
        contracts, estates = f("fact_property_contract"), f("dim_estate")
        communities = set()
        for c in contracts[f.within(contracts.starts_on)].itertuples():
            eve = c.starts_on - timedelta(1)
            for e in estates[estates.estate_key == c.estate_key].itertuples():
                if e.valid_from <= eve < e.valid_to and e.is_three_no is True:
                    communities.add(("c", e.area_key) if e.area_key > 0 else ("e", e.estate_key))
        return float(len(communities))
    if code == "hsg_property_mgmt_coverage":
        active = {
            c.estate_key for c in f("fact_property_contract").itertuples()
            if c.starts_on <= f.as_of and (none(c.ends_on) or c.ends_on >= f.as_of)
        }  # fmt: skip
        keys = list(f.valid("dim_estate").estate_key)
        return sum(key in active for key in keys) / len(keys) if keys else None
    if code == "civ_industry_associations_founded":
        rows = f("dim_organisation")
        rows = rows[(rows.organisation_type == "社会团体") & f.within(rows.founded_on)]
        rows = rows[
            rows.valid_from.map(lambda day: day <= f.as_of)
            & rows.organisation_name.isin(["大兴区殡葬行业协会", "北京市大兴区老龄产业协会"])
        ]
        return float(
            len({r.registration_no if none(r.uscc) else r.uscc for r in rows.itertuples()})
        )
    if code == "civ_social_orgs_total":
        return float(len({
            r.registration_no if none(r.uscc) else r.uscc for r in f.valid("dim_organisation").itertuples()
            if r.status == "正常" and r.organisation_type != "备案组织" and (none(r.registrar) or "大兴" in r.registrar)
            and (none(r.founded_on) or r.founded_on <= f.as_of)
            and (none(r.deregistered_on) or r.deregistered_on > f.as_of)
        }))  # fmt: skip
    if code == "civ_town_so_federation_coverage":
        towns = [
            r.area_key for r in f.valid("dim_area").itertuples()
            if r.area_level == "town" and r.unit_type != "统计类似乡级单位" and r.area_code[6:9] not in ("012", "013")
        ]  # fmt: skip
        having = {
            r.area_key for r in f.valid("dim_organisation").itertuples()
            if r.is_town_federation is True and r.status == "正常"
            and (none(r.founded_on) or r.founded_on <= f.as_of)
            and (none(r.deregistered_on) or r.deregistered_on > f.as_of)
        }  # fmt: skip
        return sum(key in having for key in towns) / len(towns) if towns else None
    rows = f("fact_social_worker_month")
    ended = (f.as_of + timedelta(1)).replace(day=1) - timedelta(1)
    rows = rows[rows.month.map(lambda day: day == ended.replace(day=1))]
    if code == "civ_community_worker_cert_rate":
        pairs = [
            (r.certified_community_workers, r.community_workers) for r in rows.itertuples()
            if not none(r.certified_community_workers) and not none(r.community_workers)
        ]  # fmt: skip
        return sum(a for a, _ in pairs) / sum(b for _, b in pairs) if pairs else None
    columns = {
        "civ_social_work_professionals": "professionals",
        "civ_social_work_certified": "certified_professionals",
    }
    # A code that nobody has written down here is a KeyError, never another one's figure.
    return float(rows[columns[code]].dropna().sum())


@pytest.mark.parametrize("number", [1, 2, 3])
def test_both_implementations_agree(star: Star, number: int) -> None:
    district = District(star, number)
    compared = 0
    for as_of in (
        date(2020, 12, 31),
        date(2021, 6, 30),
        date.fromisoformat(district.day(2017, 2022)),
    ):
        for seq in (district.first, star.seq):
            reading, frames = (
                Reading(star.connection, {}, as_of),
                Frames(star.connection, seq, as_of),
            )
            reading.__dict__["moment"] = type("Moment", (), {"seq": seq, "at": None})
            for code in CODES:
                got, wanted = reading.figure(PLAN.statement(code)).value, computed(frames, code)
                assert got == (pytest.approx(wanted) if wanted is not None else None), (
                    code,
                    as_of,
                    seq,
                )
                compared += bool(got)
    assert compared > 60, "the random districts are too empty to show anything"


def test_a_code_without_an_implementation_is_no_other_ones(star: Star) -> None:
    frames = Frames(star.connection, star.seq, date(2020, 12, 31))
    star.put("fact_social_worker_month", area_key=-1, month="2020-12-01", professionals=5)
    for code in ("civ_social_work", "civ_social_work_trained", "hot_orders"):
        with pytest.raises(KeyError, match=code):
            computed(frames, code)
