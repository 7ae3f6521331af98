"""Schools and their places: what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from minsheng_sample.chance import Chance
from minsheng_sample.codes import school_code, uscc
from minsheng_sample.figures import Figures
from minsheng_sample.register import lasting_committees, town
from minsheng_sample.timeline import Period, Row, Span

# category, code type, share of all schools, stages
KINDS: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("幼儿园", "11", 118, ("幼儿园",)),
    ("小学", "21", 62, ("小学",)),
    ("初级中学", "31", 21, ("初中",)),
    ("九年一贯制学校", "31", 12, ("小学", "初中")),
    ("高级中学", "34", 9, ("高中",)),
)
COMPULSORY = ("小学", "初中")
GAINS = ("新建", "改扩建", "回收再用")


@dataclass(frozen=True)
class School:
    """A school with its days."""

    school_id: str
    name: str
    category: str
    private: bool
    uscc: str
    community_code: str
    stages: tuple[str, ...]
    opened: date
    suspended: date | None
    abolished: date | None

    def status(self, day: date) -> str:
        """正常, 停办 or 撤销 on a day."""
        if self.abolished is not None and self.abolished <= day:
            return "撤销"
        if self.suspended is not None and self.suspended <= day:
            return "停办"
        return "正常"


class Education:
    """All schools and changes of places of a sample."""

    def __init__(self, seed: int, span: Span, figures: Figures) -> None:
        self._draw = Chance("education", seed)
        self._span = span
        self.schools = self._schools()
        self.changes = self._changes(figures.compulsory_seats)

    def school(self, period: Period) -> list[Row]:
        """The list of schools of a year's September; abolished ones stay, codes are never reissued."""
        day = date(period.end.year, 9, 30)
        return [
            {
                "school_id": school.school_id,
                "school_name": school.name,
                "school_category": school.category,
                "running_type": "民办" if school.private else "公办",
                "uscc": school.uscc,
                "division_code": school.community_code,
                "status": school.status(day),
            }
            for school in self.schools
            if school.opened <= day
        ]

    def seat_change(self, period: Period) -> list[Row]:
        """The changes that took effect in a period."""
        return [
            change
            for change in self.changes
            if isinstance(change["effective_on"], date)
            and period.start <= change["effective_on"] <= period.end
        ]

    def _schools(self) -> list[School]:
        draw, places = self._draw.branch("schools"), lasting_committees()
        schools: list[School] = []
        count: dict[str, int] = {}
        for category, kind, number, stages in KINDS:
            for _ in range(number):
                place = draw.pick(places)
                serial = count[kind] = count.get(kind, 0) + 1
                private = draw.happens(0.4 if category == "幼儿园" else 0.08)
                born = date(draw.integer(1985, 2012), 9, 1)
                if draw.happens(0.14):
                    born = date(draw.integer(self._span.first, self._span.last - 1), 9, 1)
                ended = None
                if draw.happens(0.04) and born.year < 2013:
                    ended = date(draw.integer(self._span.first, self._span.last), 7, 15)
                only_suspended = draw.happens(0.5)
                schools.append(
                    School(
                        school_id=school_code(kind, serial),
                        name=f"示例{town(place.code).short}第{serial}{category}",
                        category=category,
                        private=private,
                        uscc=uscc("52" if private else "12", 1000 + len(schools)),
                        community_code=place.code,
                        stages=stages,
                        opened=born,
                        suspended=ended if only_suspended else None,
                        abolished=None if only_suspended else ended,
                    )
                )
        return schools

    def _changes(self, compulsory_seats: int) -> list[Row]:
        draw, span = self._draw.branch("changes"), self._span
        closed = draw.integer(40, 80) * 15
        losses = [-part * 15 for part in draw.parts(closed // 15, 7)]
        years = span.anchor.year - span.first + 1
        gains = [
            part * 15
            for part in draw.parts((compulsory_seats + closed) // 15, 14 * years, spread=0.8)
        ]
        rows: list[Row] = []
        for seats in draw.order(losses + gains):
            rows.append(self._change(draw, seats, COMPULSORY, span.first, span.anchor.year))
        for _ in range(6 * years):
            rows.append(
                self._change(
                    draw,
                    draw.integer(6, 24) * 15,
                    ("幼儿园", "高中"),
                    span.first,
                    span.anchor.year,
                )
            )
        for _ in range(16 * (span.last - span.anchor.year)):
            seats = draw.integer(6, 40) * (-15 if draw.happens(0.08) else 15)
            stages = COMPULSORY if draw.happens(0.7) else ("幼儿园", "高中")
            rows.append(self._change(draw, seats, stages, span.anchor.year + 1, span.last))
        rows.sort(
            key=lambda row: (str(row["effective_on"]), str(row["school_id"]), str(row["seats"]))
        )
        numbers: dict[int, int] = {}
        for row in rows:
            year = int(str(row["effective_on"])[:4])
            numbers[year] = numbers.get(year, 0) + 1
            row["change_id"] = f"XW{year}-{numbers[year]:04d}"
            row["document_no"] = f"合成教发〔{year}〕{numbers[year] % 40 + 1}号"
        return rows

    def _change(
        self, draw: Chance, seats: int, stages: tuple[str, ...], first: int, last: int
    ) -> Row:
        stage = draw.pick(stages)
        year = draw.integer(first, last)
        # Places begin with the school year; closures follow the exams.
        when = (
            date(year, 7, 20) if seats < 0 else date(year, draw.weighted(((9, 8.0), (3, 1.0))), 1)
        )
        choice = [
            school
            for school in self.schools
            if stage in school.stages and school.opened <= when and school.status(when) == "正常"
        ]
        return {
            "change_id": "",
            "school_id": draw.pick(choice).school_id,
            "stage": stage,
            "change_type": "撤并" if seats < 0 else draw.pick(GAINS),
            "seats": abs(seats),
            "effective_on": when,
            "document_no": "",
        }
