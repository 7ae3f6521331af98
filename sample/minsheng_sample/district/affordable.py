"""Affordable housing: what is true of its lots."""

from __future__ import annotations

from datetime import date, timedelta

from minsheng_sample.chance import Chance
from minsheng_sample.figures import Figures
from minsheng_sample.register import towns
from minsheng_sample.timeline import Period, Row, Span

TYPES = (
    ("定向安置房", 5.0),
    ("共有产权住房", 2.0),
    ("公共租赁住房", 2.0),
    ("限价商品住房", 1.0),
    ("经济适用住房", 0.6),
)
_LOTS_A_PROJECT = 7


class Affordable:
    """All lots of a sample."""

    def __init__(self, seed: int, span: Span, figures: Figures) -> None:
        self._draw = Chance("affordable", seed)
        self._span = span
        self.lots = self._lots(figures.affordable_units)

    def affordable_project(self, period: Period) -> list[Row]:
        """The lots started by a period's end, with what had happened by then."""
        dates = ("started_on", "completed_on", "delivered_on")
        rows = []
        for lot in self.lots:
            shown = {name: _until(lot[name], period.end) for name in dates}
            if shown["started_on"] is not None:
                rows.append(lot | shown)
        return rows

    def _lots(self, completed_units: int) -> list[Row]:
        draw, span = self._draw.branch("lots"), self._span
        years = span.anchor.year - span.first + 1
        lots: list[Row] = []
        for units in draw.parts(completed_units, 78 * years):
            done = span.before_anchor(draw)
            lots.append(self._lot(draw, units, done))
        for _ in range(24):
            # Completed before the span: in the register, outside the flow.
            done = draw.day(span.start - timedelta(days=500), span.start - timedelta(days=15))
            lots.append(self._lot(draw, draw.integer(60, 320), done))
        for _ in range(30 * (span.last - span.anchor.year)):
            later = span.after_anchor(draw)
            if later is not None:
                lots.append(self._lot(draw, draw.integer(60, 320), later))
        for _ in range(26):
            # Still being built when the sample ends.
            done = span.end + timedelta(days=draw.integer(20, 700))
            lots.append(self._lot(draw, draw.integer(60, 320), done))
        return self._numbered(draw, lots)

    def _lot(self, draw: Chance, units: int, done: date) -> Row:
        return {
            "project_id": "",
            "project_name": "",
            "lot_id": "",
            "housing_type": "",
            "town": "",
            "units": units,
            "started_on": done - timedelta(days=draw.integer(420, 1100)),
            "completed_on": done,
            "delivered_on": done + timedelta(days=draw.integer(30, 330)),
        }

    def _numbered(self, draw: Chance, lots: list[Row]) -> list[Row]:
        """Group lots that start near each other into projects."""
        lots.sort(
            key=lambda lot: (str(lot["started_on"]), str(lot["completed_on"]), str(lot["units"]))
        )
        places = [town for town in towns() if not town.is_etown]
        for index, lot in enumerate(lots):
            project, number = divmod(index, _LOTS_A_PROJECT)
            if number == 0:
                place, kind = draw.pick(places), draw.weighted([(kind, kind[1]) for kind in TYPES])
            lot |= {
                "project_id": f"BZF{project + 1:04d}",
                "project_name": f"示例{place.short}保障房{project + 1}号地",
                "lot_id": f"{number + 1:02d}",
                "housing_type": kind[0],
                "town": place.code,
            }
        return lots


def _until(value: object, day: date) -> date | None:
    return value if isinstance(value, date) and value <= day else None
