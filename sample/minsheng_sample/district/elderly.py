"""Elderly-care facilities: what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from minsheng_sample.chance import Chance
from minsheng_sample.figures import Figures
from minsheng_sample.register import Town, towns
from minsheng_sample.timeline import Period, Row, Span

# type, weight, beds, share of nursing beds in percent
KINDS: tuple[tuple[str, float, tuple[int, int], int], ...] = (
    ("养老机构", 22, (60, 420), 55),
    ("养老照料中心", 16, (30, 120), 60),
    ("养老服务驿站", 62, (4, 20), 20),
)


@dataclass(frozen=True)
class Facility:
    """One facility with its days."""

    facility_id: str
    name: str
    kind: str
    beds: int
    nursing_beds: int
    occupancy: int
    town: Town
    opened: date
    closed: date | None
    paused: bool

    def status(self, day: date) -> str:
        """运营, 停业 or 关闭 on a day."""
        if self.closed is None or self.closed > day:
            return "运营"
        return "停业" if self.paused else "关闭"


class Elderly:
    """All facilities of a sample."""

    def __init__(self, seed: int, span: Span, figures: Figures) -> None:
        self._draw = Chance("elderly", seed)
        self._span = span
        self.facilities = self._facilities(figures.elderly_institutions)

    def elderly_facility(self, period: Period) -> list[Row]:
        """The facilities opened by a period's end, with that month's residents."""
        rows: list[Row] = []
        for facility in self.facilities:
            if facility.opened > period.end:
                continue
            running = facility.status(period.end) == "运营"
            rows.append(
                {
                    "facility_id": facility.facility_id,
                    "filing_no": f"合成备{facility.facility_id[-4:]}",
                    "facility_name": facility.name,
                    "facility_type": facility.kind,
                    "beds": facility.beds,
                    "nursing_beds": facility.nursing_beds,
                    "occupied": self._occupied(facility, period) if running else 0,
                    "town": facility.town.code,
                    "opened_on": facility.opened,
                    "closed_on": None if running else facility.closed,
                    "status": facility.status(period.end),
                }
            )
        return rows

    def _occupied(self, facility: Facility, period: Period) -> int:
        """The residents of a month: about the facility's usual share of its beds."""
        draw = self._draw.branch("month", facility.facility_id, period.end)
        # The epidemic closed the doors for most of 2020.
        usual = facility.occupancy * (80 if period.end.year == 2020 else 100) // 100
        return min(facility.beds, max(0, facility.beds * (usual + draw.integer(-6, 6)) // 100))

    def _facilities(self, running: int) -> list[Facility]:
        draw, span = self._draw.branch("list"), self._span
        facilities: list[Facility] = []
        for _ in range(running):
            opened = (
                span.before_anchor(draw)
                if draw.happens(0.55)
                else draw.day(date(2005, 1, 1), span.start - timedelta(days=1))
            )
            closed = span.after_anchor(draw) if draw.happens(0.1) else None
            facilities.append(self._facility(draw, len(facilities), opened, closed))
        for _ in range(running // 8):
            opened = draw.day(date(2005, 1, 1), span.start - timedelta(days=1))
            facilities.append(
                self._facility(draw, len(facilities), opened, span.before_anchor(draw))
            )
        for _ in range(5 * (span.last - span.anchor.year)):
            later = span.after_anchor(draw)
            if later is not None:
                facilities.append(self._facility(draw, len(facilities), later, None))
        return facilities

    def _facility(self, draw: Chance, serial: int, opened: date, closed: date | None) -> Facility:
        kind, _, beds, nursing = draw.weighted([(kind, kind[1]) for kind in KINDS])
        town, count = draw.pick(towns()), draw.integer(*beds)
        return Facility(
            facility_id=f"YL{serial + 1:05d}",
            name=f"示例{town.short}{kind}{serial + 1}",
            kind=kind,
            beds=count,
            nursing_beds=count * nursing // 100,
            occupancy=draw.integer(35, 92),
            town=town,
            opened=opened,
            closed=closed,
            paused=draw.happens(0.3),
        )
