"""The simulated district: what is true, by feed and report period."""

from __future__ import annotations

from collections.abc import Callable

from minsheng_sample.district.affordable import Affordable
from minsheng_sample.district.communities import Communities
from minsheng_sample.district.education import Education
from minsheng_sample.district.elderly import Elderly
from minsheng_sample.district.estates import Estates
from minsheng_sample.district.health import Health
from minsheng_sample.district.hotline import Hotline
from minsheng_sample.district.organisations import Organisations
from minsheng_sample.district.renewal import Renewal
from minsheng_sample.district.statements import Statements
from minsheng_sample.figures import Figures
from minsheng_sample.timeline import Period, Row, Span


class World:
    """All that happens in the district over the years of a sample."""

    def __init__(self, seed: int, span: Span, orders: int) -> None:
        self.seed = seed
        self.span = span
        self.figures = figures = Figures.of(seed)
        self.education = Education(seed, span, figures)
        self.health = Health(seed, span, figures)
        self.affordable = Affordable(seed, span, figures)
        self.estates = Estates(seed, span, figures)
        self.renewal = Renewal(seed, span, figures, self.estates)
        self.organisations = Organisations(seed, span, figures)
        self.elderly = Elderly(seed, span, figures)
        self.communities = Communities(seed, span, figures)
        self.statements = Statements(span)
        self.hotline = Hotline(seed, span, orders)
        self._feeds: dict[str, Callable[[Period], list[Row]]] = {
            "reference.division": self.communities.division,
            "reference.population": self.communities.population,
            "reference.plan_target": self.statements.plan_target,
            "reference.declaration": self.statements.declaration,
            "reference.task": self.statements.task,
            "education.school": self.education.school,
            "education.seat_change": self.education.seat_change,
            "health.institution": self.health.institution,
            "housing.affordable_project": self.affordable.affordable_project,
            "housing.estate": self.estates.estate,
            "housing.property_contract": self.estates.property_contract,
            "housing.renewal": self.renewal.renewal,
            "civil_affairs.social_organisation": self.organisations.social_organisation,
            "civil_affairs.elderly_facility": self.elderly.elderly_facility,
            "civil_affairs.community": self.communities.community,
            "civil_affairs.social_worker_month": self.communities.social_worker_month,
            "hotline.work_order": self.hotline.work_order,
        }

    @property
    def feeds(self) -> tuple[str, ...]:
        """All feeds, reference data first: the others are read against it."""
        return tuple(self._feeds)

    def rows(self, feed: str, period: Period) -> list[Row]:
        """The true rows of a feed for a period."""
        return self._feeds[feed](period)
