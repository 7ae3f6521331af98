"""Communities and what they have reached, staff by town, residents by town: what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from minsheng_sample.chance import Chance
from minsheng_sample.figures import Figures
from minsheng_sample.register import (
    DISTRICT,
    REGISTER_DATES,
    Division,
    committees,
    in_force,
    register,
    towns,
)
from minsheng_sample.timeline import Period, Row, Span

STAFF = (
    "community_workers",
    "certified_community_workers",
    "professionals",
    "certified_professionals",
)


@dataclass(frozen=True)
class Reached:
    """The days on which a community reached the two standards."""

    circle: date | None
    donation: date | None


class Communities:
    """Communities, social workers and residents of a sample."""

    def __init__(self, seed: int, span: Span, figures: Figures) -> None:
        self._draw = Chance("communities", seed)
        self._span = span
        self._figures = figures
        self._reached = self._all_reached()
        self._staff = self._staff_at_anchor()

    def division(self, period: Period) -> list[Row]:
        """The register with this cut-off date."""
        return [
            {
                "division_code": division.code,
                "division_name": division.name,
                "parent_code": division.parent or None,
                "level": division.level,
                "urban_rural_class": division.urban_rural_class or None,
                "unit_type": division.unit_type or None,
                "aliases": ";".join(division.aliases) or None,
                "is_etown": division.is_etown,
            }
            for division in register(period.end)
        ]

    def community(self, period: Period) -> list[Row]:
        """The committees at a period's end, and ten villages that reached a standard unasked."""
        day = in_force(period.end)
        villages = [division for division in register(day) if division.level == "村"][::45][:10]
        return [
            {
                "community_code": division.code,
                "community_name": division.name.removesuffix("居委会"),
                "is_urban": division.is_committee,
                "service_circle_on": _until(self._reached_by(division).circle, period.end),
                "donation_site_on": _until(self._reached_by(division).donation, period.end),
            }
            for division in (*committees(day), *villages)
        ]

    def social_worker_month(self, period: Period) -> list[Row]:
        """Staff by town in a month; aggregates only."""
        months = (period.end.year - self._span.anchor.year) * 12 + (
            period.end.month - self._span.anchor.month
        )
        rows: list[Row] = []
        for town in towns():
            parts = self._staff[town.code]
            # About a third of a percent a month, and exactly the figures at the anchor.
            factor = 1000 + 3 * months
            row: Row = {"month": date(period.end.year, period.end.month, 1), "town": town.code}
            row |= {name: max(1, parts[name] * factor // 1000) for name in STAFF}
            rows.append(row)
        return rows

    def population(self, period: Period) -> list[Row]:
        """Residents by town in a year, and the district's sum."""
        draw = self._draw.branch("population")
        base = {town.code: draw.integer(30, 150) * 1000 + draw.integer(0, 999) for town in towns()}
        year = period.end.year
        rows: list[Row] = [
            {
                "division_code": code,
                "division_name": next(t.name for t in towns() if t.code == code),
                "year": year,
                "residents": count * (1000 + 14 * (year - 2016)) // 1000,
                "basis": "普查" if year % 10 == 0 else "抽样推算",
            }
            for code, count in base.items()
        ]
        total = sum(int(str(row["residents"])) for row in rows)
        district: Row = {
            "division_code": DISTRICT,
            "division_name": "大兴区",
            "year": year,
            "residents": total,
            "basis": "普查" if year % 10 == 0 else "抽样推算",
        }
        return [district, *rows]

    def _staff_at_anchor(self) -> dict[str, dict[str, int]]:
        """Figures cut into towns, the certified never more than all."""
        draw, figures = self._draw.branch("staff"), self._figures
        codes = [town.code for town in towns()]
        workers = draw.parts(figures.community_workers, len(codes), spread=0.5)
        professionals = draw.parts(figures.professionals, len(codes), spread=0.5)
        cut = (
            workers,
            _shares(figures.certified_community_workers, workers),
            professionals,
            _shares(figures.certified_professionals, professionals),
        )
        return {
            code: dict(zip(STAFF, values, strict=True))
            for code, *values in zip(codes, *cut, strict=True)
        }

    def _reached_by(self, division: Division) -> Reached:
        return self._reached.get(division.code, Reached(None, None))

    def _all_reached(self) -> dict[str, Reached]:
        draw, span = self._draw.branch("reached"), self._span
        day = in_force(span.anchor)
        eligible = committees(day)
        no_circle = {
            division.code for division in draw.some(eligible, self._figures.uncovered_circle)
        }
        no_donation = {
            division.code
            for division in draw.some(eligible, self._figures.communities_without_donation_site)
        }
        first_seen = {
            division.code: when
            for when in reversed(REGISTER_DATES)
            for division in committees(when)
        }
        reached = {}
        for code in sorted(first_seen):
            since = first_seen[code]
            if since <= day:
                circle = _later(draw, span) if code in no_circle else span.before_anchor(draw)
                donation = _later(draw, span) if code in no_donation else span.before_anchor(draw)
                reached[code] = Reached(circle, donation)
            else:
                reached[code] = Reached(
                    since + timedelta(days=draw.integer(90, 1200)) if draw.happens(0.6) else None,
                    since + timedelta(days=draw.integer(90, 1200)) if draw.happens(0.5) else None,
                )
        for division in register(day):
            if division.level == "村" and division.code not in reached and draw.happens(0.3):
                reached[division.code] = Reached(span.before_anchor(draw), None)
        return reached


def _later(draw: Chance, span: Span) -> date | None:
    later = span.after_anchor(draw)
    return later if draw.happens(0.5) else None


def _until(value: date | None, day: date) -> date | None:
    return value if value is not None and value <= day else None


def _shares(total: int, of: list[int]) -> list[int]:
    """`total` cut in proportion, by largest remainder."""
    whole = sum(of)
    shares = [total * part // whole for part in of]
    by_rest = sorted(range(len(of)), key=lambda index: -(total * of[index] % whole))
    for index in by_rest[: total - sum(shares)]:
        shares[index] += 1
    return shares
