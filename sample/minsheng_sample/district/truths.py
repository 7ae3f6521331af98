"""What the plan's indicators come to in a simulated district, counted from its true rows.

Nothing here knows the warehouse: these are the answers against which it is tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from minsheng_sample import timeline
from minsheng_sample.district.education import COMPULSORY, GAINS
from minsheng_sample.district.organisations import ASSOCIATIONS
from minsheng_sample.district.renewal import PILOT, POWER
from minsheng_sample.district.world import World
from minsheng_sample.register import committees, in_force, towns
from minsheng_sample.timeline import Period, Row


@dataclass(frozen=True)
class Truth:
    """A true value, with the parts of a ratio."""

    value: float
    numerator: float | None = None
    denominator: float | None = None

    def as_dict(self) -> dict[str, float | None]:
        """The parts by name."""
        return {"value": self.value, "numerator": self.numerator, "denominator": self.denominator}


def truths(world: World, start: date, as_of: date) -> dict[str, Truth]:
    """The computable indicators: flows from `start`, stocks and ratios at `as_of`."""
    month = timeline.month(as_of.year, as_of.month)
    staff = world.rows("civil_affairs.social_worker_month", month)
    figures = {
        "edu_compulsory_seats_added": Truth(_seats(world, start, as_of)),
        "hlt_institutions_total": Truth(
            sum(row["status"] == "执业" for row in world.rows("health.institution", month))
        ),
        "civ_elderly_service_institutions_total": Truth(
            sum(
                row["status"] == "运营"
                for row in world.rows("civil_affairs.elderly_facility", month)
            )
        ),
        "hsg_affordable_units_built": Truth(
            sum(
                _number(lot["units"])
                for lot in world.rows("housing.affordable_project", month)
                if _within(lot["completed_on"], start, as_of)
            )
        ),
        "civ_15min_circle_urban_coverage": _coverage(world, month, "service_circle_on"),
        "civ_donation_site_coverage": _coverage(world, month, "donation_site_on"),
        "hsg_old_estate_renewal_pilots": Truth(
            len(
                {
                    row["community_code"]
                    for row in world.renewal.rows
                    if row["renewal_type"] == PILOT and _within(row["designated_on"], start, as_of)
                }
            )
        ),
        "hsg_power_retrofit_households": Truth(
            sum(
                _number(row["households"])
                for row in world.renewal.rows
                if row["renewal_type"] == POWER and _within(row["completed_on"], start, as_of)
            )
        ),
        "hsg_three_no_communities_served": Truth(_three_no(world, start, as_of)),
        "hsg_property_mgmt_coverage": _managed(world, as_of),
        "civ_social_work_professionals": Truth(_sum(staff, "professionals")),
        "civ_social_work_certified": Truth(_sum(staff, "certified_professionals")),
        "civ_community_worker_cert_rate": _ratio(
            _sum(staff, "certified_community_workers"), _sum(staff, "community_workers")
        ),
    }
    return dict(sorted((figures | _organisations(world, month, start)).items()))


def totals(world: World) -> dict[str, object]:
    """True totals that no indicator states: orders and their callbacks by year, rows of registers."""
    end = world.hotline.end
    years: dict[str, dict[str, int]] = {}
    orders = [world.hotline.as_of(order, end) for order in world.hotline.orders]
    for order in orders:
        opened = order["opened_at"]
        year = years.setdefault(str(opened)[:4], dict.fromkeys(_ORDER_COUNTS, 0))
        for name, holds in _ORDER_COUNTS.items():
            year[name] += sum(order[field] in values for field, values in holds.items()) == len(
                holds
            )
    return {
        "orders": len(orders),
        "cases": len({order["case_id"] for order in orders}),
        "callers": len({order["caller_phone"] for order in orders}),
        "orders_by_year": years,
    }


_ORDER_COUNTS: dict[str, dict[str, tuple[object, ...]]] = {
    "orders": {},
    "valid_callbacks": {"is_valid_callback": (True,)},
    "contacted": {"is_valid_callback": (True,), "is_contacted": (True,)},
    "resolved": {"is_valid_callback": (True,), "resolution": ("解决",)},
    "satisfied": {"is_valid_callback": (True,), "satisfaction": ("满意",)},
    "basically_satisfied": {"is_valid_callback": (True,), "satisfaction": ("基本满意",)},
    "excluded": {"is_excluded": (True,)},
    "returned_twice_or_more": {"return_count": (2, 3)},
}


def _seats(world: World, start: date, as_of: date) -> int:
    return sum(
        _number(row["seats"]) * (1 if row["change_type"] in GAINS else -1)
        for row in world.education.changes
        if row["stage"] in COMPULSORY and _within(row["effective_on"], start, as_of)
    )


def _coverage(world: World, month: Period, field: str) -> Truth:
    eligible = {committee.code for committee in committees(in_force(month.end))}
    rows = world.rows("civil_affairs.community", month)
    covered = {row["community_code"] for row in rows if row[field] is not None}
    return _ratio(len(covered & eligible), len(eligible))


def _three_no(world: World, start: date, as_of: date) -> int:
    """Communities with an estate that was 三无 on the day before a contract began."""
    return len(
        {
            estate.community_code
            for estate in world.estates.estates
            for contract in estate.contracts
            if start <= contract.starts <= as_of
            and estate.is_three_no(contract.starts - timedelta(days=1))
        }
    )


def _managed(world: World, as_of: date) -> Truth:
    estates = [estate for estate in world.estates.estates if estate.listed <= as_of]
    return _ratio(sum(estate.is_managed(as_of) for estate in estates), len(estates))


def _organisations(world: World, month: Period, start: date) -> dict[str, Truth]:
    rows = world.rows("civil_affairs.social_organisation", month)
    normal = [row for row in rows if row["status"] == "正常"]
    # The two subdistricts that the economic development area reports as its own are left out.
    eligible = {town.code for town in towns() if not town.is_etown}
    with_federation = {row["town"] for row in normal if row["is_town_federation"]} & eligible
    return {
        "civ_industry_associations_founded": Truth(
            sum(
                row["organisation_name"] in ASSOCIATIONS
                and _within(row["founded_on"], start, month.end)
                for row in rows
            )
        ),
        "civ_social_orgs_total": Truth(len(normal)),
        "civ_town_so_federation_coverage": _ratio(len(with_federation), len(eligible)),
    }


def _ratio(numerator: float, denominator: float) -> Truth:
    return Truth(numerator / denominator, numerator, denominator)


def _sum(rows: list[Row], field: str) -> int:
    return sum(_number(row[field]) for row in rows)


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _within(value: object, start: date, end: date) -> bool:
    return isinstance(value, date) and start <= value <= end
