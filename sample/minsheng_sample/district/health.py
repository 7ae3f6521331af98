"""Health institutions: what is true of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from minsheng_sample.chance import Chance
from minsheng_sample.codes import uscc
from minsheng_sample.figures import Figures
from minsheng_sample.register import lasting_committees, town
from minsheng_sample.timeline import Period, Row, Span

# WS 218 category, what the name ends in, weight, beds, technicians
KINDS: tuple[tuple[str, str, float, tuple[int, int], tuple[int, int]], ...] = (
    ("A100", "综合医院", 2, (80, 800), (100, 900)),
    ("A210", "中医医院", 1.4, (40, 300), (50, 350)),
    ("B100", "社区卫生服务中心", 3, (0, 60), (25, 120)),
    ("B200", "社区卫生服务站", 14, (0, 0), (3, 14)),
    ("D110", "综合门诊部", 8, (0, 0), (5, 25)),
    ("D211", "诊所", 34, (0, 0), (1, 5)),
    ("D400", "医务室", 10, (0, 0), (1, 6)),
    ("D600", "村卫生室", 28, (0, 0), (1, 3)),
)


@dataclass(frozen=True)
class Institution:
    """One registration of an institution; a serial given again is another institution."""

    number: str
    name: str
    uscc: str
    category: str
    profit: bool
    beds: int
    technicians: int
    community_code: str
    address: str
    longitude: float
    latitude: float
    registered: date
    deregistered: date | None
    suspended: tuple[date, date] | None

    def status(self, day: date) -> str:
        """执业, 停业 or 注销 on a day."""
        if self.deregistered is not None and self.deregistered <= day:
            return "注销"
        if self.suspended is not None and self.suspended[0] <= day < self.suspended[1]:
            return "停业"
        return "执业"


class Health:
    """All institutions of a sample."""

    def __init__(self, seed: int, span: Span, figures: Figures) -> None:
        self._draw = Chance("health", seed)
        self._span = span
        self.institutions = self._institutions(figures.health_institutions)

    def institution(self, period: Period) -> list[Row]:
        """The register at a period's end. Old deregistrations leave it at the end of even years."""
        kept_since = date(_clearing_year(period.end) - 4, 1, 1)
        return [
            self._row(institution, period.end)
            for institution in self.institutions
            if institution.registered <= period.end
            and (institution.deregistered is None or institution.deregistered >= kept_since)
        ]

    def _row(self, institution: Institution, day: date) -> Row:
        since = max(institution.registered, self._span.start)
        months = (day.year - since.year) * 12 + day.month - since.month
        closed = (
            institution.deregistered
            if institution.deregistered and institution.deregistered <= day
            else None
        )
        return {
            "institution_id": institution.number,
            "uscc": institution.uscc,
            "institution_name": institution.name,
            "category_code": institution.category,
            "management_class": "营利性" if institution.profit else "非营利性",
            "beds": institution.beds + institution.beds * months // 480,
            "technicians": institution.technicians + institution.technicians * months // 300,
            "address": institution.address,
            "division_code": institution.community_code,
            "registered_on": institution.registered,
            "deregistered_on": closed,
            "status": institution.status(day),
            "longitude": institution.longitude,
            "latitude": institution.latitude,
        }

    def _institutions(self, practising: int) -> list[Institution]:
        draw, span = self._draw.branch("list"), self._span
        institutions: list[Institution] = []
        for _ in range(practising):
            # Practising at the anchor; some leave later.
            registered = (
                span.before_anchor(draw)
                if draw.happens(0.22)
                else draw.day(date(1992, 1, 1), span.start - timedelta(days=1))
            )
            ended = span.after_anchor(draw) if draw.happens(0.11) else None
            institutions.append(self._institution(draw, len(institutions), registered, ended))
        for _ in range(practising // 11):
            # Gone before the anchor.
            registered = draw.day(date(1992, 1, 1), span.start - timedelta(days=1))
            institutions.append(
                self._institution(draw, len(institutions), registered, span.before_anchor(draw))
            )
        for _ in range(18):
            # Suspended over the anchor, back later.
            registered = draw.day(date(1992, 1, 1), span.start - timedelta(days=1))
            pause = (
                span.anchor - timedelta(days=draw.integer(40, 300)),
                span.anchor + timedelta(days=draw.integer(40, 500)),
            )
            institutions.append(self._institution(draw, len(institutions), registered, None, pause))
        for _ in range(practising * (span.last - span.anchor.year) // 50):
            registered_on = span.after_anchor(draw)
            if registered_on is not None:
                institutions.append(self._institution(draw, len(institutions), registered_on, None))
        return sorted(
            self._reissued(institutions),
            key=lambda institution: (institution.number, institution.registered),
        )

    def _reissued(self, institutions: list[Institution]) -> list[Institution]:
        """Give the serials of two closed clinics to two that opened later."""
        closed = [
            institution
            for institution in institutions
            if institution.deregistered and institution.category[0] == "D"
        ]
        closed.sort(
            key=lambda institution: (institution.deregistered or date.max, institution.number)
        )
        young = sorted(
            (institution for institution in institutions if institution.category[0] == "D"),
            key=lambda institution: institution.registered,
        )[-2:]
        serials = {
            id(new): old.number
            for old, new in zip(closed, young, strict=False)
            if old.deregistered and old.deregistered < new.registered
        }
        return [
            replace(institution, number=serials.get(id(institution), institution.number))
            for institution in institutions
        ]

    def _institution(
        self,
        draw: Chance,
        serial: int,
        registered: date,
        deregistered: date | None,
        suspended: tuple[date, date] | None = None,
    ) -> Institution:
        code, suffix, _, beds, technicians = draw.weighted([(kind, kind[2]) for kind in KINDS])
        place = draw.pick(lasting_committees())
        area = town(place.code)
        profit = code[0] == "D" and code != "D600" and draw.happens(0.7)
        return Institution(
            number=f"00{serial + 1:06d}",
            name=f"示例{area.short}第{serial + 1}{suffix}",
            uscc=uscc("91" if profit else "12" if code[0] in "AB" else "52", 2000 + serial),
            category=code,
            profit=profit,
            beds=draw.integer(*beds),
            technicians=draw.integer(*technicians),
            community_code=place.code,
            address=f"北京市大兴区{area.name}示例路{draw.integer(1, 300)}号",
            # Anywhere in the district's box: no real place is meant.
            longitude=round(116.23 + draw.integer(0, 480000) / 1e6, 6),
            latitude=round(39.46 + draw.integer(0, 350000) / 1e6, 6),
            registered=registered,
            deregistered=deregistered,
            suspended=suspended,
        )


def _clearing_year(day: date) -> int:
    """The last even year that has ended, from 2022 on; before it nothing is cleared."""
    ended = day.year if (day.month, day.day) == (12, 31) else day.year - 1
    return max(2020, ended - ended % 2)
