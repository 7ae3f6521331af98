"""Renewal of old estates: what is true of its projects."""

from __future__ import annotations

from datetime import date, timedelta

from minsheng_sample.chance import Chance
from minsheng_sample.district.estates import PILOTS, Estate, Estates
from minsheng_sample.figures import Figures
from minsheng_sample.timeline import Period, Row, Span

PILOT, POWER = "有机更新试点", "电力改造(内线)"
OTHERS = ("节能改造", "上下水改造")


class Renewal:
    """All renewal projects of a sample, one row for each estate in a project."""

    def __init__(self, seed: int, span: Span, figures: Figures, estates: Estates) -> None:
        self._draw = Chance("renewal", seed)
        self._span = span
        self.rows = self._rows(figures, [e for e in estates.estates if e.listed < span.start])

    def renewal(self, period: Period) -> list[Row]:
        """The rows that something happened to in a period, as they stood at its end."""
        rows = []
        for row in self.rows:
            days = [row[name] for name in ("designated_on", "completed_on")]
            if any(isinstance(d, date) and period.start <= d <= period.end for d in days):
                done = row["completed_on"]
                known = done if isinstance(done, date) and done <= period.end else None
                rows.append(row | {"completed_on": known})
        return rows

    def _rows(self, figures: Figures, estates: list[Estate]) -> list[Row]:
        draw, span = self._draw.branch("rows"), self._span
        old = draw.order([e for e in estates if e.built < 2001])
        first = [e for code in PILOTS for e in old if e.community_code == code][:1]
        second = [e for e in old if e.community_code == PILOTS[1]][:1]
        pilots = first + second
        others = {e.community_code: e for e in old if e.community_code not in PILOTS}
        pilots += [others[code] for code in sorted(others)[: figures.renewal_pilots - 2]]
        rows = [self._row(draw, e, PILOT, span.before_anchor(draw)) for e in pilots]
        later = [others[code] for code in sorted(others)[10:13]]
        rows += self._later(draw, later, PILOT)

        # An estate gets its power lines once, so households add up without counting twice.
        powered = [e for e in old if e not in pilots]
        count = figures.power_households // 340
        for estate, households in zip(
            powered, draw.parts(figures.power_households, count), strict=False
        ):
            done = span.before_anchor(draw)
            row = self._row(draw, estate, POWER, done - timedelta(days=draw.integer(60, 300)))
            rows.append(row | {"households": households, "completed_on": done})
        rows += self._later(draw, powered[count : count + 20], POWER)
        for _ in range(60):
            start = draw.day(span.start, span.end - timedelta(days=60))
            rows.append(self._row(draw, draw.pick(old), draw.pick(OTHERS), start))
        for _ in range(6):
            # The newest month has something to report.
            done = draw.day(span.end - timedelta(days=25), span.end - timedelta(days=4))
            row = self._row(draw, draw.pick(old), OTHERS[0], done - timedelta(days=200))
            rows.append(row | {"completed_on": done})
        rows.sort(key=lambda row: (str(row["designated_on"]), str(row["estate_id"])))
        for number, row in enumerate(rows):
            row["project_id"] = f"GX{str(row['designated_on'])[:4]}{number + 1:04d}"
            row["project_name"] = f"示例{row['renewal_type']}项目{number + 1}".replace("(内线)", "")
        return rows

    def _later(self, draw: Chance, estates: list[Estate], kind: str) -> list[Row]:
        days = [(e, self._span.after_anchor(draw)) for e in estates]
        return [self._row(draw, e, kind, day) for e, day in days if day is not None]

    def _row(self, draw: Chance, estate: Estate, kind: str, designated: date) -> Row:
        done = designated + timedelta(days=draw.integer(120, 500))
        return {
            "project_id": "",
            "project_name": "",
            "estate_id": estate.estate_id,
            "community_code": estate.community_code,
            "renewal_type": kind,
            "households": estate.households,
            "designated_on": designated,
            "completed_on": done if done <= self._span.end else None,
        }
