"""Social organisations: what is true of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from minsheng_sample.chance import Chance
from minsheng_sample.codes import uscc
from minsheng_sample.figures import Figures
from minsheng_sample.register import Town, towns
from minsheng_sample.timeline import Period, Row, Span

ASSOCIATIONS = (
    "大兴区养老服务行业协会",
    "大兴区老龄产业协会",
    "大兴区殡葬行业协会",
    "大兴区社会工作行业协会",
)
"""The four that the plan names."""

SOCIETY, PRIVATE, FOUNDATION = "社会团体", "民办非企业单位", "基金会"
_CODE = {SOCIETY: "51", PRIVATE: "52", FOUNDATION: "53"}
_WORDS = (
    "文化",
    "体育",
    "志愿服务",
    "教育培训",
    "书画",
    "环保",
    "助残",
    "社工服务",
    "养老服务",
    "农业技术",
)
REGISTRAR = "大兴区民政局"


@dataclass(frozen=True)
class Organisation:
    """One organisation with its days."""

    number: str
    uscc: str | None
    name: str
    kind: str
    town: Town
    federation: bool
    founded: date
    ended: date | None
    ending: str

    def status(self, day: date) -> str:
        """正常, 注销 or 撤销 on a day."""
        return self.ending if self.ended is not None and self.ended <= day else "正常"


class Organisations:
    """All organisations of a sample."""

    def __init__(self, seed: int, span: Span, figures: Figures) -> None:
        self._draw = Chance("organisations", seed)
        self._span = span
        self.organisations = self._organisations(figures)

    def social_organisation(self, period: Period) -> list[Row]:
        """The register at a period's end, with those that have ended."""
        rows: list[Row] = []
        for organisation in self.organisations:
            if organisation.founded > period.end:
                continue
            ended = (
                organisation.ended
                if organisation.ended is not None and organisation.ended <= period.end
                else None
            )
            rows.append(
                {
                    "uscc": organisation.uscc,
                    "registration_no": organisation.number,
                    "organisation_name": organisation.name,
                    "organisation_type": organisation.kind,
                    "town": organisation.town.code,
                    "is_town_federation": organisation.federation,
                    "founded_on": organisation.founded,
                    "deregistered_on": ended,
                    "status": organisation.status(period.end),
                    "status_on": ended or organisation.founded,
                    "registrar": REGISTRAR,
                }
            )
        return rows

    def _organisations(self, figures: Figures) -> list[Organisation]:
        draw, span = self._draw.branch("list"), self._span
        organisations: list[Organisation] = []
        for index, name in enumerate(ASSOCIATIONS):
            later = span.after_anchor(draw)
            founded = span.before_anchor(draw) if index < figures.associations else later
            if founded is not None:
                organisations.append(
                    self._organisation(draw, organisations, founded, None, kind=SOCIETY, name=name)
                )
        real = [town for town in towns() if not town.is_etown]
        chosen = draw.some(real, figures.federations + 4)
        shuffled = draw.order(chosen)
        for index, town in enumerate(shuffled):
            before = index < figures.federations
            founded = span.before_anchor(draw) if before else span.after_anchor(draw)
            if founded is not None:
                organisations.append(self._federation(draw, organisations, town, founded, None))
        # One that was gone before the anchor: it must not be counted.
        abandoned = next(town for town in real if town not in chosen)
        founded = span.start - timedelta(days=900)
        organisations.append(
            self._federation(draw, organisations, abandoned, founded, span.before_anchor(draw))
        )

        counted = sum(1 for o in organisations if o.founded <= span.anchor and o.ended is None)
        for _ in range(figures.organisations - counted):
            founded = (
                span.before_anchor(draw)
                if draw.happens(0.3)
                else draw.day(date(1996, 1, 1), span.start - timedelta(days=1))
            )
            ended = span.after_anchor(draw) if draw.happens(0.08) else None
            organisations.append(self._organisation(draw, organisations, founded, ended))
        for _ in range(figures.organisations // 9):
            founded = draw.day(date(1996, 1, 1), span.start - timedelta(days=1))
            organisations.append(
                self._organisation(draw, organisations, founded, span.before_anchor(draw))
            )
        for _ in range(12 * (span.last - span.anchor.year)):
            later = span.after_anchor(draw)
            if later is not None:
                organisations.append(self._organisation(draw, organisations, later, None))
        return organisations

    def _federation(
        self,
        draw: Chance,
        organisations: list[Organisation],
        town: Town,
        founded: date,
        ended: date | None,
    ) -> Organisation:
        name = f"{town.name}社会组织联合会（合成）"
        return self._organisation(
            draw, organisations, founded, ended, kind=SOCIETY, name=name, town=town, federation=True
        )

    def _organisation(
        self,
        draw: Chance,
        organisations: list[Organisation],
        founded: date,
        ended: date | None,
        *,
        kind: str | None = None,
        name: str | None = None,
        town: Town | None = None,
        federation: bool = False,
    ) -> Organisation:
        number = len(organisations) + 1
        kind = kind or draw.weighted(((SOCIETY, 34.0), (PRIVATE, 64.0), (FOUNDATION, 2.0)))
        suffix = {SOCIETY: "协会", PRIVATE: "服务中心", FOUNDATION: "基金会"}[kind]
        # Unified codes came in 2015 and were given out over three years.
        has_code = founded.year >= 2016 or draw.happens(0.97)
        return Organisation(
            number=f"HC{_CODE[kind]}{number:05d}",
            uscc=uscc(_CODE[kind], 10000 + number) if has_code else None,
            name=name or f"示例{draw.pick(_WORDS)}{suffix}{number}",
            kind=kind,
            town=town or draw.pick(towns()),
            federation=federation,
            founded=founded,
            ended=ended,
            ending="撤销" if draw.happens(0.15) else "注销",
        )
