"""Residential estates and the firms that manage them: what is true of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from minsheng_sample.chance import Chance
from minsheng_sample.codes import uscc
from minsheng_sample.figures import Figures
from minsheng_sample.register import Division, lasting_committees
from minsheng_sample.timeline import Period, Row, Span, moved

PILOTS = ("110115003008", "110115001022")
"""枣园社区 and 三合南里社区, the two pilots that the plan names."""

MODES = (("专业物业服务", 8.0), ("社区托管", 1.0), ("单位自管", 0.6), ("应急物业服务", 0.4))
_FIRMS = 70
_OLD = 2001


@dataclass(frozen=True)
class Contract:
    """A firm manages an estate from a day to a day."""

    firm: int
    starts: date
    ends: date | None
    mode: str


@dataclass(frozen=True)
class Estate:
    """An estate with its contracts."""

    estate_id: str
    name: str
    community_code: str
    households: int
    built: int
    listed: date
    three_no_until: date | None
    contracts: tuple[Contract, ...]

    def is_three_no(self, day: date) -> bool:
        """Whether it has no manager, no owners' body and no fund on a day."""
        return self.three_no_until is not None and day < self.three_no_until

    def is_managed(self, day: date) -> bool:
        """Whether a contract runs on a day."""
        return any(c.starts <= day and (c.ends is None or day <= c.ends) for c in self.contracts)


class Estates:
    """All estates of a sample."""

    def __init__(self, seed: int, span: Span, figures: Figures) -> None:
        self._draw = Chance("estates", seed)
        self._span = span
        self.estates = self._estates(figures)

    def estate(self, period: Period) -> list[Row]:
        """The register of estates at a period's end, managed or not."""
        return [
            {
                "estate_id": estate.estate_id,
                "estate_name": estate.name,
                "community_code": estate.community_code,
                "households": estate.households,
                "built_year": estate.built,
                "is_three_no": estate.is_three_no(period.end),
                "is_old_estate": estate.built < _OLD,
            }
            for estate in self.estates
            if estate.listed <= period.end
        ]

    def property_contract(self, period: Period) -> list[Row]:
        """Every contract that began by a period's end, ended ones too."""
        return [
            {
                "estate_id": estate.estate_id,
                "firm_name": f"示例物业服务{contract.firm + 1:02d}有限公司",
                "firm_uscc": uscc("91", 5000 + contract.firm),
                "starts_on": contract.starts,
                "ends_on": contract.ends,
                "management_mode": contract.mode,
            }
            for estate in self.estates
            for contract in estate.contracts
            if contract.starts <= period.end
        ]

    def _estates(self, figures: Figures) -> list[Estate]:
        draw, span = self._draw.branch("list"), self._span
        estates: list[Estate] = []
        places = lasting_committees()
        served = draw.some(places, figures.three_no_communities)
        # Some communities have two such estates: communities are counted, not estates.
        for place in served + draw.some(served, len(served) // 6):
            taken_over = draw.day(
                span.start + timedelta(days=100), span.anchor - timedelta(days=60)
            )
            estates.append(self._estate(draw, estates, place, old=True, taken_over=taken_over))
        for place in draw.some(places, 9):
            taken_over_later = span.after_anchor(draw)
            if taken_over_later is not None and figures.unmanaged_estates > 0:
                estates.append(
                    self._estate(draw, estates, place, old=True, taken_over=taken_over_later)
                )
        if span.last >= 2024 and span.first <= 2020:
            # Entered the register after the anchor, and got a manager later still.
            for place in draw.some(places, 5):
                listed = draw.day(date(2021, 3, 1), date(2022, 6, 30))
                taken = draw.day(date(2023, 2, 1), date(2024, 9, 30))
                estates.append(
                    self._estate(draw, estates, place, old=True, taken_over=taken, listed=listed)
                )
        for code in PILOTS:
            place = next(p for p in places if p.code == code)
            estates.append(self._estate(draw, estates, place, old=True))
        for place in places:
            for _ in range(draw.integer(1, 2)):
                estates.append(self._estate(draw, estates, place, old=draw.happens(0.45)))
        for _ in range(7 * (span.last - span.first + 1)):
            listed = draw.day(span.start, span.end - timedelta(days=100))
            if abs((listed - span.anchor).days) > 100:
                estates.append(
                    self._estate(draw, estates, draw.pick(places), old=False, listed=listed)
                )
        return self._with_gaps(estates, figures.unmanaged_estates)

    def _estate(
        self,
        draw: Chance,
        estates: list[Estate],
        place: Division,
        *,
        old: bool,
        taken_over: date | None = None,
        listed: date | None = None,
    ) -> Estate:
        built = draw.integer(1978, _OLD - 1) if old else draw.integer(_OLD, self._span.first - 1)
        first = listed or date.min
        starts = taken_over or listed or draw.day(date(2011, 1, 1), date(2013, 12, 31))
        return Estate(
            estate_id=f"0{place.code[6:9]}{len(estates) + 1:05d}",
            # 𠮷 takes four bytes in GB18030, and is lost where a program writes GBK.
            name=f"示例{place.name.removesuffix('社区居委会')}"
            f"{'𠮷' if len(estates) % 40 == 7 else ''}{len(estates) + 1}号院",
            community_code=place.code,
            households=draw.integer(60, 900) if old else draw.integer(200, 2400),
            built=built if old or listed is None else listed.year,
            listed=first,
            three_no_until=taken_over,
            contracts=self._contracts(draw, starts),
        )

    def _contracts(self, draw: Chance, starts: date) -> tuple[Contract, ...]:
        """One contract after another without a gap, the last one open."""
        contracts: list[Contract] = []
        firm, mode = (
            draw.integer(0, _FIRMS - 1),
            draw.weighted(MODES),
        )
        while starts <= self._span.end:
            ends = moved(starts, draw.integer(3, 5)) - timedelta(days=1)
            while _near(ends, self._span.anchor) or _near(ends, self._span.end):
                ends += timedelta(days=30)
            contracts.append(Contract(firm, starts, ends if ends <= self._span.end else None, mode))
            starts = ends + timedelta(days=1)
            if draw.happens(0.2):
                firm = draw.integer(0, _FIRMS - 1)
        return tuple(contracts)

    def _with_gaps(self, estates: list[Estate], unmanaged: int) -> list[Estate]:
        """Leave some estates without a manager at the anchor, and a few at the end."""
        draw = self._draw.branch("gaps")
        span = self._span
        plain = [
            estate
            for estate in estates
            if estate.three_no_until is None and estate.listed < span.start
        ]
        at_anchor = {estate.estate_id for estate in draw.some(plain, unmanaged)}
        rest = [estate for estate in plain if estate.estate_id not in at_anchor]
        at_end = (
            {estate.estate_id for estate in draw.some(rest, 4)} if span.end > span.anchor else set()
        )
        changed = []
        for estate in estates:
            contracts = estate.contracts
            if estate.estate_id in at_anchor:
                contracts = _cut(
                    contracts, span.anchor, draw.integer(40, 300), draw.integer(90, 400)
                )
            if estate.estate_id in at_end:
                contracts = _cut(contracts, span.end, draw.integer(40, 300), 0)
            changed.append(replace(estate, contracts=contracts))
        return changed


def _near(day: date, mark: date) -> bool:
    return abs((day - mark).days) < 20


def _cut(
    contracts: tuple[Contract, ...], day: date, before: int, after: int
) -> tuple[Contract, ...]:
    """End the contract that runs on `day` some days before it; the next begins some days after."""
    kept: list[Contract] = []
    for contract in contracts:
        if contract.starts <= day and (contract.ends is None or contract.ends >= day):
            last = day - timedelta(days=before)
            if contract.starts < last:
                kept.append(Contract(contract.firm, contract.starts, last, contract.mode))
            if after and (contract.ends is None or contract.ends > day + timedelta(days=after)):
                kept.append(
                    Contract(
                        contract.firm, day + timedelta(days=after), contract.ends, contract.mode
                    )
                )
        elif (
            contract.ends is None
            or contract.ends < day - timedelta(days=before)
            or contract.starts > day
        ):
            kept.append(contract)
    return tuple(kept)
